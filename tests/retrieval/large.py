"""A library of some thousand chunks in two scopes, made in a few seconds: synthetic articles with dates, sources,
statements and vectors of their sentences, and the feeds, replies and votes that come with use."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from retrieval.library.facade import Library, open_library
from retrieval.models.sentence_vectors import SentenceVectors, text_to_embed
from retrieval.store.channels import ChannelMode, ChannelRule
from retrieval.store.dedup import Entry
from retrieval.store.feeds import SeenEntry
from retrieval.store.replies import ANSWER_KIND
from retrieval.types import PUBLIC, Article, Chunk, Kind, Precision, Span, Statement
from tests.retrieval.fakes import HashEmbedder

GUILD = 42
SOURCES = ("Evening Post", "The Courier", "Morning Wire")
RARE_SOURCE = "Harbour Gazette"
TOPICS = ("harbour", "railway", "hospital", "election")

_FIRST_NAMES = "Ada Boris Clara Dmitri Elena Farid Greta Hugo Irina Jonas Karin Luis Mona Nils Olga".split()
_LAST_NAMES = "Abbot Berger Castle Dorsey Eriksen Falk Gruber Hansen Ibsen Jansen Keller Lindqvist Moreau".split()
_ROLES = ("minister", "mayor of Aston", "spokeswoman", None)
_PARAGRAPH = "\n\n"
_PUBLIC_ARTICLES, _GUILD_ARTICLES = 500, 150
_CHUNKS = 9
"""Of each article."""

_ROWS = 60
"""Of each table that grows with use: more than may be read whole."""


def fill_library(folder: Path) -> Library:
    """An open library in a new folder, nothing of it indexed yet."""
    library = open_library(folder, HashEmbedder())
    rng = random.Random(5)
    words = ["".join(rng.choices("abdefgiklmnoprstu", k=rng.randint(4, 9))) for _ in range(2_000)]
    library.put_entries([_entry(PUBLIC, number, words, rng) for number in range(_PUBLIC_ARTICLES)])
    library.put_entries([_entry(str(GUILD), number, words, rng) for number in range(_GUILD_ARTICLES)])
    _fill_with_use(library)
    return library


def _entry(scope: str, number: int, words: list[str], rng: random.Random) -> Entry:
    topic = TOPICS[number % len(TOPICS)]
    title = f"The {topic} and {rng.choice(words)} {rng.choice(words)}"
    paragraphs = [_paragraph(topic, words, rng) for _ in range(_CHUNKS)]
    day = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=rng.randrange(1_500))
    dated = number % 10 != 0
    article = Article.create(
        title=title,
        text=_PARAGRAPH.join(f"“{quote},” said {speaker}. {rest}" for quote, speaker, rest in paragraphs),
        scope=scope,
        url=f"https://news.example/{scope}/{number}",
        source=RARE_SOURCE if number % 100 == 1 else rng.choice(SOURCES),
        published=day if dated else None,
        published_precision=Precision.DAY if dated else Precision.NONE,
    )
    heading = f"{title} · {article.source} · {day:%d %B %Y}"
    parts = list(_parts(article, heading, paragraphs, rng))
    return replace(
        Entry.of(article),
        chunks=tuple(chunk for chunk, _, _ in parts),
        statements=tuple(statement for _, statement, _ in parts),
        sentences=tuple(vectors for _, _, vectors in parts),
        vectors=HashEmbedder().embed_array(
            [text_to_embed(heading, chunk.span.of(article.text)) for chunk, _, _ in parts]
        ),
    )


def _paragraph(topic: str, words: list[str], rng: random.Random) -> tuple[str, str, str]:
    """What is quoted, who says it, and a sentence of the article's own."""
    quote, rest = (" ".join([*rng.sample(words, 8), topic, *rng.sample(words, 8)]) for _ in range(2))
    return quote, f"{rng.choice(_FIRST_NAMES)} {rng.choice(_LAST_NAMES)}", f"The {rest} followed."


def _parts(
    article: Article, heading: str, paragraphs: list[tuple[str, str, str]], rng: random.Random
) -> Iterator[tuple[Chunk, Statement, SentenceVectors]]:
    start = 0
    for at, (quote, speaker, rest) in enumerate(paragraphs):
        said = f"“{quote},” said {speaker}."
        span = Span(start, start + len(said) + 1 + len(rest))
        statement = Statement(
            article.id,
            article.version,
            speaker,
            Kind.MENTAL if at == _CHUNKS - 1 else Kind.DIRECT,
            (Span(start + 1, start + 1 + len(quote)),),
            Span(start, start + len(said)),
            role=rng.choice(_ROLES),
        )
        starts = np.array([0, len(said) + 1], np.int32)
        vectors = SentenceVectors(starts, HashEmbedder().embed_array([said, rest]))
        yield Chunk(article.id, article.version, at, span, heading), statement, vectors
        start = span.end + len(_PARAGRAPH)


def _fill_with_use(library: Library) -> None:
    scope = str(GUILD)
    for number in range(_ROWS):
        feed, _ = library.subscriptions.add(scope, f"https://news.example/feed/{number}", f"Feed {number}", now=0.0)
        seen = (SeenEntry(f"entry {number}", "mark", 0.0) for number in range(3))
        library.subscriptions.record_entries(feed, seen)
        library.channels.set_rule(scope, ChannelRule(str(number), ChannelMode.ALWAYS))
        key = library.replies.keep(scope, ANSWER_KIND, {"question": "What of the harbour?"})
        library.replies.vote(key, scope, "a member", good=True)

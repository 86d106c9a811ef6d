"""A library's worth of articles out of 2,225: pieces of real articles put together anew, with other names in them.

A piece is a chunk of a real article. An article takes as many as real ones have, all of one topic, each with its
statements. Surnames give way to others of the same length, so that no offset moves; half of them are invented, so that
the vocabulary grows with the library as it does in life.

The vector of a piece is that of its original plus Gaussian noise of the originals' own covariance, of the strength at
which a chunk's nearest neighbours are as near as those of real chunks (medians over 2,600 chunks of distinct articles:
cosine .65 to the nearest, .49 to the tenth; 20,000 synthetic ones: .68 and .54).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
from data import CACHE

from ingest.article.build import ArticleMetadata
from ingest.attribution import attribute
from ingest.chunker import chunk
from ingest.sources.local import article_of
from retrieval.library.facade import Entry
from retrieval.models import Embedder
from retrieval.models.sentence_vectors import text_to_embed
from retrieval.types import Article, Chunk, Precision, Span, Statement

Vectors = npt.NDArray[np.float32]

_STRENGTH = 0.8
_SOURCES = (
    "BBC",
    "The Courier",
    "Evening Post",
    "Morning Wire",
    "The Ledger",
    "Northern Echo",
    "The Register",
    "Metro",
)
_FIRST_DAY = datetime(2004, 1, 1, tzinfo=UTC)
_DAYS = 7_300
_NAME = re.compile(r"\b[A-Z][a-z]{3,}\b")
_SYLLABLES = ("bcdfghklmnprstvw", "aeiou")
_PARAGRAPH = "\n\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """A chunk of a real article: its words, what is said in it (offsets into its text), and who says it."""

    topic: str
    title: str
    text: str
    statements: tuple[Statement, ...]
    surnames: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """The pieces with their vectors, how many real articles have, and the shape of the noise."""

    pieces: list[Piece]
    vectors: Vectors
    lengths: list[int]
    noise: Vectors

    def varied(self, numbers: Sequence[int], rng: np.random.Generator) -> Vectors:
        """A new vector for each of these pieces."""
        drawn = rng.standard_normal((len(numbers), len(self.noise)), np.float32) @ self.noise
        moved = self.vectors[list(numbers)] + _STRENGTH * drawn
        return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def read_base(folder: Path, embedder: Embedder) -> Base:
    """The pieces of the articles in a folder of topics; their vectors are kept in the cache for the next time."""
    pieces: list[Piece] = []
    texts: list[str] = []
    lengths: list[int] = []
    for path in sorted(folder.glob("*/*.txt")):
        article = article_of(path, ArticleMetadata())
        statements = attribute(article)
        cut = chunk(article, statements)
        pieces += [_piece(path.parent.name, article, one.span, statements) for one in cut]
        texts += [text_to_embed(one.heading, one.span.of(article.text)) for one in cut]
        lengths.append(len(cut))
    vectors = _embedded(texts, embedder)
    covariance = np.cov(vectors.T) + 1e-9 * np.eye(vectors.shape[1])
    noise = np.linalg.cholesky(covariance / np.trace(covariance)).T
    return Base(pieces, vectors, lengths, noise.astype(np.float32))


def grown(base: Base, size: int, seed: int) -> Iterator[Entry]:
    """That many articles, one after the other; the same ones for the same seed."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    topics: dict[str, list[int]] = defaultdict(list)
    known: dict[int, list[str]] = defaultdict(list)
    for number, piece in enumerate(base.pieces):
        topics[piece.topic].append(number)
        for name in piece.surnames:
            known[len(name)].append(name)
    for number in range(size):
        first = rng.randrange(len(base.pieces))
        others = rng.choices(topics[base.pieces[first].topic], k=rng.choice(base.lengths) - 1)
        chosen = [first, *others]
        pieces = _renamed([base.pieces[one] for one in chosen], known, rng)
        article, spans = _article(pieces, number, rng)
        heading = f"{article.title} · {article.source} · {article.published:%d %B %Y}"
        chunks = tuple(Chunk(article.id, article.version, at, span, heading) for at, span in enumerate(spans))
        statements = tuple(
            _placed(one, article, span.start)
            for piece, span in zip(pieces, spans, strict=True)
            for one in piece.statements
        )
        yield replace(Entry.of(article), chunks=chunks, statements=statements, vectors=base.varied(chosen, noise))


def _piece(topic: str, article: Article, span: Span, statements: Sequence[Statement]) -> Piece:
    inside = tuple(_within(one, span) for one in statements if span.holds(one.context))
    surnames = {one.speaker.split()[-1] for one in inside if len(one.speaker.split()) > 1}
    named = tuple(sorted(name for name in surnames if _NAME.fullmatch(name)))
    return Piece(topic, article.title, span.of(article.text), inside, named)


def _within(one: Statement, span: Span) -> Statement:
    """A statement with its offsets into a piece; a speaker named outside it has no mention there."""
    mention = one.mention if one.mention and span.holds(one.mention) else None
    cue = one.cue if one.cue and span.holds(one.cue) else None
    return _moved(replace(one, mention=mention, cue=cue), -span.start)


def _moved(one: Statement, by: int) -> Statement:
    def moved(span: Span) -> Span:
        return Span(span.start + by, span.end + by)

    return replace(
        one,
        content=tuple(map(moved, one.content)),
        context=moved(one.context),
        mention=moved(one.mention) if one.mention else None,
        cue=moved(one.cue) if one.cue else None,
    )


def _placed(one: Statement, article: Article, start: int) -> Statement:
    return replace(_moved(one, start), article_id=article.id, version=article.version)


def _article(pieces: Sequence[Piece], number: int, rng: random.Random) -> tuple[Article, list[Span]]:
    """The article of these pieces, and where each stands in it."""
    spans: list[Span] = []
    for piece in pieces:
        start = spans[-1].end + len(_PARAGRAPH) if spans else 0
        spans.append(Span(start, start + len(piece.text)))
    article = Article.create(
        title=pieces[0].title,
        text=_PARAGRAPH.join(piece.text for piece in pieces),
        url=f"https://news.example/{number}",
        source=rng.choice(_SOURCES),
        published=_FIRST_DAY + timedelta(days=rng.randrange(_DAYS)),
        published_precision=Precision.DAY,
    )
    return article, spans


def _renamed(pieces: Sequence[Piece], known: dict[int, list[str]], rng: random.Random) -> list[Piece]:
    """The pieces with other surnames, each the same all through the article."""
    others = {
        name: rng.choice(known[len(name)]) if rng.random() < 0.5 else _invented(len(name), rng)
        for piece in pieces
        for name in piece.surnames
    }

    def other(text: str) -> str:
        return _NAME.sub(lambda found: others.get(found[0], found[0]), text)

    def respoken(one: Statement) -> Statement:
        return replace(one, speaker=other(one.speaker), aliases=tuple(map(other, one.aliases)))

    return [
        replace(
            piece,
            title=other(piece.title),
            text=other(piece.text),
            statements=tuple(map(respoken, piece.statements)),
        )
        for piece in pieces
    ]


def _invented(length: int, rng: random.Random) -> str:
    return "".join(rng.choice(_SYLLABLES[at % 2]) for at in range(length)).capitalize()


def _embedded(texts: Sequence[str], embedder: Embedder) -> Vectors:
    key = hashlib.sha256("\x1f".join((embedder.name, *texts)).encode()).hexdigest()[:16]
    kept = CACHE / f"vectors-{key}.npy"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.save(kept, embedder.embed_array(texts))
    vectors: Vectors = np.load(kept)
    return vectors

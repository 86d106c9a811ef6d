"""Questions to answers. Read `answer_question` first.

This is the answerer that quotes: whatever it says stands in an article, word for word, and is cited. It abstains where
the articles do not carry an answer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from retrieval import words
from retrieval.catalog import Reader
from retrieval.library import Library
from retrieval.passages import Candidate, chosen
from retrieval.question import Turn, understand
from retrieval.rating import rated
from retrieval.said import ambiguity, by_speaker, by_topic
from retrieval.search import search, weigh
from retrieval.types import Answer, Article, Citation, Claim, Intent, Passage, Query, Span, Status
from retrieval.verify import cite

_PASSAGES = 12
_NEAREST = 3
ABSTAINED = "The articles do not answer this."
_EMPTY = "empty: there are no articles here yet; onrecord ingest reads some"


@dataclass(frozen=True, slots=True)
class _Found:
    query: Query
    vector: npt.NDArray[np.float32]
    passages: list[Passage]


def answer_question(library: Library, base: Query, history: Sequence[Turn] = ()) -> Answer:
    """The answer to `base.text` from the articles of its scopes, dates and sources.

    Raises QuestionError for a question that cannot be asked.
    """
    begun = time.perf_counter()
    with library.read(base.scopes) as db:
        query = understand(base, history, db)
        understood = time.perf_counter()
        vector = library.embedder.embed_array([f"{query.context} {query.text}".strip()])[0]
        found = _Found(query, vector, search(library, db, query, _PASSAGES, vector))
        searched = time.perf_counter()
        candidates = _evidence(library, db, found)
        notices = _corrections(db, candidates) + (ambiguity(db, query) if candidates else ())
        if not db.counts()["articles"]:
            notices = (_EMPTY,)
    timings = {
        "understand": understood - begun,
        "search": searched - understood,
        "answer": time.perf_counter() - searched,
    }
    in_ms = {name: round(seconds * 1000, 2) for name, seconds in timings.items()}
    return replace(_composed(base.text, candidates, found.passages, in_ms), notices=notices)


def articles_found(library: Library, base: Query, history: Sequence[Turn], n: int) -> list[Article]:
    """The `n` articles that a question finds, best first. Raises QuestionError."""
    with library.read(base.scopes) as db:
        query = understand(base, history, db)
        vector = library.embedder.embed_array([f"{query.context} {query.text}".strip()])[0]
        return _distinct(search(library, db, query, 5 * n, vector))[:n]


def _evidence(library: Library, db: Reader, found: _Found) -> list[Candidate]:
    query = found.query
    size = db.counts()["chunks"]
    if query.intent is Intent.SAID:
        return by_speaker(library, db, query, size)
    terms = weigh(db, words.content(query.text), size).leaning_on(weigh(db, words.content(query.context), size))
    if query.intent is Intent.WHO_SAID:
        said = by_topic(library, db, query, found.passages, terms)
        if said:
            return said
    return chosen(query, rated(library, query, found.passages, terms, found.vector))


def _corrections(db: Reader, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """A notice for each cited article that was changed since it was stored: whether what is cited changed with it."""
    cited = {candidate.article.id: candidate.article for candidate in candidates}
    out = []
    for article_id, versions in db.history(cited).items():
        if len(versions) < 2:
            continue
        article = cited[article_id]
        shown = [" ".join(one.span.of(article.text).split()) for one in candidates if one.article.id == article_id]
        earlier = [" ".join(one.text.split()) for one in versions[:-1]]
        new = any(text not in old for text in shown for old in earlier)
        out.append(
            f"corrected: “{article.title}” was changed after it was first stored (version {len(versions)}, "
            f"{versions[-1].stored[:10]}); what is cited {'differs from' if new else 'stood in'} the earlier text"
        )
    return tuple(out)


def _composed(
    question: str, candidates: Sequence[Candidate], passages: Sequence[Passage], timings: dict[str, float]
) -> Answer:
    citations: list[Citation] = []
    claims: list[Claim] = []
    numbers: dict[tuple[str, Span], int] = {}
    for candidate in candidates:
        key = (candidate.article.id, candidate.span)
        if key not in numbers:
            numbers[key] = len(numbers) + 1
            citations.append(cite(candidate.article, candidate.span, numbers[key], candidate.speaker))
            claims.append(Claim(citations[-1].excerpt, (numbers[key],)))
    if not claims:
        nearest = tuple(_distinct(passages)[:_NEAREST])
        return Answer(question, Status.ABSTAINED, ABSTAINED, nearest=nearest, timings_ms=timings)
    return Answer(
        question, Status.ANSWERED, _text(claims, citations), tuple(claims), tuple(citations), timings_ms=timings
    )


def _distinct(passages: Sequence[Passage]) -> list[Article]:
    return list({passage.article.id: passage.article for passage in passages}.values())


def _text(claims: Sequence[Claim], citations: Sequence[Citation]) -> str:
    """The claims a line each with their numbers, after the name of whoever said them and, of several days, the day."""
    lines, before = [], ""
    several = len({_day(citation) for citation in citations}) > 1
    for claim, citation in zip(claims, citations, strict=True):
        heading = f"{citation.speaker}{_day(citation) if several else ''}:" if citation.speaker else ""
        if heading and heading != before:
            lines.append(heading)
        before = heading
        lines.append(f"{' '.join(claim.text.split())} [{claim.citations[0]}]")
    return "\n".join(lines)


def _day(citation: Citation) -> str:
    """The day of a citation's article, as it follows a name."""
    published = citation.article.published
    return f" ({published.day} {published:%B %Y})" if published else " (undated)"

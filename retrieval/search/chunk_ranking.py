"""The second look at what was found: chunks in the order of what their sentences and their whole article say.

Each chunk is described by features (`FEATURES`, each 0 to about 1), and its score is their weighted sum. The weights
were fitted as a softmax over the chunks found for a question (`docs/quality.md` says on what).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from retrieval.search.calibration import weighted
from retrieval.search.term_weights import Terms
from retrieval.store.reader import Reader
from retrieval.text import stems
from retrieval.types import Article, Passage, Query
from retrieval.util import grouped

FEATURES = ("fused", "nearest", "near", "own", "around", "many", "favoured")
"""Of a chunk: its place in the channels; how near its nearest sentence is in meaning to the question; the mean of the
`_NEAR` nearest of its article; the share of the question's terms in it, and in all that was found of its article with
the title; how much was found of its article; whether it is of the days that the question favours."""

FUSED = "fused"
"""Beside the channels' scores, what they make together."""

_NEAR = 3
_MANY = 5
_TOGETHER = 3
"""Chunks of one article before others come in."""


def rescored(
    db: Reader,
    query: Query,
    found: Sequence[Passage],
    terms: Terms,
    vector: npt.NDArray[np.float32],
    highest: float,
) -> list[Passage]:
    """The passages with new scores, best first. `highest`: what a chunk that is first in every channel has there."""
    features = described(db, query, found, terms, vector, highest)
    scored = [replace(one, score=weighted("found", its)) for one, its in features]
    return _taking_turns(sorted(scored, key=lambda one: (-one.score, one.article.id, one.chunk.span)))


def described(
    db: Reader,
    query: Query,
    found: Sequence[Passage],
    terms: Terms,
    vector: npt.NDArray[np.float32],
    highest: float,
) -> Iterator[tuple[Passage, dict[str, float]]]:
    """The passages, article by article, with their features."""
    known = db.sentence_vectors({one.article.id for one in found})
    vectors = grouped((article, (start, one)) for (article, start), one in known.items())
    for article, parts in grouped((one.article.id, one) for one in found).items():
        yield from _of_article(query, parts, terms, vectors.get(article, ()), vector, highest)


def _of_article(
    query: Query,
    parts: Sequence[Passage],
    terms: Terms,
    vectors: Sequence[tuple[int, npt.NDArray[np.float32]]],
    vector: npt.NDArray[np.float32],
    highest: float,
) -> Iterator[tuple[Passage, dict[str, float]]]:
    """The passages of one article with their features. `vectors`: of its sentences, with where these begin."""
    near = dict(zip((start for start, _ in vectors), _cosines(vectors, vector), strict=True))
    held = [frozenset(stems.stems(one.text)) for one in parts]
    whole = frozenset(stems.stems(parts[0].article.title)).union(*held)
    chunks = [one.scores.get("vector", 0.0) for one in parts]
    best = sorted(near.values() or chunks)[-_NEAR:]
    for one, its, cosine in zip(parts, held, chunks, strict=True):
        within = [value for start, value in near.items() if one.chunk.span.start <= start < one.chunk.span.end]
        yield (
            one,
            {
                "fused": one.scores[FUSED] / highest,
                "nearest": max(within, default=cosine),
                "near": sum(best) / len(best),
                "own": terms.coverage(its),
                "around": terms.coverage(whole),
                "many": len(parts) / _MANY,
                "favoured": float(_favoured(query, one.article)),
            },
        )


def _favoured(query: Query, article: Article) -> bool:
    days, published = query.favoured, article.published
    return days is not None and published is not None and days[0] <= published.date() <= days[1]


def _cosines(vectors: Sequence[tuple[int, npt.NDArray[np.float32]]], vector: npt.NDArray[np.float32]) -> list[float]:
    if not vectors:
        return []
    cosines: list[float] = (np.array([one for _, one in vectors]) @ vector).tolist()
    return cosines


def _taking_turns(ordered: Sequence[Passage]) -> list[Passage]:
    """The passages with no more than `_TOGETHER` of one article before others have had as many."""
    seen: defaultdict[str, int] = defaultdict(int)
    turns: list[tuple[int, int, Passage]] = []
    for place, one in enumerate(ordered):
        turns.append((seen[one.article.id] // _TOGETHER, place, one))
        seen[one.article.id] += 1
    return [one for *_, one in sorted(turns, key=lambda turn: turn[:2])]

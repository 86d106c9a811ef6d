"""Puts the chunks found in a new order, by their sentences and by what else was found of their article.

Each chunk is described by features (`FEATURES`, each 0 to about 1), and its score is their weighted sum. The weights
were fitted as a softmax over the chunks found for a question (`docs/quality.md` says on which questions).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from retrieval.search.calibration import weighted_sum
from retrieval.search.search_limits import MAX_CHUNKS_IN_A_ROW
from retrieval.search.term_weights import Terms
from retrieval.store.reader import CatalogReader
from retrieval.text import stems
from retrieval.types import Article, Passage, Query
from retrieval.util import group_pairs

FEATURES = ("fused", "nearest", "near", "own", "around", "many", "favoured")
"""Features of a chunk:

- `fused`: its fused score, as a share of the highest possible one;
- `nearest`: cosine similarity of its most similar sentence to the question;
- `near`: mean cosine similarity of the `_SIMILAR_SENTENCES` most similar sentences of its article;
- `own`, `around`: weighted share of the question's terms in it, and in all chunks found of its article with the title;
- `many`: number of chunks found of its article, divided by `_MANY_CHUNKS`;
- `favoured`: 1 where its article is of the days that the question favours.
"""

FUSED = "fused"
"""Key of the fused score among the scores of a passage's channels."""

_SIMILAR_SENTENCES = 3
_MANY_CHUNKS = 5


def rank_chunks(
    db: CatalogReader,
    query: Query,
    passages: Sequence[Passage],
    terms: Terms,
    vector: npt.NDArray[np.float32],
    highest_fused: float,
) -> list[Passage]:
    """The passages with new scores, best first.

    `vector`: of the question. `highest_fused`: the fused score of a chunk that is first in every channel.
    """
    features = describe_chunks(db, query, passages, terms, vector, highest_fused)
    scored = [replace(passage, score=weighted_sum("found", values)) for passage, values in features]
    scored.sort(key=lambda passage: (-passage.score, passage.article.id, passage.chunk.span))
    return _take_turns(scored)


def describe_chunks(
    db: CatalogReader,
    query: Query,
    passages: Sequence[Passage],
    terms: Terms,
    vector: npt.NDArray[np.float32],
    highest_fused: float,
) -> Iterator[tuple[Passage, dict[str, float]]]:
    """The passages, article by article, with their features (`FEATURES`)."""
    stored = db.sentence_vectors({passage.article.id for passage in passages})
    vectors = group_pairs(
        (article_id, (start, sentence_vector)) for (article_id, start), sentence_vector in stored.items()
    )
    for article_id, own_passages in group_pairs((passage.article.id, passage) for passage in passages).items():
        yield from _describe_article(query, own_passages, terms, vectors.get(article_id, ()), vector, highest_fused)


def _describe_article(
    query: Query,
    passages: Sequence[Passage],
    terms: Terms,
    sentence_vectors: Sequence[tuple[int, npt.NDArray[np.float32]]],
    vector: npt.NDArray[np.float32],
    highest_fused: float,
) -> Iterator[tuple[Passage, dict[str, float]]]:
    """The passages of one article with their features. `sentence_vectors`: (start of a sentence, its vector)."""
    starts = (start for start, _ in sentence_vectors)
    by_start = dict(zip(starts, _cosines(sentence_vectors, vector), strict=True))
    stem_sets = [frozenset(stems.stems(passage.text)) for passage in passages]
    all_stems = frozenset(stems.stems(passages[0].article.title)).union(*stem_sets)
    chunk_cosines = [passage.scores.get("vector", 0.0) for passage in passages]
    best = sorted(by_start.values() or chunk_cosines)[-_SIMILAR_SENTENCES:]
    for passage, stem_set, chunk_cosine in zip(passages, stem_sets, chunk_cosines, strict=True):
        span = passage.chunk.span
        within = [cosine for start, cosine in by_start.items() if span.start <= start < span.end]
        yield (
            passage,
            {
                "fused": passage.scores[FUSED] / highest_fused,
                "nearest": max(within, default=chunk_cosine),
                "near": sum(best) / len(best),
                "own": terms.coverage(stem_set),
                "around": terms.coverage(all_stems),
                "many": len(passages) / _MANY_CHUNKS,
                "favoured": float(_is_favoured(query, passage.article)),
            },
        )


def _is_favoured(query: Query, article: Article) -> bool:
    days, published = query.favoured, article.published
    return days is not None and published is not None and days[0] <= published.date() <= days[1]


def _cosines(
    sentence_vectors: Sequence[tuple[int, npt.NDArray[np.float32]]], vector: npt.NDArray[np.float32]
) -> list[float]:
    if not sentence_vectors:
        return []
    matrix = np.array([sentence_vector for _, sentence_vector in sentence_vectors])
    cosines: list[float] = (matrix @ vector).tolist()
    return cosines


def _take_turns(ordered: Sequence[Passage]) -> list[Passage]:
    """The passages with no more than `MAX_CHUNKS_IN_A_ROW` of one article before others have had as many."""
    seen: defaultdict[str, int] = defaultdict(int)
    turns: list[tuple[int, int, Passage]] = []
    for place, passage in enumerate(ordered):
        turns.append((seen[passage.article.id] // MAX_CHUNKS_IN_A_ROW, place, passage))
        seen[passage.article.id] += 1
    return [passage for *_, passage in sorted(turns, key=lambda turn: turn[:2])]

"""The terms of a question with their weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from retrieval.store.reader import CatalogReader
from retrieval.text import stems
from retrieval.types import Query

_CONTEXT_WEIGHT = 0.15
"""Factor for the weight of a term of the conversation, against 1 for a term of the question itself."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a question is about: its terms with their weights; a rare term weighs more."""

    weights: Mapping[str, float]

    def coverage(self, present: Set[str]) -> float:
        """The weighted share (0 to 1) of terms that are present."""
        total = sum(self.weights.values())
        return sum(weight for term, weight in self.weights.items() if term in present) / total if total else 0.0

    def with_context(self, context: Terms) -> Terms:
        """These terms and those of a conversation, which weigh less."""
        return Terms({term: _CONTEXT_WEIGHT * weight for term, weight in context.weights.items()} | dict(self.weights))


def weigh(db: CatalogReader, terms: Iterable[str], size: int) -> Terms:
    """The terms weighted by inverse document frequency, as in BM25: ln(1 + (N-n+.5)/(n+.5)).

    `size` is N, the number of chunks in the library. After Robertson and Spärck Jones.
    """
    frequencies = db.chunk_frequencies(terms)
    capped = {term: min(frequencies.get(term, 0), size) for term in terms}
    return Terms({term: math.log(1 + (size - n + 0.5) / (n + 0.5)) for term, n in capped.items()})


def terms_of(db: CatalogReader, query: Query, size: int) -> Terms:
    """The terms of a question and of its conversation. `size`: number of chunks in the library."""
    context = weigh(db, stems.content_stems(query.context), size)
    return weigh(db, stems.content_stems(query.text), size).with_context(context)

"""The terms of a question with what each of them tells."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from retrieval.store.reader import Reader
from retrieval.text import stems
from retrieval.types import Query

_CONTEXT = 0.15
"""What a term of the conversation weighs against one of the question itself."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a question is about: each term with its weight, rare terms weighing more."""

    weights: Mapping[str, float]

    def coverage(self, present: Set[str]) -> float:
        """The weighted share of terms that are present, 0 to 1."""
        total = sum(self.weights.values())
        return sum(weight for term, weight in self.weights.items() if term in present) / total if total else 0.0

    def leaning_on(self, context: Terms) -> Terms:
        """These terms with those of a conversation, which count for less."""
        return Terms({term: _CONTEXT * weight for term, weight in context.weights.items()} | dict(self.weights))


def weigh(db: Reader, terms: Iterable[str], size: int) -> Terms:
    """Weights by inverse document frequency, as BM25 has it (Robertson and Spärck Jones): ln(1 + (N-n+.5)/(n+.5))."""
    known = db.frequencies(terms)
    standing = {term: min(known.get(term, 0), size) for term in terms}
    return Terms({term: math.log(1 + (size - n + 0.5) / (n + 0.5)) for term, n in standing.items()})


def terms_of(db: Reader, query: Query, size: int) -> Terms:
    """What a question is about, with what its conversation was about; `size`: chunks of the library."""
    context = weigh(db, stems.content(query.context), size)
    return weigh(db, stems.content(query.text), size).leaning_on(context)

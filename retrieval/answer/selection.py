"""The fewest sentences that answer a question."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from retrieval.answer.sentence_ranking import Sentence
from retrieval.types import Candidate, Query

_WORDS, _BESIDE = 58, 32
"""Words of an answer to a plain question, about; beside a first sentence however long there is room for another."""

_MOST = 3
_SEVERAL = 5
"""Sentences for a question that asks for several things, which also has twice the words."""

_CLOSE = 8.0
"""How much lower than the best a sentence may score (in logits) and still be shown beside it."""

_SURE = 0.4
"""Share of a softmax over all sentences (which is what their scores were fitted for) that those shown have at least:
where they have less nothing stands out, and more is shown."""

_ENOUGH = 0.98
"""Share with which those shown are surely all that answers: no more is shown."""

_UNSURE_WORDS = 100

_NEW = 1.0
"""What a sentence gains that holds all of the question's terms that the ones chosen do not."""

_MANY_THINGS = re.compile(
    r"\band (?:who|what|when|where|why|how|which|whether|by when)\b|\bvs\.?\b|\bversus\b|\bdiffer|\bcompar|\bboth\b"
    r"|\beach\b|\b(?:list|name) (?:all|the)\b|^(?:which|what|where|who) (?:are|were)\b"
    r"|^which \w+s\b|\bdo (?:the )?\w+ (?:agree|disagree)\b",
    re.I,
)


def chosen(query: Query, rated: Sequence[Sentence]) -> list[Candidate]:
    """The sentences to show, of those rated best first: in the order of the text, the best article first.

    After the best come those that score nearly as well, sooner where they hold terms of the question that are missing.
    """
    if not rated:
        return []
    if _MANY_THINGS.search(query.text):
        picked = _picked(rated, _SEVERAL, 2 * _WORDS)
    else:
        picked = _picked(rated, _MOST, max(_WORDS, len(rated[0].text.split()) + _BESIDE))
        if _share(picked, rated) < _SURE:
            picked = _picked(rated, _SEVERAL, _UNSURE_WORDS)
    first = picked[0].article.id
    picked.sort(key=lambda one: (one.article.id != first, one.article.id, one.span))
    return [Candidate(one.article, one.span) for one in picked]


def _picked(rated: Sequence[Sentence], most: int, limit: int) -> list[Sentence]:
    """The best sentence and up to `most` in all within `limit` words, none far behind the best."""
    picked = [rated[0]]
    held = set(rated[0].terms)
    length = len(rated[0].text.split())
    rest = [one for one in rated[1:] if one.score >= rated[0].score - _CLOSE]
    asked = set().union(*(one.terms for one in rated))
    while rest and len(picked) < most and _share(picked, rated) < _ENOUGH:
        missing = asked - held
        best = max(rest, key=lambda one: one.score + _NEW * len(one.terms & missing) / max(1, len(missing)))
        rest.remove(best)
        words = len(best.text.split())
        if length + words > limit:
            continue
        picked.append(best)
        held |= best.terms
        length += words
    return picked


def _share(picked: Sequence[Sentence], rated: Sequence[Sentence]) -> float:
    """The share of a softmax over all rated sentences that those picked have."""
    best = rated[0].score
    total = sum(math.exp(one.score - best) for one in rated)
    return sum(math.exp(one.score - best) for one in picked) / total

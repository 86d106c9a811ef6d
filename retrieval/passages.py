"""The fewest sentences that answer a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.rating import Sentence
from retrieval.types import Article, Query, Span

_WORDS = 60
"""Words of an answer to a plain question, about; the first sentence may be longer."""

_MOST = 3
_SEVERAL = 5
"""Sentences for a question that asks for several things, which also has more words."""

_CLOSE = 2.2
"""How much lower than the best a sentence may score (in logits) and still be shown beside it."""

_NEW = 1.0
"""What a sentence gains that holds all of the question's terms that the ones chosen do not."""

_MANY_THINGS = re.compile(
    r"\band (?:who|what|when|where|why|how|which|whether|by when)\b|\bvs\.?\b|\bversus\b|\bdiffer|\bcompar|\bboth\b"
    r"|\beach\b|\b(?:list|name) (?:all|the)\b|^(?:which|what|where|who) (?:are|were)\b"
    r"|^which \w+s\b|\bdo (?:the )?\w+ (?:agree|disagree)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of an article put forward as evidence, with whose words it reports."""

    article: Article
    span: Span
    speaker: str | None = None


def chosen(query: Query, rated: Sequence[Sentence]) -> list[Candidate]:
    """The sentences to show, of those rated best first: in the order of the text, the best article first.

    After the best come those that score nearly as well, sooner where they hold terms of the question that are missing.
    """
    if not rated:
        return []
    several = _MANY_THINGS.search(query.text) is not None
    most, limit = (_SEVERAL, 2 * _WORDS) if several else (_MOST, _WORDS)
    picked = [rated[0]]
    held = set(rated[0].terms)
    length = len(rated[0].text.split())
    rest = [one for one in rated[1:] if one.score >= rated[0].score - _CLOSE]
    asked = set().union(*(one.terms for one in rated))
    while rest and len(picked) < most:
        missing = asked - held
        best = max(rest, key=lambda one: one.score + _NEW * len(one.terms & missing) / max(1, len(missing)))
        rest.remove(best)
        words = len(best.text.split())
        if length + words > limit:
            continue
        picked.append(best)
        held |= best.terms
        length += words
    first = picked[0].article.id
    picked.sort(key=lambda one: (one.article.id != first, one.article.id, one.span))
    return [Candidate(one.article, one.span) for one in picked]

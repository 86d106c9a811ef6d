"""Whether the evidence found carries an answer: a probability, from a few features of the best sentences.

A logistic regression (weights and threshold in `calibrated.json`, fitted by `tests/bench/calibrate.py` on the
calibrating halves of the question sets, and on their answerable questions with the articles that answer them taken
away).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from retrieval import words
from retrieval.rating import Sentence, calibrated
from retrieval.search import Terms
from retrieval.types import Passage

FEATURES = ("own", "around", "article", "rarest", "absent", "pairs", "cosine", "chunk", "kind", "unkind", "few", "bias")
"""Of the best sentence: the share of the question's terms (by weight) in it, in its surroundings and in its article;
whether the rarest stands near; the share that stands in no found article; the share of neighbouring terms; nearness in
meaning of the sentence and of the best chunk; whether it holds the kind of thing asked for."""

_LOOKED_AT = 3
"""Sentences whose best nearness, share and kind count."""


def features(rated: Sequence[Sentence], passages: Sequence[Passage], terms: Terms) -> dict[str, float]:
    """What speaks for and against an answer; `rated` best first, not empty."""
    best, top = rated[0], rated[:_LOOKED_AT]
    texts = {passage.article.id: passage.article for passage in passages}
    held = {key: frozenset(words.stems(f"{one.title} {one.text}")) for key, one in texts.items()}
    everywhere: frozenset[str] = frozenset().union(*held.values())
    return {
        "own": max(one.features["own"] for one in top),
        "around": best.features["around"],
        "article": terms.coverage(held[best.article.id]),
        "rarest": best.features["rarest"],
        "absent": 1 - terms.coverage(everywhere),
        "pairs": max(one.features["pairs"] for one in top),
        "cosine": max(one.features["cosine"] for one in top),
        "chunk": max((one.scores.get("vector", 0.0) for one in passages), default=0.0),
        "kind": best.features["kind"],
        "unkind": float(all(one.features["unkind"] for one in top)),
        "few": 1 / max(1, len(terms.weights)),
        "bias": 1.0,
    }


def confidence(described: dict[str, float]) -> float:
    """The probability that the articles hold an answer."""
    weights = calibrated("answer")
    return 1 / (1 + math.exp(-sum(weights[name] * value for name, value in described.items())))


def enough(rated: Sequence[Sentence], passages: Sequence[Passage], terms: Terms) -> bool:
    """Whether to answer with these sentences."""
    return bool(rated) and confidence(features(rated, passages, terms)) >= calibrated("threshold")["answer"]

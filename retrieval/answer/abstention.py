"""Whether the evidence found carries an answer: a probability, from a few features of the best sentences.

A logistic regression (weights and threshold in `calibrated.json`, fitted by `tests/bench/calibrate.py` on questions
with an answer, near misses, and questions about what nobody here wrote of).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from retrieval.answer.sentence_ranking import Sentence, odds
from retrieval.search.calibration import calibrated, likelihood
from retrieval.search.hybrid import distinct
from retrieval.search.term_weights import Terms
from retrieval.text import stems
from retrieval.types import Passage

FEATURES = ("around", "cosine", "chunk", "unkind", "unknown", "read", "bias")
"""Of the best sentences: the share of the question's terms (by weight) around the best; nearness in meaning of the
nearest sentence and chunk; whether none holds the kind of thing asked for; the share of terms that are no common words
and stand in none of the best articles, as names do that nobody wrote about; how likely an answer is by all that was
read beside the question, in logits."""

UNDECIDED = 0.5
"""What `read` is where reading says nothing: about its mean over questions."""

_LOOKED_AT = 3
"""Sentences whose nearness and kind count, and articles in which unknown words are looked for."""


def features(
    rated: Sequence[Sentence],
    passages: Sequence[Passage],
    terms: Terms,
    named: Mapping[str, str],
    is_word: Callable[[str], bool],
) -> dict[str, float]:
    """What speaks for and against an answer; `rated` best first, not empty. `named`: the question's terms with the word
    that each comes from."""
    top = rated[:_LOOKED_AT]
    found = distinct(passages)[:_LOOKED_AT]
    held: frozenset[str] = frozenset().union(*(stems.stems(f"{one.title} {one.text}") for one in found))
    strange = {term for term, word in named.items() if term not in held and not is_word(word)}
    return {
        "around": rated[0].features["around"],
        "cosine": max(one.features["cosine"] for one in top),
        "chunk": max((one.scores.get("vector", 0.0) for one in passages), default=0.0),
        "unkind": float(all(one.features["unkind"] for one in top)),
        "unknown": terms.coverage(strange),
        "read": UNDECIDED if (answering := odds(rated)) is None else math.log(answering),
        "bias": 1.0,
    }


def enough(described: dict[str, float]) -> bool:
    """Whether to answer."""
    return likelihood("answer", described) >= calibrated("threshold")["answer"]

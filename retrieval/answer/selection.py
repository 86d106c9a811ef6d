"""Selects the fewest sentences that answer a question."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence, Set

from retrieval.answer.answer_limits import (
    MAX_SCORE_GAP,
    MAX_SENTENCES,
    MAX_SENTENCES_FOR_SEVERAL,
    MAX_WORDS,
    MAX_WORDS_BESIDE_FIRST,
    MAX_WORDS_IF_UNSURE,
    SUFFICIENT_SHARE,
    UNSURE_SHARE,
)
from retrieval.answer.sentence_ranking import Sentence
from retrieval.types import Candidate, Query

_MISSING_TERMS_BONUS = 1.0
"""Logits added to the score of a sentence that holds all terms of the question that those picked lack, and in
proportion to one that holds some of them."""

_MANY_THINGS = re.compile(
    r"\band (?:who|what|when|where|why|how|which|whether|by when)\b|\bvs\.?\b|\bversus\b|\bdiffer|\bcompar|\bboth\b"
    r"|\beach\b|\b(?:list|name) (?:all|the)\b|^(?:which|what|where|who) (?:are|were)\b"
    r"|^which \w+s\b|\bdo (?:the )?\w+ (?:agree|disagree)\b",
    re.I,
)


def select_sentences(query: Query, ranked: Sequence[Sentence]) -> list[Candidate]:
    """The sentences to show: in the order of the text, the best article first. `ranked`: best first.

    The best sentence comes with others that score nearly as well, rather with those that hold missing terms of the
    question.
    """
    if not ranked:
        return []
    if _MANY_THINGS.search(query.text):
        picked = _pick(ranked, MAX_SENTENCES_FOR_SEVERAL, 2 * MAX_WORDS)
    else:
        first_words = len(ranked[0].text.split())
        picked = _pick(ranked, MAX_SENTENCES, max(MAX_WORDS, first_words + MAX_WORDS_BESIDE_FIRST))
        if _softmax_share(picked, ranked) < UNSURE_SHARE:
            picked = _pick(ranked, MAX_SENTENCES_FOR_SEVERAL, MAX_WORDS_IF_UNSURE)
    best_article = picked[0].article.id
    picked.sort(key=lambda sentence: (sentence.article.id != best_article, sentence.article.id, sentence.span))
    return [Candidate(sentence.article, sentence.span) for sentence in picked]


def _pick(ranked: Sequence[Sentence], max_sentences: int, max_words: int) -> list[Sentence]:
    """The best sentence and others not far behind it, as many as both limits allow (the first may be longer)."""
    picked = [ranked[0]]
    covered = set(ranked[0].terms)
    length = len(ranked[0].text.split())
    rest = [sentence for sentence in ranked[1:] if sentence.score >= ranked[0].score - MAX_SCORE_GAP]
    all_terms = set().union(*(sentence.terms for sentence in ranked))
    while rest and len(picked) < max_sentences and _softmax_share(picked, ranked) < SUFFICIENT_SHARE:
        missing = all_terms - covered
        best = max(rest, key=lambda sentence: sentence.score + _bonus(sentence, missing))
        rest.remove(best)
        words = len(best.text.split())
        if length + words > max_words:
            continue
        picked.append(best)
        covered |= best.terms
        length += words
    return picked


def _bonus(sentence: Sentence, missing: Set[str]) -> float:
    """Logits that a sentence gains for the missing terms of the question that it holds."""
    return _MISSING_TERMS_BONUS * len(sentence.terms & missing) / max(1, len(missing))


def _softmax_share(picked: Sequence[Sentence], ranked: Sequence[Sentence]) -> float:
    """The share (0 to 1) that the picked sentences have of a softmax over all ranked ones."""
    best = ranked[0].score
    total = sum(math.exp(sentence.score - best) for sentence in ranked)
    return sum(math.exp(sentence.score - best) for sentence in picked) / total

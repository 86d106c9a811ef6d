"""Selects the sentences that may report anything: half of them cannot, and parsing takes most of the time."""

from __future__ import annotations

from functools import cache

from ingest.attribution.document import AnnotatedText
from retrieval.english.function_words import DETERMINERS
from retrieval.english.verbs import ADJECTIVES, NOUNS, verbs
from retrieval.types import Span

_NO_VERB_AFTER = DETERMINERS | frozenset("my your whose of in from by with at".split())
"""Words after which no finite verb can stand: "the second", "their plans"."""

_OPENS = frozenset("that of about for to on over against whether by with at in from".split())
"""Words that introduce what a noun or an adjective reports."""


@cache
def _preposition_only_verbs() -> dict[str, frozenset[str]]:
    """Forms of verbs that report only with a preposition ("refer to"), with the prepositions of each."""
    prepositions_of = {}
    for form, entries in verbs().items():
        if not any(entry.frames for entry in entries):
            prepositions_of[form] = frozenset(prep for entry in entries for prep in entry.preps)
    return prepositions_of


def may_report(text: AnnotatedText, sentence: Span) -> bool:
    """Whether a sentence has words of its own and, among or beside them, a possible cue or part of a quotation."""
    first, last = text.word_at(sentence.start), text.word_at(sentence.end - 1)
    last = min(last, len(text.word) - 1)
    outside = [at for at in range(first, last + 1) if text.quoted[at] < 0 and text.is_word(at)]
    if not outside:
        return False
    if any(text.quoted[at] >= 0 for at in range(first, last + 1)):
        return True
    return any(_may_be_cue(text, at, last) for at in outside)


def _may_be_cue(text: AnnotatedText, at: int, last: int) -> bool:
    """Whether a word can be the cue of a report in a sentence that ends with word `last`."""
    lower = text.lower[at]
    following = text.lower[at + 1] if at < last else ""
    if lower == "according":
        return True
    if lower in verbs() and (at == 0 or text.lower[at - 1] not in _NO_VERB_AFTER):
        preps = _preposition_only_verbs().get(lower)
        if preps is None or any(text.lower[k] in preps for k in range(at + 1, last + 1)):
            return True
    if lower in ADJECTIVES:
        return following in _OPENS or not text.is_word(min(at + 1, last))
    return (lower in NOUNS or lower.removesuffix("s") in NOUNS) and following in _OPENS

"""Which sentences may report anything: parsing is what attributing takes its time for, and half of them cannot."""

from __future__ import annotations

from functools import cache

from ingest.attribution.document import Reading
from retrieval.english.function_words import DETERMINERS
from retrieval.english.verbs import ADJECTIVES, NOUNS, verbs
from retrieval.types import Span

_NO_VERB_AFTER = DETERMINERS | frozenset("my your whose of in from by with at".split())
"""Words after which no finite verb stands: "the second", "their plans". """

_OPENS = frozenset("that of about for to on over against whether by with at in from".split())
"""Words that open what a noun or an adjective reports."""


@cache
def _bound() -> dict[str, frozenset[str]]:
    """Forms of verbs that report with a preposition alone, with those they may have: "refer to", "rail against"."""
    bound = {}
    for form, entries in verbs().items():
        if not any(entry.frames for entry in entries):
            bound[form] = frozenset(prep for entry in entries for prep in entry.preps)
    return bound


def may_report(reading: Reading, line: Span) -> bool:
    """Whether a sentence holds a part of a quotation beside words of its own, or a word that may be a cue."""
    first, last = reading.word_at(line.start), reading.word_at(line.end - 1)
    last = min(last, len(reading.word) - 1)
    outside = [at for at in range(first, last + 1) if reading.quoted[at] < 0 and reading.is_word(at)]
    if not outside:
        return False
    if any(reading.quoted[at] >= 0 for at in range(first, last + 1)):
        return True
    return any(_may_be_cue(reading, at, last) for at in outside)


def _may_be_cue(reading: Reading, at: int, last: int) -> bool:
    low = reading.low[at]
    following = reading.low[at + 1] if at < last else ""
    if low == "according":
        return True
    if low in verbs() and (at == 0 or reading.low[at - 1] not in _NO_VERB_AFTER):
        preps = _bound().get(low)
        if preps is None or any(reading.low[k] in preps for k in range(at + 1, last + 1)):
            return True
    if low in ADJECTIVES:
        return following in _OPENS or not reading.is_word(min(at + 1, last))
    return (low in NOUNS or low.removesuffix("s") in NOUNS) and following in _OPENS

"""Checks that a claim's words come from its evidence, and that it denies only what the evidence denies."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.english.negations import OPPOSING, negates
from retrieval.text import stems
from retrieval.text.stems import STOPWORDS

_MIN_GROUNDED_SHARE = 0.5
"""Minimum share of a claim's content words that must be in its evidence; the rest may be the writer's own."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_AGAINST = re.compile(rf"\b(?:{OPPOSING})\b", re.IGNORECASE)
_NEGATION_REACH_WORDS = 4
"""Number of words after a negation among which the word that it negates is looked for."""

_NOT_TURNING = frozenset("only just least merely simply".split())
_END = re.compile(r"[.!?;:,]")


def find_ungrounded(claim: str, evidence: Sequence[str], also: str) -> str | None:
    """The reason why a claim (its quotations masked) says more than its evidence, or the opposite; None if neither.

    `also`: headings and names of speakers, which count as known.
    """
    claimed = [stem for stem in stems.content_stems(claim) if not stem[0].isdigit()]
    known = {stem for text in (*evidence, also) for stem in stems.stems(text)}
    if claimed and sum(stem in known for stem in claimed) < _MIN_GROUNDED_SHARE * len(claimed):
        return "most of its words do not stand in what it rests on"
    return _find_reversal(claim, evidence, set(claimed))


def _find_reversal(claim: str, evidence: Sequence[str], claimed: set[str]) -> str | None:
    """The reason why a claim denies what its evidence does not, or the reverse; None if neither."""
    against = any(map(negates, _lowercase_words(claim))) or bool(_AGAINST.search(claim))
    denied = any(any(map(negates, _lowercase_words(text))) or _AGAINST.search(text) for text in evidence)
    if any(map(negates, _lowercase_words(claim))) and not denied:
        return "it denies what the words it rests on do not deny"
    if against:
        return None
    negated: set[str] = set()
    plain: set[str] = set()
    for text in evidence:
        found = _find_negated_words(text)
        negated |= {stem for _, stem in found}
        places = {at for at, _ in found}
        plain |= {stems.stem(match[0]) for at, match in enumerate(_WORD.finditer(text)) if at not in places}
    if claimed & (negated - plain):
        return "the words it rests on deny what it says"
    return None


def _find_negated_words(text: str) -> list[tuple[int, str]]:
    """(word index, stem) of the content word that each negation in a text negates."""
    words = list(_WORD.finditer(text))
    out = []
    for at, match in enumerate(words):
        if not negates(match[0].lower().replace("’", "'")):
            continue
        for next_at in range(at + 1, min(at + 1 + _NEGATION_REACH_WORDS, len(words))):
            low = words[next_at][0].lower()
            if (
                low in _NOT_TURNING
                or low[0].isdigit()
                or _END.search(text, words[next_at - 1].end(), words[next_at].start())
            ):
                break
            if low not in STOPWORDS:
                out.append((next_at, stems.stem(low)))
                break
    return out


def _lowercase_words(text: str) -> list[str]:
    """The words of a text in lower case, with straight apostrophes."""
    return [match[0].lower().replace("’", "'") for match in _WORD.finditer(text)]

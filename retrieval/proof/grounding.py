"""Whether a claim's words come from its evidence, and say yes where it says yes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.english.negations import OPPOSING, negates
from retrieval.text import stems
from retrieval.text.stems import STOPWORDS

_LEAST = 0.5
"""Share of a claim's telling words that must stand in what it rests on; the rest may be a reporter's own."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_AGAINST = re.compile(rf"\b(?:{OPPOSING})\b", re.IGNORECASE)
_REACH = 4
"""Words after a negation among which the one that it turns round stands."""

_NOT_TURNING = frozenset("only just least merely simply".split())
_END = re.compile(r"[.!?;:,]")


def ungrounded(claim: str, evidence: Sequence[str], also: str) -> str | None:
    """Why a claim (its quotations blanked) says more, or the opposite, of its evidence; None where it does not.

    `also`: headings and names of speakers, which count as known.
    """
    mine = [stem for stem in stems.content(claim) if not stem[0].isdigit()]
    there = {stem for text in (*evidence, also) for stem in stems.stems(text)}
    if mine and sum(stem in there for stem in mine) < _LEAST * len(mine):
        return "most of its words do not stand in what it rests on"
    return _turned(claim, evidence, set(mine))


def _turned(claim: str, evidence: Sequence[str], mine: set[str]) -> str | None:
    against = any(map(negates, _folded(claim))) or bool(_AGAINST.search(claim))
    denied = any(any(map(negates, _folded(text))) or _AGAINST.search(text) for text in evidence)
    if any(map(negates, _folded(claim))) and not denied:
        return "it denies what the words it rests on do not deny"
    if against:
        return None
    negated: set[str] = set()
    plain: set[str] = set()
    for text in evidence:
        turned = _negated(text)
        negated |= {stem for _, stem in turned}
        places = {at for at, _ in turned}
        plain |= {stems.stem(match[0]) for at, match in enumerate(_WORD.finditer(text)) if at not in places}
    if mine & (negated - plain):
        return "the words it rests on deny what it says"
    return None


def _negated(text: str) -> list[tuple[int, str]]:
    """(number of the word, stem) of the telling word that each negation of a text turns round."""
    found = list(_WORD.finditer(text))
    out = []
    for at, match in enumerate(found):
        if not negates(match[0].lower().replace("’", "'")):
            continue
        for then in range(at + 1, min(at + 1 + _REACH, len(found))):
            low = found[then][0].lower()
            if low in _NOT_TURNING or low[0].isdigit() or _END.search(text, found[then - 1].end(), found[then].start()):
                break
            if low not in STOPWORDS:
                out.append((then, stems.stem(low)))
                break
    return out


def _folded(text: str) -> list[str]:
    return [match[0].lower().replace("’", "'") for match in _WORD.finditer(text)]

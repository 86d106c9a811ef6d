"""A quotation as somebody types it: its words, what was left out or put in, and whom it names as its speaker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from retrieval.english.negations import negates
from retrieval.english.quotation_marks import ALL_DOUBLE
from retrieval.english.verb_sets import BESIDE_A_QUOTATION, pattern
from retrieval.errors import QuestionError
from retrieval.text.normalize import Wording, worded

LONGEST = 4_000
"""Characters of a quotation: twice what a message of Discord holds."""

_LEFT_OUT = 120
"""Words that an ellipsis may stand for."""

_PUT_FOR = 8
"""Words that a bracketed insertion may stand in the place of."""

_GAP = re.compile(r"[\[(]\s*(?:…|\.\s?\.\s?\.+)\s*[\])]|…|\.\s?\.\s?\.(?:\s?\.)*|\[(?P<inserted>[^\[\]]{0,200})\]")
_QUOTED = re.compile(rf'(?<![^\s(\[:—–-])(?:["„«‟][^{ALL_DOUBLE}]+["»“”]|“[^“”"]+[”"])')
_SAY = rf"(?:{pattern(BESIDE_A_QUOTATION)})"
_NAME = r"(?P<name>[^\W\d_][^\"“”:;!?]{0,79}?)"
_REST = r"(?:[\s,][^\"“”:]{0,60})?"
_WHEN = r"\s(?:on|in|at|to|after|during|before|last|this|yesterday|today|tonight|earlier)\b[^\"“”:]{0,60}"
_OUTSIDE = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"^{_NAME}\s+{_SAY}{_REST}$",
        rf"^{_SAY}\s+(?:by\s+)?{_NAME}(?:,{_REST}|{_WHEN})?$",
        rf"^according to\s+{_NAME}$",
    )
)
"""What may stand before, between or after quotation marks and name the speaker; stripped of marks and dashes."""

_SIGNED = re.compile(
    r"^(?P<words>.+[^\s–—―-])(?:\s*\n\s*[–—―-]*|\s*[–—―]|\s--?)\s*(?P<name>[^\W\d_][^.!?:;\"“”\n]{1,60})$", re.DOTALL
)
_HEADED = re.compile(rf"^(?P<name>[^\W\d_][^\"“”.:;!?\n]{{1,60}}?)(?:\s+{_SAY})?:\s+(?P<words>\S.+)$", re.DOTALL)
_NAME_WORDS = 6
_CAPITAL = re.compile(r"\[([^\W\d_])\](?=[^\W\d_])")
"""A bracket round a letter whose case was changed: "[T]he"."""

_EDGES = " \t\n,.:;–—―-()"
_PRONOUNS = frozenset("i he she they we it who".split())


@dataclass(frozen=True, slots=True)
class Gap:
    """Where the words of a quotation do not run on: up to `most` words of the source may stand there.

    `inserted` are the words that a bracket puts there; None for an ellipsis, which leaves words out.
    """

    most: int
    inserted: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """`text`: what is quoted. `wording`: its words without bracketed ones. `runs`: (first, end) by number of the words
    that run on, parted by `gaps`. `speaker`: whom it names, in its own words."""

    text: str
    wording: Wording
    runs: tuple[tuple[int, int], ...]
    gaps: tuple[Gap, ...]
    speaker: str | None = None

    @property
    def segments(self) -> list[tuple[str, ...]]:
        """The words of each run."""
        return [tuple(self.wording.words[first:end]) for first, end in self.runs]


def quotation(given: str, known: Callable[[str], bool]) -> Quotation:
    """Read a quotation; `known` tells whether a name is that of a speaker, by which a signature is told from a text.

    Raises QuestionError where it has no words or is too long.
    """
    if len(given) > LONGEST:
        raise QuestionError(f"the quotation has {len(given)} characters: check at most {LONGEST} at a time")
    text, speaker = _apart(_CAPITAL.sub(r"\1", given.strip()), known)
    wording, runs, gaps = _runs(text)
    if not runs:
        raise QuestionError("the quotation has no words: give the words that were said")
    return Quotation(text, wording, runs, gaps, speaker)


def _apart(given: str, known: Callable[[str], bool]) -> tuple[str, str | None]:
    """(the words quoted, the speaker named beside them)."""
    quoted = list(_QUOTED.finditer(given))
    if quoted:
        ends = [0, *(match.end() for match in quoted)]
        starts = [*(match.start() for match in quoted), len(given)]
        around = [given[a:b].strip(_EDGES) for a, b in zip(ends, starts, strict=True)]
        outside = [part for part in around if part]
        names = [_name_in(part, known) for part in outside]
        if outside and all(names):
            text = " … ".join(match[0][1:-1] for match in quoted)
            return text, next((name for name in names if name and name.lower() not in _PRONOUNS), None)
        return given, None
    for form in (_SIGNED, _HEADED):
        signed = form.match(given)
        if signed and signed["name"][0].isupper() and _is_name(signed["name"], known):
            return signed["words"], signed["name"].strip()
    return given, None


def _name_in(outside: str, known: Callable[[str], bool]) -> str | None:
    for form in _OUTSIDE:
        found = form.match(outside)
        if found and (_is_name(found["name"], known) or found["name"].lower() in _PRONOUNS):
            return found["name"].strip(_EDGES)
    return outside if outside[0].isupper() and _is_name(outside, known) else None


def _is_name(text: str, known: Callable[[str], bool]) -> bool:
    return len(text.split()) <= _NAME_WORDS and known(text.strip(_EDGES))


def _runs(text: str) -> tuple[Wording, tuple[tuple[int, int], ...], tuple[Gap, ...]]:
    """The words of a quotation in runs, and the gaps between them; gaps at its ends say nothing and are dropped."""
    found: list[Wording] = []
    gaps: list[Gap] = []
    at, waiting = 0, None
    for start, end, gap in [*_gaps(text), (len(text), len(text), None)]:
        part = worded(text, at, start)
        if part.words:
            if found and waiting:
                gaps.append(waiting)
            found.append(part)
            waiting = None
        waiting = max((one for one in (waiting, gap) if one), key=lambda one: one.most, default=None)
        at = end
    firsts = list(accumulate((len(part.words) for part in found), initial=0))
    wording = Wording(
        tuple(word for part in found for word in part.words),
        tuple(start for part in found for start in part.starts),
        tuple(end for part in found for end in part.ends),
    )
    return wording, tuple(pairwise(firsts)), tuple(gaps)


def _gaps(text: str) -> Iterator[tuple[int, int, Gap | None]]:
    """(start, end, gap) of what stands for other words; a bracket with a negation does not: it is compared."""
    for match in _GAP.finditer(text):
        inserted = match["inserted"]
        if inserted is None:
            yield match.start(), match.end(), Gap(_LEFT_OUT)
        else:
            words = frozenset(worded(inserted).words)
            if not any(map(negates, words)):
                yield match.start(), match.end(), Gap(0 if words == {"sic"} else _PUT_FOR, words)

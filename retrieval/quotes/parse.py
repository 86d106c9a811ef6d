"""Parses a quotation as a user types it: its words, what was left out or inserted, and the speaker that it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from retrieval.english.negations import negates
from retrieval.english.quotation_marks import ALL_DOUBLE
from retrieval.english.verb_sets import BESIDE_A_QUOTATION, pattern
from retrieval.errors import QuestionError
from retrieval.text.normalize import Wording, find_words

MAX_QUOTATION_CHARACTERS = 4_000
"""Maximum number of characters of a quotation: twice the limit of a Discord message."""

_MAX_OMITTED_WORDS = 120
"""Maximum number of words that an ellipsis may stand for."""

_MAX_REPLACED_WORDS = 8
"""Maximum number of words that a bracketed insertion may replace."""

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
"""Text before, between or after quoted parts that names the speaker; matched after stripping punctuation and dashes."""

_SIGNED = re.compile(
    r"^(?P<words>.+[^\s–—―-])(?:\s*\n\s*[–—―-]*|\s*[–—―]|\s--?)\s*(?P<name>[^\W\d_][^.!?:;\"“”\n]{1,60})$", re.DOTALL
)
_HEADED = re.compile(rf"^(?P<name>[^\W\d_][^\"“”.:;!?\n]{{1,60}}?)(?:\s+{_SAY})?:\s+(?P<words>\S.+)$", re.DOTALL)
_MAX_NAME_WORDS = 6
"""Maximum number of words of a speaker's name."""

_CAPITAL = re.compile(r"\[([^\W\d_])\](?=[^\W\d_])")
"""Brackets around a letter whose case was changed: "[T]he"."""

_EDGES = " \t\n,.:;–—―-()"
_PRONOUNS = frozenset("i he she they we it who".split())


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap between words of a quotation, where the source may have up to `max_words` other words.

    `inserted`: the words that a bracket inserts there; None for an ellipsis, which only leaves words out.
    """

    max_words: int
    inserted: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Quotation:
    """A parsed quotation.

    `text`: the quoted text. `wording`: its words without the bracketed ones. `runs`: (first, end) word indices of the
    uninterrupted runs, which are separated by `gaps`. `speaker`: the speaker's name as the quotation gives it.
    """

    text: str
    wording: Wording
    runs: tuple[tuple[int, int], ...]
    gaps: tuple[Gap, ...]
    speaker: str | None = None

    @property
    def segments(self) -> list[tuple[str, ...]]:
        """The words of each run."""
        return [tuple(self.wording.words[first:end]) for first, end in self.runs]


def parse_quotation(given: str, known: Callable[[str], bool]) -> Quotation:
    """Parse a quotation; `known`: whether a name is that of a speaker, which tells a signature from quoted text.

    Raises QuestionError if it has no words or is too long.
    """
    if len(given) > MAX_QUOTATION_CHARACTERS:
        raise QuestionError(
            f"the quotation has {len(given)} characters: check at most {MAX_QUOTATION_CHARACTERS} at a time"
        )
    text, speaker = _split_off_speaker(_CAPITAL.sub(r"\1", given.strip()), known)
    wording, runs, gaps = _split_into_runs(text)
    if not runs:
        raise QuestionError("the quotation has no words: give the words that were said")
    return Quotation(text, wording, runs, gaps, speaker)


def _split_off_speaker(given: str, known: Callable[[str], bool]) -> tuple[str, str | None]:
    """(the quoted words, the speaker named beside them or None)."""
    quoted = list(_QUOTED.finditer(given))
    if quoted:
        ends = [0, *(match.end() for match in quoted)]
        starts = [*(match.start() for match in quoted), len(given)]
        around = [given[a:b].strip(_EDGES) for a, b in zip(ends, starts, strict=True)]
        outside = [part for part in around if part]
        names = [_find_name(part, known) for part in outside]
        if outside and all(names):
            text = " … ".join(match[0][1:-1] for match in quoted)
            return text, next((name for name in names if name and name.lower() not in _PRONOUNS), None)
        return given, None
    for form in (_SIGNED, _HEADED):
        signed = form.match(given)
        if signed and signed["name"][0].isupper() and _is_name(signed["name"], known):
            return signed["words"], signed["name"].strip()
    return given, None


def _find_name(outside: str, known: Callable[[str], bool]) -> str | None:
    """The speaker (or pronoun) that text beside quotation marks names; None if it names nobody."""
    for form in _OUTSIDE:
        match = form.match(outside)
        if match and (_is_name(match["name"], known) or match["name"].lower() in _PRONOUNS):
            return match["name"].strip(_EDGES)
    return outside if outside[0].isupper() and _is_name(outside, known) else None


def _is_name(text: str, known: Callable[[str], bool]) -> bool:
    return len(text.split()) <= _MAX_NAME_WORDS and known(text.strip(_EDGES))


def _split_into_runs(text: str) -> tuple[Wording, tuple[tuple[int, int], ...], tuple[Gap, ...]]:
    """The words of a quotation, its runs, and the gaps between them; gaps at its ends mean nothing and are dropped."""
    segments: list[Wording] = []
    gaps: list[Gap] = []
    at, waiting = 0, None
    for start, end, gap in [*_find_gaps(text), (len(text), len(text), None)]:
        part = find_words(text, at, start)
        if part.words:
            if segments and waiting:
                gaps.append(waiting)
            segments.append(part)
            waiting = None
        waiting = max(
            (open_gap for open_gap in (waiting, gap) if open_gap), key=lambda open_gap: open_gap.max_words, default=None
        )
        at = end
    firsts = list(accumulate((len(part.words) for part in segments), initial=0))
    wording = Wording(
        tuple(word for part in segments for word in part.words),
        tuple(start for part in segments for start in part.starts),
        tuple(end for part in segments for end in part.ends),
    )
    return wording, tuple(pairwise(firsts)), tuple(gaps)


def _find_gaps(text: str) -> Iterator[tuple[int, int, Gap | None]]:
    """(start, end, gap) of each ellipsis and bracket. A bracket with a negation is no gap: its words are compared."""
    for match in _GAP.finditer(text):
        inserted = match["inserted"]
        if inserted is None:
            yield match.start(), match.end(), Gap(_MAX_OMITTED_WORDS)
        else:
            words = frozenset(find_words(inserted).words)
            if not any(map(negates, words)):
                yield match.start(), match.end(), Gap(0 if words == {"sic"} else _MAX_REPLACED_WORDS, words)

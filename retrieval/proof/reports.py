"""Who says what in a sentence of an answer: the words that report, and whom the sentence names as the speaker.

This reads short sentences that a model wrote to be checked, not articles: where it cannot tell, it says less than the
sentence does, and the check that uses it refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.english.verb_sets import CLAIM_CUES, TELLING, pattern
from retrieval.text.quote_marks import HIDDEN, Marked, outside
from retrieval.types import Span

_CUE = re.compile(
    rf"(?<![\w-])(?:{pattern(CLAIM_CUES)}|puts? it|[Aa]ccording to|[Ii]n the words of)\b|(?<=[^\W\d_])['’]s words\b"
    rf"|(?<=[\w)]):(?=\s*[\"“«‘'])"
)
_AFTER = ("according to", "in the words of")
_AS = re.compile(rf"(?:quoted|reported|cited|recorded|heard)\b[^{HIDDEN}]*?\sas\s+\w+ing")
"""Whose words these are stands before them, though they are passive."""

_SENTENCE = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+(?=\S)")
_RUN = re.compile(
    r"[A-Z0-9À-ÞŁŚŞĆČĐŽ][\w.&-]*(?:['’](?!s\b)\w+)*"
    r"(?:(?:\s+(?:de|van|von|der|den|del|della|di|da|dos|du|la|le|el|al|bin|ibn|of the|of))?"
    r"\s+[A-ZÀ-ÞŁŚŞĆČĐŽ][\w.&-]*(?:['’](?!s\b)\w+)*)*"
)
_POSSESSIVE = re.compile(r"['’]s\b|(?<=[sxzSXZ])['’](?=\s)")
_PRONOUN = re.compile(r"\b(?:he|she|they|it|we|i)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Saying:
    """A report in a claim: the words among which its speaker is named, and the quotations that it reports."""

    subject: Span
    cue: Span
    quoted: tuple[Span, ...]


def sentences_of(masked: str) -> Iterator[Span]:
    """The sentences of a claim whose quotations are masked."""
    start = 0
    for match in [*_SENTENCE.finditer(masked), None]:
        end = match.start() if match else len(masked)
        if masked[start:end].strip():
            yield Span(start, end)
        start = match.end() if match else end


def sayings(claim: str, marked: Marked) -> tuple[list[Saying], list[Span]]:
    """(reports with whom they name, quotations that no words report)."""
    masked = outside(claim, marked)
    found: list[Saying] = []
    loose: list[Span] = []
    for sentence in sentences_of(masked):
        inner = [span for span in marked.inner if sentence.holds(span)]
        cues = _cues(masked, sentence)
        reported: dict[Span, list[Span]] = {cue: [] for cue in cues}
        for span in inner:
            cue = _cue_of(span, cues)
            if cue is None:
                loose.append(span)
            else:
                reported[cue].append(span)
        found += [Saying(_subject(masked, sentence, cues, cue), cue, tuple(reported[cue])) for cue in cues]
    return found, loose


def _cues(masked: str, sentence: Span) -> list[Span]:
    """The words that report; "said:", "told Wendt:" and "was quoted by the paper as saying" are one report each."""
    out: list[Span] = []
    for match in _CUE.finditer(masked, sentence.start, sentence.end):
        if out and _AS.fullmatch(masked, out[-1].start, match.end()):
            out[-1] = Span(out[-1].start, match.end())
            continue
        if match[0] == ":" and out:
            text = masked[out[-1].end : match.start()]
            told = masked[out[-1].start : out[-1].end].lower() in TELLING
            named = text.strip() and names(masked, Span(out[-1].end, match.start()))
            if HIDDEN not in text and "," not in text and (told or not named):
                continue
        out.append(Span(*match.span()))
    return out


def _cue_of(quotation: Span, cues: list[Span]) -> Span | None:
    before = [cue for cue in cues if cue.end <= quotation.start]
    after = [cue for cue in cues if cue.start >= quotation.end]
    return before[-1] if before else after[0] if after else None


def _subject(masked: str, sentence: Span, cues: list[Span], cue: Span) -> Span:
    """What stands before the words that report, from the last of their like on; after them where that is nothing."""
    at = earlier = cues.index(cue)
    begin = cues[at - 1].end if at else sentence.start
    while earlier and not masked[begin : cue.start].strip():
        # "reports said": what stands right before is no report but who makes it.
        earlier -= 1
        begin = cues[earlier - 1].end if earlier else sentence.start
    before = masked[begin : cue.start]
    if HIDDEN in before:
        begin += before.rindex(HIDDEN) + 1
        before = masked[begin : cue.start]
    after_all = masked[cue.start : cue.end].lower() in _AFTER
    if not after_all and (re.search(r"\w", before) or begin == cue.start):
        return Span(begin, cue.start) if begin < cue.start else cue
    end = cues[at + 1].start if at + 1 < len(cues) else sentence.end
    rest = masked[cue.end : end]
    cut = re.search(rf"[;:{HIDDEN}]", rest)
    stop = cue.end + (cut.start() if cut else len(rest))
    return Span(cue.end, stop) if stop > cue.end else cue


def names(text: str, within: Span) -> list[tuple[str, Span, bool]]:
    """Runs of capitalised words in order, each with its place and whether it is a possessive ("Wendt's", "Jones'")."""
    out = []
    for match in _RUN.finditer(text, within.start, within.end):
        possessive = bool(_POSSESSIVE.match(text, match.end()))
        shown = match[0].rstrip(".-&")
        out.append((shown, Span(match.start(), match.start() + len(shown)), possessive))
    return out


def pronoun(text: str, within: Span) -> bool:
    """Whether the words hold a pronoun that may be who speaks."""
    return bool(_PRONOUN.search(text, within.start, within.end))

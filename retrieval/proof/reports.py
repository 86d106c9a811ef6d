"""Finds reported speech in a claim: the reporting words, and the words that name the speaker.

It reads the short sentences that a model writes, not articles. If a sentence is unclear, it finds less than the
sentence says, and the check that uses it refuses the claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.english.name_words import PARTICLES
from retrieval.english.verb_sets import CLAIM_CUES, TELLING, pattern
from retrieval.text.quote_marks import MASK, QuotedSpans, mask_quotations
from retrieval.types import Span

_CUE = re.compile(
    rf"(?<![\w-])(?:{pattern(CLAIM_CUES)}|puts? it|[Aa]ccording to|[Ii]n the words of)\b|(?<=[^\W\d_])['’]s words\b"
    rf"|(?<=[\w)]):(?=\s*[\"“«‘'])"
)
_AFTER = ("according to", "in the words of")
_AS = re.compile(rf"(?:quoted|reported|cited|recorded|heard)\b[^{MASK}]*?\sas\s+\w+ing")
"""Passive forms that follow their speaker, as active ones do."""

_SENTENCE = re.compile(r"(?<=[.!?])[\"”’')\]]*\s+(?=\S)")
_RUN = re.compile(
    r"[A-Z0-9À-ÞŁŚŞĆČĐŽ][\w.&-]*(?:['’](?!s\b)\w+)*"
    rf"(?:(?:\s+(?:{'|'.join(sorted(PARTICLES))}|of the|of))?"
    r"\s+[A-ZÀ-ÞŁŚŞĆČĐŽ][\w.&-]*(?:['’](?!s\b)\w+)*)*"
)
_POSSESSIVE = re.compile(r"['’]s\b|(?<=[sxzSXZ])['’](?=\s)")


@dataclass(frozen=True, slots=True)
class ReportedSpeech:
    """Reported speech in a claim.

    `subject`: the words that name the speaker. `cue`: the reporting words. `quotations`: what they report in quotation
    marks.
    """

    subject: Span
    cue: Span
    quotations: tuple[Span, ...]


def masked_sentences(masked: str) -> Iterator[Span]:
    """The sentences of a claim with masked quotations."""
    start = 0
    for match in [*_SENTENCE.finditer(masked), None]:
        end = match.start() if match else len(masked)
        if masked[start:end].strip():
            yield Span(start, end)
        start = match.end() if match else end


def find_reports(claim: str, marked: QuotedSpans) -> tuple[list[ReportedSpeech], list[Span]]:
    """(the reports in a claim, the quotations that have no reporting words)."""
    masked = mask_quotations(claim, marked)
    reports: list[ReportedSpeech] = []
    loose: list[Span] = []
    for sentence in masked_sentences(masked):
        inner = [span for span in marked.inner if sentence.holds(span)]
        cues = _find_cues(masked, sentence)
        quoted_by_cue: dict[Span, list[Span]] = {cue: [] for cue in cues}
        for span in inner:
            cue = _nearest_cue(span, cues)
            if cue is None:
                loose.append(span)
            else:
                quoted_by_cue[cue].append(span)
        reports += [
            ReportedSpeech(_subject_span(masked, sentence, cues, cue), cue, tuple(quoted_by_cue[cue])) for cue in cues
        ]
    return reports, loose


def _find_cues(masked: str, sentence: Span) -> list[Span]:
    """The reporting words; "said:", "told Wendt:" and "was quoted by the paper as saying" are one cue each."""
    out: list[Span] = []
    for match in _CUE.finditer(masked, sentence.start, sentence.end):
        if out and _AS.fullmatch(masked, out[-1].start, match.end()):
            out[-1] = Span(out[-1].start, match.end())
            continue
        if match[0] == ":" and out:
            text = masked[out[-1].end : match.start()]
            told = masked[out[-1].start : out[-1].end].lower() in TELLING
            named = text.strip() and find_names(masked, Span(out[-1].end, match.start()))
            if MASK not in text and "," not in text and (told or not named):
                continue
        out.append(Span(*match.span()))
    return out


def _nearest_cue(quotation: Span, cues: list[Span]) -> Span | None:
    """The last cue before a quotation, else the first after it."""
    before = [cue for cue in cues if cue.end <= quotation.start]
    after = [cue for cue in cues if cue.start >= quotation.end]
    return before[-1] if before else after[0] if after else None


def _subject_span(masked: str, sentence: Span, cues: list[Span], cue: Span) -> Span:
    """The words between the previous cue and this one; the words after the cue if there are none before it."""
    at = earlier = cues.index(cue)
    begin = cues[at - 1].end if at else sentence.start
    while earlier and not masked[begin : cue.start].strip():
        # "reports said": the previous cue is the speaker here, not a report.
        earlier -= 1
        begin = cues[earlier - 1].end if earlier else sentence.start
    before = masked[begin : cue.start]
    if MASK in before:
        begin += before.rindex(MASK) + 1
        before = masked[begin : cue.start]
    after_all = masked[cue.start : cue.end].lower() in _AFTER
    if not after_all and (re.search(r"\w", before) or begin == cue.start):
        return Span(begin, cue.start) if begin < cue.start else cue
    end = cues[at + 1].start if at + 1 < len(cues) else sentence.end
    rest = masked[cue.end : end]
    cut = re.search(rf"[;:{MASK}]", rest)
    stop = cue.end + (cut.start() if cut else len(rest))
    return Span(cue.end, stop) if stop > cue.end else cue


def find_names(text: str, within: Span) -> list[tuple[str, Span, bool]]:
    """Runs of capitalised words in order: (words, span, whether it is a possessive such as "Wendt's" or "Jones'")."""
    out = []
    for match in _RUN.finditer(text, within.start, within.end):
        possessive = bool(_POSSESSIVE.match(text, match.end()))
        shown = match[0].rstrip(".-&")
        out.append((shown, Span(match.start(), match.start() + len(shown)), possessive))
    return out

"""Quotation marks paired up: which characters of a text stand inside a quotation.

Knows curly, straight, doubled and single marks. A single mark inside a word or after a plural is an apostrophe. A
quotation never reaches past its paragraph; one that is never closed ends with its sentence, unless the next paragraph
opens with a mark, which is how a long quotation goes on.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.english.quotation_marks import CLOSED_BY_ABROAD, CLOSING, DOUBLE, OPENING, SINGLE_CLOSING, SINGLE_OPENING, TYPED, TYPED_CLOSING, TYPED_OPENING
from retrieval.types import Span

_MARK = re.compile(rf"[{DOUBLE}]|{'|'.join(TYPED)}")
_OPEN, _CLOSE = frozenset((*OPENING, *TYPED_OPENING)), frozenset((*CLOSING, *TYPED_CLOSING))
_SINGLE_OPEN = re.compile(rf"(?<![^\s(\[—–-])[{SINGLE_OPENING}](?=[^\W_])(?!(?:\d\ds|em|til|tis|twas|n)\b)")
_SINGLE_CLOSE = re.compile(rf"(?<=[^\s{SINGLE_OPENING}(])[{SINGLE_CLOSING}](?![\w{SINGLE_CLOSING}])")
_SENTENCE_END = re.compile(r"[.!?…][)\]]?\s*\Z")
_BEFORE = 8
"""How many characters before a mark tell whether a sentence has just ended."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation with its marks. `open`: it was never closed. `goes_on`: the paragraph before left one open."""

    span: Span
    open: bool = False
    goes_on: bool = False


def quotes(text: str, paragraphs: Sequence[Span], sentences: Sequence[Span]) -> list[Quote]:
    """The quotations of `text` in order; none overlaps another, and those inside others are not listed."""
    out: list[Quote] = []
    ends = [sentence.end for sentence in sentences]
    left_open = False
    for number, paragraph in enumerate(paragraphs):
        found, last_open = _paired(text, paragraph)
        if left_open and found and found[0].start == paragraph.start:
            first = Quote(found[0], open=last_open and len(found) == 1, goes_on=True)
        else:
            first = None
        following = paragraphs[number + 1].start if number + 1 < len(paragraphs) else None
        left_open = last_open and following is not None and text[following] in "“\"«„‘'`"
        made = [Quote(span) for span in found]
        if first is not None:
            made[0] = first
        if last_open:
            made[-1] = _unclosed(made[-1], left_open, ends)
        out += _with_singles(text, paragraph, made)
    return out


def _unclosed(last: Quote, goes_on: bool, ends: list[int]) -> Quote:
    start = last.span.start
    end = last.span.end if goes_on else min(ends[bisect_left(ends, start + 1)], last.span.end)
    return Quote(Span(start, end), open=goes_on, goes_on=last.goes_on)


def _paired(text: str, paragraph: Span) -> tuple[list[Span], bool]:
    """Spans of double quotations in a paragraph, and whether the last was left open."""
    out: list[Span] = []
    start, depth = None, 0
    for match in _MARK.finditer(text, paragraph.start, paragraph.end):
        opens = _opens(text, match, paragraph, start is not None)
        if start is not None and match[0] in CLOSED_BY_ABROAD.get(text[start], ()):
            opens = False
        if start is None:
            if opens:
                start, depth = match.start(), 1
        elif opens:
            # A new opening mark after a full stop goes on with the same quotation; elsewhere it is one inside it.
            before = text[max(start, match.start() - _BEFORE) : match.start()]
            depth += not _SENTENCE_END.search(before) and match[0] in _OPEN
        else:
            depth -= 1
            if depth == 0:
                out.append(Span(start, match.end()))
                start = None
    if start is not None:
        out.append(Span(start, paragraph.end))
    return out, start is not None


def _opens(text: str, match: re.Match[str], paragraph: Span, inside: bool) -> bool:
    mark = match[0]
    # A curly mark that faces the wrong way is a slip: it stands where only its counterpart can.
    after = text[match.end() : match.end() + 1] if match.end() < paragraph.end else ""
    before = text[match.start() - 1] if match.start() > paragraph.start else ""
    if mark in _OPEN:
        return not (inside and before in ".,!?…" and before and not after.isalnum())
    if mark in _CLOSE:
        return not inside and not before.strip() and after.isalnum()
    at_start = match.start() == paragraph.start or text[match.start() - 1] in " \t\n\xa0([—–-‘'"
    at_end = match.end() == paragraph.end or text[match.end()] in " \t\n\xa0"
    if at_start and at_end:
        return not inside
    if not at_start and not at_end:
        return not inside and text[match.end()].isalnum() and text[match.start() - 1] not in ".,!?"
    return at_start


def _with_singles(text: str, paragraph: Span, doubles: list[Quote]) -> list[Quote]:
    """The quotations of a paragraph with those in single marks that lie outside them."""
    openers = [match.start() for match in _SINGLE_OPEN.finditer(text, paragraph.start, paragraph.end)]
    if not openers:
        return doubles
    closers = [match.start() for match in _SINGLE_CLOSE.finditer(text, paragraph.start, paragraph.end)]
    starts = [quote.span.start for quote in doubles]
    out, past = list(doubles), paragraph.start
    for opener in openers:
        at = bisect_left(starts, opener)
        inside = at > 0 and doubles[at - 1].span.end > opener
        if opener < past or inside:
            continue
        limit = starts[at] if at < len(starts) else paragraph.end
        close = _closer(text, closers, opener, limit)
        if close is not None:
            past = close + 1
            out.append(Quote(Span(opener, past)))
    return sorted(out, key=lambda quote: quote.span)


def _closer(text: str, closers: list[int], opener: int, limit: int) -> int | None:
    """The mark that closes a single quotation: the first that cannot be the apostrophe of a plural, else the first."""
    first = bisect_left(closers, opener + 2)
    near = [close for close in closers[first : first + 6] if close < limit]
    for close in near:
        ends_clause = text[close - 1] in ".,!?…" or text[close + 1 : close + 2] in (
            "",
            ".",
            ",",
            ";",
            ":",
            "?",
            "!",
            "\n",
        )
        if ends_clause or text[close - 1] != "s":
            return close
    return near[0] if near else None

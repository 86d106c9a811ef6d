"""Pairs quotation marks: which characters of a text stand inside a quotation.

Handles curly, straight, doubled and single marks. A single mark inside a word or after a plural is an apostrophe. A
quotation never extends past its paragraph. One that is never closed ends with its sentence, unless the next paragraph
opens with a mark: a quotation of several paragraphs repeats its opening mark in each.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.english.quotation_marks import CLOSED_BY_ABROAD
from retrieval.types import Span

_MARK = re.compile(r"[“”\"„«»]|''|``|’’|‘‘")
_OPEN, _CLOSE = frozenset(("“", "„", "«", "``", "‘‘")), frozenset(("”", "»", "’’"))
_SINGLE_OPEN = re.compile(r"(?<![^\s(\[—–-])[‘'](?=[^\W_])(?!(?:\d\ds|em|til|tis|twas|n)\b)")
_SINGLE_CLOSE = re.compile(r"(?<=[^\s‘'(])[’'](?![\w’'])")
_SENTENCE_END = re.compile(r"[.!?…][)\]]?\s*\Z")
_SENTENCE_END_WINDOW = 8
"""Characters before a mark that are searched for the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation with its marks.

    `is_open`: the next paragraph continues it. `is_continuation`: it continues the one of the paragraph before.
    """

    span: Span
    is_open: bool = False
    is_continuation: bool = False


def quotes(text: str, paragraphs: Sequence[Span], sentences: Sequence[Span]) -> list[Quote]:
    """The quotations of `text` in order, without overlaps; quotations inside others are not listed."""
    all_quotes: list[Quote] = []
    sentence_ends = [sentence.end for sentence in sentences]
    left_open = False
    for index, paragraph in enumerate(paragraphs):
        spans, last_open = _pair_marks(text, paragraph)
        if left_open and spans and spans[0].start == paragraph.start:
            first = Quote(spans[0], is_open=last_open and len(spans) == 1, is_continuation=True)
        else:
            first = None
        next_start = paragraphs[index + 1].start if index + 1 < len(paragraphs) else None
        left_open = last_open and next_start is not None and text[next_start] in "“\"«„‘'`"
        paragraph_quotes = [Quote(span) for span in spans]
        if first is not None:
            paragraph_quotes[0] = first
        if last_open:
            paragraph_quotes[-1] = _end_open_quote(paragraph_quotes[-1], left_open, sentence_ends)
        all_quotes += _add_single_quotes(text, paragraph, paragraph_quotes)
    return all_quotes


def _end_open_quote(quote: Quote, goes_on: bool, sentence_ends: list[int]) -> Quote:
    """A quotation that is never closed, ended with its sentence unless the next paragraph goes on with it."""
    start = quote.span.start
    end = quote.span.end if goes_on else min(sentence_ends[bisect_left(sentence_ends, start + 1)], quote.span.end)
    return Quote(Span(start, end), is_open=goes_on, is_continuation=quote.is_continuation)


def _pair_marks(text: str, paragraph: Span) -> tuple[list[Span], bool]:
    """Spans of the quotations in double marks in a paragraph, and whether the last was left open."""
    spans: list[Span] = []
    start, depth = None, 0
    for match in _MARK.finditer(text, paragraph.start, paragraph.end):
        is_opening = _is_opening(text, match, paragraph, start is not None)
        if start is not None and match[0] in CLOSED_BY_ABROAD.get(text[start], ()):
            is_opening = False
        if start is None:
            if is_opening:
                start, depth = match.start(), 1
        elif is_opening:
            # An opening mark after a full stop continues the same quotation; elsewhere it begins an inner one.
            before = text[max(start, match.start() - _SENTENCE_END_WINDOW) : match.start()]
            depth += not _SENTENCE_END.search(before) and match[0] in _OPEN
        else:
            depth -= 1
            if depth == 0:
                spans.append(Span(start, match.end()))
                start = None
    if start is not None:
        spans.append(Span(start, paragraph.end))
    return spans, start is not None


def _is_opening(text: str, match: re.Match[str], paragraph: Span, inside: bool) -> bool:
    """Whether a mark opens a quotation, by its form and what stands beside it; `inside`: one is open already."""
    mark = match[0]
    # A curly mark where only its counterpart can stand is a slip of the writer: it counts as the counterpart.
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


def _add_single_quotes(text: str, paragraph: Span, doubles: list[Quote]) -> list[Quote]:
    """The quotations of a paragraph, with those in single marks added that lie outside the others."""
    openers = [match.start() for match in _SINGLE_OPEN.finditer(text, paragraph.start, paragraph.end)]
    if not openers:
        return doubles
    closers = [match.start() for match in _SINGLE_CLOSE.finditer(text, paragraph.start, paragraph.end)]
    starts = [quote.span.start for quote in doubles]
    all_quotes, last_end = list(doubles), paragraph.start
    for opener in openers:
        at = bisect_left(starts, opener)
        inside = at > 0 and doubles[at - 1].span.end > opener
        if opener < last_end or inside:
            continue
        limit = starts[at] if at < len(starts) else paragraph.end
        closer = _closing_mark(text, closers, opener, limit)
        if closer is not None:
            last_end = closer + 1
            all_quotes.append(Quote(Span(opener, last_end)))
    return sorted(all_quotes, key=lambda quote: quote.span)


def _closing_mark(text: str, closers: list[int], opener: int, limit: int) -> int | None:
    """The mark that closes a quotation: the first that cannot be the apostrophe of a plural, else the first."""
    first = bisect_left(closers, opener + 2)
    candidates = [closer for closer in closers[first : first + 6] if closer < limit]
    for closer in candidates:
        ends_clause = text[closer - 1] in ".,!?…" or text[closer + 1 : closer + 2] in ("", *".,;:?!\n")
        if ends_clause or text[closer - 1] != "s":
            return closer
    return candidates[0] if candidates else None

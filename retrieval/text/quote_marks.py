"""Quotation marks in running text: finds the text between them, and masks it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from retrieval.english.quotation_marks import ALL_DOUBLE, CLOSED_BY, SINGLE_CLOSING, SINGLE_OPENING
from retrieval.types import Span

_SINGLE_OPEN = re.compile(rf"(?<![^\W_])[{SINGLE_OPENING}](?=\S)")
_SINGLE_CLOSE = re.compile(rf"(?<=\S)[{SINGLE_CLOSING}](?![^\W_])")
_ANY = re.compile(rf"[{ALL_DOUBLE}{SINGLE_OPENING}]")
_ENDING = re.compile(rf"[{ALL_DOUBLE}\n]")
MASK = "\ufffc"
"""Replaces each character of a quotation in a masked text."""


@dataclass(frozen=True, slots=True)
class QuotedSpans:
    """The quotations of a text in order: `inner`: their spans without the marks. `unclosed`: whether a mark has no
    counterpart."""

    inner: tuple[Span, ...]
    unclosed: bool


def find_quotations(text: str, within: Span | None = None) -> QuotedSpans:
    """The text in double quotation marks, and that in single ones outside of these.

    A quotation that a paragraph leaves open ends with the paragraph: by convention the next one opens it again.
    """
    at, end = (within.start, within.end) if within else (0, len(text))
    inner: list[Span] = []
    unclosed = False
    while mark := _ANY.search(text, at, end):
        at, char = mark.start(), mark[0]
        closing = CLOSED_BY.get(char) or ('"' if char == '"' and _opens(text, at) else None)
        if closing is not None:
            stop = _double_end(text, at, end, closing)
            closed = stop < end and (text[stop] in closing or text[stop] == '"') and not _opens(text, stop)
            unclosed |= not closed
            if text[at + 1 : stop].strip():
                inner.append(Span(at + 1, stop))
            at = stop + 1 if closed else max(stop, at + 1)
            continue
        unclosed |= char in '”»"' and not (char == '"' and text[at - 1 : at].isdigit())
        single = char in SINGLE_OPENING and _SINGLE_OPEN.match(text, at) and _single_end(text, at, end)
        if single:
            inner.append(Span(at + 1, single))
            at = single
        at += 1
    return QuotedSpans(tuple(inner), unclosed)


def _opens(text: str, at: int) -> bool:
    """Whether a straight mark begins a quotation: after white space or an opening mark, before a word."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return (not before or before.isspace() or before in "([{—–-:/‘'“…") and bool(after) and not after.isspace()


def _double_end(text: str, at: int, end: int, closing: str) -> int:
    """Where a quotation ends: at its closing mark; if it is left open, at the next opening mark or the end of line."""
    for match in _ENDING.finditer(text, at + 1, end):
        stop, char = match.start(), match[0]
        if char == "\n" or char in CLOSED_BY or (char == '"' and _opens(text, stop) and text[stop - 1].isspace()):
            return stop
        if char in closing or (char == '"' and closing != '"'):
            return stop
    return end


def _single_end(text: str, at: int, end: int) -> int | None:
    """Where a single quotation closes; None if nowhere. Curly and straight marks do not pair, and an apostrophe inside
    a word does not close."""
    mark = "’" if text[at] == "‘" else "'"
    line = text.find("\n", at, end)
    for match in _SINGLE_CLOSE.finditer(text, at + 2, line if line >= 0 else end):
        if match[0] == mark:
            return match.start()
    return None


def mask_quotations(text: str, marked: QuotedSpans) -> str:
    """The text with each character of its quotations masked; offsets stay the same."""
    out = list(text)
    for span in marked.inner:
        out[span.start : span.end] = MASK * (span.end - span.start)
    return "".join(out)

"""Paragraphs and sentences as spans of a text: the smallest pieces that are cited.

Own rules, since they decide what stands as proof: a quotation keeps its closing mark, a full stop inside a name or an
abbreviation ends nothing, and no character of the text is changed. Spans are in order, never overlap, begin and end
with a visible character, and leave out only white space.
"""

from __future__ import annotations

import re

from retrieval.english.abbreviations import ABBREVIATIONS, ABBREVIATIONS_AT_END
from retrieval.english.function_words import SENTENCE_OPENERS
from retrieval.types import Span

_PARAGRAPH = re.compile(r"\S(?:.*\S)?(?:\n(?=[a-z])[^\n]*\S)*")
"""A line, and the lines after it that go on in lower case: those were broken by a mail program, not by the writer."""

_END = re.compile(r"[.!?…]+(?:[)\]\"'’”»]|\s{1,2}[”»])*(?:\s{1,2}\.(?!\S))*(?=\s|\Z)")
"""Marks that may end a sentence with the closing marks they take along; also a stray closing mark or full stop after
a space, as machine translation leaves them."""

_LONGEST = 30
"""How far back the word before a full stop is looked for, in characters: keeps hostile texts linear."""

_LAST_WORD = re.compile(r"([^\s\"“”‘’'(\[]+?)\.+$")
_NEXT_WORD = re.compile(r"\s+(?:[\"“‘'(\[«]+\s*)?([^\W_]+)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$|^[A-Z]$")


def paragraphs(text: str) -> list[Span]:
    """Spans of the paragraphs of `text`, by lines."""
    return [Span(match.start(), match.end()) for match in _PARAGRAPH.finditer(text)]


def sentences(text: str, within: Span | None = None) -> list[Span]:
    """Spans of the sentences of `text` (of its part `within`). No sentence reaches over a paragraph's end."""
    out = []
    for paragraph in paragraphs(text):
        if within is not None:
            if not paragraph.overlaps(within):
                continue
            paragraph = Span(max(paragraph.start, within.start), min(paragraph.end, within.end))
        out += _split(text, paragraph)
    return out


def _split(text: str, paragraph: Span) -> list[Span]:
    out = []
    start = paragraph.start
    for match in _END.finditer(text, paragraph.start, paragraph.end):
        if match.end() < paragraph.end and _ends(text, start, match, paragraph.end):
            out.append(_stripped(text, start, match.end()))
            start = match.end()
    out.append(_stripped(text, start, paragraph.end))
    return [span for span in out if span is not None]


def _stripped(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


def _ends(text: str, start: int, match: re.Match[str], limit: int) -> bool:
    """Whether the marks of `match` end the sentence that began at `start`."""
    follows = _NEXT_WORD.match(text, match.end(), limit)
    if follows is None:
        # Nothing but marks or symbols comes next; a new sentence may well begin with one (a bullet, "$5 …").
        return True
    word = follows[1]
    if word[0].islower():
        return False
    marks = match[0]
    if marks[0] != "." or len(marks) > 1:
        return True
    before = _LAST_WORD.search(text, max(start, match.start() - _LONGEST), match.start() + 1)
    if before is None:
        return True
    last = before[1]
    if _INITIALS.search(last):
        # "J. K. Rowling" goes on; "in the U.S. The Senate" does not.
        return len(last) > 1 and word.lower() in SENTENCE_OPENERS
    if last.lower() in ABBREVIATIONS:
        return last.lower() in ABBREVIATIONS_AT_END and word.lower() in SENTENCE_OPENERS
    return True

"""Splits a text into spans of paragraphs and sentences, the smallest units that are cited.

The rules are our own because they decide what is shown as proof: a quotation keeps its closing mark, a full stop inside
a name or an abbreviation does not end a sentence, and no character of the text is changed. Spans are in order, never
overlap, begin and end with a visible character, and leave out only white space.
"""

from __future__ import annotations

import re

from retrieval.english.abbreviations import ABBREVIATIONS, ABBREVIATIONS_AT_END
from retrieval.english.function_words import SENTENCE_OPENERS
from retrieval.types import Span

_PARAGRAPH = re.compile(r"\S(?:.*\S)?(?:\n(?=[a-z])[^\n]*\S)*")
"""A line with the following lines that begin in lower case: a mail program broke those, not the writer."""

_END = re.compile(r"[.!?…]+(?:[)\]\"'’”»]|\s{1,2}[”»])*(?:\s{1,2}\.(?!\S))*(?=\s|\Z)")
"""Punctuation that may end a sentence, with the closing marks after it; also a stray closing mark or full stop after a
space, as in machine translations."""

_FINISHED = re.compile(r"[.!?…][\"'”’)\]]*$")
"""How a finished sentence ends, with the closing marks after it."""

_MAX_LAST_WORD_CHARACTERS = 30
"""Maximum number of characters searched back for the word before a full stop; keeps the time linear for hostile
texts."""

_LAST_WORD = re.compile(r"([^\s\"“”‘’'(\[]+?)\.+$")
_NEXT_WORD = re.compile(r"\s+(?:[\"“‘'(\[«]+\s*)?([^\W_]+)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$|^[A-Z]$")


def is_finished(text: str) -> bool:
    """Whether a text ends as a finished sentence does: in punctuation, and closing marks after it."""
    return bool(_FINISHED.search(text))


def paragraphs(text: str) -> list[Span]:
    """Spans of the paragraphs of `text`: one per line, apart from lines broken by a mail program."""
    return [Span(match.start(), match.end()) for match in _PARAGRAPH.finditer(text)]


def sentences(text: str, within: Span | None = None) -> list[Span]:
    """Spans of the sentences of `text` (or of its part `within`). No sentence crosses the end of a paragraph."""
    out = []
    for paragraph in paragraphs(text):
        if within is not None:
            if not paragraph.overlaps(within):
                continue
            paragraph = Span(max(paragraph.start, within.start), min(paragraph.end, within.end))
        out += _split_paragraph(text, paragraph)
    return out


def _split_paragraph(text: str, paragraph: Span) -> list[Span]:
    """Spans of the sentences of a paragraph."""
    out = []
    start = paragraph.start
    for match in _END.finditer(text, paragraph.start, paragraph.end):
        if match.end() < paragraph.end and _ends_sentence(text, start, match, paragraph.end):
            out.append(_strip(text, start, match.end()))
            start = match.end()
    out.append(_strip(text, start, paragraph.end))
    return [span for span in out if span is not None]


def _strip(text: str, start: int, end: int) -> Span | None:
    """The span without white space at its ends; None if nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end) if start < end else None


def _ends_sentence(text: str, start: int, match: re.Match[str], limit: int) -> bool:
    """Whether the marks of `match` end the sentence that began at `start`."""
    following = _NEXT_WORD.match(text, match.end(), limit)
    if following is None:
        # A symbol or nothing follows; a new sentence may well begin with a symbol (a bullet, "$5 …").
        return True
    word = following[1]
    if word[0].islower():
        return False
    marks = match[0]
    if marks[0] != "." or len(marks) > 1:
        return True
    before = _LAST_WORD.search(text, max(start, match.start() - _MAX_LAST_WORD_CHARACTERS), match.start() + 1)
    if before is None:
        return True
    last = before[1]
    if _INITIALS.search(last):
        # "J. K." does not end a sentence before "Rowling"; "in the U.S." does before "The Senate".
        return len(last) > 1 and word.lower() in SENTENCE_OPENERS
    if last.lower() in ABBREVIATIONS:
        return last.lower() in ABBREVIATIONS_AT_END and word.lower() in SENTENCE_OPENERS
    return True

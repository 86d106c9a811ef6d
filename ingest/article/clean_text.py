"""The story of a text without mark-up: its headline, its paragraphs, and a note of what else stood there.

What a reader would call the story is kept character by character, so that it can be cited. What goes is decided by the
rules of `boilerplate`, which pages share.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ingest.article import line_kinds
from ingest.article.boilerplate import Block
from ingest.article.paragraphs import story_of
from ingest.article.plain_text import plain
from retrieval.text.sentences import is_finished
from retrieval.types import RemovedText

_MAX_HEADLINE_LINE = 12
"""Among how many opening lines the headline is looked for."""

_MAX_APART_CHARACTERS = 60
"""Characters of the words that may stand on a line of their own in the middle of a sentence."""

_MAX_REJOINED_CHARACTERS = 10_000
"""Characters of a paragraph to which broken lines are joined."""

_GOES_ON = re.compile(r"[.,;:)](?:\s|$)")
"""How a line begins that goes on with the sentence of the line before."""

_OPEN_END = re.compile(r"(?:[?!…]|\.\.\.)[\"'”’]*$")
_BREAKS = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Story:
    """What is left of a text. `page_date` stood there unexplained; `published` was labelled as such; `removed` is what
    else stood there."""

    title: str
    text: str
    page_date: date | None = None
    published: date | None = None
    removed: tuple[RemovedText, ...] = ()


def clean_pasted(raw: str) -> Story:
    """The story of a text as a reader pastes it: with its headline, and whatever the site set around it.

    `text` is empty where nothing but a headline is left.
    """
    lines = _lines(raw)
    at, title = _headline(lines)
    page_date = next((day for line in lines[:at] if (day := line_kinds.bare_date(line))), None)
    body, published = lines[at + 1 :] if title else lines, None
    top = [
        RemovedText(0, line, "headline" if _same(line, title) else "site header") for line in lines[: at + 1] if title
    ]
    header = 0
    for line in body:
        labelled = line_kinds.labelled_date(line)
        day = labelled or line_kinds.bare_date(line)
        if day is None and not _is_header(line, title):
            break
        published = published or labelled
        page_date = page_date or (None if labelled else day)
        top.append(RemovedText(0, line, "repeated headline" if _same(line, title) else "day or by-line"))
        header += 1
    text, removed = _story(body[header:], title)
    return Story(title, text, page_date, published, (*top, *removed))


def clean_body(raw: str, title: str) -> Story:
    """The story of a text whose headline is known."""
    text, removed = _story(_lines(raw), title)
    return Story(title, text, removed=removed)


def _story(lines: list[str], title: str) -> tuple[str, tuple[RemovedText, ...]]:
    return story_of([Block(line) for line in lines], title)


def _is_header(line: str, title: str) -> bool:
    """Whether a line between headline and story belongs to neither: by-line, dateline, the headline again."""
    is_byline = line_kinds.opens_as_byline(line) and line_kinds.is_short(line)
    return is_byline or line_kinds.is_dateline(line) or _same(line, title)


def _lines(raw: str) -> list[str]:
    """Paragraphs; lines that a mail program broke are joined."""
    out: list[str] = []
    for block in _BREAKS.split(plain(raw)):
        lines = [line for line in block.split("\n") if line]
        if _is_wrapped(lines):
            out.append(" ".join(lines))
        else:
            out += lines
    return _rejoined_lines(out)


def _rejoined_lines(lines: list[str]) -> list[str]:
    """The lines with sentences whole again that a link or italics broke: "told the", "News Letter", ". He said"."""
    out: list[str] = []
    for line in lines:
        if not (out and _GOES_ON.match(line) and not _is_finished(out[-1]) and len(out[-1]) < _MAX_REJOINED_CHARACTERS):
            out.append(line)
            continue
        whole = out.pop() + line
        apart = len(whole) - len(line) <= _MAX_APART_CHARACTERS
        if apart and out and len(out[-1]) > _MAX_APART_CHARACTERS and not _is_finished(out[-1]):
            whole = f"{out.pop()} {whole}"
        out.append(whole)
    return out


def _is_wrapped(lines: list[str]) -> bool:
    if len(lines) < 2 or not all(40 <= len(line) <= 100 for line in lines[:-1]):
        return False
    if any(line[0] in "-*•–" for line in lines):
        return False
    unfinished = sum(not _is_finished(line) for line in lines[:-1])
    return unfinished * 2 > len(lines) - 1


def _headline(lines: list[str]) -> tuple[int, str]:
    """(place, headline): the line that stands twice, else the first short line that is no site's name.

    A text that opens with a sentence has none: (-1, "").
    """
    top = []
    for at, line in enumerate(lines[:_MAX_HEADLINE_LINE]):
        ended = _is_finished(line) and not (at == 0 and _OPEN_END.search(line))
        if not line_kinds.is_short(line) or ended:
            break
        top.append(line.lstrip("#").strip())
    for at, line in enumerate(top):
        again = any(_same(line, other) for other in lines[at + 1 : _MAX_HEADLINE_LINE])
        if again and line_kinds.bare_date(line) is None:
            while at + 1 < len(top) and _same(top[at + 1], line):
                at += 1
            return at, line
    fit = [at for at, line in enumerate(top) if _may_be_headline(line)]
    if not fit:
        return -1, ""
    is_page = any(line_kinds.bare_date(line) for line in top[:4])
    best = max(fit, key=lambda at: (min(len(top[at].split()), 5), -at)) if is_page else fit[0]
    return best, top[best]


def _may_be_headline(line: str) -> bool:
    return not (
        line_kinds.bare_date(line)
        or line_kinds.is_labelled_date(line)
        or line_kinds.opens_as_byline(line)
        or line_kinds.is_dateline(line)
    )


def _is_finished(line: str) -> bool:
    return is_finished(line[-40:])


def _same(line: str, other: str) -> bool:
    return bool(line) and " ".join(line.split()).casefold() == " ".join(other.split()).casefold()

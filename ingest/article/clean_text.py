"""What stands on a page and is not the story: site header, repeated headline, "See also", captions, credits.

Rules look at form alone (place, length, punctuation, stock phrases), never at what an article is about. What a reader
would call the story is kept character by character, so that it can be cited.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from retrieval.english.function_words import AUXILIARIES
from retrieval.english.time_phrases import WHEN
from retrieval.english.verbs import verbs
from retrieval.types import Removed

_SHORT = 25
"""A headline, site name or by-line has fewer words than this."""

_TOP = 12
"""Among how many opening lines the headline is looked for."""

_ASIDE = re.compile(
    r"(?i)^(?:see also|read also|also read|read more|read next|read:|related(?: \w+)?:"
    r"|related (?:articles|stories|topics|content)"
    r"|more on this|more stories|more from|recommended|you may also like|don[’']t miss|most (?:read|popular|viewed)"
    r"|advertisement|advertising|sponsored"
    r"|story continues below|article continues below|continue reading|scroll down"
    r"|sign up (?:for|to)|subscribe (?:to|now|here)|follow us|share this|share on|click here|tap here"
    r"|watch:|listen:|video:"
    r"|image (?:source|caption|credit)|media caption|photo(?:graph)?(?: credit)?s?:|picture:"
    r"|\(?(?:photo|image|picture)s? (?:by|courtesy)"
    r"|copyright|©"
    r"|all rights reserved|download the app|get the app|leave a comment|comments \(\d+\)|skip (?:to|past)"
    r"|our (?:newsletter|standards)).{0,160}$"
)
"""How the lines begin that a site sets between paragraphs."""

_SENTENCE_ASIDE = re.compile(
    r"(?i)^(?:see also|read also|also read|read more|sign up (?:for|to)|image |media caption"
    r"|copyright\s*(?:©|\(c\)|\d{4}|:)|©|related)"
)
"""Asides that are one even when they end in a full stop."""

_CREDIT = re.compile(
    r"(?i)^\(?(?:(?:additional |with )?(?:reporting|writing|research|editing)(?: and \w+)? by\b|compiled by\b"
    r"|.{3,120} contributed (?:to this (?:report|story|article)|reporting)\.?\)?$)"
)
_BYLINE = re.compile(r"^(?:By|BY|Written by|Posted by|Author:|From)\s+[A-Z]")
_DATELINE = re.compile(
    r"^(?:.{0,50}\S ?[—–]|\(.{2,30}\)|(?:The )?Associated Press|AP|Reuters|AFP|PA Media|CNN(?: Business)?)$"
)
"""Where a report was sent from, or by which agency, on a line of its own: "Washington CNN —"."""

_LABELLED_DATE = re.compile(r"(?i)^(?:published|first published|posted|date)\b\s*(?:on|at|:)?\s*(.+)$")
_FINISHED = re.compile(r"[.!?…][\"'”’)\]]*$")
_GOES_ON = re.compile(r"[.,;:)](?:\s|$)")
"""How a line begins that goes on with the sentence of the line before."""

_SET_APART = 60
"""Characters of the words that may stand on a line of their own in the middle of a sentence."""

_OPEN_END = re.compile(r"(?:[?!…]|\.\.\.)[\"'”’]*$")
_BREAKS = re.compile(r"\n\s*\n")
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f]")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CAPTION_END = re.compile(
    r"(?:\b(?:19|20)\d\d\b[.)]*|\((?:left|right|centre|center|file|pictured|archive)[^)]*\)\.?"
    r"|\b(?:Reuters|AFP|Getty Images|PA Wire)\)?\.?|[(/](?:AP|EPA|PA)\)?\.?)$"
)
_PAST = frozenset(
    """went came took gave made got ran won lost led left met saw felt kept held told found brought thought fell rose
    sent spent stood set put cut hit let began became knew grew broke chose drew drove flew fought hung
    paid sat sold spoke
    shot struck swept threw wore wrote rode sought built dealt meant read shut split spread beat bid sank shook goes
    takes gives gets makes comes remains stands faces needs wants plans shows helps calls plays""".split()
)
_DATE_FORMATS = (
    "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%A, %B %d, %Y", "%A %d %B %Y", "%A, %d %B %Y", "%Y-%m-%d",
    "%d/%m/%Y", "%d.%m.%Y",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Story:
    """What is left of a page. `page_date` stood on the page unexplained; `published` was labelled as such; `removed`
    is what stood there besides."""

    title: str
    text: str
    page_date: date | None = None
    published: date | None = None
    removed: tuple[Removed, ...] = ()


def pasted(raw: str) -> Story:
    """The story of a text as a reader pastes it: with its headline, and whatever the site set around it.

    `text` is empty where nothing but a headline is left.
    """
    lines = _lines(raw)
    at, title = _headline(lines)
    page_date = next((day for line in lines[:at] if (day := _bare_date(line))), None)
    body, published = lines[at + 1 :] if title else lines, None
    top = [Removed(0, line, "headline" if _same(line, title) else "site header") for line in lines[: at + 1] if title]
    while body:
        labelled = _LABELLED_DATE.match(body[0])
        day = _bare_date(labelled[1]) if labelled else _bare_date(body[0])
        told = (_BYLINE.match(body[0]) and _is_short(body[0])) or _is_dateline(body[0]) or _same(body[0], title)
        if day is None and not told:
            break
        published = published or (day if labelled else None)
        page_date = page_date or (None if labelled else day)
        top.append(Removed(0, body[0], "repeated headline" if _same(body[0], title) else "day or by-line"))
        body = body[1:]
    text, removed = _joined(body, title)
    return Story(title, text, page_date, published, (*top, *removed))


def body(raw: str, title: str) -> Story:
    """The story of a text whose headline is known."""
    text, removed = _joined(_lines(raw), title)
    return Story(title, text, removed=removed)


def plain(raw: str) -> str:
    """Text without invisible characters, composed as Unicode's NFC, lines ended by a line feed and stripped."""
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))
    text = _INVISIBLE.sub("", text)
    return "\n".join(line.strip() for line in text.split("\n"))


def _lines(raw: str) -> list[str]:
    """Paragraphs; lines that a mail program broke are joined."""
    out: list[str] = []
    for block in _BREAKS.split(plain(raw)):
        lines = [line for line in block.split("\n") if line]
        if _is_wrapped(lines):
            out.append(" ".join(lines))
        else:
            out += lines
    return _rejoined(out)


def _rejoined(lines: list[str]) -> list[str]:
    """The lines with sentences whole again that a link or italics broke: "told the", "News Letter", ". He said"."""
    out: list[str] = []
    for line in lines:
        if not (out and _GOES_ON.match(line) and not _FINISHED.search(out[-1])):
            out.append(line)
            continue
        whole = out.pop() + line
        apart = len(whole) - len(line) <= _SET_APART
        if apart and out and len(out[-1]) > _SET_APART and not _FINISHED.search(out[-1]):
            whole = f"{out.pop()} {whole}"
        out.append(whole)
    return out


def _is_wrapped(lines: list[str]) -> bool:
    if len(lines) < 2 or not all(40 <= len(line) <= 100 for line in lines[:-1]):
        return False
    if any(line[0] in "-*•–" for line in lines):
        return False
    unfinished = sum(not _FINISHED.search(line) for line in lines[:-1])
    return unfinished * 2 > len(lines) - 1


def _headline(lines: list[str]) -> tuple[int, str]:
    """(place, headline): the line that stands twice, else the first short line that is no site's name.

    A page that opens with a sentence has none: (-1, "").
    """
    top = []
    for at, line in enumerate(lines[:_TOP]):
        ended = _FINISHED.search(line) and not (at == 0 and _OPEN_END.search(line))
        if not _is_short(line) or ended:
            break
        top.append(line.lstrip("#").strip())
    for at, line in enumerate(top):
        if any(_same(line, other) for other in lines[at + 1 : _TOP]) and _bare_date(line) is None:
            while at + 1 < len(top) and _same(top[at + 1], line):
                at += 1
            return at, line
    fit = [
        at
        for at, line in enumerate(top)
        if not (_bare_date(line) or _BYLINE.match(line) or _LABELLED_DATE.match(line) or _is_dateline(line))
    ]
    if not fit:
        return -1, ""
    is_page = any(_bare_date(line) for line in top[:4])
    best = max(fit, key=lambda at: (min(len(top[at].split()), 5), -at)) if is_page else fit[0]
    return best, top[best]


def _joined(lines: list[str], title: str) -> tuple[str, tuple[Removed, ...]]:
    """(the story, what else stood between its paragraphs)."""
    judged = [(line, _rule(line, title)) for line in lines]
    for at in range(len(judged) - 1, -1, -1):
        line, rule = judged[at]
        if rule is None and not _CREDIT.match(line):
            break
        judged[at] = (line, rule or "credit")
    kept: list[str] = []
    removed: list[Removed] = []
    length = 0
    for line, rule in judged:
        if rule:
            removed.append(Removed(length, line, rule))
        else:
            length += len(line) + (2 if kept else 0)
            kept.append(line)
    return "\n\n".join(kept), tuple(removed)


def _rule(line: str, title: str) -> str | None:
    """Why a line is no part of the story; None where it is."""
    if _same(line.lstrip("# "), title):
        return "repeated headline"
    if is_aside(line):
        return "aside"
    return "caption" if is_caption(line) else None


def _is_short(line: str) -> bool:
    return len(line.split()) < _SHORT


def _is_dateline(line: str) -> bool:
    return bool(_DATELINE.match(line))


def _same(one: str, other: str) -> bool:
    return bool(one) and " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def is_aside(line: str) -> bool:
    """Whether a site set this line among the paragraphs."""
    if not _ASIDE.match(line):
        return False
    return not _FINISHED.search(line) or bool(_SENTENCE_ASIDE.match(line)) or line.endswith("?")


def is_caption(line: str) -> bool:
    """Whether a paragraph names what a picture shows: short, without a verb, ending in a year, a place in the picture
    or an agency."""
    if not _CAPTION_END.search(line) or any(mark in line for mark in '“”"') or len(line.split()) > 30:
        return False
    words = _WORD.findall(line)
    return len(words) >= 4 and not any(_may_be_verb(word) for word in words[1:])


def _may_be_verb(word: str) -> bool:
    low = word.lower()
    return word[0].islower() and (low in AUXILIARIES or low in _PAST or low in verbs() or low.endswith("ed"))


def is_day(line: str) -> bool:
    """Whether a line is nothing but a day, or a day and a time."""
    labelled = _LABELLED_DATE.match(line)
    return _bare_date(labelled[1] if labelled else line) is not None


def is_byline(line: str) -> bool:
    """Whether a line names who wrote the article."""
    return _is_short(line) and bool(_BYLINE.match(line)) and not _FINISHED.search(line)


def is_credit(line: str) -> bool:
    """Whether a line says who else had a hand in the article."""
    return bool(_CREDIT.match(line))


def _bare_date(line: str) -> date | None:
    """The day that a line consists of, a time of day aside."""
    line = re.sub(r"(?i)[,|\s]+(?:at )?\d{1,2}[:.]\d\d\s*(?:am|pm)?\s*(?:[A-Z]{2,4})?$", "", line.strip().rstrip("."))
    if len(line) > 40 or not (WHEN.search(line) or any(char.isdigit() for char in line)):
        return None
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(line, form).date()
        except ValueError:
            continue
    return None

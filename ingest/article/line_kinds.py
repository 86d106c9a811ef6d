"""What a line above a story or under a picture is: a day, a by-line, a dateline, a caption."""

from __future__ import annotations

import re
from datetime import date, datetime

from retrieval.english.function_words import AUXILIARIES
from retrieval.english.time_phrases import WHEN
from retrieval.english.verbs import verbs
from retrieval.text.sentences import is_finished

_MAX_SHORT_WORDS = 24
"""Words of a headline, site name or by-line at most."""

_MAX_CAPTION_WORDS = 30
_MAX_CAPTION_CHARACTERS = 400
_MAX_DATE_CHARACTERS = 40
_MAX_DATE_LINE_CHARACTERS = 120
"""Characters of a line that is a day with a label or a time of day at most."""

_BYLINE = re.compile(r"^(?:By|BY|Written by|Posted by|Author:|From)\s+[A-Z]")
_DATELINE = re.compile(
    r"^(?:.{0,50}\S ?[—–]|\(.{2,30}\)|(?:The )?Associated Press|AP|Reuters|AFP|PA Media|CNN(?: Business)?)$"
)
"""Where a report was sent from, or by which agency, on a line of its own: "Washington CNN —"."""

_LABELLED_DATE = re.compile(r"(?i)^(?:published|first published|posted|date)\b\s*(?:on|at|:)?\s*(.+)$")
_DAY_LINE = re.compile(
    r"(?i)^(?=.*\d)(?:(?:first |last )?(?:published|updated|posted|modified|created)\b[\s:]*(?:on|at)?.{0,60}"
    r"|.{0,20}\b\d{1,2}:\d\d ?(?:[ap]\.?m\.?)?(?: [a-z]{2,5})?[^\w]{0,5})$"
)
_TRAILING_TIME = re.compile(r"(?i)[,|\s]+(?:at )?\d{1,2}[:.]\d\d\s*(?:am|pm)?\s*(?:[A-Z]{2,4})?$")
_ENDS_IN_TIME = re.compile(r"(?i)\d{1,2}[:.]\d\d ?(?:[ap]\.?m\.?)?(?: [a-z]{2,5})?[\W_]*$")
_CLOCK = re.compile(r"(?i)^[\W_]*\d{1,2}[:.]\d\d ?(?:[ap]\.?m\.?)?(?: ?[a-z]{2,5})?[\W_]*$")
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


def is_short(line: str) -> bool:
    """Whether a line is short enough for a headline, the name of a site or a by-line."""
    return len(line.split()) <= _MAX_SHORT_WORDS


def is_day(line: str) -> bool:
    """Whether a line is nothing but a day, or a day and a time."""
    return bare_date(line) is not None or labelled_date(line) is not None


def is_byline(line: str) -> bool:
    """Whether a line names who wrote the article."""
    return opens_as_byline(line) and is_short(line) and not is_finished(line) and not line.endswith(":")


def opens_as_byline(line: str) -> bool:
    """Whether a line begins as by-lines do."""
    return bool(_BYLINE.match(line))


def is_dateline(line: str) -> bool:
    """Whether a line says where a report was sent from, and nothing else."""
    return len(line) <= _MAX_DATE_LINE_CHARACTERS and bool(_DATELINE.match(line))


def is_clock(line: str) -> bool:
    """Whether a line is a time alone: when a page was published, or, where it has several, an entry of a live blog."""
    return bool(_CLOCK.match(line))


def states_day(line: str) -> bool:
    """Whether a line above a story says when it was published or changed."""
    return len(line) <= _MAX_DATE_LINE_CHARACTERS and (is_day(line) or bool(_DAY_LINE.match(line)))


def ends_in_time(line: str) -> bool:
    """Whether a line ends in a time of day."""
    return bool(_ENDS_IN_TIME.search(line))


def is_caption(line: str) -> bool:
    """Whether a paragraph names what a picture shows: short, without a verb, ending in a year, a place in the picture
    or an agency."""
    if len(line) > _MAX_CAPTION_CHARACTERS or len(line.split()) > _MAX_CAPTION_WORDS:
        return False
    if any(mark in line for mark in '“”"') or not _CAPTION_END.search(line):
        return False
    words = _WORD.findall(line)
    return len(words) >= 4 and not any(_may_be_verb(word) for word in words[1:])


def _may_be_verb(word: str) -> bool:
    low = word.lower()
    return word[0].islower() and (low in AUXILIARIES or low in _PAST or low in verbs() or low.endswith("ed"))


def is_labelled_date(line: str) -> bool:
    """Whether a line begins as one that labels the article's day."""
    return bool(_LABELLED_DATE.match(line))


def labelled_date(line: str) -> date | None:
    """The day that a line labels as the article's: "Published: 4 March 2026"."""
    labelled = _LABELLED_DATE.match(line[:_MAX_DATE_LINE_CHARACTERS])
    return bare_date(labelled[1]) if labelled and len(line) <= _MAX_DATE_LINE_CHARACTERS else None


def bare_date(line: str) -> date | None:
    """The day that a line consists of, a time of day aside."""
    if len(line) > _MAX_DATE_LINE_CHARACTERS:
        return None
    line = _TRAILING_TIME.sub("", line.strip().rstrip("."))
    if len(line) > _MAX_DATE_CHARACTERS or not (WHEN.search(line) or any(char.isdigit() for char in line)):
        return None
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(line, form).date()
        except ValueError:
            continue
    return None

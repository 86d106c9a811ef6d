"""Dates in prose, compared by meaning: "18 June 2024" equals "on Tuesday" in an article of that week."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from retrieval.english.calendar import MONTH, MONTHS, WEEKDAY, WEEKDAYS, month_number
from retrieval.types import Span

_MONTH = rf"(?:{MONTH})"
_YEAR = r"(?:1[6-9]|20)\d\d"
_DATE = re.compile(
    rf"""\b(?:the\s)?(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m1>{_MONTH})\b\.?(?:,?\s(?P<y1>{_YEAR})\b)?
    |\b(?P<m2>{_MONTH})\.?\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s(?P<y2>{_YEAR})\b)?
    |\b(?P<m3>{_MONTH})\.?,?\s(?:of\s)?(?P<y3>{_YEAR})\b
    |\b(?P<y4>{_YEAR})-(?P<m4>\d\d)-(?P<d4>\d\d)\b
    |(?:(?<=\bin\s)|(?<=\bof\s)|(?<=\bsince\s)|(?<=\buntil\s)|(?<=\blast\s)|(?<=\bnext\s)|(?<=\bearly\s)|(?<=\blate\s)
      |(?<=\bmid-)|(?<=\bby\s)|(?<=\bfrom\s)|(?<=\bduring\s)|(?<=\bthis\s)|(?<=\bbefore\s)|(?<=\bafter\s))(?P<m5>{_MONTH})\b
    |\b(?P<m6>{"|".join(name for name in MONTHS if name not in ("march", "may"))})\b
    |(?<![\d$£€.,-])\b(?P<y7>{_YEAR})\b(?!\s(?:people|dead|jobs|workers|metres|m\b|km\b|miles|votes|points|seats)|[.,]\d|%)
    |\b(?P<weekday>{WEEKDAY})\b
    |\b(?P<near>yesterday|today|tonight|tomorrow|this\s(?:morning|afternoon|evening)|last\snight)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_NEAR = {"yesterday": -1, "last night": -1, "tomorrow": 1}


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as a text gives it: parts that it leaves out are None.

    `weekday` is 0 for Monday. `near`: days from the day of the text, such as -1 for "yesterday".
    """

    text: str
    span: Span
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    near: int | None = None

    def fits(self, day: date) -> bool:
        """Whether this date may mean the day."""
        return (
            self.year in (None, day.year)
            and self.month in (None, day.month)
            and self.day in (None, day.day)
            and self.weekday in (None, day.weekday())
        )


@lru_cache(maxsize=2_000)
def find_dates(text: str) -> tuple[DateMention, ...]:
    """The dates of a text in order."""
    return tuple(_parse_dates(text))


def blank_dates(text: str) -> str:
    """The text with its dates replaced by spaces, so that their digits are not read as numbers."""
    out = list(text)
    for mention in find_dates(text):
        out[mention.span.start : mention.span.end] = " " * (mention.span.end - mention.span.start)
    return "".join(out)


def find_unsupported_date(claim: str, evidence: Sequence[tuple[str, date | None, Sequence[date]]]) -> str | None:
    """The reason why the dates of a claim do not follow from its evidence; None if they do.

    `evidence`: (text, day of its article, days on which its statements are known to have been made).
    """
    for claimed in find_dates(claim):
        if not any(_follows_from(claimed, *part) for part in evidence):
            return f"the date “{claimed.text}” does not follow from the words it rests on"
    return None


def _follows_from(claimed: DateMention, text: str, published: date | None, said_on: Sequence[date]) -> bool:
    """Whether a claimed date follows from the dates of a text, of its article or of its statements."""
    known = find_dates(text)
    if claimed.near is not None:
        return any(mention.near == claimed.near for mention in known)
    if any(_agrees(claimed, mention) for mention in known):
        return True
    days = [*said_on, *(day for mention in known for day in _possible_days(mention, published))]
    if any(claimed.fits(day) for day in days):
        return True
    own_day = any(
        mention.weekday is not None or mention.near is not None or mention.day is not None for mention in known
    )
    own_year = any(mention.year is not None for mention in known)
    if published is None or (own_day and claimed.day is not None) or (own_year and claimed.year is not None):
        return False
    # A text that names no day is about the day of its publication.
    month_only = claimed.year is None and claimed.day is None and claimed.weekday is None
    return claimed.fits(published) and not (month_only and own_day)


def _agrees(claimed: DateMention, known: DateMention) -> bool:
    """Whether all parts of the claimed date are given, and equal, in the known one."""
    pairs = [
        (claimed.year, known.year),
        (claimed.month, known.month),
        (claimed.day, known.day),
        (claimed.weekday, known.weekday),
    ]
    return all(claimed_part is None or claimed_part == known_part for claimed_part, known_part in pairs)


def _possible_days(mention: DateMention, published: date | None) -> Iterator[date]:
    """The days that a date may mean in an article published on a day; none if it does not name a single day."""
    if published is None:
        return
    if mention.near is not None:
        yield published + timedelta(days=mention.near)
    elif mention.weekday is not None and mention.day is None:
        back = (published.weekday() - mention.weekday) % 7
        yield published - timedelta(days=back)
        yield published + timedelta(days=(7 - back))
        if back == 0:
            yield published - timedelta(days=7)
    elif mention.month is not None and mention.year is None:
        for year in (published.year - 1, published.year, published.year + 1):
            try:
                meant = date(year, mention.month, mention.day or 1)
            except ValueError:
                continue
            if abs((meant - published).days) <= 270:
                yield meant


def _parse_dates(text: str) -> Iterator[DateMention]:
    for match in _DATE.finditer(text):
        group = match.groupdict()
        year = _number(group, "y1", "y2", "y3", "y4", "y7")
        day = _number(group, "d1", "d2", "d4")
        month = _number(group, "m4")
        name = next((group[key] for key in ("m1", "m2", "m3", "m5", "m6") if group[key]), None)
        if name:
            if name in ("may", "march"):
                continue  # the verb "may" and the noun "march": months are capitalised
            month = month_number(name)
        weekday = WEEKDAYS.index(group["weekday"].lower()) if group["weekday"] else None
        near = _NEAR.get(" ".join(group["near"].lower().split()), 0) if group["near"] else None
        yield DateMention(match[0], Span(*match.span()), year, month, day, weekday, near)


def _number(group: dict[str, str | None], *keys: str) -> int | None:
    return next((int(value) for key in keys if (value := group[key])), None)

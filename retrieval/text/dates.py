"""Dates in prose, compared by what they mean: "18 June 2024" is "on Tuesday" in an article of that week."""

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
class Dated:
    """A date of a text, as far as it says: the parts that it leaves open are None; `weekday` is 0 for Monday."""

    text: str
    span: Span
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    near: int | None = None

    def fits(self, one: date) -> bool:
        """Whether a day is one that this may mean."""
        return (
            self.year in (None, one.year)
            and self.month in (None, one.month)
            and self.day in (None, one.day)
            and self.weekday in (None, one.weekday())
        )


@lru_cache(maxsize=2_000)
def dates(text: str) -> tuple[Dated, ...]:
    """The dates of a text in order."""
    return tuple(_read(text))


def without(text: str) -> str:
    """The text with its dates blanked, so that their digits are not read as numbers."""
    out = list(text)
    for one in dates(text):
        out[one.span.start : one.span.end] = " " * (one.span.end - one.span.start)
    return "".join(out)


def undated(claim: str, evidence: Sequence[tuple[str, date | None, Sequence[date]]]) -> str | None:
    """Why the dates of a claim do not follow from its evidence; None where they do.

    `evidence`: (text, day of its article, days that its statements are known to have been made on).
    """
    for one in dates(claim):
        if not any(_carried(one, *part) for part in evidence):
            return f"the date “{one.text}” does not follow from the words it rests on"
    return None


def _carried(one: Dated, text: str, published: date | None, said_on: Sequence[date]) -> bool:
    known = dates(text)
    if one.near is not None:
        return any(other.near == one.near for other in known)
    if any(_agree(one, other) for other in known):
        return True
    days = [*said_on, *(day for other in known for day in _resolved(other, published))]
    if any(one.fits(day) for day in days):
        return True
    own_day = any(other.weekday is not None or other.near is not None or other.day is not None for other in known)
    own_year = any(other.year is not None for other in known)
    if published is None or (own_day and one.day is not None) or (own_year and one.year is not None):
        return False
    # What says no day of its own is as of the day on which it was published.
    return one.fits(published) and not (one.year is None and one.day is None and one.weekday is None and own_day)


def _agree(one: Dated, other: Dated) -> bool:
    """Whether all that `one` says is said by `other`."""
    pairs = [(one.year, other.year), (one.month, other.month), (one.day, other.day), (one.weekday, other.weekday)]
    return all(a is None or a == b for a, b in pairs)


def _resolved(one: Dated, published: date | None) -> Iterator[date]:
    """Days that a date may mean in an article of a day, as far as one day is meant."""
    if published is None:
        return
    if one.near is not None:
        yield published + timedelta(days=one.near)
    elif one.weekday is not None and one.day is None:
        back = (published.weekday() - one.weekday) % 7
        yield published - timedelta(days=back)
        yield published + timedelta(days=(7 - back))
        if back == 0:
            yield published - timedelta(days=7)
    elif one.month is not None and one.year is None:
        for year in (published.year - 1, published.year, published.year + 1):
            try:
                meant = date(year, one.month, one.day or 1)
            except ValueError:
                continue
            if abs((meant - published).days) <= 270:
                yield meant


def _read(text: str) -> Iterator[Dated]:
    for match in _DATE.finditer(text):
        group = match.groupdict()
        year = _number(group, "y1", "y2", "y3", "y4", "y7")
        day = _number(group, "d1", "d2", "d4")
        month = _number(group, "m4")
        name = next((group[key] for key in ("m1", "m2", "m3", "m5", "m6") if group[key]), None)
        if name:
            if name in ("may", "march"):
                continue  # the verb and the noun; months are written with a capital
            month = month_number(name)
        weekday = WEEKDAYS.index(group["weekday"].lower()) if group["weekday"] else None
        near = _NEAR.get(" ".join(group["near"].lower().split()), 0) if group["near"] else None
        yield Dated(match[0], Span(*match.span()), year, month, day, weekday, near)


def _number(group: dict[str, str | None], *keys: str) -> int | None:
    return next((int(value) for key in keys if (value := group[key])), None)

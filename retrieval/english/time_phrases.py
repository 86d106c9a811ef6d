"""When something was said: the words for it, and the day they mean by the date of the article."""

from __future__ import annotations

import re
from datetime import date, timedelta

from retrieval.english.calendar import MONTHS, WEEKDAY, WEEKDAYS, capitalize, month_number

_DAY = f"(?:{capitalize(WEEKDAY)})"
_WHOLE_MONTH = capitalize("|".join(MONTHS))
_MONTH = rf"(?:{_WHOLE_MONTH}|Jan\.?|Feb\.?|Mar\.|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
_PART = r"(?:morning|afternoon|evening|night)"
WHEN = re.compile(
    rf"\b(?:[Ee]arlier |[Ll]ater |[Ee]arly |[Ll]ate )?(?:[Oo]n )?(?:[Ll]ast |[Tt]his )?(?:[Ee]arly |[Ll]ate )?"
    rf"(?:{_DAY}(?: {_PART})?(?:,? \d{{1,2}} {_MONTH}| {_MONTH} \d{{1,2}}(?!\d))?(?:,? \d{{4}})?"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?!\d))(?:,? \d{{4}})?"
    rf"|[Yy]esterday(?: {_PART})?|[Tt]oday|[Tt]onight)\b"
    rf"|\b(?:[Ee]arlier |[Ll]ater )?(?:[Ll]ast|[Tt]his) (?:week|month|year|night|{_PART}|summer|autumn|winter|spring"
    rf"|{_WHOLE_MONTH})\b"
    rf"|\b[Ii]n (?:{_MONTH}(?: \d{{4}})?|(?:19|20)\d\d)\b"
)
"""Words for a time, as newspapers write them."""

_NAMED_DAY = re.compile(_DAY, re.IGNORECASE)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({_MONTH})(?:,? (\d{{4}}))?", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (\d{{4}}))?", re.IGNORECASE)


def day_of(when: str | None, published: date | None) -> date | None:
    """The day that the words `when` mean in an article of the day `published`; None where they mean no single day."""
    if when is None or published is None:
        return None
    if calendar := _calendar_day(when, published):
        return calendar
    words = when.lower()
    if "yesterday" in words or words.endswith("last night"):
        return published - timedelta(days=1)
    if "today" in words or "tonight" in words:
        return published
    named = _NAMED_DAY.search(words)
    if named is None:
        return None
    back = (published.weekday() - WEEKDAYS.index(named[0].lower())) % 7
    return published - timedelta(days=back)


def _calendar_day(when: str, published: date) -> date | None:
    if found := _DAY_FIRST.search(when):
        day, month, year = found.groups()
    elif found := _MONTH_FIRST.search(when):
        month, day, year = found.groups()
    else:
        return None
    number = month_number(month)
    years = [int(year)] if year else [published.year - 1, published.year, published.year + 1]
    days = [made for y in years if (made := _valid_date(y, number, int(day)))]
    return min(days, key=lambda made: abs(made - published), default=None)


def _valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

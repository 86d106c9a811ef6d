"""Date ranges that a question names: "in August 2018", "last week", "since Monday", "summer 2018".

Relative ranges count from the day of the question. The form of the question decides whether a range is about when
something was reported, which restricts the search, or when it happened, which ranks reports of those days higher.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from retrieval.english.calendar import MONTH, WEEKDAY, WEEKDAYS, month_number
from retrieval.english.number_words import TO_TEN

_MONTH = rf"(?P<month>{MONTH})\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 12)}
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}

_COUNT = rf"\d{{1,3}}|{'|'.join(TO_TEN)}"

_REPORTED = re.compile(
    r"^(?:any(?:thing)?|what (?:news|happened|was reported))\b|\b(?:news|results?|reports?|reported|articles?|stories"
    r"|coverage|headlines|announced?|announcements?|published)\b",
    re.IGNORECASE,
)
"""Words of a question for reports of a time, rather than for something that happened then."""


@dataclass(frozen=True, slots=True)
class DateRange:
    """A range of days, both ends included; None: open. `reported`: whether reports of those days are asked for."""

    since: date | None
    until: date | None
    reported: bool

    def holds(self, day: date) -> bool:
        """Whether a day lies in the range."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def find_date_range(question: str, now: date) -> DateRange | None:
    """The first date range that a question names; None if it names none."""
    for pattern, find_bounds in _FORMS:
        for match in pattern.finditer(question):
            bounds = find_bounds(match, now)
            if bounds is None:
                continue
            first, last = bounds
            before = question[: match.start()].lower().split()[-1:]
            reported = _REPORTED.search(question) is not None
            if before == ["since"]:
                return DateRange(first, None, reported)
            if before in (["before"], ["until"]):
                return DateRange(None, first - timedelta(days=1), reported)
            if before == ["after"]:
                return DateRange(last + timedelta(days=1), None, reported)
            return DateRange(first, last, reported)
    return None


DayBounds = tuple[date, date] | None
"""First and last day, both included; None for a date that does not exist."""


def _day_bounds(match: re.Match[str], _: date) -> DayBounds:
    month = month_number(match["month"])
    try:
        day = date(int(match["year"]), month, int(match["day"]))
    except ValueError:
        return None
    return day, day


def _month_bounds(match: re.Match[str], now: date) -> DayBounds:
    month = month_number(match["month"])
    given = match.groupdict().get("year")
    year = int(given) if given else now.year - (month > now.month)
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _season_bounds(match: re.Match[str], _: date) -> DayBounds:
    first, last = _SEASONS[match["season"].lower()]
    year = int(match["year"])
    if first == last:
        return date(year, 12, 1), date(year + 1, 2, 28)
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _year_bounds(match: re.Match[str], _: date) -> DayBounds:
    return date(int(match["year"]), 1, 1), date(int(match["year"]), 12, 31)


def _near_day_bounds(match: re.Match[str], now: date) -> DayBounds:
    word = match["near"].lower()
    day = now - timedelta(days={"yesterday": 1}.get(word, 0))
    return day, day


def _period_bounds(match: re.Match[str], now: date) -> DayBounds:
    unit, which = match["unit"].lower(), match["which"].lower()
    monday = now - timedelta(days=now.weekday())
    if unit == "week":
        return (now - timedelta(days=7), now) if which == "this" else (monday - timedelta(days=7), now)
    if unit == "month":
        first = now.replace(day=1)
        return (first, now) if which == "this" else ((first - timedelta(days=1)).replace(day=1), first)
    year = now.year - (which == "last")
    return date(year, 1, 1), min(now, date(year, 12, 31))


def _past_bounds(match: re.Match[str], now: date) -> DayBounds:
    number = match["number"].lower() if match["number"] else "1"
    count = TO_TEN.get(number) or int(number)
    return now - timedelta(days=min(count, 3000) * _UNITS[match["unit"].lower()]), now


def _weekday_bounds(match: re.Match[str], now: date) -> DayBounds:
    back = (now.weekday() - WEEKDAYS.index(match["weekday"].lower())) % 7
    day = now - timedelta(days=back or 7 * bool(match["last"]))
    return day, day


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], DayBounds]], ...] = (
    (re.compile(rf"\b{_DAY} (?:of )?{_MONTH},? {_YEAR}\b", re.I), _day_bounds),
    (re.compile(rf"\b{_MONTH} {_DAY},? {_YEAR}\b", re.I), _day_bounds),
    (re.compile(rf"\b{_MONTH},? (?:of )?{_YEAR}\b", re.I), _month_bounds),
    (re.compile(rf"\b(?P<season>spring|summer|autumn|fall|winter) (?:of )?{_YEAR}\b", re.I), _season_bounds),
    (
        re.compile(rf"(?:(?<=\bin )|(?<=\bfrom )|(?<=\bsince )|(?<=\bafter )|(?<=\bbefore )){_YEAR}\b", re.I),
        _year_bounds,
    ),
    (re.compile(r"\b(?P<which>this|last) (?P<unit>week|month|year)\b", re.I), _period_bounds),
    (
        re.compile(rf"\b(?:past|last|previous) (?:(?P<number>{_COUNT}) )?(?P<unit>day|week|month|year)s?\b", re.I),
        _past_bounds,
    ),
    (re.compile(r"\b(?P<near>today|yesterday|tonight)\b", re.I), _near_day_bounds),
    (re.compile(rf"\b(?P<last>last )?(?P<weekday>{WEEKDAY})\b", re.I), _weekday_bounds),
    (re.compile(rf"(?:(?<=\bin )|(?<=\bfrom )|(?<=\bsince )){_MONTH}(?!\w)", re.I), _month_bounds),
)

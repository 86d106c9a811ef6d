"""Spans of days that a question names: "in August 2018", "last week", "since Monday", "summer 2018".

Relative ones count from the day of asking. Whether a span says when something was reported, or only when it happened,
is told by the form of the question: the first narrows what is searched, the second moves reports of those days up.
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
"""What asks for reports of a time rather than for something of that time."""


@dataclass(frozen=True, slots=True)
class Days:
    """A span of days, both included; `reported`: reports of those days are asked for."""

    since: date | None
    until: date | None
    reported: bool

    def holds(self, day: date) -> bool:
        """Whether a day lies in the span."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def days_of(question: str, now: date) -> Days | None:
    """The first span of days that a question names; None where it names none."""
    for pattern, made in _FORMS:
        for found in pattern.finditer(question):
            span = made(found, now)
            if span is None:
                continue
            first, last = span
            before = question[: found.start()].lower().split()[-1:]
            reported = _REPORTED.search(question) is not None
            if before == ["since"]:
                return Days(first, None, reported)
            if before in (["before"], ["until"]):
                return Days(None, first - timedelta(days=1), reported)
            if before == ["after"]:
                return Days(last + timedelta(days=1), None, reported)
            return Days(first, last, reported)
    return None


Made = tuple[date, date] | None


def _on_day(found: re.Match[str], _: date) -> Made:
    month = month_number(found["month"])
    try:
        day = date(int(found["year"]), month, int(found["day"]))
    except ValueError:
        return None
    return day, day


def _in_month(found: re.Match[str], now: date) -> Made:
    month = month_number(found["month"])
    given = found.groupdict().get("year")
    year = int(given) if given else now.year - (month > now.month)
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _in_season(found: re.Match[str], _: date) -> Made:
    first, last = _SEASONS[found["season"].lower()]
    year = int(found["year"])
    if first == last:
        return date(year, 12, 1), date(year + 1, 2, 28)
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _in_year(found: re.Match[str], _: date) -> Made:
    return date(int(found["year"]), 1, 1), date(int(found["year"]), 12, 31)


def _near_now(found: re.Match[str], now: date) -> Made:
    word = found["near"].lower()
    day = now - timedelta(days={"yesterday": 1}.get(word, 0))
    return day, day


def _period(found: re.Match[str], now: date) -> Made:
    unit, which = found["unit"].lower(), found["which"].lower()
    monday = now - timedelta(days=now.weekday())
    if unit == "week":
        return (now - timedelta(days=7), now) if which == "this" else (monday - timedelta(days=7), now)
    if unit == "month":
        first = now.replace(day=1)
        return (first, now) if which == "this" else ((first - timedelta(days=1)).replace(day=1), first)
    year = now.year - (which == "last")
    return date(year, 1, 1), min(now, date(year, 12, 31))


def _past(found: re.Match[str], now: date) -> Made:
    number = found["number"].lower() if found["number"] else "1"
    count = TO_TEN.get(number) or int(number)
    return now - timedelta(days=min(count, 3000) * _UNITS[found["unit"].lower()]), now


def _weekday(found: re.Match[str], now: date) -> Made:
    back = (now.weekday() - WEEKDAYS.index(found["weekday"].lower())) % 7
    day = now - timedelta(days=back or 7 * bool(found["last"]))
    return day, day


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Made]], ...] = (
    (re.compile(rf"\b{_DAY} (?:of )?{_MONTH},? {_YEAR}\b", re.I), _on_day),
    (re.compile(rf"\b{_MONTH} {_DAY},? {_YEAR}\b", re.I), _on_day),
    (re.compile(rf"\b{_MONTH},? (?:of )?{_YEAR}\b", re.I), _in_month),
    (re.compile(rf"\b(?P<season>spring|summer|autumn|fall|winter) (?:of )?{_YEAR}\b", re.I), _in_season),
    (re.compile(rf"(?:(?<=\bin )|(?<=\bfrom )|(?<=\bsince )|(?<=\bafter )|(?<=\bbefore )){_YEAR}\b", re.I), _in_year),
    (re.compile(r"\b(?P<which>this|last) (?P<unit>week|month|year)\b", re.I), _period),
    (re.compile(rf"\b(?:past|last|previous) (?:(?P<number>{_COUNT}) )?(?P<unit>day|week|month|year)s?\b", re.I), _past),
    (re.compile(r"\b(?P<near>today|yesterday|tonight)\b", re.I), _near_now),
    (re.compile(rf"\b(?P<last>last )?(?P<weekday>{WEEKDAY})\b", re.I), _weekday),
    (re.compile(rf"(?:(?<=\bin )|(?<=\bfrom )|(?<=\bsince )){_MONTH}(?!\w)", re.I), _in_month),
)

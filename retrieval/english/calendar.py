"""Months and weekdays: their names, their abbreviations, and patterns of them."""

from __future__ import annotations

from datetime import date

MONTHS = "january february march april may june july august september october november december".split()
"""In lower case, in order: month n is at n - 1."""

SHORT_MONTHS = [name[:3] for name in MONTHS]
"""The first three letters of each month, in order."""

MONTH_ABBREVIATIONS = frozenset(SHORT_MONTHS) | {"sept"}

WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
"""In lower case, in order: Monday is at 0, as in `date.weekday`."""

CALENDAR = frozenset(WEEKDAYS + MONTHS)
"""The names of weekdays and months, in lower case."""

SHORT_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec"
"""A pattern of the abbreviations of months, in lower case and without a full stop."""

MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
"""A pattern of the names of months, whole and abbreviated, in lower case."""

WEEKDAY = "|".join(WEEKDAYS)
"""A pattern of the names of weekdays, in lower case."""


def month_number(name: str) -> int:
    """The number of a month by its name or abbreviation, in any case. Raises ValueError for any other word."""
    return SHORT_MONTHS.index(name.lower()[:3]) + 1


def day_text(day: date) -> str:
    """A day in words, such as "3 March 2026"."""
    # Not by strftime: "%Y" does not pad early years on every platform, and "%B" follows the platform's language.
    return f"{day.day} {MONTHS[day.month - 1].capitalize()} {day.year}"


def capitalize(pattern: str) -> str:
    """A pattern of alternatives, each with a capital at its beginning."""
    return "|".join(name[:1].upper() + name[1:] for name in pattern.split("|"))

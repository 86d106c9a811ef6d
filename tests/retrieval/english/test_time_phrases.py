from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.english.time_phrases import WHEN, day_of

TUESDAY = date(2024, 6, 18)


@pytest.mark.parametrize(
    ("when", "day"),
    [
        ("on Monday", date(2024, 6, 17)),
        ("on Tuesday", TUESDAY),
        ("on Wednesday", date(2024, 6, 12)),
        ("yesterday", date(2024, 6, 17)),
        ("today", TUESDAY),
        ("on 3 June", date(2024, 6, 3)),
        ("June 3, 2023", date(2023, 6, 3)),
        ("on December 30", date(2023, 12, 30)),
        ("last week", None),
        ("in 2019", None),
        (None, None),
    ],
)
def test_words_for_a_time_mean_a_day(when: str | None, day: date | None) -> None:
    """A weekday is the last one up to the article's day; words that mean no single day give none."""
    assert day_of(when, TUESDAY) == day


def test_without_the_articles_date_no_day_is_claimed() -> None:
    """ "On Monday" of an undated article stays words."""
    assert day_of("on Monday", None) is None


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(["Monday", "Friday", "Sunday"]))
def test_a_weekday_is_within_the_week_before(published: date, day: str) -> None:
    """The day found bears the name and lies at most six days back."""
    found = day_of(f"on {day}", published)
    assert found is not None
    assert f"{found:%A}" == day
    assert 0 <= (published - found).days <= 6


def test_times_are_found_in_running_text() -> None:
    """The words for a time are picked out whole."""
    text = "He spoke on Monday evening, again on 4 March 2024 and last month."
    assert [match[0].strip() for match in WHEN.finditer(text)] == ["on Monday evening", "on 4 March 2024", "last month"]

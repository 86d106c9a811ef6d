"""Articles that give different figures, old articles, days in questions, typing errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article.build import ArticleMetadata
from retrieval.answer.quoting import answer_question
from retrieval.library import Library
from retrieval.text.date_ranges import find_date_range
from retrieval.types import Answer, Query, Status

PUBLIC = ("public",)
NOW = date(2026, 11, 25)
FIRST = """Ferry aground off Lessau

The ferry Marten ran aground off Lessau on Tuesday with 212 passengers aboard, the harbour master said.
"""
SECOND = """Passengers brought ashore at Lessau

The ferry Marten that ran aground off Lessau carried 240 passengers, the coast guard said on Wednesday.
"""


@pytest.fixture
def ask(library: Library, take_in: Callable[..., object]) -> Callable[..., Answer]:
    take_in("-", stdin=FIRST.encode())
    take_in("-", stdin=SECOND.encode())

    def run(question: str, now: date | None = None) -> Answer:
        return answer_question(library, replace(Query(question, PUBLIC), now=now))

    return run


def test_two_articles_with_different_figures_are_both_shown(ask: Callable[..., Answer]) -> None:
    """The answer cites both, and a notice names the figures with their articles."""
    answer = ask("How many passengers were aboard the ferry Marten when it ran aground off Lessau?")
    assert {"212", "240"} <= set(answer.text.split())
    [notice] = [notice for notice in answer.notices if notice.startswith("conflicting:")]
    assert "212" in notice and "240" in notice and "Ferry aground off Lessau" in notice


def test_a_question_for_no_figure_has_no_conflict(ask: Callable[..., Answer]) -> None:
    """Different figures in the articles matter only to a question for one."""
    answer = ask("Which ferry ran aground off Lessau?")
    assert answer.status is Status.ANSWERED
    assert not [notice for notice in answer.notices if notice.startswith("conflicting:")]


def test_old_articles_get_a_notice_where_the_latest_is_asked_for(
    library: Library, take_in: Callable[..., object]
) -> None:
    """Where a question asks for the latest and the newest article is old, a notice has its day."""
    take_in("-", stdin=FIRST.encode(), given=ArticleMetadata(published="2026-03-04"))
    asked = Query("What is the latest on the ferry Marten that ran aground off Lessau?", PUBLIC)
    answer = answer_question(library, replace(asked, now=NOW))
    assert answer.notices[0] == "stale: the newest of these articles is of 4 March 2026"
    assert not answer_question(library, replace(asked, now=date(2026, 3, 10))).notices


def test_a_typing_error_is_read_as_the_word_of_the_articles(ask: Callable[..., Answer]) -> None:
    """The answer is found, and a notice says how the word was read."""
    answer = ask("Which ferry ran agrounnd off Lessau?")
    assert answer.status is Status.ANSWERED
    assert "spelling: read “agrounnd” as “aground”" in answer.notices


def test_a_name_that_no_article_has_is_not_read_as_another(ask: Callable[..., Answer]) -> None:
    """A name that no article has is not corrected to another."""
    answer = ask("What did Barten say about the weather in Peru?")
    assert answer.status is Status.ABSTAINED
    assert not [notice for notice in answer.notices if notice.startswith("spelling:")]


@pytest.mark.parametrize(
    ("question", "since", "until", "reported"),
    [
        ("any results from feb 2018?", date(2018, 2, 1), date(2018, 2, 28), True),
        ("news of summer 2018", date(2018, 6, 1), date(2018, 8, 31), True),
        ("who won on 8 August 2018?", date(2018, 8, 8), date(2018, 8, 8), False),
        ("what did he say since Monday", date(2026, 11, 23), None, False),
        ("what was reported in the past two weeks", date(2026, 11, 11), NOW, True),
        ("who resigned yesterday?", date(2026, 11, 24), date(2026, 11, 24), False),
        ("headlines before March 3, 2020", None, date(2020, 3, 2), True),
    ],
)
def test_days_that_a_question_names(question: str, since: date | None, until: date | None, reported: bool) -> None:
    """Absolute and relative days are found, and whether reports of these days are asked for."""
    found = find_date_range(question, NOW)
    assert found is not None
    assert (found.since, found.until, found.reported) == (since, until, reported)


@pytest.mark.parametrize(
    "question", ["what did theresa may say", "can it march on", "who is 30 June?", "on 31 feb 2020"]
)
def test_words_that_name_no_days(question: str) -> None:
    """A verb or a name is not taken for a month, and a day that does not exist is ignored."""
    found = find_date_range(question, NOW)
    assert found is None or found.since is None or found.since.year >= 2020


@given(st.text(max_size=80), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_days_of_anything_are_in_order(question: str, now: date) -> None:
    """No period that is found ends before it begins."""
    found = find_date_range(question, now)
    assert found is None or found.since is None or found.until is None or found.since <= found.until

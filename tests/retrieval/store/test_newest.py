"""The newest articles: of several scopes or some sources, and after an article has changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrieval.index.build import CATALOG_FILE
from retrieval.library.facade import Library, open_library
from retrieval.store.dedup import Entry
from retrieval.types import Precision
from tests.retrieval.made import Hashed, entry

SCOPES = ("public", "42")
MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, 12, tzinfo=UTC)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_library(tmp_path / "library", Hashed())
    yield library
    library.close()


def _entry(number: int, title: str, published: datetime | None, source: str | None, scope: str = "public") -> Entry:
    return entry(
        f"Story {number} of {title} and {published}.",
        f"https://news.example/{number}",
        scope=scope,
        title=title,
        published=published,
        published_precision=Precision.TIME if published else Precision.NONE,
        source=source,
    )


def _titles(library: Library, *arguments: object, scopes: tuple[str, ...] = SCOPES) -> list[str]:
    with library.open_reader(scopes) as db:
        return [article.title for article in db.articles(*arguments)]


def _fill(library: Library) -> None:
    library.put_entries(
        [
            _entry(1, "b", MARCH, "The Courier"),
            _entry(2, "a", MARCH, "Evening Post"),
            _entry(3, "e", None, "The Courier"),
            _entry(4, "c", APRIL, None),
        ]
    )
    library.put_entries([_entry(5, "d", None, "the courier", "42"), _entry(6, "ab", MARCH, "the courier", "42")])


def test_the_newest_of_all_scopes_come_first(library: Library) -> None:
    """They are sorted by date, then by title, those without a date last; a limit takes the first of them."""
    _fill(library)
    assert _titles(library) == ["c", "a", "ab", "b", "d", "e"]
    assert _titles(library, 3) == ["c", "a", "ab"]
    assert _titles(library, 0) == []
    assert _titles(library, scopes=("42",)) == ["ab", "d"]
    assert _titles(library, scopes=()) == []


def test_sources_are_named_in_any_case(library: Library) -> None:
    """Only articles of the given sources are listed, each once."""
    _fill(library)
    assert _titles(library, -1, ("THE COURIER", "The Courier")) == ["ab", "b", "d", "e"]
    assert _titles(library, 2, ("The Courier", "Evening Post")) == ["a", "ab"]
    assert _titles(library, 2, ("The Ledger",)) == []


def test_a_changed_article_takes_its_new_place(library: Library) -> None:
    """A new version is listed by its own date, title and source."""
    _fill(library)
    library.put_entries([_entry(3, "z", APRIL, "Evening Post")])
    assert _titles(library) == ["c", "z", "a", "ab", "b", "d"]
    assert _titles(library, 5, ("Evening Post",)) == ["z", "a"]
    assert library.check().problems == ()


def test_a_wrong_date_or_title_is_noticed(library: Library) -> None:
    """A check compares the date, title and source that an article is listed by with those of its current version."""
    _fill(library)
    assert library.check().problems == ()
    with closing(sqlite3.connect(library.data_dir / CATALOG_FILE)) as db, db:
        db.execute("update articles set published = null, title = 'y' where title = 'c'")
    assert library.check().problems == ("1 articles listed with another date, title or source than their text's",)

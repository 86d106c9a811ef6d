from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.article.build import ArticleMetadata
from retrieval.library import Library
from retrieval.search.titles import find_by_title

SAMPLES = Path(__file__).parents[3] / "bot" / "samples" / "samples.jsonl"


@pytest.fixture
def filled(library: Library, take_in: Callable[..., Any]) -> Library:
    take_in(SAMPLES)
    take_in(
        "-",
        given=ArticleMetadata(scope="1", title="Kestrel count"),
        stdin=b"A kestrel was counted at the quay on Monday.",
    )
    return library


def found(library: Library, typed: str, *scopes: str) -> list[str]:
    with library.open_reader(scopes or ("public",)) as db:
        return [article.title for article in find_by_title(db, typed, 25)]


def test_articles_are_found_while_their_title_is_typed(filled: Library) -> None:
    """Articles are found by all words, of which the last may be unfinished, and by source; the newest without words."""
    reopened = "Kestrel Quay reopens under new wind rule"
    assert found(filled, "kestrel quay reo") == [reopened]
    assert found(filled, "Kestrel Quay reopens") == [reopened]
    assert found(filled, "resign marrow led") == ["Port Marrow director resigns over crane repair"]
    assert found(filled, "kestrel unheard-of") == []
    assert found(filled, "")[0] == reopened
    assert found(filled, "kestrel count") == []
    assert found(filled, "kestrel count", "public", "1") == ["Kestrel count"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=50)
@given(typed=st.text(max_size=60))
def test_whatever_is_typed_is_looked_for(filled: Library, typed: str) -> None:
    """Nothing that is typed is read as an expression of the index."""
    assert len(found(filled, typed)) <= 25

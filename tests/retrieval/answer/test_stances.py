"""Both sides of a claim: the statements that make it, and those that deny it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.article.build import ArticleMetadata
from retrieval.answer.stances import find_sides
from retrieval.library import Library
from retrieval.types import Query

TakeIn = Callable[..., object]
STORY = """Water in the town hall

Ida Holm said the roof of the town hall leaked. Ole Lindqvist denied that the roof of the town hall leaked.

“The roof of the town hall never leaked,” Mara Wendt told reporters. Jon Arvid said bread would cost more.

Ruth Berg said there was no proof that the roof of the town hall had leaked.
"""


@pytest.fixture
def roof_library(library: Library, take_in: TakeIn) -> Library:
    take_in("-", given=ArticleMetadata(url="https://a.example/roof", published="2024-07-01"), stdin=STORY.encode())
    return library


def speakers_of(library: Library, claim: str, **narrowed: Any) -> tuple[set[str], set[str]]:
    """(speakers who make a claim, speakers who deny it)."""
    found = find_sides(library, Query(claim, ("public",), **narrowed), claim)
    return {statement.speaker for statement, _ in found.speaks}, {statement.speaker for statement, _ in found.denies}


def test_a_denial_is_told_from_a_claim(roof_library: Library) -> None:
    """A denying verb and a negation each make a denial; a statement on something else is on neither side."""
    speaks, denies = speakers_of(roof_library, "the roof of the town hall leaked")
    assert speaks == {"Ida Holm"}
    assert denies == {"Ole Lindqvist", "Mara Wendt", "Ruth Berg"}


def test_a_negated_claim_has_its_sides_exchanged(roof_library: Library) -> None:
    """The statement that it never leaked makes the claim "it never leaked"."""
    speaks, denies = speakers_of(roof_library, "the roof of the town hall never leaked")
    assert "Mara Wendt" in speaks
    assert denies == {"Ida Holm"}


def test_sides_keep_to_scopes_and_days(roof_library: Library) -> None:
    """A statement outside the scopes and days is on no side, and a claim without words has no sides."""
    claim = "the roof of the town hall leaked"
    assert speakers_of(roof_library, claim, until=date(2024, 6, 30)) == (set(), set())
    assert find_sides(roof_library, Query(claim, ("42",)), claim).speaks == ()
    assert speakers_of(roof_library, "?") == (set(), set())


def test_the_command_prints_both_sides(onrecord: Callable[..., Any], tmp_path: Path) -> None:
    """`who-said --json` prints statements as `said` does, those that deny the claim apart."""
    (tmp_path / "roof.txt").write_text(STORY)
    onrecord("ingest", tmp_path / "roof.txt")
    got = onrecord("who-said", "the roof of the town hall leaked", "--json").json
    assert {denial["speaker"] for denial in got["denials"]} == {"Ole Lindqvist", "Mara Wendt", "Ruth Berg"}
    assert [statement["quote"] for statement in got["statements"]] == ["the roof of the town hall leaked"]
    shown = onrecord("who-said", "the roof of the town hall leaked")
    assert "Denied by:" in shown.out

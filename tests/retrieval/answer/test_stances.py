"""Both sides of a claim: who speaks of it, and who says that it is not so."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.article.build import Given
from retrieval.answer.stances import sides
from retrieval.library import Library
from retrieval.types import Query

TakeIn = Callable[..., object]
STORY = """Water in the town hall

Ida Holm said the roof of the town hall leaked. Ole Lindqvist denied that the roof of the town hall leaked.

“The roof of the town hall never leaked,” Mara Wendt told reporters. Jon Arvid said bread would cost more.

Ruth Berg said there was no proof that the roof of the town hall had leaked.
"""


@pytest.fixture
def told(library: Library, take_in: TakeIn) -> Library:
    take_in("-", given=Given(url="https://a.example/roof", published="2024-07-01"), stdin=STORY.encode())
    return library


def spoken(library: Library, claim: str, **narrowed: Any) -> tuple[set[str], set[str]]:
    found = sides(library, Query(claim, ("public",), **narrowed), claim)
    return {one.speaker for one, _ in found.speaks}, {one.speaker for one, _ in found.denies}


def test_a_denial_is_told_from_a_claim(told: Library) -> None:
    """A verb that denies and a negation turn a statement round; who speaks of something else is on neither side."""
    speaks, denies = spoken(told, "the roof of the town hall leaked")
    assert speaks == {"Ida Holm"}
    assert denies == {"Ole Lindqvist", "Mara Wendt", "Ruth Berg"}


def test_a_negated_claim_has_its_sides_the_other_way_round(told: Library) -> None:
    """Who says that it never leaked speaks for "it never leaked"."""
    speaks, denies = spoken(told, "the roof of the town hall never leaked")
    assert "Mara Wendt" in speaks
    assert denies == {"Ida Holm"}


def test_sides_keep_to_scopes_and_days(told: Library) -> None:
    """Outside its scope and days a statement is on no side; a claim without words has none."""
    claim = "the roof of the town hall leaked"
    assert spoken(told, claim, until=date(2024, 6, 30)) == (set(), set())
    assert sides(told, Query(claim, ("42",)), claim).speaks == ()
    assert spoken(told, "?") == (set(), set())


def test_the_command_prints_both(onrecord: Callable[..., Any], tmp_path: Path) -> None:
    """`who-said --json` prints statements as `said` does, with offsets that slice true."""
    (tmp_path / "roof.txt").write_text(STORY)
    onrecord("ingest", tmp_path / "roof.txt")
    got = onrecord("who-said", "the roof of the town hall leaked", "--json").json
    assert {one["speaker"] for one in got["denials"]} == {"Ole Lindqvist", "Mara Wendt", "Ruth Berg"}
    assert [one["quote"] for one in got["statements"]] == ["the roof of the town hall leaked"]
    shown = onrecord("who-said", "the roof of the town hall leaked")
    assert "Denied by:" in shown.out

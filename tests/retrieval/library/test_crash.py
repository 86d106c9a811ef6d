"""Killing a process while it changes a library: nothing acknowledged is lost, and nothing is stored half."""

from __future__ import annotations

from pathlib import Path

from retrieval.library import open_library
from tests.conftest import shared
from tests.retrieval.crashing import bbc_rows, killed, plan_of, state_of, with_states
from tests.retrieval.fakes import HashEmbedder

KILLS = 5
SEED = 20


def test_nothing_is_lost_by_being_killed(tmp_path: Path) -> None:
    """Ingesting, correcting, removing and sealing BBC articles with five kills ends in the same state as without."""
    rows = bbc_rows(shared("data/bbc-news/articles.tar.gz"), 60, SEED)
    plan = with_states(plan_of(tmp_path, rows, 12, SEED, seals=2, unsealed=True), tmp_path / "whole")
    folder = tmp_path / "killed" / "library"
    folder.mkdir(parents=True)
    runs = list(killed(plan, folder, KILLS, SEED))
    assert [run for run in runs if run.wrong] == []
    assert sum(not run.finished for run in runs) == KILLS
    library = open_library(folder, HashEmbedder())
    library.seal(least=1)
    assert state_of(library) == plan.states[-1]
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())
    with library.open_reader(()) as db:
        assert {path.name for path in (folder / "chroma").iterdir()} == db.segment_folders()
    library.close()

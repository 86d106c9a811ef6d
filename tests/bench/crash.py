"""300 BBC articles taken in, corrected, removed and indexed by a process that is killed 50 times.

What each kill leaves is looked over whole, and the end compared with a library that nobody killed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from data import Absent, shared
from measure import Figure, limits, note

from retrieval.library import open_library
from tests.retrieval.crashing import Run, bbc_rows, killed, plan_of, state_of, with_states
from tests.retrieval.fakes import HashEmbedder

ARTICLES = 300
KILLS = 50
BATCH = 12
SEALS = 24
SEED = 8


def measured(base: Path) -> list[Figure]:
    """The figures of one long run."""
    rows = bbc_rows(shared("data/bbc-news/articles.tar.gz"), ARTICLES, SEED)
    plan = with_states(plan_of(base, rows, BATCH, SEED, seals=SEALS, unsealed=True), base / "whole")
    folder = base / "killed" / "library"
    folder.mkdir(parents=True)
    begun = time.perf_counter()
    runs: list[Run] = []
    for run in killed(plan, folder, KILLS, SEED):
        runs.append(run)
        note(f"run {len(runs)}: {run.done} of {len(plan.steps)} steps{''.join(f'; {one}' for one in run.wrong)}")
    library = open_library(folder, HashEmbedder())
    library.seal(least=1)
    found, expected = state_of(library), plan.states[-1]
    checkup = library.check(deep=True)
    library.close()
    died = [run for run in runs if not run.finished]
    differing = sum(found.get(one) != expected.get(one) for one in found.keys() | expected.keys())
    return [
        Figure("kills", len(died), KILLS, floor=True),
        Figure("of them within a step that was acknowledged in part", sum(bool(run.told) for run in died)),
        Figure("of them while sealing on demand", sum(run.sealing for run in died)),
        Figure("articles acknowledged, corrections and removals included", sum(run.acknowledged for run in runs)),
        Figure("kills after which something was lost, doubled or half there", sum(bool(r.wrong) for r in runs), 0),
        Figure("articles at the end", len(found), len(expected), floor=True),
        Figure("articles that differ from those of a library nobody killed", differing, 0),
        Figure("problems at the end", len(checkup.problems) + len(checkup.damaged_segments), 0),
        Figure("time", time.perf_counter() - begun, unit="s"),
    ]


def main() -> int:
    """Print the table; 1 where a limit is passed."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            figures = measured(Path(folder))
        except Absent as absent:
            note(str(absent))
            return 0
    print(limits(figures))
    return int(any(figure.row()[3] in ("over", "under") for figure in figures))


if __name__ == "__main__":
    sys.exit(main())

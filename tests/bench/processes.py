"""Two processes that write to one library and four that search it for a minute: what they see, and what is left."""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from measure import Figure, limits, note

from retrieval.library import open_library
from retrieval.types import Article
from tests.retrieval.crowd import said, start
from tests.retrieval.fakes import PUBLIC, HashEmbedder

SECONDS = 60.0
SEAL_EVERY = 50
ENDLESS = 1_000_000


def measured(folder: Path) -> list[Figure]:
    """The figures of one minute."""
    writers = [start("write", folder, name, ENDLESS, SEAL_EVERY) for name in ("one", "two")]
    readers = [start("read", folder, ENDLESS, 1) for _ in range(4)]
    threading.Event().wait(SECONDS)
    for process in (*writers, *readers):
        assert process.stdin is not None
        process.stdin.close()
    wrote, read = [said(one) for one in writers], [said(one) for one in readers]
    library = open_library(folder, HashEmbedder())
    checkup = library.check(deep=True)
    with library.open_reader(PUBLIC) as db:
        found = {article.id: article.version for article in db.articles()}
    library.close()
    expected = {
        Article.create(title="", text="x", url=address).id: version
        for one in wrote
        for address, version in one["standing"].items()
    }
    took = sorted(one for each in read for one in each["took"])
    wrong = [problem for one in read for problem in one["problems"]]
    for problem in [*wrong[:5], *checkup.problems]:
        note(problem)
    return [
        Figure("changes by two writers", sum(one["operations"] for one in wrote)),
        Figure("slowest change", max(one["slowest"] for one in wrote), unit="s"),
        Figure("searches by four readers", len(took)),
        Figure("search, p50", 1000 * took[len(took) // 2], unit="ms"),
        Figure("search, p95", 1000 * took[len(took) * 95 // 100], unit="ms"),
        Figure("searches that saw something wrong", len(wrong), 0),
        Figure("articles that are not as their writer left them", len(found.items() ^ expected.items()), 0),
        Figure("chunks", checkup.figures["chunks"]),
        Figure("problems at the end, every row looked up", len(checkup.problems) + len(checkup.damaged_segments), 0),
    ]


def main() -> int:
    """Print the table; 1 where a limit is passed."""
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder))
    print(limits(figures))
    return int(any(figure.row()[3] in ("over", "under") for figure in figures))


if __name__ == "__main__":
    sys.exit(main())

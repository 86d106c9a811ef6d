"""The library as it grows: rate of ingest, time of a search, memory, disk and recall, at each of several sizes.

usage: PYTHONPATH=. python tests/bench/growth.py [--write FILE] [--keep FOLDER [--fill]] [SIZE ...]
The sizes are 1000, 10000 and 100000 articles by default. The articles are synthetic, made from the BBC's, and their
vectors are given: nothing is embedded but, once, those originals. Each size begins with an empty folder, and each step
is a process of its own. With --keep the libraries are kept in FOLDER and those that are complete are used again, so
that they can be filled (--fill does nothing else) while other work goes on, and measured when it does not.
"""

from __future__ import annotations

import argparse
import pickle
import platform
import shlex
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import door
import numpy as np
from data import Absent, open_model, questions, unpack_bbc
from filling import SEED, Filled, filled_once, kept_or_gone
from measure import Figure, alone, disk, limits, memory, note, number, percentile, table
from synthetic import Base, Vectors, read_base

from retrieval.index.build import CATALOG_FILE
from retrieval.library import Library, open_library
from retrieval.search import search
from retrieval.types import Query
from tests.plans import Step, captured_statements, wide_steps

_SEARCHES = 200
_WARMING = 20
_PASSAGES = 10
_COLUMNS = {
    "articles": "in the library",
    "chunks": "in the library",
    "articles/s": "stored by `Library.put_entries`, 64 at a time, by the clock; without reading, attributing and "
    "embedding",
    "by CPU": "the same by the time of the processor, which other work does not lengthen",
    "index s": "seconds until the vector index of all was built",
    "search p50 ms": "`search` for 10 passages, 200 questions after 20 to warm up; without embedding the question",
    "search p95 ms": "the same: 95 in a hundred take no longer",
    "RSS MB": "memory of a fresh process with the model loaded that opened the library and ran 20 searches",
    "KB/article": "disk: all files of the library, by article",
    "recall@10": "`Library.nearest` against exact cosine over all vectors: the mean share of the true ten nearest "
    "that it finds, for 100 questions and 100 chunks with noise",
}
_BEGIN, _END = "<!-- growth: written by tests/bench/growth.py -->", "<!-- growth: end -->"


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions with their vectors."""

    texts: list[str]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured at one size. `wide` are the steps of searches that read whole tables or scopes."""

    filled: Filled
    p50: float
    p95: float
    rss: float
    bytes: int
    recall: float
    wide: frozenset[Step]

    def row(self) -> list[str]:
        """Its line of the table."""
        filled = self.filled
        rates = (filled.articles / filled.seconds, filled.articles / filled.busy, filled.sealing)
        cells = (filled.articles, filled.chunks, *rates, self.p50, self.p95)
        held = (self.rss, self.bytes / filled.articles / 1000)
        return [number(cell) for cell in (*cells, *held)] + [f"{self.recall:.3f}"]


def main(arguments: Sequence[str]) -> None:
    """Measure each size and print the tables, or write them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[1_000, 10_000, 100_000], metavar="SIZE")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into this file, too")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the libraries here, and use what is there")
    parser.add_argument("--fill", action="store_true", help="with --keep: fill the libraries and measure nothing")
    given = parser.parse_args(arguments)
    if given.fill and not given.keep:
        parser.error("--fill needs --keep")
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as folder:
        try:
            base, asked = alone(prepared, Path(folder), given.keep)
        except Absent as absent:
            print(f"skipped: {absent}")
            return
    sizes = []
    for articles in sorted(given.sizes):
        with kept_or_gone(given.keep, articles) as folder:
            filled = filled_once(folder, base, articles)
            if not given.fill:
                sizes.append(measured(folder / "library", filled, base, asked))
                note(", ".join(f"{name} {cell}" for name, cell in zip(_COLUMNS, sizes[-1].row(), strict=True)))
    if not sizes:
        return
    shown = report(sizes, shlex.join(["PYTHONPATH=.", "python", "tests/bench/growth.py", *arguments]))
    print(shown)
    if given.write:
        write(given.write, shown)


def prepared(folder: Path, keep: Path | None) -> tuple[Base, Asked]:
    """The originals and the questions, with their vectors; the originals as they were kept, where they were."""
    embedder = open_model()
    kept = keep / "originals.pickle" if keep else None
    if kept and kept.is_file():
        base: Base = pickle.loads(kept.read_bytes())  # noqa: S301 - of our own making
    else:
        note("reading the BBC articles, finding who says what, and embedding what was not embedded by a run before")
        base = read_base(unpack_bbc(folder), embedder)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(pickle.dumps(base))
    texts = [row["question"] for row in questions("bbc-dev.jsonl")]
    return base, Asked(texts, embedder.embed_array(texts))


def measured(library: Path, filled: Filled, base: Base, asked: Asked) -> Size:
    """Measure a library."""
    size = disk(library)
    note(f"{filled.articles:,} articles: searching")
    spent, steps = alone(timed_searches, library, asked)
    rss = alone(memory_of_searches, library, asked)
    recall = alone(recall_at_ten, library, base, asked)
    return Size(filled, percentile(spent, 50), percentile(spent, 95), rss, size, recall, steps)


def timed_searches(folder: Path, asked: Asked) -> tuple[list[float], frozenset[Step]]:
    """Milliseconds of each search, and the steps of searches that read whole tables or scopes."""
    library = open_library(folder, open_model())
    with captured_statements() as statements:
        list(_searches(library, asked, _WARMING))
    spent = [1000 * took for took in _searches(library, asked, _SEARCHES)]
    library.close()
    return spent, wide_steps(folder / CATALOG_FILE, statements)


def _searches(library: Library, asked: Asked, times: int) -> Iterator[float]:
    """Seconds of that many searches: every question in an order of chance, and again in another where that is few."""
    rng = np.random.default_rng(SEED + times)
    rounds = -(-times // len(asked.texts))
    order = np.concatenate([rng.permutation(len(asked.texts)) for _ in range(rounds)])[:times]
    for one in order:
        begun = time.perf_counter()
        with door.reading(library) as db:
            search(library, db, Query(asked.texts[one], door.SCOPES), _PASSAGES, asked.vectors[one])
        yield time.perf_counter() - begun


def memory_of_searches(folder: Path, asked: Asked) -> float:
    """MB of a process that opens the library and searches."""
    library = open_library(folder, open_model())
    list(_searches(library, asked, _WARMING))
    held = memory()
    library.close()
    return held


def recall_at_ten(folder: Path, base: Base, asked: Asked) -> float:
    """The mean share of the true ten nearest that the vector index finds."""
    rng = np.random.default_rng(SEED + 1)
    half = _SEARCHES // 2
    some = rng.permutation(len(asked.texts))[:half]
    queries = np.concatenate([asked.vectors[some], base.varied(rng.integers(0, len(base.pieces), half), rng)])
    truth = exact(folder, queries)
    library = open_library(folder, open_model())
    with door.reading(library) as db:
        shares = [
            len(near & set(door.nearest(library, db, query, len(near)))) / len(near)
            for query, near in zip(queries, truth, strict=True)
        ]
    library.close()
    return sum(shares) / len(shares)


def exact(folder: Path, queries: Vectors) -> list[set[int]]:
    """Ids of the ten chunks nearest to each query by cosine, a block of the library at a time."""
    best_ids = np.zeros((len(queries), 0), np.int64)
    best = np.zeros((len(queries), 0), np.float32)
    for ids, vectors in door.stored_vectors(folder):
        best = np.concatenate([best, queries @ vectors.T], axis=1)
        best_ids = np.concatenate([best_ids, np.broadcast_to(ids, (len(queries), len(ids)))], axis=1)
        kept = np.argsort(-best, axis=1)[:, :_PASSAGES]
        best, best_ids = np.take_along_axis(best, kept, 1), np.take_along_axis(best_ids, kept, 1)
    return [set(map(int, row)) for row in best_ids]


def report(sizes: Sequence[Size], command: str) -> str:
    """The tables in Markdown, with what made them."""
    small, large = sizes[0], sizes[-1]
    most = f"{large.filled.articles:,} articles"
    against = f"search p95, {most} against {small.filled.articles:,}"
    steps = sorted({step for size in sizes for step in size.wide})
    held = [
        Figure(against, large.p95 / small.p95, 3, "times"),
        Figure(f"search p95, {most}", large.p95, 120, "ms"),
        Figure("recall@10, lowest", min(size.recall for size in sizes), 0.98, floor=True),
        Figure("RSS, highest", max(size.rss for size in sizes), 1500, "MB"),
        Figure("steps of a search through a whole table", sum(step.whole_table for step in steps), 0),
        Figure("steps of a search through all of a scope", sum(not step.whole_table for step in steps), 0),
    ]
    made = (
        f"Made on {date.today():%d %B %Y} by `{command}` with Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version} and chromadb {version('chromadb')}. Times vary from machine to machine."
    )
    meanings = "\n".join(f"- {name}: {meaning}." for name, meaning in _COLUMNS.items())
    parts = [made, table(list(_COLUMNS), [size.row() for size in sizes]), limits(held)]
    if steps:
        lines = [f"- `{step.step}` in `{step.statement}`" for step in steps]
        parts.append("\n".join(["Steps of a search through a whole table or all of a scope:\n", *lines]))
    return "\n\n".join([*parts, f"What the columns mean:\n\n{meanings}"])


def write(path: Path, shown: str) -> None:
    """Put the report into a file, in the place of the one before where there is one."""
    section = f"{_BEGIN}\n\n## The library as it grows\n\n{shown}\n\n{_END}\n"
    text = path.read_text("utf-8") if path.is_file() else "# Benchmarks\n\n"
    before, begin, rest = text.partition(_BEGIN)
    after = rest.partition(f"{_END}\n")[2] if begin else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((before if begin else text.rstrip("\n") + "\n\n") + section + after, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

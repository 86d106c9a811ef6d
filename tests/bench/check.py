"""`check` over the BBC articles: how many verdicts are right, and how long one takes.

usage: python tests/bench/check.py [--articles N] [--library FOLDER] [--wrong]
Without N the library holds the 2,225 articles; with N that many synthetic ones made from them (see growth.py), for the
times alone: there one statement stands in many articles with other names. Nothing is embedded: no vector is needed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

import door
import numpy as np
from data import Absent, unpack_bbc
from measure import Figure, limits, note, percentile, table
from quotations import Case, cases
from synthetic import Vectors, grown, read_base

from ingest.attribute import attribute
from ingest.chunk import chunk
from ingest.extract import article_of
from ingest.given import Given
from retrieval.check import check
from retrieval.entries import Entry
from retrieval.library import Library, open_library
from retrieval.types import Article, Query, Statement

_EACH = 100
_SEED = 11
_BATCH = 64
_WARMING = 20


class _Nothing:
    """The same vector for every text."""

    name = "benchmark: no embedding"
    dimension = 2

    def embed_array(self, texts: Sequence[str]) -> Vectors:
        """Vectors of shape (len(texts), 2)."""
        return np.tile(np.array([1, 0], np.float32), (len(texts), 1))


def main(arguments: Sequence[str]) -> None:
    """Fill a library where none is given, check, and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--articles", type=int, help="that many synthetic articles")
    parser.add_argument("--library", type=Path, help="keep the library here, and use what is there")
    parser.add_argument("--wrong", action="store_true", help="show the wrong verdicts")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as folder:
        kept = given.library or Path(folder) / "library"
        try:
            fresh = not kept.exists()
            with closing(open_library(kept, _Nothing())) as library:
                if fresh:
                    fill(library, unpack_bbc(Path(folder)), given.articles)
                report(library, given.wrong)
        except Absent as absent:
            print(f"skipped: {absent}")


def fill(library: Library, folder: Path, articles: int | None) -> None:
    """Store the articles."""
    note("storing")
    entries = grown(read_base(folder, _Nothing()), articles, _SEED) if articles else _real(folder)
    while batch := list(islice(entries, _BATCH)):
        library.put(batch)


def _real(folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.glob("*/*.txt")):
        article = article_of(path, Given())
        statements = attribute(article)
        chunks = chunk(article, statements)
        vectors = _Nothing().embed_array([""] * len(chunks))
        yield replace(Entry.of(article), chunks=chunks, statements=statements, vectors=vectors)


def stored(library: Library, limit: int = 2_500) -> list[tuple[Statement, Article]]:
    """The statements of up to `limit` articles."""
    with door.reading(library) as db:
        ids = [article.id for article in db.articles(limit)]
        return [
            one
            for at in range(0, len(ids), _BATCH)
            for one in db.statements(Query("-", door.SCOPES), article_ids=ids[at : at + _BATCH])
        ]


def report(library: Library, wrong: bool) -> None:
    """Check every case and print what came of it."""
    made = cases(stored(library), _EACH, _SEED)
    for case in made[:_WARMING]:
        check(library, case.quote, door.SCOPES, case.speaker)
    given: Counter[tuple[str, str]] = Counter()
    spent, busy = [], []
    for case in made:
        begun, worked = time.perf_counter(), time.process_time()
        found = check(library, case.quote, door.SCOPES, case.speaker)
        spent.append(1000 * (time.perf_counter() - begun))
        busy.append(1000 * (time.process_time() - worked))
        given[case.verdict, found.verdict.value] += 1
        if wrong and found.verdict.value != case.verdict:
            _show(case, found.verdict.value, [match.difference or match.citation.excerpt for match in found.matches])
    with door.reading(library) as db:
        held = db.counts()
    print(f"{held['articles']:,} articles, {held['statements']:,} statements, {len(made)} quotations\n")
    names = sorted({verdict for verdict, _ in given} | {verdict for _, verdict in given})
    rows = [[name, *(str(given[name, other]) for other in names)] for name in names]
    print(table(["deserved \\ given", *names], rows), end="\n\n")
    right = sum(number for (deserved, verdict), number in given.items() if deserved == verdict)
    figures = [
        Figure("verdicts right", right / len(made), 0.97, floor=True),
        Figure("altered, called verbatim", given["altered", "verbatim"], 0),
        Figure("p50", percentile(spent, 50), unit="ms"),
        Figure("p95", percentile(spent, 95), 100, "ms"),
        Figure("p50, time of the processor", percentile(busy, 50), unit="ms"),
        Figure("p95, time of the processor", percentile(busy, 95), unit="ms"),
    ]
    print(limits(figures))


def _show(case: Case, verdict: str, matches: Sequence[str]) -> None:
    note(f"{case.verdict} ({case.how}) called {verdict}: {case.quote!r} by {case.speaker}\n    {matches[:2]}")


if __name__ == "__main__":
    main(sys.argv[1:])

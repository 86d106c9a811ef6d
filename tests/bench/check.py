"""`check` over the BBC articles: how many verdicts are right, and how long one takes.

usage: python tests/bench/check.py [--articles N] [--library FOLDER] [--seeds N] [--wrong]
Without N articles the library holds the 2,225; with N that many synthetic ones made from them, for the times alone:
there one statement stands in many articles with other names. FOLDER may be a library that growth.py kept. Nothing is
embedded: no vector is needed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import door
import numpy as np
from data import Absent, open_model, unpack_bbc
from measure import Figure, limits, note, percentile, table
from quotations import Case, cases
from synthetic import Vectors, grown, read_base

from ingest.article.build import ArticleMetadata
from ingest.attribution import attribute
from ingest.chunker import chunk
from ingest.sources.local import article_of
from retrieval.errors import WrongEmbedding
from retrieval.library import Library, open_library
from retrieval.quotes import check
from retrieval.quotes.checker import Verdict
from retrieval.store.dedup import Entry
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
    parser.add_argument("--seeds", type=int, default=1, help="how many times, each with other quotations")
    parser.add_argument("--wrong", action="store_true", help="show the wrong verdicts")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as folder:
        kept = given.library or Path(folder) / "library"
        try:
            fresh = not kept.exists()
            with closing(opened(kept)) as library:
                if fresh:
                    fill(library, unpack_bbc(Path(folder)), given.articles)
                report(library, range(_SEED, _SEED + given.seeds), given.wrong)
        except Absent as absent:
            print(f"skipped: {absent}")


def opened(folder: Path) -> Library:
    """The library in a folder, with whichever embedding built it."""
    try:
        return open_library(folder, _Nothing())
    except WrongEmbedding:
        return open_library(folder, open_model())


def fill(library: Library, folder: Path, articles: int | None) -> None:
    """Store the articles."""
    note("storing")
    entries = grown(read_base(folder, _Nothing()), articles, _SEED) if articles else _real(folder)
    while batch := list(islice(entries, _BATCH)):
        library.put_entries(batch)


def _real(folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.glob("*/*.txt")):
        article = article_of(path, ArticleMetadata())
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


@dataclass
class Tally:
    """What came of many checks: (deserved, given) verdicts, and milliseconds by deserved verdict."""

    given: Counter[tuple[str, str]] = field(default_factory=Counter)
    spent: dict[str, list[float]] = field(default_factory=dict)
    busy: dict[str, list[float]] = field(default_factory=dict)

    @property
    def right(self) -> float:
        """The share of verdicts that are right."""
        return sum(n for (deserved, verdict), n in self.given.items() if deserved == verdict) / self.given.total()


def report(library: Library, seeds: Sequence[int], wrong: bool) -> None:
    """Check every case and print what came of it."""
    spoken = stored(library)
    for case in cases(spoken, _WARMING, seeds[0])[:: len(Verdict)]:
        check(library, case.quote, door.SCOPES, case.speaker)
    total, rights = Tally(), []
    for seed in seeds:
        before = Counter(total.given)
        for case in cases(spoken, _EACH, seed):
            _checked(library, case, total, wrong)
        rights.append(Tally(total.given - before).right)
    with door.reading(library) as db:
        held = db.counts()
    print(
        f"{held['articles']:,} articles, {held['statements']:,} statements, {total.given.total():,} quotations "
        f"of {len(seeds)} seeds\n"
    )
    names = sorted({verdict for pair in total.given for verdict in pair})
    rows = [[name, *(str(total.given[name, other]) for other in names)] for name in names]
    print(table(["deserved \\ given", *names], rows), end="\n\n")
    figures = [
        Figure("verdicts right", total.right, 0.97, floor=True),
        Figure("verdicts right, worst seed", min(rights), 0.97, floor=True),
        Figure("altered, called verbatim", total.given["altered", "verbatim"], 0),
        *(Figure(f"p95, {name}", percentile(total.spent[name], 95), 100, "ms") for name in total.spent),
        *(Figure(f"p95, {name}, processor", percentile(total.busy[name], 95), unit="ms") for name in total.busy),
    ]
    everything = [one for times in total.spent.values() for one in times]
    print(limits([*figures, Figure("p50", percentile(everything, 50), unit="ms")]))


def _checked(library: Library, case: Case, total: Tally, wrong: bool) -> None:
    begun, worked = time.perf_counter(), time.process_time()
    found = check(library, case.quote, door.SCOPES, case.speaker)
    total.spent.setdefault(case.verdict, []).append(1000 * (time.perf_counter() - begun))
    total.busy.setdefault(case.verdict, []).append(1000 * (time.process_time() - worked))
    total.given[case.verdict, found.verdict.value] += 1
    if wrong and found.verdict.value != case.verdict:
        _show(case, found.verdict.value, [match.difference or match.citation.excerpt for match in found.matches])


def _show(case: Case, verdict: str, matches: Sequence[str]) -> None:
    note(f"{case.verdict} ({case.how}) called {verdict}: {case.quote!r} by {case.speaker}\n    {matches[:2]}")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Names of a library's speakers: how long the offers take while one is typed, and finding whom a name names.

usage: python tests/bench/names.py --library FOLDER [--names N]
FOLDER is a library that check.py or growth.py kept; it is only read. Typed are the first letters of names that stand in
it, their last names, whole names, and names with a letter left out.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import door
from check import opened, stored
from measure import Figure, limits, percentile

from retrieval.library import Library
from retrieval.search.speakers import find_speakers

_SEED = 11
_CHOICES = 25
"""Names that Discord shows."""

_LETTERS = (1, 2, 3, 4, 6, 9)
_WARMING = 30


def main(arguments: Sequence[str]) -> None:
    """Type names and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--library", type=Path, required=True, help="a library that was kept")
    parser.add_argument("--names", type=int, default=100, help="how many names are typed")
    given = parser.parse_args(arguments)
    with closing(opened(given.library)) as library:
        names = sorted({statement.speaker for statement, _ in stored(library)})
        chosen = random.Random(_SEED).sample(names, min(given.names, len(names)))
        typed = [one for name in chosen for one in letters(name) if one.strip()]
        with door.reading(library) as db:
            held = db.counts()
        print(f"{held['articles']:,} articles, {held['statements']:,} statements, {len(typed):,} times typed\n")
        figures = [*spent("offers", lambda one: offered(library, one), typed, 50)]
        figures += spent("whom a name names", lambda one: called(library, one), chosen)
        print(limits(figures))


def letters(name: str) -> Iterator[str]:
    """What is typed of a name."""
    yield from (name[:number] for number in _LETTERS)
    yield name.rsplit(maxsplit=1)[-1][:4]
    yield name
    if len(name) > 6:
        yield name[:3] + name[4:7]


def offered(library: Library, typed: str) -> list[str]:
    """The names offered, as the Discord bot asks for them."""
    with door.reading(library) as db:
        return [one.name for one in db.speakers(typed, _CHOICES)]


def called(library: Library, name: str) -> Sequence[str]:
    """Every name of those whom a name names."""
    with door.reading(library) as db:
        return find_speakers(name, db)


def spent(what: str, action: Callable[[str], object], given: Sequence[str], limit: float | None = None) -> list[Figure]:
    """The time that an action takes with each of these, by the clock and of the processor."""
    for one in given[:_WARMING]:
        action(one)
    clock: list[float] = []
    busy: list[float] = []
    for one in given:
        begun, worked = time.perf_counter(), time.process_time()
        action(one)
        clock.append(1000 * (time.perf_counter() - begun))
        busy.append(1000 * (time.process_time() - worked))
    return [
        Figure(f"p50, {what}", percentile(clock, 50), unit="ms"),
        Figure(f"p95, {what}", percentile(clock, 95), limit, "ms"),
        Figure(f"p95, {what}, processor", percentile(busy, 95), unit="ms"),
        Figure(f"longest, {what}, processor", max(busy), unit="ms"),
    ]


if __name__ == "__main__":
    main(sys.argv[1:])

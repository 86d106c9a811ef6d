"""Libraries of synthetic articles for the benchmarks, kept between runs where that is asked for."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from operator import add
from pathlib import Path
from typing import NamedTuple

from data import open_model
from measure import alone, note, seconds
from synthetic import Base, grown

from retrieval.library import open_library

SEED = 7
_BATCH = 64
"""Articles in one `put`, as many as `ingest` puts together."""

_TOLD = 5_000
"""Articles after which the filling tells how far it is."""


class Stored(NamedTuple):
    """What was stored so far, with the seconds in `put` by the clock and, `busy`, by the processor."""

    articles: int
    chunks: int
    seconds: float
    busy: float


@dataclass(frozen=True, slots=True)
class Filled:
    """How a library was filled: seconds in `put` by the clock and, `busy`, by the processor; until it was indexed."""

    articles: int
    chunks: int
    seconds: float
    busy: float
    sealing: float


@contextmanager
def kept_or_gone(keep: Path | None, articles: int) -> Iterator[Path]:
    """The folder for a library of that size, which is gone afterwards unless it is to be kept."""
    if keep:
        (keep / str(articles)).mkdir(parents=True, exist_ok=True)
        yield keep / str(articles)
    else:
        with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as folder:
            yield Path(folder)


def filled_once(folder: Path, base: Base, articles: int) -> Filled:
    """The library in a folder with that many articles: as it was left complete, or filled from the start."""
    complete = folder / "filled.json"
    if complete.is_file():
        note(f"{articles:,} articles: as kept in {folder.name}")
        return Filled(**json.loads(complete.read_text("ascii")))
    note(f"{articles:,} articles: storing")
    stored = alone(fill, folder, base, articles)
    note(f"{articles:,} articles: building the vector index")
    filled = Filled(*stored, alone(sealed, folder / "library"))
    complete.write_text(json.dumps(asdict(filled)), "ascii")
    return filled


def fill(folder: Path, base: Base, articles: int) -> Stored:
    """Store that many articles, or those that are missing where it was stopped before."""
    progress = folder / "stored.json"
    if not progress.is_file():
        shutil.rmtree(folder / "library", ignore_errors=True)
    done = Stored(*json.loads(progress.read_text("ascii"))) if progress.is_file() else Stored(0, 0, 0.0, 0.0)
    entries = islice(grown(base, articles, SEED), done.articles, None)
    library = open_library(folder / "library", open_model())
    while batch := list(islice(entries, _BATCH)):
        begun, worked = time.perf_counter(), time.process_time()
        library.put_entries(batch)
        spent, busy = time.perf_counter() - begun, time.process_time() - worked
        chunks = sum(len(entry.chunks) for entry in batch)
        done = Stored(*map(add, done, (len(batch), chunks, spent, busy)))
        if done.articles % _TOLD < _BATCH:
            rates = done.articles / done.seconds, done.articles / done.busy
            note(f"  {done.articles:,}: {rates[0]:.0f} a second, {rates[1]:.0f} by the processor")
            progress.write_text(json.dumps(done), "ascii")
    library.close()
    progress.write_text(json.dumps(done), "ascii")
    return done


def sealed(folder: Path) -> float:
    """Seconds until the vector index of all is built."""
    library = open_library(folder, open_model())
    took = seconds(library.seal)
    library.close()
    return took

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
from pathlib import Path

from data import open_model
from measure import alone, note, seconds
from synthetic import Base, grown

from retrieval.library import open_library

SEED = 7
_BATCH = 64
"""Articles in one `put`, as many as `ingest` puts together."""

_TOLD = 5_000
"""Articles after which the filling tells how far it is."""


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
    stored = folder / "stored.json"
    if not stored.is_file():
        note(f"{articles:,} articles: storing")
        shutil.rmtree(folder / "library", ignore_errors=True)
        stored.write_text(json.dumps(alone(fill, folder / "library", base, articles)), "ascii")
    note(f"{articles:,} articles: building the vector index")
    filled = Filled(*json.loads(stored.read_text("ascii")), alone(sealed, folder / "library"))
    complete.write_text(json.dumps(asdict(filled)), "ascii")
    return filled


def fill(folder: Path, base: Base, articles: int) -> tuple[int, int, float, float]:
    """Store that many articles. Returns (articles, their chunks, seconds in `put`, those of the processor)."""
    library = open_library(folder, open_model())
    entries = grown(base, articles, SEED)
    chunks, spent, busy, stored = 0, 0.0, 0.0, 0
    while batch := list(islice(entries, _BATCH)):
        chunks += sum(len(entry.chunks) for entry in batch)
        begun, worked = time.perf_counter(), time.process_time()
        library.put(batch)
        spent += time.perf_counter() - begun
        busy += time.process_time() - worked
        stored += len(batch)
        if stored % _TOLD < _BATCH:
            note(f"  {stored:,}: {stored / spent:.0f} a second, {stored / busy:.0f} by the processor")
    library.close()
    return articles, chunks, spent, busy


def sealed(folder: Path) -> float:
    """Seconds until the vector index of all is built."""
    library = open_library(folder, open_model())
    took = seconds(library.seal)
    library.close()
    return took

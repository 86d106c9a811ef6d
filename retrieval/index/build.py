"""Bringing the vector index up to what the catalog holds: new chunks sealed into segments, damaged ones built anew.

Segments grow as in a log-structured merge tree (O'Neil et al. 1996): a new one swallows those before it that are no
more than twice its size, so a scope has few, and a row is copied a few times in the life of a library. Building holds
the interpreter's lock for seconds and may meet a full disk, so it is done in a process of its own, one at a time for
a library; searches go on meanwhile, and what is not indexed is scored exactly.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from retrieval.errors import LibraryBusy
from retrieval.index.segments import build
from retrieval.store.database import Catalog
from retrieval.store.reader import Reader, SegmentRow

log = logging.getLogger(__name__)

CATALOG = "catalog.sqlite"
INDEX = "chroma"
_LOCK = "sealing.lock"

_SHARE = 1 / 16
"""New rows are sealed from this share of the indexed ones on: they cost a search more than an index does."""

LEAST = 256
"""Fewer rows than this are never sealed of themselves: comparing them takes a fraction of a millisecond, and starting
the process that builds an index takes seconds."""

_SWALLOWS = 2
"""A segment up to so many times as large as what comes after it is merged with it."""

_LIVE = 0.7
"""A segment with fewer of its rows still current is built anew without the others."""

_BATCH = 5_000

_PATIENCE = 600
"""Seconds to wait for another process that seals: a large library takes minutes."""


@dataclass(frozen=True, slots=True)
class Task:
    """A segment to be built: a scope's chunks with ids from `first` to `last`."""

    scope: str
    model: int
    first: int
    last: int


def tasks(db: Reader, scope: str, model: int, least: int) -> list[Task]:
    """The segments that are due in a scope: for `least` new rows or more, and for damaged ones."""
    listed = db.segments(scope, model)
    after = listed[-1].last if listed else 0
    fresh, newest = db.extent(scope, model, after + 1, None)
    out: list[Task] = []
    kept = listed
    if fresh and fresh >= max(least, _SHARE * sum(one.rows for one in listed)):
        size, first = fresh, after + 1
        while kept and kept[-1].rows <= _SWALLOWS * size:
            size, first, kept = size + kept[-1].rows, kept[-1].first, kept[:-1]
        out.append(Task(scope, model, first, newest))
    for one in kept:
        live, _ = db.extent(scope, model, one.first, one.last)
        if one.damaged or live < _LIVE * one.rows:
            out.append(Task(scope, model, one.first, one.last))
    return out


def due(catalog: Catalog, least: int) -> bool:
    """Whether any scope has a segment to be built."""
    with catalog.read(()) as db:
        model, *_ = db.model()
        return any(tasks(db, scope, model, least) for scope in db.all_scopes())


def seal(data_dir: Path, model: int | None = None, least: int = LEAST) -> str | None:
    """Build what is due, in a child process that does not outlive this one. Returns what went wrong, if anything.

    `model`: the vectors to index, where it is not those that are searched. Returns at once where another process is
    at it.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(data_dir, model, least, there), name="sealing", daemon=True)
    child.start()
    there.close()
    try:
        problem: str = here.recv()
    except EOFError:
        problem = "the process that builds it was stopped"
    child.join()
    return problem or None


def _child(data_dir: Path, model: int | None, least: int, answer: Connection) -> None:
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        build_due(data_dir, model, least)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent says so and goes on without
        answer.send(f"{type(error).__name__}: {error}"[:300])
    else:
        answer.send("")


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def sweep(data_dir: Path) -> None:
    """Delete the folders of segments that are listed no more; left to the next sealing where one is under way."""
    try:
        with FileLock(data_dir / _LOCK).acquire(timeout=0):
            catalog = Catalog(data_dir / CATALOG)
            _sweep(catalog, data_dir / INDEX)
            catalog.close()
    except Timeout:
        return


@contextmanager
def paused(data_dir: Path) -> Iterator[None]:
    """Nothing is sealed meanwhile, in any process. Raises LibraryBusy where one is at it for more than ten minutes."""
    try:
        lock = FileLock(data_dir / _LOCK).acquire(timeout=_PATIENCE)
    except Timeout:
        raise LibraryBusy("another process is building the vector index: try again when it is done") from None
    with lock:
        yield


def build_due(data_dir: Path, model: int | None = None, least: int = LEAST) -> None:
    """Build every segment that is due, and sweep away folders that none is kept in. Nothing where another does it."""
    try:
        lock = FileLock(data_dir / _LOCK).acquire(timeout=0)
    except Timeout:
        return
    with lock:
        catalog = Catalog(data_dir / CATALOG)
        try:
            _sweep(catalog, data_dir / INDEX)
            with catalog.read(()) as db:
                model = model or db.model()[0]
                todo = [task for scope in db.all_scopes() for task in tasks(db, scope, model, least)]
            for task in todo:
                _build(catalog, data_dir / INDEX, task)
            _sweep(catalog, data_dir / INDEX)
        finally:
            catalog.close()


def _build(catalog: Catalog, index: Path, task: Task) -> None:
    index.mkdir(exist_ok=True)
    folder = f"{task.scope}-{secrets.token_hex(6)}"
    with catalog.read(()) as db:
        rows, _ = db.extent(task.scope, task.model, task.first, task.last)
        if rows:
            build(index / folder, rows, _batches(db, task))
    with catalog.write() as db:
        # Meanwhile the last of its chunks may have been removed, or the scope with all it had.
        if rows and db.extent(task.scope, task.model, task.first, task.last)[0]:
            db.put_segment(SegmentRow(folder, task.scope, task.model, task.first, task.last, rows))
        else:
            db.drop_segments(task.scope, task.model, task.first, task.last)


def _batches(db: Reader, task: Task) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]:
    first = task.first
    while True:
        ids, vectors = db.vectors_between(task.scope, task.model, first, task.last, _BATCH)
        if not len(ids):
            return
        yield ids, vectors
        first = int(ids[-1]) + 1


def _sweep(catalog: Catalog, index: Path) -> None:
    """Delete what is listed nowhere: merged segments, and what a crash left half built."""
    if not index.is_dir():
        return
    with catalog.read(()) as db:
        listed = db.folders()
    for path in index.iterdir():
        if path.is_dir() and path.name not in listed:
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_file():
            # The first schema's index kept its database here.
            path.unlink(missing_ok=True)

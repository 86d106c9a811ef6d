"""Sealing: building segments of the vector index for new chunks, and rebuilding damaged segments.

Segments grow as in a log-structured merge tree (O'Neil et al. 1996): a new one absorbs those before it that are no more
than twice its size, so a scope has few segments and a row is copied only a few times in the life of a library. Building
holds the interpreter's lock for seconds and may run into a full disk, so it is done in a child process, one at a time
per library; searches go on meanwhile, and chunks that are not indexed yet are scored exactly.
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
from retrieval.index.segments import build_segment
from retrieval.store.database import Catalog
from retrieval.store.reader import CatalogReader, SegmentRow

log = logging.getLogger(__name__)

CATALOG_FILE = "catalog.sqlite"
INDEX_FOLDER = "chroma"
_LOCK_FILE = "sealing.lock"

_MIN_NEW_SHARE = 1 / 16
"""New rows are sealed once they are this share of the indexed rows: from there on they slow a search down more than a
further segment does."""

MIN_NEW_ROWS = 256
"""Minimum number of new rows that are sealed by default: comparing fewer takes a fraction of a millisecond, while
starting the process that builds an index takes seconds."""

_MAX_MERGE_RATIO = 2
"""A segment is merged with the rows after it if it is at most this many times as large."""

_MIN_LIVE_SHARE = 0.7
"""A segment is rebuilt if less than this share of its rows are still current."""

_BATCH_ROWS = 5_000

_LOCK_TIMEOUT = 600
"""Seconds to wait for another process that is sealing; a large library takes minutes."""


@dataclass(frozen=True, slots=True)
class SegmentTask:
    """A segment to be built: a scope's chunks with ids from `first` to `last`."""

    scope: str
    model: int
    first: int
    last: int


def due_tasks(db: CatalogReader, scope: str, model: int, least: int) -> list[SegmentTask]:
    """The segments to be built in a scope: for new rows, if there are at least `least`, and for damaged segments."""
    segments = db.segments(scope, model)
    after = segments[-1].last if segments else 0
    new_rows, newest = db.vector_extent(scope, model, after + 1, None)
    out: list[SegmentTask] = []
    unmerged = segments
    if new_rows and new_rows >= max(least, _MIN_NEW_SHARE * sum(segment.rows for segment in segments)):
        size, first = new_rows, after + 1
        while unmerged and unmerged[-1].rows <= _MAX_MERGE_RATIO * size:
            size, first, unmerged = size + unmerged[-1].rows, unmerged[-1].first, unmerged[:-1]
        out.append(SegmentTask(scope, model, first, newest))
    for segment in unmerged:
        live, _ = db.vector_extent(scope, model, segment.first, segment.last)
        if segment.damaged or live < _MIN_LIVE_SHARE * segment.rows:
            out.append(SegmentTask(scope, model, segment.first, segment.last))
    return out


def is_due(catalog: Catalog, least: int) -> bool:
    """Whether any scope has a segment to be built."""
    with catalog.open_reader(()) as db:
        model, *_ = db.model()
        return any(due_tasks(db, scope, model, least) for scope in db.all_scopes())


def seal(data_dir: Path, model: int | None = None, least: int = MIN_NEW_ROWS) -> str | None:
    """Build the segments that are due, in a child process that does not outlive this one. Returns an error message.

    `model`: the embedding whose vectors are indexed, by default the one that is searched. Returns None on success, and
    at once if another process is sealing.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_run_child, args=(data_dir, model, least, sender), name="sealing", daemon=True)
    child.start()
    sender.close()
    try:
        problem: str = receiver.recv()
    except EOFError:
        problem = "the process that builds it was stopped"
    child.join()
    return problem or None


def _run_child(data_dir: Path, model: int | None, least: int, sender: Connection) -> None:
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        build_due(data_dir, model, least)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent reports it and goes on
        sender.send(f"{type(error).__name__}: {error}"[:300])
    else:
        sender.send("")


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def sweep(data_dir: Path) -> None:
    """Delete the folders of segments that are no longer listed; while a process is sealing, it is left to that one."""
    try:
        with FileLock(data_dir / _LOCK_FILE).acquire(timeout=0):
            catalog = Catalog(data_dir / CATALOG_FILE)
            _delete_unlisted(catalog, data_dir / INDEX_FOLDER)
            catalog.close()
    except Timeout:
        return


@contextmanager
def pause_sealing(data_dir: Path) -> Iterator[None]:
    """Keep all processes from sealing. Raises LibraryBusy if one is still sealing after `_LOCK_TIMEOUT`."""
    try:
        lock = FileLock(data_dir / _LOCK_FILE).acquire(timeout=_LOCK_TIMEOUT)
    except Timeout:
        raise LibraryBusy("another process is building the vector index: try again when it is done") from None
    with lock:
        yield


def build_due(data_dir: Path, model: int | None = None, least: int = MIN_NEW_ROWS) -> None:
    """Build every segment that is due and delete unlisted folders. Does nothing if another process is sealing."""
    try:
        lock = FileLock(data_dir / _LOCK_FILE).acquire(timeout=0)
    except Timeout:
        return
    with lock:
        catalog = Catalog(data_dir / CATALOG_FILE)
        try:
            _delete_unlisted(catalog, data_dir / INDEX_FOLDER)
            with catalog.open_reader(()) as db:
                model = model or db.model()[0]
                tasks = [task for scope in db.all_scopes() for task in due_tasks(db, scope, model, least)]
            for task in tasks:
                _build_task(catalog, data_dir / INDEX_FOLDER, task)
            _delete_unlisted(catalog, data_dir / INDEX_FOLDER)
        finally:
            catalog.close()


def _build_task(catalog: Catalog, index: Path, task: SegmentTask) -> None:
    index.mkdir(exist_ok=True)
    folder = f"{task.scope}-{secrets.token_hex(6)}"
    with catalog.open_reader(()) as db:
        rows, _ = db.vector_extent(task.scope, task.model, task.first, task.last)
        if rows:
            build_segment(index / folder, rows, _vector_batches(db, task))
    with catalog.open_writer() as db:
        # Its last chunks, or the whole scope, may have been removed meanwhile.
        if rows and db.vector_extent(task.scope, task.model, task.first, task.last)[0]:
            db.put_segment(SegmentRow(folder, task.scope, task.model, task.first, task.last, rows))
        else:
            db.drop_segments(task.scope, task.model, task.first, task.last)


def _vector_batches(
    db: CatalogReader, task: SegmentTask
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]:
    first = task.first
    while True:
        ids, vectors = db.vectors_between(task.scope, task.model, first, task.last, _BATCH_ROWS)
        if not len(ids):
            return
        yield ids, vectors
        first = int(ids[-1]) + 1


def _delete_unlisted(catalog: Catalog, index: Path) -> None:
    """Delete the folders that are not listed: merged segments, and segments that a crash left half built."""
    if not index.is_dir():
        return
    with catalog.open_reader(()) as db:
        listed = db.segment_folders()
    for path in index.iterdir():
        if path.is_dir() and path.name not in listed:
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_file():
            # The index of the first schema kept its database here.
            path.unlink(missing_ok=True)

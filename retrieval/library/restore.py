"""Restoring a backup: it is checked completely before anything is replaced, and the library it replaces is kept.

The restored catalog is copied over the current one in a single transaction, so other processes may have the library
open: a reader sees either the old library or the restored one, and a writer continues with the restored one.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from retrieval.errors import BackupError, ForeignDatabase, LibraryBusy, LibraryError
from retrieval.index import build
from retrieval.index.search import VectorIndex
from retrieval.library.checkup import open_checker
from retrieval.store import backup
from retrieval.store.backup import Manifest
from retrieval.store.database import Catalog
from retrieval.store.migrate import lock_library, migrate
from retrieval.store.schema import connect_read_only
from retrieval.store.sqlite_errors import disk_error, translate_write_errors

log = logging.getLogger(__name__)

_STAGING_PREFIX = "restoring-"
_WRITER_TIMEOUT = 60
"""Seconds to wait for other processes to stop writing; a single write takes only a moment."""


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """The manifest of the restored backup, and where the replaced library is kept: None if there was none."""

    manifest: Manifest
    replaced_library: Path | None


def restore(data_dir: Path, file: Path) -> RestoreResult:
    """Replace the library in a folder, which may be empty or not exist, by the library of a backup.

    The replaced library is kept in the folder `backups`. The vector index is left to `index.build.seal`; searches work
    without it. If it is stopped at any point, the library is either the old one or the restored one. Raises BackupError
    for a file that is not a sound backup, ForeignDatabase, StorageFull, LibraryBusy.
    """
    # A file that is not a backup is refused before any folder is created or lock is waited for.
    backup.read_manifest(file)
    path = data_dir / build.CATALOG_FILE
    with translate_write_errors():
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise LibraryError(f"{data_dir} is not a folder: set ONRECORD_DATA_DIR to one") from None
        with lock_library(data_dir), _staging_folder(data_dir) as folder:
            manifest = backup.extract(file, folder / build.CATALOG_FILE)
            _prepare(folder, file, manifest)
            set_aside = _ensure_usable_catalog(path)
            with build.pause_sealing(data_dir):
                replaced = _replace_catalog(path, folder / build.CATALOG_FILE)
            backup.prune_automatic(path, spare=file)
    return RestoreResult(manifest, replaced or set_aside)


@contextmanager
def _staging_folder(data_dir: Path) -> Iterator[Path]:
    for leftover in data_dir.glob(f"{_STAGING_PREFIX}*"):
        # Left by a restore that was killed; no other one can be under way.
        shutil.rmtree(leftover, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=data_dir))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, file: Path, manifest: Manifest) -> None:
    """Migrate an extracted catalog to the current schema and check it. Raises BackupError if it is not sound."""
    if manifest.embedding is None:
        raise BackupError(f"{file} holds a library that was never used: there is nothing to restore")
    path = folder / build.CATALOG_FILE
    try:
        migrate(path, keep=False)
        catalog = Catalog(path)
        try:
            with catalog.open_writer() as db:
                # Its chunk ids may stand for other chunks than in the current library, and it comes without its index.
                db.begin_lineage()
                db.forget_segments()
            with open_checker(catalog) as checker:
                checkup = checker.check(VectorIndex(folder / build.INDEX_FOLDER), deep=True)
        finally:
            catalog.close()
    except sa.exc.DatabaseError as error:
        raise disk_error(error) or BackupError(f"{file} holds a damaged library: use another backup") from error
    if checkup.problems:
        raise BackupError(f"{file} holds a damaged library ({checkup.problems[0]}): use another backup")


def _ensure_usable_catalog(path: Path) -> Path | None:
    """Create, open or migrate the current catalog; if it cannot be used, move it to the returned folder."""
    try:
        Catalog(path).close()
    except ForeignDatabase:
        raise
    except LibraryError as error:
        log.info("the catalog cannot be used (%s): it is put aside", error)
        _require_unused(path)
        folder = _set_aside(path, move=True)
        Catalog(path).close()
        return folder
    return None


def _require_unused(path: Path) -> None:
    """Raise LibraryBusy if another process has a catalog open; a file that is not a database is not open anywhere."""
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as db:
            db.execute("pragma locking_mode = exclusive")
            db.execute("begin exclusive")
            db.execute("rollback")
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise LibraryBusy("another process has the library open: stop it, then restore") from error


def _set_aside(path: Path, *, move: bool) -> Path:
    """Keep a catalog's files unchanged in a new folder beside the automatic backups."""
    backups = path.parent / backup.AUTOMATIC_FOLDER
    backups.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="damaged-", dir=backups))
    for file in (path, *(path.with_name(f"{path.name}-{ending}") for ending in ("wal", "shm"))):
        if file.exists():
            (shutil.move if move else shutil.copy2)(file, folder / file.name)
    return folder


def _replace_catalog(path: Path, restored: Path) -> Path | None:
    """Copy a restored catalog over the current one in one transaction. Returns where the current one is kept."""
    replaced: Path | None = None
    has_lock = False
    deadline = time.monotonic() + _WRITER_TIMEOUT

    def keep_current(status: int, _remaining: int, _total: int) -> None:
        # After its first step the copy holds the write lock, so nothing is written after what is kept here.
        nonlocal has_lock, replaced
        if status == sqlite3.SQLITE_OK and not has_lock:
            has_lock = True
            replaced = _back_up_current(path)
        elif status != sqlite3.SQLITE_OK and not has_lock and time.monotonic() > deadline:
            raise LibraryBusy("another process keeps writing to the library: stop it, then restore")

    with closing(connect_read_only(restored)) as source, closing(sqlite3.connect(path, timeout=1)) as live:
        live.execute("pragma journal_mode = wal")
        live.execute("pragma synchronous = full")
        pages: int = source.execute("pragma page_count").fetchone()[0]
        # In at least two steps, so that `keep_current` is called before the copy is complete.
        source.backup(live, pages=max(1, min(1_000, pages // 2)), progress=keep_current, sleep=0.1)
    return replaced


def _back_up_current(path: Path) -> Path | None:
    """Keep the library that is about to be replaced, unless it is empty."""
    try:
        with closing(connect_read_only(path)) as db:
            if db.execute("select 1 from versions limit 1").fetchone() is None:
                return None
        return backup.write_automatic(path, "before-restore")
    except BackupError:
        raise
    except (LibraryError, sqlite3.DatabaseError) as error:
        if isinstance(error, sqlite3.DatabaseError) and disk_error(error):
            raise
        # It is too damaged for a backup.
        return _set_aside(path, move=False)

"""Restoring a backup: checked from end to end before anything is replaced, and what was there is kept.

The restored catalog is copied into the one in use in a single transaction, so other processes may have the library
open: a reader sees the old library or the restored one, and a writer goes on in the restored one.
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
from retrieval.library.checkup import checking
from retrieval.store import backup
from retrieval.store.backup import Manifest
from retrieval.store.database import Catalog
from retrieval.store.migrate import migrate, upkeep
from retrieval.store.schema import read_only
from retrieval.store.sqlite_errors import meaning, writing

log = logging.getLogger(__name__)

_STAGING = "restoring-"
_PATIENCE = 60
"""Seconds to wait for other writers, each of which is done in a moment."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where that which it replaced is kept: None where there was nothing."""

    manifest: Manifest
    kept: Path | None


def restore(data_dir: Path, file: Path) -> Restored:
    """Put the library of a backup in the place of the one in a folder, which may be empty or not exist.

    What was there is kept in the folder `backups`. The vector index is left for `sealing.seal` to build; searches need
    none. Stopped at any point, the library is the old one or the restored one. Raises BackupError for a file that is
    no sound backup, ForeignDatabase, StorageFull, LibraryBusy.
    """
    # Before anything is made or waited for.
    backup.read(file)
    path = data_dir / build.CATALOG
    with writing():
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise LibraryError(f"{data_dir} is not a folder: set ONRECORD_DATA_DIR to one") from None
        with upkeep(data_dir), _staging(data_dir) as folder:
            manifest = backup.extract(file, folder / build.CATALOG)
            _prepare(folder, file, manifest)
            aside = _opened_or_aside(path)
            with build.paused(data_dir):
                kept = _take_over(path, folder / build.CATALOG)
            backup.prune(path, spare=file)
    return Restored(manifest, kept or aside)


@contextmanager
def _staging(data_dir: Path) -> Iterator[Path]:
    for left in data_dir.glob(f"{_STAGING}*"):
        # Of a restoring that was killed: there is no other under way.
        shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=data_dir))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path, file: Path, manifest: Manifest) -> None:
    """Bring an extracted catalog up to date and look it over. Raises BackupError where it is not sound."""
    if manifest.embedding is None:
        raise BackupError(f"{file} holds a library that was never used: there is nothing to restore")
    path = folder / build.CATALOG
    try:
        migrate(path, keep=False)
        catalog = Catalog(path)
        try:
            with catalog.write() as db:
                # Chunk ids may have been given to others meanwhile, and the index is not in the backup.
                db.begin_lineage()
                db.forget_segments()
            with checking(catalog) as db:
                found = db.checkup(VectorIndex(folder / build.INDEX), deep=True)
        finally:
            catalog.close()
    except sa.exc.DatabaseError as error:
        raise meaning(error) or BackupError(f"{file} holds a damaged library: use another backup") from error
    if found.problems:
        raise BackupError(f"{file} holds a damaged library ({found.problems[0]}): use another backup")


def _opened_or_aside(path: Path) -> Path | None:
    """See that there is a catalog of this schema; one that cannot be used is moved to the folder that is returned."""
    try:
        Catalog(path).close()
    except ForeignDatabase:
        raise
    except LibraryError as error:
        log.info("the catalog cannot be used (%s): it is put aside", error)
        _nobody_uses(path)
        aside = _put_aside(path, move=True)
        Catalog(path).close()
        return aside
    return None


def _nobody_uses(path: Path) -> None:
    """Raise LibraryBusy where another process has a catalog open; one that is no database can be open nowhere."""
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as db:
            db.execute("pragma locking_mode = exclusive")
            db.execute("begin exclusive")
            db.execute("rollback")
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise LibraryBusy("another process has the library open: stop it, then restore") from error


def _put_aside(path: Path, *, move: bool) -> Path:
    """Keep a catalog's files, as they are, in a folder of their own among the backups."""
    folder = path.parent / backup.FOLDER
    folder.mkdir(exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix="damaged-", dir=folder))
    for one in (path, *(path.with_name(f"{path.name}-{ending}") for ending in ("wal", "shm"))):
        if one.exists():
            (shutil.move if move else shutil.copy2)(one, aside / one.name)
    return aside


def _take_over(path: Path, restored: Path) -> Path | None:
    """Copy a catalog over another in one transaction, and return where the other is kept as it was before."""
    kept: Path | None = None
    asked = False
    deadline = time.monotonic() + _PATIENCE

    def before(status: int, _remaining: int, _total: int) -> None:
        # After the first step the copying holds the write lock: nothing gets in between what is kept and what comes.
        nonlocal asked, kept
        if status == sqlite3.SQLITE_OK and not asked:
            asked = True
            kept = _kept(path)
        elif status != sqlite3.SQLITE_OK and not asked and time.monotonic() > deadline:
            raise LibraryBusy("another process keeps writing to the library: stop it, then restore")

    with closing(read_only(restored)) as source, closing(sqlite3.connect(path, timeout=1)) as live:
        live.execute("pragma journal_mode = wal")
        live.execute("pragma synchronous = full")
        pages: int = source.execute("pragma page_count").fetchone()[0]
        # In two steps at least.
        source.backup(live, pages=max(1, min(1_000, pages // 2)), progress=before, sleep=0.1)
    return kept


def _kept(path: Path) -> Path | None:
    """Keep the library that is about to be replaced, unless it is empty."""
    try:
        with closing(read_only(path)) as db:
            if db.execute("select 1 from versions limit 1").fetchone() is None:
                return None
        return backup.automatic(path, "before-restore")
    except BackupError:
        raise
    except (LibraryError, sqlite3.DatabaseError) as error:
        if isinstance(error, sqlite3.DatabaseError) and meaning(error):
            raise
        # Too damaged for a backup.
        return _put_aside(path, move=False)

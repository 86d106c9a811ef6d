"""Migrating the catalog of an earlier release to the current schema, completely or not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from retrieval.errors import LibraryBusy
from retrieval.store import backup
from retrieval.store.schema import SCHEMA, unusable_catalog_error
from retrieval.store.sqlite_errors import disk_error
from retrieval.store.tables import open_engine

log = logging.getLogger(__name__)

_LOCK_FILE = "migration.lock"
_LOCK_TIMEOUT = 600
"""Seconds to wait for another process that is migrating or restoring; a large library takes minutes."""

_NOTICE = (
    "the library is of an earlier release: bringing it from schema %d to %d; it is kept as it was in %s, "
    "and its vector index is built anew by the next onrecord ingest or onrecord doctor"
)


@contextmanager
def lock_library(data_dir: Path) -> Iterator[None]:
    """Hold the lock for changes to the library as a whole. Raises LibraryBusy after `_LOCK_TIMEOUT`.

    Re-entrant within a process, because restoring may have to migrate.
    """
    try:
        lock = FileLock(data_dir / _LOCK_FILE, is_singleton=True).acquire(timeout=_LOCK_TIMEOUT)
    except Timeout:
        raise LibraryBusy(
            "another process is migrating or restoring the library: run the command again when it is done"
        ) from None
    with lock:
        yield


def migrate(path: Path, *, keep: bool = True) -> None:
    """Migrate a catalog to SCHEMA; `keep`: back it up first, to the folder `backups` beside it.

    Other processes may read meanwhile but not write. If it is interrupted at any point, the catalog is unchanged.
    Raises LibraryError if the catalog is damaged, StorageFull, LibraryBusy.
    """
    with lock_library(path.parent):
        engine = open_engine(path)
        saved: Path | None = None
        try:
            with engine.execution_options(write=True).begin() as db:
                before = db.exec_driver_sql("pragma user_version").scalar_one()
                if before == SCHEMA:
                    # Another process has migrated it meanwhile.
                    return
                # The write lock is held, so nothing is written between the backup and the migration.
                if keep:
                    saved = backup.write_automatic(path, f"before-schema-{SCHEMA}")
                    log.warning(_NOTICE, before, SCHEMA, saved)
                _upgrade(db, before)
        except BaseException as error:
            if saved is not None:
                # The library is unchanged, and the next attempt makes a backup of its own.
                saved.unlink(missing_ok=True)
            if isinstance(error, sa.exc.DatabaseError):
                raise disk_error(error) or unusable_catalog_error(path, error.orig) from error
            raise
        finally:
            engine.dispose()
        if saved is not None:
            backup.prune_automatic(path)


def _upgrade(db: sa.Connection, before: int) -> None:
    # Imported here because Alembic is slow to import and a current library does not need it. Alembic's own table is
    # created and dropped in this transaction: the schema's number is kept in `PRAGMA user_version` alone.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "retrieval.store:migrations")
    config.attributes["connection"] = db
    command.stamp(config, f"{before:04d}")
    command.upgrade(config, f"{SCHEMA:04d}")
    db.exec_driver_sql("drop table alembic_version")
    db.exec_driver_sql(f"pragma user_version = {SCHEMA}")

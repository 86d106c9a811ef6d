"""Bringing the catalog of an earlier release up to the present schema, whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from retrieval.errors import LibraryBusy
from retrieval.store import backup
from retrieval.store.schema import SCHEMA, unusable
from retrieval.store.sqlite_errors import meaning
from retrieval.store.tables import open_engine

log = logging.getLogger(__name__)

_LOCK = "migration.lock"
_PATIENCE = 600
"""Seconds to wait for another process that migrates or restores: a large library takes minutes."""

_NOTICE = (
    "the library is of an earlier release: bringing it from schema %d to %d; it is kept as it was in %s, "
    "and its vector index is built anew by the next onrecord ingest or onrecord doctor"
)


@contextmanager
def upkeep(data_dir: Path) -> Iterator[None]:
    """For one process at a time: what changes the library as a whole. Raises LibraryBusy after ten minutes.

    May be entered again by who is in it: restoring may have to migrate.
    """
    try:
        lock = FileLock(data_dir / _LOCK, is_singleton=True).acquire(timeout=_PATIENCE)
    except Timeout:
        raise LibraryBusy(
            "another process is migrating or restoring the library: run the command again when it is done"
        ) from None
    with lock:
        yield


def migrate(path: Path, *, keep: bool = True) -> None:
    """Bring a catalog up to SCHEMA; `keep` makes a backup of it first, in the folder `backups` beside it.

    Another process may read meanwhile and none can write; stopped at any point, the catalog is as it was. Raises
    LibraryError where its content does not allow it, StorageFull, LibraryBusy.
    """
    with upkeep(path.parent):
        engine = open_engine(path)
        kept: Path | None = None
        try:
            with engine.execution_options(write=True).begin() as db:
                before = db.exec_driver_sql("pragma user_version").scalar_one()
                if before == SCHEMA:
                    # Another process was quicker.
                    return
                # The write lock is held: nothing gets in between the backup and what follows.
                if keep:
                    kept = backup.automatic(path, f"before-schema-{SCHEMA}")
                    log.warning(_NOTICE, before, SCHEMA, kept)
                _upgrade(db, before)
        except BaseException as error:
            if kept is not None:
                # The library is as it was, and the next attempt makes another.
                kept.unlink(missing_ok=True)
            if isinstance(error, sa.exc.DatabaseError):
                raise meaning(error) or unusable(path, error.orig) from error
            raise
        finally:
            engine.dispose()
        if kept is not None:
            backup.prune(path)


def _upgrade(db: sa.Connection, before: int) -> None:
    # Alembic takes a while to import, and a library that is current does not need it. Its own table lives in this
    # transaction alone: the schema's number stands in `PRAGMA user_version` and nowhere else.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "retrieval.store:migrations")
    config.attributes["connection"] = db
    command.stamp(config, f"{before:04d}")
    command.upgrade(config, f"{SCHEMA:04d}")
    db.exec_driver_sql("drop table alembic_version")
    db.exec_driver_sql(f"pragma user_version = {SCHEMA}")

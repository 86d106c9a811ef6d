"""The catalog as one SQLite file: creating and opening it, and its read and write transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from retrieval.errors import ForeignDatabase, LibraryError
from retrieval.store import tables_feeds, tables_replies  # noqa: F401 - registers their tables
from retrieval.store.reader import CatalogReader
from retrieval.store.schema import SCHEMA, schema_of, unusable_catalog_error
from retrieval.store.sqlite_errors import disk_error
from retrieval.store.tables import LEXICAL_INDEX, SIZE_TRIGGERS, SPEAKER_TRIGGERS, metadata, open_engine
from retrieval.store.writer import CatalogWriter


class Catalog:
    """The catalog in one SQLite file, created if missing. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open the catalog, migrating one of an earlier release.

        Raises LibraryError for a file that a later release wrote or that is not a catalog, leaving it unchanged,
        StorageFull for a disk that is full or cannot be written, LibraryBusy if another process is migrating it and
        takes too long.
        """
        self.path = path
        schema = schema_of(path)
        if 0 < schema < SCHEMA:
            from retrieval.store.migrate import migrate

            migrate(path)
        self._engine = open_engine(path)
        try:
            if not schema:
                with self._engine.execution_options(write=True).begin() as db:
                    _create_tables(db, path)
        except sa.exc.DatabaseError as error:
            self._engine.dispose()
            raise disk_error(error) or unusable_catalog_error(path, error.orig) from error
        except LibraryError:
            self._engine.dispose()
            raise

    @contextmanager
    def open_reader(self, scopes: Sequence[str]) -> Iterator[CatalogReader]:
        """A reader of one state of the catalog, for any number of queries."""
        with self._engine.begin() as db:
            yield CatalogReader(db, scopes)

    @contextmanager
    def open_writer(self, scopes: Sequence[str] = ()) -> Iterator[CatalogWriter]:
        """A writer whose changes are made together or not at all; `scopes` limits what its queries read."""
        with self._engine.execution_options(write=True).begin() as db:
            yield CatalogWriter(db, scopes)

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and truncate it, so that no deleted content is left in it.

        False if a reader of an older state held it up for longer than the time-out; the last process to close the
        catalog then empties the log.
        """
        connection = self._engine.raw_connection()
        try:
            busy, *_ = connection.cursor().execute("pragma wal_checkpoint(truncate)").fetchone()
        finally:
            connection.close()
        return not busy

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        """A transaction for tables that do not belong to articles, such as feeds and replies."""
        with self._engine.execution_options(write=write).begin() as db:
            yield db

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()


def _create_tables(db: sa.Connection, path: Path) -> None:
    if db.exec_driver_sql("pragma user_version").scalar() == SCHEMA:
        # Another process has created them meanwhile.
        return
    if sa.inspect(db).get_table_names():
        raise ForeignDatabase(f"{path} is another program's database: move it away or set ONRECORD_DATA_DIR")
    metadata.create_all(db)
    for statement in (*LEXICAL_INDEX, *SIZE_TRIGGERS, *SPEAKER_TRIGGERS):
        db.exec_driver_sql(statement)
    db.exec_driver_sql(f"pragma user_version = {SCHEMA}")

"""The catalog as one SQLite file: opening it, reading and changing it, copying it while it is in use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from retrieval.errors import ForeignDatabase, LibraryError
from retrieval.store import tables_feeds, tables_replies  # noqa: F401 - their tables are made with the others
from retrieval.store.reader import Reader
from retrieval.store.schema import SCHEMA, schema_of, unusable
from retrieval.store.sqlite_errors import meaning
from retrieval.store.tables import COUNTING, LEXICAL, SPEAKING, metadata, open_engine
from retrieval.store.writer import Writer


class Catalog:
    """The catalog in one SQLite file, made when it is not there. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open it, bringing one of an earlier release up to date.

        Raises LibraryError for a file of a later release or one that is no catalog, which is left as it is, StorageFull
        for the disk, LibraryBusy where another process is long about bringing it up to date.
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
                    _make(db, path)
        except sa.exc.DatabaseError as error:
            self._engine.dispose()
            raise meaning(error) or unusable(path, error.orig) from error
        except LibraryError:
            self._engine.dispose()
            raise

    @contextmanager
    def read(self, scopes: Sequence[str]) -> Iterator[Reader]:
        """One state of the catalog, for as many queries as needed."""
        with self._engine.begin() as db:
            yield Reader(db, scopes)

    @contextmanager
    def write(self, scopes: Sequence[str] = ()) -> Iterator[Writer]:
        """One change, whole or not at all; what it reads besides is read in `scopes`."""
        with self._engine.execution_options(write=True).begin() as db:
            yield Writer(db, scopes)

    def empty_log(self) -> bool:
        """Move the write-ahead log into the file and cut it to nothing, so that nothing deleted is left in it.

        False where somebody has been reading an older state of the catalog for longer than the time-out: then the last
        process to close the catalog does it.
        """
        connection = self._engine.raw_connection()
        try:
            busy, *_ = connection.cursor().execute("pragma wal_checkpoint(truncate)").fetchone()
        finally:
            connection.close()
        return not busy

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        """A transaction for tables that are no part of any article."""
        with self._engine.execution_options(write=write).begin() as db:
            yield db

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()


def _make(db: sa.Connection, path: Path) -> None:
    if db.exec_driver_sql("pragma user_version").scalar() == SCHEMA:
        # Another process was quicker.
        return
    if sa.inspect(db).get_table_names():
        raise ForeignDatabase(f"{path} is another program's database: move it away or set ONRECORD_DATA_DIR")
    metadata.create_all(db)
    for statement in (*LEXICAL, *COUNTING, *SPEAKING):
        db.exec_driver_sql(statement)
    db.exec_driver_sql(f"pragma user_version = {SCHEMA}")

"""The catalog as one SQLite file: opening it, reading and changing it, copying it while it is in use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from retrieval import feed_tables  # noqa: F401 - its tables are made with the others
from retrieval.catalog import Reader
from retrieval.changes import Writer
from retrieval.checkup import Checks
from retrieval.errors import LibraryError
from retrieval.storage import meaning
from retrieval.tables import COUNTING, LEXICAL, metadata, open_engine

SCHEMA = 2
"""Stored in `PRAGMA user_version`; a file with a higher one was written by a later release."""


class Catalog:
    """The catalog in one SQLite file, made when it is not there. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises LibraryError for a file of another release or one that is none, StorageFull for the disk."""
        self.path = path
        self._engine = open_engine(path)
        try:
            with self._engine.begin() as db:
                ready = _schema(db, path) == SCHEMA
            if not ready:
                with self._engine.execution_options(write=True).begin() as db:
                    _make(db, path)
        except sa.exc.DatabaseError as error:
            self._engine.dispose()
            raise meaning(error) or LibraryError(
                f"{path} cannot be used as a catalog ({error.orig}): restore it or move it away"
            ) from error
        except LibraryError:
            self._engine.dispose()
            raise

    @contextmanager
    def read(self, scopes: Sequence[str]) -> Iterator[Reader]:
        """One state of the catalog, for as many queries as needed."""
        with self._engine.begin() as db:
            yield Reader(db, scopes)

    @contextmanager
    def checking(self) -> Iterator[Checks]:
        """One state of the whole catalog, to look it over."""
        with self._engine.begin() as db:
            yield Checks(db, ())

    @contextmanager
    def write(self, scopes: Sequence[str] = ()) -> Iterator[Writer]:
        """One change, whole or not at all; what it reads besides is read in `scopes`."""
        with self._engine.execution_options(write=True).begin() as db:
            yield Writer(db, scopes)

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        """A transaction for tables that are no part of any article."""
        with self._engine.execution_options(write=write).begin() as db:
            yield db

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()


def _schema(db: sa.Connection, path: Path) -> int:
    schema = db.exec_driver_sql("pragma user_version").scalar() or 0
    if schema > SCHEMA:
        raise LibraryError(f"{path} was written by a later release of onrecord: upgrade to use it")
    return schema


def _make(db: sa.Connection, path: Path) -> None:
    if _schema(db, path) == SCHEMA:
        # Another process was quicker.
        return
    if sa.inspect(db).get_table_names():
        raise LibraryError(f"{path} is another program's database: move it away or set ONRECORD_DATA_DIR")
    metadata.create_all(db)
    for statement in (*LEXICAL, *COUNTING):
        db.exec_driver_sql(statement)
    db.exec_driver_sql(f"pragma user_version = {SCHEMA}")

"""Which schema a catalog's file has, found without changing a byte of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from retrieval.errors import ForeignDatabase, LibraryError
from retrieval.store.sqlite_errors import meaning

SCHEMA = 7
"""The schema this release reads and writes, kept in `PRAGMA user_version`. A change adds one here, changes `tables`,
and comes with a file in `migrations/versions` that leads there from the one before."""

_MARKS = {"meta", "articles", "versions", "chunks", "statements"}
"""Tables that a catalog has in every schema."""


def schema_of(path: Path) -> int:
    """The schema of a catalog; 0 for a file that is missing or empty, so that one can be made there.

    Raises ForeignDatabase for a database of another program, LibraryError for one of a later release and for a damaged
    file, StorageFull for one that cannot be opened in its folder.
    """
    if not path.exists() or not path.stat().st_size:
        return 0
    try:
        with closing(read_only(path)) as db:
            # One state of the file: another process may make the tables between the two readings.
            db.execute("begin")
            schema: int = db.execute("pragma user_version").fetchone()[0]
            tables = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}
    except sqlite3.DatabaseError as error:
        raise meaning(error) or unusable(path, error) from error
    if (tables or schema) and (schema < 1 or not tables >= _MARKS):
        raise ForeignDatabase(f"{path} is another program's database: move it away or set ONRECORD_DATA_DIR")
    if schema > SCHEMA:
        raise LibraryError(f"{path} was written by a later release of onrecord: upgrade onrecord to use it")
    return schema


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot change the file. Raises sqlite3.DatabaseError where SQLite cannot open it."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)


def unusable(path: Path, reason: object) -> LibraryError:
    """The error for a file that SQLite cannot use."""
    return LibraryError(f"{path} cannot be used as a catalog ({reason}): restore a backup or move it away")

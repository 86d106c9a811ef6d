"""Determining the schema of a catalog file without changing the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from retrieval.errors import ForeignDatabase, LibraryError
from retrieval.store.sqlite_errors import disk_error

SCHEMA = 8
"""The schema that this release reads and writes, stored in `PRAGMA user_version`. To change the schema, add one here,
change `tables`, and add a file to `migrations/versions` that migrates the schema before."""

_CATALOG_TABLES = {"meta", "articles", "versions", "chunks", "statements"}
"""Tables that a catalog of every schema has."""


def schema_of(path: Path) -> int:
    """The schema of a catalog; 0 for a file that is missing or empty, where a catalog may be created.

    Raises ForeignDatabase for another program's database, LibraryError for a catalog of a later release and for a
    damaged file, StorageFull for a file that cannot be opened in its folder.
    """
    if not path.exists() or not path.stat().st_size:
        return 0
    try:
        with closing(connect_read_only(path)) as db:
            # Both queries read one state of the file: another process may be creating the tables.
            db.execute("begin")
            schema: int = db.execute("pragma user_version").fetchone()[0]
            tables = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}
    except sqlite3.DatabaseError as error:
        raise disk_error(error) or unusable_catalog_error(path, error) from error
    if (tables or schema) and (schema < 1 or not tables >= _CATALOG_TABLES):
        raise ForeignDatabase(f"{path} is another program's database: move it away or set ONRECORD_DATA_DIR")
    if schema > SCHEMA:
        raise LibraryError(f"{path} was written by a later release of onrecord: upgrade onrecord to use it")
    return schema


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot change the file. Raises sqlite3.DatabaseError if SQLite cannot open it."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)


def unusable_catalog_error(path: Path, reason: object) -> LibraryError:
    """The error for a file that SQLite cannot use as a catalog."""
    return LibraryError(f"{path} cannot be used as a catalog ({reason}): restore a backup or move it away")

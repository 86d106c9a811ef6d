"""The words for a disk that is full or may not be written, and for a catalog that is damaged, busy or none."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from retrieval.errors import LibraryBusy, LibraryError, OnRecordError, StorageFull

_NO_SPACE = ("database or disk is full", "no space left")
_FULL = (*_NO_SPACE, "disk i/o error")
_MAY_NOT = ("readonly database", "read-only")
_READ_ONLY = (*_MAY_NOT, "unable to open database file", "permission denied")
_DAMAGED = ("malformed", "not a database", "no such table", "no such column")
_BUSY = ("database is locked", "database table is locked")
_IS_FULL = "the disk is full: free space and run the command again; nothing stored is lost"
_IS_READ_ONLY = "the data folder cannot be written: check its permissions or set ONRECORD_DATA_DIR"
_IS_BUSY = (
    "another process has been writing to the library all the while: run the command again; nothing stored is lost"
)


@contextmanager
def reading() -> Iterator[None]:
    """Raise LibraryError, LibraryBusy or StorageFull for SQLite's errors that mean so."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        meant = meaning(error) or _of_the_catalog(error)
        if meant is None:
            raise
        raise meant from error


@contextmanager
def writing() -> Iterator[None]:
    """The same, and StorageFull for the system's errors that mean a full disk or one that may not be written."""
    with reading():
        try:
            yield
        except (OSError, sqlite3.OperationalError) as error:
            meant = meaning(error)
            if meant is None:
                raise
            raise meant from error


def _of_the_catalog(error: sa.exc.DatabaseError) -> OnRecordError | None:
    message = str(error.orig).lower()
    if any(sign in message for sign in _DAMAGED):
        return LibraryError(
            f"the catalog is damaged or another program's ({error.orig}): restore a backup, or move catalog.sqlite away"
        )
    if any(sign in message for sign in _BUSY):
        return LibraryBusy(_IS_BUSY)
    return None


def unwritable(error: Exception) -> StorageFull | None:
    """What an error of Chroma's means, where it says in so many words that the disk is full or may not be written."""
    message = str(error).lower()
    if any(sign in message for sign in _NO_SPACE):
        return StorageFull(_IS_FULL)
    return StorageFull(_IS_READ_ONLY) if any(sign in message for sign in _MAY_NOT) else None


def is_full(error: Exception) -> bool:
    """Whether an error of the system or of SQLite means a full disk."""
    number = error.errno if isinstance(error, OSError) else None
    return number in (errno.ENOSPC, errno.EDQUOT) or any(sign in str(error).lower() for sign in _FULL)


def meaning(error: Exception) -> StorageFull | None:
    """What an error of the system or of SQLite means, where it is the disk."""
    number = error.errno if isinstance(error, OSError) else None
    message = str(error).lower()
    if is_full(error):
        return StorageFull(_IS_FULL)
    if number in (errno.EROFS, errno.EACCES, errno.EPERM) or any(sign in message for sign in _READ_ONLY):
        return StorageFull(_IS_READ_ONLY)
    return None

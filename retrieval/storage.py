"""The words for a disk that is full or may not be written."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from retrieval.errors import StorageFull

_FULL = ("database or disk is full", "no space left", "disk i/o error")
_READ_ONLY = ("readonly database", "read-only", "unable to open database file", "permission denied")
_IS_FULL = "the disk is full: free space and run the command again; nothing stored is lost"
_IS_READ_ONLY = "the data folder cannot be written: check its permissions or set ONRECORD_DATA_DIR"


@contextmanager
def writing() -> Iterator[None]:
    """Raise StorageFull for the system's and SQLite's errors that mean a full disk or one that may not be written."""
    try:
        yield
    except (OSError, sa.exc.DatabaseError, sqlite3.OperationalError) as error:
        meant = meaning(error)
        if meant is None:
            raise
        raise meant from error


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

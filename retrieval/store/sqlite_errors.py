"""Translating errors of SQLite, Chroma and the system into the library's errors, by their messages and numbers."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from retrieval.errors import LibraryBusy, LibraryError, OnRecordError, StorageFull

_CHROMA_FULL_PHRASES = ("database or disk is full", "no space left")
_FULL_PHRASES = (*_CHROMA_FULL_PHRASES, "disk i/o error")
_CHROMA_READ_ONLY_PHRASES = ("readonly database", "read-only")
_READ_ONLY_PHRASES = (*_CHROMA_READ_ONLY_PHRASES, "unable to open database file", "permission denied")
_DAMAGED_PHRASES = ("malformed", "not a database", "no such table", "no such column")
_BUSY_PHRASES = ("database is locked", "database table is locked")
_FULL_MESSAGE = "the disk is full: free space and run the command again; nothing stored is lost"
_READ_ONLY_MESSAGE = "the data folder cannot be written: check its permissions or set ONRECORD_DATA_DIR"
_BUSY_MESSAGE = (
    "another process has been writing to the library all the while: run the command again; nothing stored is lost"
)


@contextmanager
def translate_read_errors() -> Iterator[None]:
    """Raise LibraryError, LibraryBusy or StorageFull in place of the SQLite errors that mean these."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        translated = disk_error(error) or _catalog_error(error)
        if translated is None:
            raise
        raise translated from error


@contextmanager
def translate_write_errors() -> Iterator[None]:
    """The same, and StorageFull for system errors that mean a disk that is full or cannot be written."""
    with translate_read_errors():
        try:
            yield
        except (OSError, sqlite3.OperationalError) as error:
            translated = disk_error(error)
            if translated is None:
                raise
            raise translated from error


def _catalog_error(error: sa.exc.DatabaseError) -> OnRecordError | None:
    message = str(error.orig).lower()
    if any(phrase in message for phrase in _DAMAGED_PHRASES):
        return LibraryError(
            f"the catalog is damaged or another program's ({error.orig}): restore a backup, or move catalog.sqlite away"
        )
    if any(phrase in message for phrase in _BUSY_PHRASES):
        return LibraryBusy(_BUSY_MESSAGE)
    return None


def chroma_disk_error(error: Exception) -> StorageFull | None:
    """StorageFull for an error of Chroma's that says explicitly that the disk is full or cannot be written."""
    message = str(error).lower()
    if any(phrase in message for phrase in _CHROMA_FULL_PHRASES):
        return StorageFull(_FULL_MESSAGE)
    return StorageFull(_READ_ONLY_MESSAGE) if any(phrase in message for phrase in _CHROMA_READ_ONLY_PHRASES) else None


def is_disk_full(error: Exception) -> bool:
    """Whether an error of the system or of SQLite means that the disk is full."""
    number = error.errno if isinstance(error, OSError) else None
    return number in (errno.ENOSPC, errno.EDQUOT) or any(phrase in str(error).lower() for phrase in _FULL_PHRASES)


def disk_error(error: Exception) -> StorageFull | None:
    """StorageFull for an error of the system or of SQLite that means the disk is full or cannot be written."""
    number = error.errno if isinstance(error, OSError) else None
    message = str(error).lower()
    if is_disk_full(error):
        return StorageFull(_FULL_MESSAGE)
    if number in (errno.EROFS, errno.EACCES, errno.EPERM) or any(phrase in message for phrase in _READ_ONLY_PHRASES):
        return StorageFull(_READ_ONLY_MESSAGE)
    return None

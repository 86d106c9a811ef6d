"""Files as bytes: bounded, unpacked from gzip, their errors worded for whoever gave them."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import IO

from retrieval.errors import SourceError

LARGEST = 64 * 1024 * 1024
"""Bytes of one article, or of one row, that are read; larger is refused."""


def opened(path: Path) -> IO[bytes]:
    """A file for reading, unpacked where it is gzip."""
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def bytes_of(path: Path) -> bytes:
    """All of a file. Raises SourceError where it cannot be read or is too large."""
    try:
        with opened(path) as file:
            return limited(file)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(worded(error)) from error


def worded(error: Exception) -> str:
    """An error of reading, in words for whoever gave the file."""
    if isinstance(error, FileNotFoundError):
        return "no such file: check the path"
    if isinstance(error, PermissionError):
        return "the file may not be read: check its permissions"
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return "a damaged .gz file"
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror})"
    return str(error)


def limited(file: IO[bytes]) -> bytes:
    """All of an open file. Raises SourceError where it is too large."""
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise SourceError(f"larger than {LARGEST // 1024 // 1024} MB: not one article; split it")
    return data

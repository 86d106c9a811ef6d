"""Files as bytes: bounded, unpacked from gzip, their errors worded for whoever gave them."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from retrieval.errors import SourceError

MAX_ARTICLE_BYTES = 64 * 1024 * 1024
"""Bytes of one article, or of one row, that are read; larger is refused."""

MAX_UNPACK_RATIO = 200
"""How many times its packed size a file may unpack to, once it is past the size of one article: text packs to a
tenth, and only what was made to fill memory packs to a thousandth."""


class _Bounded(io.RawIOBase):
    """What is unpacked, as long as there is not far more of it than was packed."""

    def __init__(self, inner: IO[bytes], most: int) -> None:
        self._inner, self._left = inner, most

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer. Raises SourceError past the bound."""
        data = self._inner.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise SourceError("it unpacks to far more than any text does: it is left out")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close what is packed too."""
        self._inner.close()
        super().close()


def open_file(path: Path) -> IO[bytes]:
    """A file for reading, unpacked where it is gzip."""
    if path.suffix.lower() != ".gz":
        return path.open("rb")
    return unpack(path.open("rb"), path.stat().st_size)


def unpack(packed: IO[bytes], size: int) -> IO[bytes]:
    """What `size` bytes of gzip hold. Reading raises SourceError where that is far more than text can be."""
    inner = gzip.GzipFile(fileobj=packed, mode="rb")
    return io.BufferedReader(_Bounded(inner, max(MAX_ARTICLE_BYTES + 1, size * MAX_UNPACK_RATIO)), 1 << 16)  # type: ignore[arg-type]


def read_bytes(path: Path) -> bytes:
    """All of a file. Raises SourceError where it cannot be read or is too large."""
    try:
        with open_file(path) as file:
            return read_limited(file)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(read_error_text(error)) from error


def read_error_text(error: Exception) -> str:
    """An error of reading, in words for whoever gave the file."""
    if isinstance(error, FileNotFoundError):
        return "no such file: check the path"
    if isinstance(error, PermissionError):
        return "the file may not be read: check its permissions"
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return "a damaged .gz file"
    if isinstance(error, zipfile.BadZipFile):
        return "a damaged .zip file"
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror})"
    return str(error)


def read_limited(file: IO[bytes]) -> bytes:
    """All of an open file. Raises SourceError where it is too large."""
    data = file.read(MAX_ARTICLE_BYTES + 1)
    if len(data) > MAX_ARTICLE_BYTES:
        raise SourceError(f"larger than {MAX_ARTICLE_BYTES // 1024 // 1024} MB: not one article; split it")
    return data

"""What a zip archive holds, read in memory: nothing is ever written out, so no name can lead anywhere."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from ingest.readers.files import MAX_ARTICLE_BYTES, MAX_UNPACK_RATIO, read_error_text, read_limited, unpack
from retrieval.errors import SourceError

_MOST_MEMBERS = 100_000
_MOST_BYTES = 4 * 1024 * 1024 * 1024
"""Bytes that all members together may unpack to."""

_NESTED = frozenset((".zip", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".jar"))
_ENCRYPTED = 1


class Archive:
    """An open zip archive. Raises SourceError where it is damaged, or made to unpack without end."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SourceError("a damaged .zip file") from error
        infos = self._zip.infolist()
        if len(infos) > _MOST_MEMBERS:
            raise SourceError(f"an archive of more than {_MOST_MEMBERS:,} files: split it")
        if sum(info.file_size for info in infos) > _MOST_BYTES:
            raise SourceError("an archive that unpacks to more than 4 GB: split it")
        self._infos = {info.filename: info for info in infos if not info.is_dir()}

    def names(self) -> Iterator[str]:
        """The members in order of names, hidden ones left out."""
        for name in sorted(self._infos):
            if not any(part.startswith((".", "__MACOSX")) and part != ".." for part in PurePosixPath(name).parts):
                yield name

    def open(self, name: str) -> IO[bytes]:
        """A member for reading, unpacked where it is gzip. Raises SourceError where it may not be read."""
        check_name(name)
        info = self._infos.get(name)
        if info is None:
            raise SourceError("no such file in the archive")
        if info.flag_bits & _ENCRYPTED:
            raise SourceError("an encrypted file in the archive: unpack it first")
        _check_size(info)
        try:
            data = read_limited(self._zip.open(info))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise SourceError("a damaged file in the archive") from error
        return unpack(io.BytesIO(data), len(data)) if name.lower().endswith(".gz") else io.BytesIO(data)

    def read_member(self, name: str) -> bytes:
        """The bytes of a member. Raises SourceError."""
        try:
            with self.open(name) as file:
                return read_limited(file)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(read_error_text(error)) from error

    def check_sizes(self) -> None:
        """Raise SourceError where a member unpacks to far more than text does."""
        for info in self._infos.values():
            _check_size(info)

    def close(self) -> None:
        """Release the file."""
        self._zip.close()


def _check_size(info: zipfile.ZipInfo) -> None:
    if info.file_size > min(MAX_ARTICLE_BYTES, max(info.compress_size * MAX_UNPACK_RATIO, 1024 * 1024)):
        raise SourceError("it unpacks to far more than any text does: it is left out")


def check_name(name: str) -> None:
    """Raise SourceError for a member that names a place outside its archive, or is an archive itself."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise SourceError("its name leads out of the archive: it is left out")
    if is_nested(name):
        raise SourceError("an archive within an archive: unpack it and ingest the files")


def is_nested(name: str) -> bool:
    """Whether a member is an archive itself."""
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix in _NESTED

"""Backups: the catalog of a live library as one file, which tells what it holds and whether it is as it was written.

The file is the catalog's SQLite file, copied by SQLite's online backup while others read and write, then a manifest
(one line of JSON), then a line with the manifest's length and SHA-256. The manifest has the SHA-256 of what stands
before it, so no byte can change unnoticed. The vector index is not in it: it is built from the catalog.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from retrieval.errors import BackupError, LibraryError
from retrieval.store.schema import SCHEMA, read_only, schema_of, unusable
from retrieval.store.sqlite_errors import is_full, meaning

FOLDER = "backups"
"""The folder beside the catalog for what is kept automatically."""

_KEPT = 3
"""Automatic backups kept; the older ones are deleted."""

_FORMAT = 1
_OURS = 0x6F6E7263
"""Marks the SQLite file of a backup (`PRAGMA application_id`, "onrc"): one that was cut short is then told apart."""

_SQLITE = b"SQLite format 3\x00"
_LAST_LINE = re.compile(rb"\nonrecord-backup (\d{4}) (\d{8}) ([0-9a-f]{64})\n")
_LAST = len("\nonrecord-backup 0001 00000000 \n") + 64
_PART = 1 << 20
_AUTOMATIC = re.compile(r"(\d{4,})-before-[a-z0-9-]+\.onrecord")
_COUNTED = ("articles", "versions", "chunks", "statements")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: `bytes` and `sha256` are those of its catalog, `made` is the time in UTC, ISO 8601."""

    schema: int
    embedding: str | None
    counts: dict[str, int]
    made: str
    bytes: int
    sha256: str


def write(catalog: Path, target: Path, *, replace: bool = False) -> Manifest:
    """Back a catalog up to a file, which appears whole or not at all; others may use the catalog meanwhile.

    Raises BackupError where there is such a file already (unless `replace`) or its folder cannot be written,
    LibraryError where there is no catalog or one that is damaged, StorageFull.
    """
    schema = schema_of(catalog)
    if not schema:
        raise LibraryError(f"there is no library in {catalog.parent}: set ONRECORD_DATA_DIR to where it is")
    _free(catalog, target, replace)
    with _appearing(target) as part:
        _copy(catalog, part)
        with part.open("r+b") as file:
            size, digest = _digest(file, None)
            facts = _facts(part)
            manifest = Manifest(schema, *facts, datetime.now(UTC).isoformat(), size, digest)
            line = json.dumps(asdict(manifest)).encode()
            file.seek(size)
            file.write(line + _last_line(line))
            file.flush()
            os.fsync(file.fileno())
        _free(catalog, target, replace)
    return manifest


def read(file: Path) -> Manifest:
    """What a backup says that it holds; its catalog is not looked at. Raises BackupError."""
    try:
        with file.open("rb") as opened:
            return _manifest(file, opened)
    except OSError as error:
        raise BackupError(f"{file} cannot be read ({error.strerror}): check the path") from error


def extract(file: Path, target: Path) -> Manifest:
    """Write a backup's catalog to a new file. Raises BackupError where any byte is not as it was, StorageFull."""
    manifest = read(file)
    with file.open("rb") as source, target.open("xb") as out:
        _, digest = _digest(source, out, manifest.bytes)
    if digest != manifest.sha256:
        raise BackupError(f"{file} is damaged: its content is not what was written; use another backup")
    return manifest


def automatic(catalog: Path, reason: str) -> Path:
    """Back a catalog up into the folder beside it, for one process at a time. Raises as `write` does."""
    folder = catalog.parent / FOLDER
    folder.mkdir(exist_ok=True)
    for left in folder.glob(".*.part*"):
        left.unlink(missing_ok=True)
    # Numbers and not times: clocks jump back.
    target = folder / f"{max(_numbered(folder), default=0) + 1:04d}-{reason}.onrecord"
    write(catalog, target)
    return target


def prune(catalog: Path, spare: Path | None = None) -> None:
    """Delete all but the newest of the automatic backups, and not the one to be spared."""
    folder = catalog.parent / FOLDER
    numbered = _numbered(folder) if folder.is_dir() else {}
    for old in sorted(numbered)[:-_KEPT]:
        if spare is None or not (spare.exists() and numbered[old].samefile(spare)):
            numbered[old].unlink(missing_ok=True)


def _numbered(folder: Path) -> dict[int, Path]:
    matched = ((path, _AUTOMATIC.fullmatch(path.name)) for path in folder.iterdir())
    return {int(match[1]): path for path, match in matched if match}


def _free(catalog: Path, target: Path, replace: bool) -> None:
    """Raise BackupError where a backup may not take this name."""
    if target.is_dir():
        raise BackupError(f"{target} is a folder: give the name of a file")
    if target.parent.resolve() == catalog.parent.resolve():
        raise BackupError(f"{target} lies among the library's own files: choose another folder")
    if not replace and target.exists():
        raise BackupError(f"{target} is there already: choose another name, or replace it with --force")


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """A file to write to, which takes the target's name when it is done and goes away otherwise."""
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        try:
            # For nobody else to read: it holds the articles of every guild.
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            yield part
            part.replace(target)
        finally:
            for left in (part, *(part.with_name(f"{part.name}-{ending}") for ending in ("journal", "wal", "shm"))):
                with suppress(OSError):
                    left.unlink(missing_ok=True)
        _settle(target.parent)
    except (OSError, sqlite3.Error) as error:
        if is_full(error):
            raise meaning(error) or error from error
        reason = error.strerror if isinstance(error, OSError) else error
        raise BackupError(f"{target.parent} cannot be written ({reason}): choose another place") from error


def _settle(folder: Path) -> None:
    """Have the disk keep a renaming."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _copy(catalog: Path, part: Path) -> None:
    with closing(read_only(catalog)) as source, closing(sqlite3.connect(part)) as out:
        source.backup(out)
        # One file, without a log beside it.
        out.execute("pragma journal_mode = delete")
        out.execute(f"pragma application_id = {_OURS}")
        try:
            said = out.execute("pragma quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            said = str(error)
    if said != "ok":
        raise unusable(catalog, said[:100])


def _facts(part: Path) -> tuple[str | None, dict[str, int]]:
    with closing(read_only(part)) as db:
        embedding = db.execute("select value from meta where key = 'embedding'").fetchone()
        counts = {t: db.execute(f"select count(*) from {t}").fetchone()[0] for t in _COUNTED}  # noqa: S608 - our names
    return embedding[0] if embedding else None, counts


def _digest(file: IO[bytes], out: IO[bytes] | None, size: int | None = None) -> tuple[int, str]:
    """(bytes, SHA-256) of a file from its start, or of its first `size` bytes, which go to `out` as well."""
    done, digest = 0, hashlib.sha256()
    while piece := file.read(_PART if size is None else min(_PART, size - done)):
        digest.update(piece)
        if out is not None:
            out.write(piece)
        done += len(piece)
    return done, digest.hexdigest()


def _last_line(manifest: bytes) -> bytes:
    digest = hashlib.sha256(manifest).hexdigest()
    return f"\nonrecord-backup {_FORMAT:04d} {len(manifest):08d} {digest}\n".encode()


def _manifest(path: Path, file: IO[bytes]) -> Manifest:
    head = file.read(100)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LAST))
    last = _LAST_LINE.fullmatch(file.read(_LAST))
    if last is None:
        if head.startswith(_SQLITE) and head[68:72] == _OURS.to_bytes(4, "big"):
            raise BackupError(f"{path} is cut short or damaged: use another backup")
        raise BackupError(f"{path} is not a backup of onrecord: give a file that onrecord backup wrote")
    if int(last[1]) > _FORMAT:
        raise BackupError(f"{path} was written by a later release of onrecord: upgrade onrecord to restore it")
    length = int(last[2])
    file.seek(max(0, size - _LAST - length))
    line = file.read(length)
    try:
        if hashlib.sha256(line).hexdigest().encode() != last[3]:
            raise ValueError("the manifest is not what was written")
        known = Manifest(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise BackupError(f"{path} is damaged: its manifest is not what was written; use another backup") from error
    if known.schema > SCHEMA:
        raise BackupError(f"{path} was written by a later release of onrecord: upgrade onrecord to restore it")
    if known.bytes + length + _LAST != size:
        raise BackupError(f"{path} is cut short or damaged: use another backup")
    return known

"""Backups: the catalog of a library in use, as a single file that describes its content and proves it is unaltered.

The file consists of the catalog's SQLite file, copied by SQLite's online backup while others read and write, a manifest
(one line of JSON), and a trailer: a line with the manifest's length and SHA-256. The manifest holds the SHA-256 of the
SQLite file, so no byte can change unnoticed. The vector index is left out: it can be built from the catalog.
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
from retrieval.store.schema import SCHEMA, connect_read_only, schema_of, unusable_catalog_error
from retrieval.store.sqlite_errors import disk_error, is_disk_full

AUTOMATIC_FOLDER = "backups"
"""The folder beside the catalog for automatic backups."""

_MAX_AUTOMATIC_BACKUPS = 3
"""Maximum number of automatic backups kept; older ones are deleted."""

_FORMAT = 1
_APPLICATION_ID = 0x6F6E7263
"""`PRAGMA application_id` of the SQLite file in a backup, "onrc": it tells a backup that was cut short from a file of
another kind."""

_SQLITE_MAGIC = b"SQLite format 3\x00"
_TRAILER = re.compile(rb"\nonrecord-backup (\d{4}) (\d{8}) ([0-9a-f]{64})\n")
_TRAILER_BYTES = len("\nonrecord-backup 0001 00000000 \n") + 64
_BLOCK_BYTES = 1 << 20
_AUTOMATIC_NAME = re.compile(r"(\d{4,})-before-[a-z0-9-]+\.onrecord")
_COUNTED_TABLES = ("articles", "versions", "chunks", "statements")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: `bytes` and `sha256` are those of its catalog, `made` is an ISO 8601 time in UTC."""

    schema: int
    embedding: str | None
    counts: dict[str, int]
    made: str
    bytes: int
    sha256: str


def write(catalog: Path, target: Path, *, replace: bool = False) -> Manifest:
    """Back up a catalog to a file, which appears complete or not at all; others may use the catalog meanwhile.

    Raises BackupError if the file exists (unless `replace`) or its folder cannot be written, LibraryError if there is
    no catalog or it is damaged, StorageFull.
    """
    schema = schema_of(catalog)
    if not schema:
        raise LibraryError(f"there is no library in {catalog.parent}: set ONRECORD_DATA_DIR to where it is")
    _check_target(catalog, target, replace)
    with _replace_when_complete(target) as part:
        _copy_catalog(catalog, part)
        with part.open("r+b") as file:
            size, digest = _hash_and_copy(file, None)
            embedding, counts = _read_facts(part)
            manifest = Manifest(schema, embedding, counts, datetime.now(UTC).isoformat(), size, digest)
            line = json.dumps(asdict(manifest)).encode()
            file.seek(size)
            file.write(line + _trailer(line))
            file.flush()
            os.fsync(file.fileno())
        _check_target(catalog, target, replace)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """The manifest of a backup, whose catalog is not checked. Raises BackupError."""
    try:
        with file.open("rb") as stream:
            return _read_manifest(file, stream)
    except OSError as error:
        raise BackupError(f"{file} cannot be read ({error.strerror}): check the path") from error


def extract(file: Path, target: Path) -> Manifest:
    """Write a backup's catalog to a new file. Raises BackupError if any byte was altered, StorageFull."""
    manifest = read_manifest(file)
    with file.open("rb") as source, target.open("xb") as out:
        _, digest = _hash_and_copy(source, out, manifest.bytes)
    if digest != manifest.sha256:
        raise BackupError(f"{file} is damaged: its content is not what was written; use another backup")
    return manifest


def write_automatic(catalog: Path, reason: str) -> Path:
    """Back up a catalog to the folder beside it; callers must hold `migrate.lock_library`. Raises as `write` does."""
    folder = catalog.parent / AUTOMATIC_FOLDER
    folder.mkdir(exist_ok=True)
    for leftover in folder.glob(".*.part*"):
        leftover.unlink(missing_ok=True)
    # Numbered, not dated, because clocks may jump back.
    target = folder / f"{max(_automatic_backups(folder), default=0) + 1:04d}-{reason}.onrecord"
    write(catalog, target)
    return target


def prune_automatic(catalog: Path, spare: Path | None = None) -> None:
    """Delete all but the newest automatic backups; `spare` is never deleted."""
    folder = catalog.parent / AUTOMATIC_FOLDER
    backups = _automatic_backups(folder) if folder.is_dir() else {}
    for number in sorted(backups)[:-_MAX_AUTOMATIC_BACKUPS]:
        if spare is None or not (spare.exists() and backups[number].samefile(spare)):
            backups[number].unlink(missing_ok=True)


def _automatic_backups(folder: Path) -> dict[int, Path]:
    """The automatic backups in a folder, by number."""
    matches = ((path, _AUTOMATIC_NAME.fullmatch(path.name)) for path in folder.iterdir())
    return {int(match[1]): path for path, match in matches if match}


def _check_target(catalog: Path, target: Path, replace: bool) -> None:
    """Raise BackupError if no backup may be written to this path."""
    if target.is_dir():
        raise BackupError(f"{target} is a folder: give the name of a file")
    if target.parent.resolve() == catalog.parent.resolve():
        raise BackupError(f"{target} lies among the library's own files: choose another folder")
    if not replace and target.exists():
        raise BackupError(f"{target} is there already: choose another name, or replace it with --force")


@contextmanager
def _replace_when_complete(target: Path) -> Iterator[Path]:
    """A temporary file that is renamed to the target if the block succeeds and deleted otherwise."""
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        try:
            # Readable by its owner alone, because it holds the articles of every guild.
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            yield part
            part.replace(target)
        finally:
            for leftover in (part, *(part.with_name(f"{part.name}-{ending}") for ending in ("journal", "wal", "shm"))):
                with suppress(OSError):
                    leftover.unlink(missing_ok=True)
        _sync_folder(target.parent)
    except (OSError, sqlite3.Error) as error:
        if is_disk_full(error):
            raise disk_error(error) or error from error
        reason = error.strerror if isinstance(error, OSError) else error
        raise BackupError(f"{target.parent} cannot be written ({reason}): choose another place") from error


def _sync_folder(folder: Path) -> None:
    """Flush a folder to the disk, so that a rename in it survives a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_catalog(catalog: Path, part: Path) -> None:
    with closing(connect_read_only(catalog)) as source, closing(sqlite3.connect(part)) as out:
        source.backup(out)
        # A single file, without a write-ahead log beside it.
        out.execute("pragma journal_mode = delete")
        out.execute(f"pragma application_id = {_APPLICATION_ID}")
        try:
            result = out.execute("pragma quick_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            result = str(error)
    if result != "ok":
        raise unusable_catalog_error(catalog, result[:100])


def _read_facts(part: Path) -> tuple[str | None, dict[str, int]]:
    """(the name of a catalog's embedding, the number of rows of its main tables)."""
    with closing(connect_read_only(part)) as db:
        embedding = db.execute("select value from meta where key = 'embedding'").fetchone()
        counts = {t: db.execute(f"select count(*) from {t}").fetchone()[0] for t in _COUNTED_TABLES}  # noqa: S608 - ours
    return embedding[0] if embedding else None, counts


def _hash_and_copy(file: IO[bytes], out: IO[bytes] | None, size: int | None = None) -> tuple[int, str]:
    """(length in bytes, SHA-256) of a file or of its first `size` bytes, which are copied to `out`."""
    done, digest = 0, hashlib.sha256()
    while block := file.read(_BLOCK_BYTES if size is None else min(_BLOCK_BYTES, size - done)):
        digest.update(block)
        if out is not None:
            out.write(block)
        done += len(block)
    return done, digest.hexdigest()


def _trailer(manifest: bytes) -> bytes:
    digest = hashlib.sha256(manifest).hexdigest()
    return f"\nonrecord-backup {_FORMAT:04d} {len(manifest):08d} {digest}\n".encode()


def _read_manifest(path: Path, file: IO[bytes]) -> Manifest:
    head = file.read(100)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TRAILER_BYTES))
    trailer = _TRAILER.fullmatch(file.read(_TRAILER_BYTES))
    if trailer is None:
        if head.startswith(_SQLITE_MAGIC) and head[68:72] == _APPLICATION_ID.to_bytes(4, "big"):
            raise BackupError(f"{path} is cut short or damaged: use another backup")
        raise BackupError(f"{path} is not a backup of onrecord: give a file that onrecord backup wrote")
    if int(trailer[1]) > _FORMAT:
        raise BackupError(f"{path} was written by a later release of onrecord: upgrade onrecord to restore it")
    length = int(trailer[2])
    file.seek(max(0, size - _TRAILER_BYTES - length))
    line = file.read(length)
    try:
        if hashlib.sha256(line).hexdigest().encode() != trailer[3]:
            raise ValueError("the manifest is not what was written")
        manifest = Manifest(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise BackupError(f"{path} is damaged: its manifest is not what was written; use another backup") from error
    if manifest.schema > SCHEMA:
        raise BackupError(f"{path} was written by a later release of onrecord: upgrade onrecord to restore it")
    if manifest.bytes + length + _TRAILER_BYTES != size:
        raise BackupError(f"{path} is cut short or damaged: use another backup")
    return manifest

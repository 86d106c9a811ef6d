"""Segments: parts of the vector index that never change once built, each a Chroma collection in a folder of its own.

A folder that no process writes to can be read by any number of processes, cannot be left half written, and can be
checked by the sizes and hashes of its files. A segment only helps to find chunks; their content is in the catalog.
"""

from __future__ import annotations

import json
import logging
import shutil
import struct
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import xxhash

from retrieval.errors import DamagedIndex
from retrieval.store.sqlite_errors import chroma_disk_error

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

_FORMAT = 2
"""The version of the segment format, stored in the manifest; segments of any other version are rebuilt.

Format 1 had no version number and used SHA-256, which takes thirteen times as long as XXH3: too long for a check at
every opening.
"""

_COLLECTION = "chunks"
_MANIFEST = "manifest.json"
_MAX_ROWS_PER_CALL = 5_000
"""Maximum number of rows added in one call; Chroma 1.5 accepts 5,461."""

_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 320, "max_neighbors": 32}
"""Recall@10 with Chroma's defaults falls to .88 at 300,000 rows; `make bench` prints the recall with these settings."""

_MAX_SELF_DISTANCE = 1e-3
"""Cosine distance below which a row has found itself; rounding alone accounts for 1e-6."""

_client_lock = threading.Lock()
"""Protects Chroma's table of clients by folder, which two threads must not change at once."""


def build_segment(
    folder: Path, rows: int, batches: Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]
) -> None:
    """Build a segment of `rows` rows in a new folder, which appears complete or not at all.

    Raises OSError and whatever Chroma raises if the disk is full or cannot be written; the partial segment is then
    deleted, because the catalog may need the space.
    """
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        _write_segment(part, rows, batches)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _write_segment(
    part: Path, rows: int, batches: Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]
) -> None:
    client = _open_client(part)
    try:
        # With the threshold at the number of rows, the graph is written to the disk once, when it is complete.
        configuration = {"hnsw": _HNSW | {"sync_threshold": max(rows, 2), "batch_size": min(100, max(rows, 2))}}
        collection = client.create_collection(
            _COLLECTION, configuration=cast("Any", configuration), embedding_function=None
        )
        for ids, vectors in batches:
            for first in range(0, len(ids), _MAX_ROWS_PER_CALL):
                part_rows = slice(first, first + _MAX_ROWS_PER_CALL)
                collection.add(ids=[str(chunk_id) for chunk_id in ids[part_rows]], embeddings=vectors[part_rows])
    finally:
        client.close()
    _blank_unused_room(part)
    manifest = {
        "format": _FORMAT,
        "rows": rows,
        "files": {name: _hash_file(part / name) for name in _graph_files(part)},
    }
    (part / _MANIFEST).write_text(json.dumps(manifest), "utf-8")


def _blank_unused_room(part: Path) -> None:
    """Overwrite with zeros the room in the graph's files that no row uses.

    hnswlib writes that room as the allocator returned it, with whatever the process had in memory before, for example
    vectors of another scope. Its header begins with a version, an offset, the number of rows there is room for, the
    number of rows there are, and the bytes per row (`saveIndex` in hnswalg.h).
    """
    for header in part.glob("*/header.bin"):
        version, _, room, rows, size = struct.unpack_from("<i4Q", header.read_bytes())
        for name, row_bytes in (("data_level0.bin", size), ("length.bin", 4)):
            path = header.with_name(name)
            if version == 1 and path.stat().st_size == room * row_bytes:
                with path.open("r+b") as file:
                    file.truncate(rows * row_bytes)
                    file.truncate(room * row_bytes)


class Segment:
    """An open segment. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the segment in a folder. Raises DamagedIndex if it is missing, incomplete, altered or unreadable.

        Raises StorageFull if the disk is full or cannot be written, because Chroma writes to its database on opening.
        The graph's files are verified before Chroma reads any of them: its native code trusts the sizes and addresses
        in them, so damaged ones would lead to wrong hits or a crash.
        """
        self.folder = folder
        manifest = _read_manifest(folder)
        self.rows: int = manifest["rows"]
        self._files: dict[str, list[Any]] = manifest["files"]
        if altered := self.altered_files():
            raise DamagedIndex(f"{folder.name}: {len(altered)} files are not what was written")
        self._client: Client | None = None
        try:
            self._client = _open_client(folder)
            self._collection: Collection = self._client.get_collection(_COLLECTION, embedding_function=None)
            self.check_count()
        except DamagedIndex:
            self.close()
            raise
        except Exception as error:  # Chroma's core raises many kinds of exceptions
            self.close()
            damaged = DamagedIndex(f"{folder.name} cannot be opened ({type(error).__name__})")
            raise chroma_disk_error(error) or damaged from error

    def check_count(self) -> None:
        """Raise DamagedIndex if the segment does not have as many rows as were written, or they cannot be counted."""
        try:
            count = self._collection.count()
        except Exception as error:  # as above
            raise DamagedIndex(f"{self.folder.name} cannot be counted ({type(error).__name__})") from error
        if count != self.rows:
            raise DamagedIndex(f"{self.folder.name} holds {count} of {self.rows} rows")

    def nearest(self, vector: npt.NDArray[np.float32], n: int) -> list[tuple[int, float]]:
        """(chunk id, cosine) of the `n` nearest rows, nearest first. Raises DamagedIndex if Chroma fails."""
        try:
            result: Any = self._collection.query(
                query_embeddings=vector[None, :], n_results=min(n, self.rows), include=["distances"]
            )
            pairs = zip(result["ids"][0], result["distances"][0], strict=True)
            return [(int(row), 1.0 - distance) for row, distance in pairs]
        except Exception as error:  # as above
            raise DamagedIndex(f"{self.folder.name} cannot be searched ({type(error).__name__})") from error

    def count_lost(self, ids: npt.NDArray[np.int64], vectors: npt.NDArray[np.float32]) -> int:
        """The number of these rows that a search by their own vector does not find, nor an identical row."""
        return sum(
            not any(row == chunk_id or cosine > 1 - _MAX_SELF_DISTANCE for row, cosine in self.nearest(vector, 3))
            for chunk_id, vector in zip(ids.tolist(), vectors, strict=True)
        )

    def altered_files(self) -> list[str]:
        """The files of the graph that are missing or differ from what was written."""
        return [name for name, written in self._files.items() if _try_hash_file(self.folder / name) != written]

    def close(self) -> None:
        """Release the files."""
        if self._client is not None:
            self._client.close()


def _open_client(folder: Path) -> Client:
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings as ChromaSettings

    # Chroma logs each retried call with its arguments.
    logging.getLogger("chromadb").setLevel(logging.ERROR)
    with _client_lock:
        settings = ChromaSettings(anonymized_telemetry=False)
        try:
            return cast("Client", chromadb.PersistentClient(folder, settings=settings))
        except Exception:
            # Chroma keeps a client that failed to start, and would return it to the next caller.
            if str(folder) not in SharedSystemClient._identifier_to_refcount:
                SharedSystemClient._identifier_to_system.pop(str(folder), None)
            raise


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_text("utf-8"))
        version = manifest.get("format")
    except (OSError, ValueError, AttributeError) as error:
        raise DamagedIndex(f"{folder.name} is missing or incomplete") from error
    if version != _FORMAT:
        raise DamagedIndex(f"{folder.name} was built by another release")
    return manifest


def _graph_files(folder: Path) -> list[str]:
    """The files of the HNSW graph. Chroma's own database is left out, because it is changed whenever it is opened.

    A segment of a single row has none: Chroma keeps the row in its database and leaves the graph blank.
    """
    has_graph = any(folder.glob("*/index_metadata.pickle"))
    return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*") if has_graph and path.is_file())


def _try_hash_file(path: Path) -> list[Any] | None:
    """The same as `_hash_file`, but None if the file cannot be read."""
    try:
        return _hash_file(path)
    except OSError:
        return None


def _hash_file(path: Path) -> list[Any]:
    """[size in bytes, hash], to detect damage but not tampering, which could change the manifest as well."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        size = 0
        while block := file.read(1 << 20):
            digest.update(block)
            size += len(block)
    return [size, digest.hexdigest()]

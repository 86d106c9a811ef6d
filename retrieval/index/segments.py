"""Pieces of the vector index that never change once they are built: each a Chroma collection in a folder of its own.

A folder that no process writes to can be read by any number of processes, cannot be left half written, and can be
checked by the sizes and hashes of its files. What is true stands in the catalog: a segment only finds.
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
from retrieval.store.sqlite_errors import unwritable

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

_FORMAT = 2
"""What a manifest says of how the segment was built; one that says anything else is built anew.

1 had no number and SHA-256, which takes thirteen times as long: too long for what is done at every opening.
"""

_COLLECTION = "chunks"
_MANIFEST = "manifest.json"
_MOST = 5_000
"""Rows in one call; Chroma 1.5 takes 5,461."""

_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 320, "max_neighbors": 32}
"""Recall@10 of Chroma's defaults falls to .88 at 300,000 rows; `make bench` prints that of these."""

_SAME = 1e-3
"""Cosine distance below which a row has found itself; rounding alone leaves 1e-6."""

_opening = threading.Lock()
"""Chroma keeps a table of clients by folder that two threads must not fill at once."""


def build(folder: Path, rows: int, batches: Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]) -> None:
    """Make a segment of `rows` rows in a folder that does not exist yet; it appears there whole or not at all.

    Raises whatever Chroma raises, and OSError, for a disk that is full or may not be written; what was built until
    then is taken away, for the catalog may need the space.
    """
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        _build(part, rows, batches)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _build(part: Path, rows: int, batches: Iterable[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]) -> None:
    client = _client(part)
    try:
        # With the threshold at the number of rows, the graph is written out once, when it is complete.
        configuration = {"hnsw": _HNSW | {"sync_threshold": max(rows, 2), "batch_size": min(100, max(rows, 2))}}
        collection = client.create_collection(
            _COLLECTION, configuration=cast("Any", configuration), embedding_function=None
        )
        for ids, vectors in batches:
            for first in range(0, len(ids), _MOST):
                cut = slice(first, first + _MOST)
                collection.add(ids=[str(one) for one in ids[cut]], embeddings=vectors[cut])
    finally:
        client.close()
    _blank_room(part)
    manifest = {"format": _FORMAT, "rows": rows, "files": {name: _hash(part / name) for name in _graph_files(part)}}
    (part / _MANIFEST).write_text(json.dumps(manifest), "utf-8")


def _blank_room(part: Path) -> None:
    """Write zeros where the graph's files have room for rows that never came.

    hnswlib writes that room as it got it from the allocator, with whatever the process had in memory before: the
    vectors of another scope, say. Its header begins with a version, an offset, the rows there is room for, the rows
    there are, and the bytes of each (`saveIndex` in hnswalg.h).
    """
    for header in part.glob("*/header.bin"):
        version, _, room, rows, size = struct.unpack_from("<i4Q", header.read_bytes())
        for name, each in (("data_level0.bin", size), ("length.bin", 4)):
            path = header.with_name(name)
            if version == 1 and path.stat().st_size == room * each:
                with path.open("r+b") as file:
                    file.truncate(rows * each)
                    file.truncate(room * each)


class Segment:
    """An open segment. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open the segment in a folder. Raises DamagedIndex where it is missing, incomplete, altered or unreadable,
        StorageFull where the disk is full or may not be written: Chroma writes to its database when it opens it.

        Not a byte of the graph is given to Chroma before all are known to be those that were written: its native code
        believes the sizes and addresses it reads, and what it makes of others is a wrong hit or a crash.
        """
        self.folder = folder
        manifest = _manifest(folder)
        self.rows: int = manifest["rows"]
        self._files: dict[str, list[Any]] = manifest["files"]
        if altered := self.altered():
            raise DamagedIndex(f"{folder.name}: {len(altered)} files are not what was written")
        self._client: Client | None = None
        try:
            self._client = _client(folder)
            self._collection: Collection = self._client.get_collection(_COLLECTION, embedding_function=None)
            self.counted()
        except DamagedIndex:
            self.close()
            raise
        except Exception as error:  # Chroma's core raises bare exceptions of many kinds
            self.close()
            damaged = DamagedIndex(f"{folder.name} cannot be opened ({type(error).__name__})")
            raise unwritable(error) or damaged from error

    def counted(self) -> None:
        """Count the rows. Raises DamagedIndex where they are not as many as were written, or cannot be counted."""
        try:
            held = self._collection.count()
        except Exception as error:  # as above
            raise DamagedIndex(f"{self.folder.name} cannot be counted ({type(error).__name__})") from error
        if held != self.rows:
            raise DamagedIndex(f"{self.folder.name} holds {held} of {self.rows} rows")

    def nearest(self, vector: npt.NDArray[np.float32], n: int) -> list[tuple[int, float]]:
        """(chunk id, cosine) of the `n` nearest rows, nearest first. Raises DamagedIndex where it cannot answer."""
        try:
            found: Any = self._collection.query(
                query_embeddings=vector[None, :], n_results=min(n, self.rows), include=["distances"]
            )
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            return [(int(row), 1.0 - distance) for row, distance in pairs]
        except Exception as error:  # as above
            raise DamagedIndex(f"{self.folder.name} cannot be searched ({type(error).__name__})") from error

    def lost(self, ids: npt.NDArray[np.int64], vectors: npt.NDArray[np.float32]) -> int:
        """How many of these rows do not find themselves, or a copy of themselves."""
        return sum(
            not any(row == one or cosine > 1 - _SAME for row, cosine in self.nearest(vector, 3))
            for one, vector in zip(ids.tolist(), vectors, strict=True)
        )

    def altered(self) -> list[str]:
        """The files of the graph that are missing, or whose bytes are not those that were written."""
        return [name for name, written in self._files.items() if _found(self.folder / name) != written]

    def close(self) -> None:
        """Release the files."""
        if self._client is not None:
            self._client.close()


def _client(folder: Path) -> Client:
    import chromadb
    from chromadb.api.shared_system_client import SharedSystemClient
    from chromadb.config import Settings as ChromaSettings

    # Chroma logs each retried call with what it was given.
    logging.getLogger("chromadb").setLevel(logging.ERROR)
    with _opening:
        settings = ChromaSettings(anonymized_telemetry=False)
        try:
            return cast("Client", chromadb.PersistentClient(folder, settings=settings))
        except Exception:
            # Chroma keeps a client that could not start, and would give it to whoever asks next.
            if str(folder) not in SharedSystemClient._identifier_to_refcount:
                SharedSystemClient._identifier_to_system.pop(str(folder), None)
            raise


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = json.loads((folder / _MANIFEST).read_text("utf-8"))
        written = read.get("format")
    except (OSError, ValueError, AttributeError) as error:
        raise DamagedIndex(f"{folder.name} is missing or incomplete") from error
    if written != _FORMAT:
        raise DamagedIndex(f"{folder.name} was built by another release")
    return read


def _graph_files(folder: Path) -> list[str]:
    """The files of the HNSW graph; Chroma's own database is touched whenever it is opened.

    None for a segment of a single row, which Chroma keeps in its database and gives a blank graph.
    """
    written = any(folder.glob("*/index_metadata.pickle"))
    return sorted(str(path.relative_to(folder)) for path in folder.glob("*/*") if written and path.is_file())


def _found(path: Path) -> list[Any] | None:
    """What a manifest would say of a file; None where it cannot be read."""
    try:
        return _hash(path)
    except OSError:
        return None


def _hash(path: Path) -> list[Any]:
    """[size in bytes, hash]: against damage, not against malice, which could write the manifest as well."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as file:
        size = 0
        while block := file.read(1 << 20):
            digest.update(block)
            size += len(block)
    return [size, digest.hexdigest()]

"""The vector index: one Chroma collection for each scope, so that no query can leave its scope.

Chroma only finds; what is true stands in the catalog. Rows are known by their place in the library.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from retrieval.errors import LibraryBusy, LibraryError
from retrieval.places import Place

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration
    from chromadb.api.models.Collection import Collection

_MOST = 5_000
"""Rows in one call; Chroma 1.5 takes 5,461."""

_HNSW: CreateCollectionConfiguration = {
    "hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 32}
}
"""Set at creation: recall@10 of Chroma's defaults falls to .88 at 300,000 rows, these keep it at 1.0 at 100,000."""

_PATIENCE = 30.0
"""Seconds to wait for another process to leave the index."""


class VectorIndex:
    """Nearest neighbours by cosine. Made by `open_embedded`."""

    def __init__(self, client: Client, lock: FileLock | None = None) -> None:
        self._client = client
        self._lock = lock
        self._collections: dict[str, Collection] = {}

    def add(self, scope: str, places: Sequence[Place], vectors: npt.NDArray[np.float32]) -> None:
        """Index rows of shape (len(places), dimension); a place that is already there is replaced."""
        collection = self._collection(scope)
        ids = [str(place) for place in places]
        for first in range(0, len(ids), _MOST):
            part = slice(first, first + _MOST)
            collection.upsert(ids=ids[part], embeddings=vectors[part])

    def remove(self, scope: str, places: Iterable[Place]) -> None:
        """Take rows out; places that are not there do no harm."""
        ids = [str(place) for place in places]
        for first in range(0, len(ids), _MOST):
            self._collection(scope).delete(ids=ids[first : first + _MOST])

    def nearest(self, scope: str, vector: npt.NDArray[np.float32], n: int) -> list[tuple[Place, float]]:
        """The `n` nearest places of a scope with their cosine similarity, nearest first."""
        found: Any = self._collection(scope).query(query_embeddings=vector[None, :], n_results=n, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(Place.parse(row), 1.0 - distance) for row, distance in pairs]

    def places(self, scope: str) -> set[Place]:
        """Every place indexed in a scope."""
        return {Place.parse(row) for row in self._collection(scope).get(include=[])["ids"]}

    def clear(self) -> None:
        """Forget every row of every scope."""
        for collection in self._client.list_collections():
            self._client.delete_collection(collection.name)
        self._collections.clear()

    def close(self) -> None:
        """Release the index for other processes."""
        self._collections.clear()
        self._client.close()
        if self._lock is not None:
            self._lock.release()

    def _collection(self, scope: str) -> Collection:
        if scope not in self._collections:
            self._collections[scope] = self._client.get_or_create_collection(
                f"scope-{scope}",
                configuration=_HNSW,
                embedding_function=None,
            )
        return self._collections[scope]


def open_embedded(path: Path) -> VectorIndex:
    """The index kept in the folder `path`, for this process alone.

    Two processes on one embedded index lose vectors without a word, hence the lock. Raises LibraryBusy when another
    process keeps it for half a minute, LibraryError when the folder cannot be opened.
    """
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout:
        raise LibraryBusy("another onrecord process is using this library: try again when it is done") from None
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    # Chroma logs each retried call with the texts it was given.
    logging.getLogger("chromadb").setLevel(logging.ERROR)
    try:
        client = chromadb.PersistentClient(path, settings=ChromaSettings(anonymized_telemetry=False))
    except Exception as error:  # Chroma's Rust core raises bare exceptions of many kinds
        lock.release()
        raise LibraryError(f"the vector index in {path} cannot be opened ({error}): run onrecord doctor") from error
    return VectorIndex(cast("Client", client), lock)

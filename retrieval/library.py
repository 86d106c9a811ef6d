"""The library: the one door to what is stored.

The catalog is the truth. The vector index is written before the catalog says so and cleared after, and `pending` notes
in the catalog say what a crash may have left there; opening the library puts that in order.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from retrieval.catalog import Catalog, Reader
from retrieval.errors import LibraryError, StorageFull, WrongEmbedding
from retrieval.places import Place
from retrieval.types import Article, Chunk, Statement
from retrieval.vectors import VectorIndex, open_embedded

_EMBEDDING = "embedding"
_CATALOG = "catalog.sqlite"
_INDEX = "chroma"
_REINDEXED = 256
"""Chunks embedded between two writes of a reindex."""


class Embedder(Protocol):
    """What turns texts into unit vectors; `name` tells which embedding it is."""

    name: str
    dimension: int

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of shape (len(texts), dimension)."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """An article ready to be stored: its chunks, statements, and one vector for each chunk."""

    article: Article
    chunks: tuple[Chunk, ...]
    statements: tuple[Statement, ...]
    vectors: npt.NDArray[np.float32]


class Library:
    """Articles, and finding them. Made by `open_library`; safe to read from several threads."""

    def __init__(self, catalog: Catalog, index: VectorIndex, embedder: Embedder) -> None:
        self._catalog = catalog
        self._index = index
        self.embedder = embedder

    def current(self, articles: Sequence[Article]) -> dict[str, str]:
        """The stored version of each of these articles that the library has."""
        with self._catalog.read() as db:
            return db.current([article.id for article in articles])

    def put(self, entries: Sequence[Entry]) -> None:
        """Make these the current versions of their articles: all of them, or, on an error, none.

        Raises StorageFull where the disk is full or the folder cannot be written.
        """
        with _writing():
            with self._catalog.write() as db:
                old = self._stored(db, [entry.article.id for entry in entries])
                db.expect([_pending(entry.article, len(entry.chunks)) for entry in entries])
            for scope in {entry.article.scope for entry in entries}:
                its = [entry for entry in entries if entry.article.scope == scope]
                places = [place for entry in its for place in _places(entry.chunks)]
                self._index.add(scope, places, np.concatenate([entry.vectors for entry in its]))
            with self._catalog.write() as db:
                for entry in entries:
                    db.put(entry.article, entry.chunks, entry.statements, entry.vectors)
                db.settle([(entry.article.id, entry.article.version) for entry in entries])
                db.expect(old)
            self._clear(old)

    def remove(self, article_id: str, scopes: Sequence[str]) -> Article | None:
        """Forget an article with its history. Returns what was removed; None where these scopes hold no such one."""
        with _writing():
            with self._catalog.write() as db:
                article = db.article(article_id, scopes)
                if article is None:
                    return None
                old = self._stored(db, [article_id])
                db.expect(old)
                db.remove(article_id)
            self._clear(old)
        return article

    def reconcile(self) -> int:
        """Finish or undo what a crash left in the vector index. Returns how many versions were put in order."""
        with self._catalog.read() as db:
            left = db.pending()
            current = db.current([article_id for article_id, *_ in left])
        if left:
            with _writing():
                self._clear([entry for entry in left if current.get(entry[0]) != entry[1]])
                with self._catalog.write() as db:
                    db.settle([(article_id, version) for article_id, version, *_ in left])
        return len(left)

    def _stored(self, db: Reader, article_ids: Sequence[str]) -> list[tuple[str, str, str, int]]:
        """Pending notes for the current versions of these articles."""
        sizes: dict[tuple[str, str], int] = {}
        for chunk in db.chunks_of(article_ids).values():
            sizes[chunk.article_id, chunk.version] = sizes.get((chunk.article_id, chunk.version), 0) + 1
        scopes = db.scopes_of(article_ids)
        return [(article, version, scopes[article], size) for (article, version), size in sizes.items()]

    def _clear(self, old: Sequence[tuple[str, str, str, int]]) -> None:
        """Take versions that are not current out of the vector index."""
        if not old:
            return
        with self._catalog.read() as db:
            current = db.current([article_id for article_id, *_ in old])
        for article_id, version, scope, size in old:
            if current.get(article_id) != version:
                self._index.remove(scope, [Place(article_id, version, position) for position in range(size)])
        with self._catalog.write() as db:
            db.settle([(article_id, version) for article_id, version, *_ in old])

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One state of the catalog for as many queries as needed; every one of them names its scopes."""
        with self._catalog.read() as db:
            yield db

    def nearest(self, vector: npt.NDArray[np.float32], scopes: Sequence[str], n: int) -> list[tuple[Place, float]]:
        """The `n` nearest chunks of these scopes by cosine, best first; they may have left the catalog meanwhile."""
        found = [hit for scope in scopes for hit in self._index.nearest(scope, vector, n)]
        return sorted(found, key=lambda hit: -hit[1])[:n]

    def check(self, scopes: Sequence[str]) -> dict[str, int]:
        """Figures of these scopes: articles, chunks, statements, and chunks the vector index lacks or has too many."""
        with self._catalog.read() as db:
            figures = db.counts(scopes)
            known = {place for place, scope, _ in db.chunk_places() if scope in scopes}
        indexed = {place for scope in scopes for place in self._index.places(scope)}
        return figures | {"missing_vectors": len(known - indexed), "stray_vectors": len(indexed - known)}

    def close(self) -> None:
        """Release the files."""
        self._index.close()
        self._catalog.close()


def open_library(data_dir: Path, embedder: Embedder) -> Library:
    """The library kept in a folder, made where there is none, and put in order after a crash.

    Raises WrongEmbedding where another embedding built it, StorageFull where the folder cannot be written, LibraryBusy
    where another process has it, LibraryError where it cannot be read.
    """
    with _writing():
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise LibraryError(f"{data_dir} is not a folder: set ONRECORD_DATA_DIR to one") from None
        catalog = Catalog(data_dir / _CATALOG)
        try:
            _agree(catalog, embedder)
            index = open_embedded(data_dir / _INDEX)
        except BaseException:
            catalog.close()
            raise
    library = Library(catalog, index, embedder)
    library.reconcile()
    return library


def reindex(data_dir: Path, embedder: Embedder) -> Iterator[tuple[int, int]]:
    """Give every chunk a vector of this embedding and build the index anew; yields (chunks done, chunks in all).

    Until it is done the library refuses to open, so that vectors of two embeddings are never compared; what a crash
    interrupts is done by running it again.
    """
    if not (data_dir / _CATALOG).is_file():
        raise LibraryError(f"there is no library in {data_dir}: set ONRECORD_DATA_DIR to where it is")
    with _writing():
        catalog = Catalog(data_dir / _CATALOG)
        try:
            index = open_embedded(data_dir / _INDEX)
        except BaseException:
            catalog.close()
            raise
        try:
            yield from _rebuilt(catalog, index, embedder)
        finally:
            index.close()
            catalog.close()


def _rebuilt(catalog: Catalog, index: VectorIndex, embedder: Embedder) -> Iterator[tuple[int, int]]:
    with catalog.write() as db:
        db.remember(_EMBEDDING, "an unfinished reindex")
        total = sum(1 for _ in db.chunk_places())
    index.clear()
    done, last = 0, 0
    while True:
        with catalog.read() as db:
            batch = db.texts(last, _REINDEXED)
        if not batch:
            break
        vectors = embedder.embed_array([text for *_, text in batch])
        for scope in {scope for _, scope, *_ in batch}:
            its = [number for number, row in enumerate(batch) if row[1] == scope]
            index.add(scope, _places([batch[number][2] for number in its]), vectors[its])
        with catalog.write() as db:
            db.revector((row[0], vector) for row, vector in zip(batch, vectors, strict=True))
        last, done = batch[-1][0], done + len(batch)
        yield done, total
    with catalog.write() as db:
        db.remember(_EMBEDDING, embedder.name)


def _agree(catalog: Catalog, embedder: Embedder) -> None:
    with catalog.read() as db:
        built = db.fact(_EMBEDDING)
    if built is None:
        with catalog.write() as db:
            db.remember(_EMBEDDING, embedder.name)
    elif built != embedder.name:
        raise WrongEmbedding(
            f"this library was built with {built} and the settings say {embedder.name}: set them back, "
            "or run onrecord reindex to build it anew"
        )


def _pending(article: Article, size: int) -> tuple[str, str, str, int]:
    return article.id, article.version, article.scope, size


def _places(chunks: Sequence[Chunk]) -> list[Place]:
    return [Place(chunk.article_id, chunk.version, chunk.index) for chunk in chunks]


_FULL = ("database or disk is full", "no space left", "disk i/o error")
_READ_ONLY = ("readonly database", "read-only", "unable to open database file", "permission denied")


@contextmanager
def _writing() -> Iterator[None]:
    """Word the errors of a disk that is full or may not be written."""
    try:
        yield
    except (sa.exc.OperationalError, sqlite3.OperationalError, OSError) as error:
        raise _storage(error) from error
    except (LibraryError, StorageFull) as error:
        worse = _worded(str(error))
        raise (worse or error) from error
    except Exception as error:
        # Chroma's core wraps the system's error in its own types, of which it exports none.
        worse = _worded(str(error)) if type(error).__module__.startswith("chromadb") else None
        if worse is None:
            raise
        raise worse from error


def _storage(error: Exception) -> Exception:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull("the disk is full: free space and run the command again; nothing stored is lost")
    if isinstance(error, OSError) and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StorageFull("the data folder cannot be written: check its permissions or set ONRECORD_DATA_DIR")
    return _worded(str(error)) or error


def _worded(message: str) -> StorageFull | None:
    low = message.lower()
    if any(sign in low for sign in _FULL):
        return StorageFull("the disk is full: free space and run the command again; nothing stored is lost")
    if any(sign in low for sign in _READ_ONLY):
        return StorageFull("the data folder cannot be written: check its permissions or set ONRECORD_DATA_DIR")
    return None

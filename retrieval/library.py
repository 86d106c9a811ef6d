"""The library: the one door to what is stored.

Text, words, statements and vectors of an article enter the catalog in one transaction, and a reader sees one state of
it: never half an article, never two versions, whatever other threads and processes do. The vector index is built from
the catalog afterwards (`sealing`) and can be lost at any time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from retrieval import sealing
from retrieval.catalog import EMBEDDING, Reader
from retrieval.changes import Writer
from retrieval.checkup import Checkup
from retrieval.copies import Copies
from retrieval.database import Catalog
from retrieval.entries import Entry, Outcome, outcome
from retrieval.errors import LibraryError, WrongEmbedding
from retrieval.likeness import bands
from retrieval.storage import writing
from retrieval.subscriptions import Subscriptions
from retrieval.types import Article
from retrieval.vectors import Hits, VectorIndex

log = logging.getLogger(__name__)


class Embedder(Protocol):
    """What turns texts into unit vectors; `name` tells which embedding it is."""

    name: str
    dimension: int

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of shape (len(texts), dimension)."""
        ...


class Library:
    """Articles, and finding them. Made by `open_library`; safe to use from several threads and processes."""

    def __init__(self, data_dir: Path, catalog: Catalog, embedder: Embedder) -> None:
        self.data_dir = data_dir
        self._catalog = catalog
        self._index = VectorIndex(data_dir / sealing.INDEX)
        self.embedder = embedder
        self.subscriptions = Subscriptions(catalog)
        self.copies = Copies(catalog)

    def outcomes(self, entries: Sequence[Entry]) -> list[Outcome]:
        """What would become of each of these if it were put now, on its own."""
        with self._catalog.read(_scopes(entries)) as db:
            return [outcome(db, entry) for entry in entries]

    def put(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Store these, in order: all of them, or, on an error, none.

        What is new and comes without chunks is left out, its outcome saying that it is new. Raises StorageFull where
        the disk is full or the folder cannot be written.
        """
        with writing(), self._catalog.write(_scopes(entries)) as db:
            self._agrees(db)
            return [_put(db, entry) for entry in entries]

    def remove(self, article_id: str, scopes: Sequence[str]) -> Article | None:
        """Forget an article with its history. Returns what was removed; None where these scopes hold no such one."""
        with writing(), self._catalog.write(scopes) as db:
            article = db.article(article_id)
            if article is not None:
                db.remove(article_id)
        return article

    def remove_scope(self, scope: str) -> int:
        """Forget a scope with everything that was kept for it. Returns how many articles it had."""
        with writing(), self._catalog.write((scope,)) as db:
            articles = db.counts()["articles"]
            db.remove_scope(scope)
        self._prune()
        sealing.sweep(self.data_dir)
        return articles

    @contextmanager
    def read(self, scopes: Sequence[str]) -> Iterator[Reader]:
        """One state of what these scopes hold, for as many queries as needed. Raises WrongEmbedding."""
        with self._catalog.read(scopes) as db:
            self._agrees(db)
            yield db

    def nearest(self, db: Reader, vector: npt.NDArray[np.float32], n: int) -> Hits:
        """(chunk id, cosine) of the `n` nearest chunks of the reader's scopes, nearest first.

        Some may have left the catalog: `Reader.admitted` tells.
        """
        return self._index.nearest(db, vector, n)

    def exact(self, db: Reader, vector: npt.NDArray[np.float32], chunk_ids: Sequence[int], n: int) -> Hits:
        """The same among these chunks alone."""
        return self._index.exact(db, vector, chunk_ids, n)

    @property
    def damaged(self) -> bool:
        """Whether a piece of the vector index was found damaged, so that `seal` is called for."""
        return bool(self._index.damaged)

    def seal(self) -> None:
        """Bring the vector index up to what is stored, where enough is new or a piece was found damaged.

        Takes a second for some thousand chunks. What goes wrong is logged: searches go on without.
        """
        with writing():
            self._report_damage()
            if not sealing.due(self._catalog):
                return
        problem = sealing.seal(self.data_dir)
        if problem:
            log.warning("the vector index could not be extended (%s): searches go on, more slowly", problem)
        self._prune()

    def check(self, *, deep: bool = False) -> Checkup:
        """Look over all that is stored, in every scope: figures and problems, no content. See `Checks.checkup`.

        Damaged pieces of the vector index are noted, for the next `seal` to build them anew.
        """
        with self._catalog.checking() as db:
            found = db.checkup(self._index, deep=deep)
        self._index.damaged |= found.damaged
        return found

    def close(self) -> None:
        """Release the files."""
        self._index.close()
        self._catalog.close()

    def _agrees(self, db: Reader) -> None:
        _, name, _ = db.model()
        if name != self.embedder.name:
            raise _wrong(name, self.embedder.name)

    def _report_damage(self) -> None:
        if self._index.damaged:
            with self._catalog.write() as db:
                for folder in self._index.damaged:
                    db.mark_damaged(folder)

    def _prune(self) -> None:
        with self._catalog.read(()) as db:
            self._index.keep(db.folders())


def open_library(data_dir: Path, embedder: Embedder) -> Library:
    """The library kept in a folder, made where there is none.

    Raises WrongEmbedding where another embedding built it, StorageFull where the folder cannot be written, LibraryError
    where it cannot be read.
    """
    with writing():
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise LibraryError(f"{data_dir} is not a folder: set ONRECORD_DATA_DIR to one") from None
        catalog = Catalog(data_dir / sealing.CATALOG)
        try:
            _agree(catalog, embedder)
        except BaseException:
            catalog.close()
            raise
    return Library(data_dir, catalog, embedder)


def _agree(catalog: Catalog, embedder: Embedder) -> None:
    with catalog.read(()) as db:
        built = db.fact(EMBEDDING)
    if built is None:
        with catalog.write() as db:
            built = db.fact(EMBEDDING)
            if built is None:
                db.begin_lineage()
                db.remember(EMBEDDING, embedder.name)
                db.model_called(embedder.name)
                return
    if built != embedder.name:
        raise _wrong(built, embedder.name)


def _wrong(built: str, wanted: str) -> WrongEmbedding:
    return WrongEmbedding(
        f"this library was built with {built} and the settings say {wanted}: set them back, "
        "or run onrecord reindex to build it anew"
    )


def _scopes(entries: Sequence[Entry]) -> list[str]:
    return list({entry.article.scope for entry in entries})


def _put(db: Writer, entry: Entry) -> Outcome:
    found = outcome(db, entry)
    if found.is_new:
        if not entry.chunks:
            return found
        # Copies found elsewhere had the text before: where they say the same now, they will be known again.
        db.forget_origins(found.article.id)
        db.put(found.article, entry.chunks, entry.statements, entry.vectors)
        db.put_likeness(found.article, entry.signed, bands(entry.signed))
    if entry.origin is not None and not found.outdated:
        db.put_origin(found.article, entry.origin)
    return found

"""The library: the one door to what is stored.

Text, words, statements and vectors of an article enter the catalog in one transaction, and a reader sees one state of
it: never half an article, never two versions, whatever other threads and processes do. The vector index is built from
the catalog afterwards (`sealing`) and can be lost at any time.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retrieval.errors import LibraryError, TransientError, WrongEmbedding
from retrieval.index import build
from retrieval.index.search import Hits, VectorIndex
from retrieval.library.checkup import Checkup, checking
from retrieval.llm.ledger import Ledger
from retrieval.models import Embedder
from retrieval.store.channels import Channels
from retrieval.store.database import Catalog
from retrieval.store.dedup import Entry, Known, Outcome, outcome
from retrieval.store.feeds import Subscriptions
from retrieval.store.http_cache import Copies
from retrieval.store.put import store
from retrieval.store.reader import EMBEDDING, Reader
from retrieval.store.replies import Replies
from retrieval.store.sqlite_errors import reading, writing
from retrieval.types import Article

if TYPE_CHECKING:
    from retrieval.models import Reranker

log = logging.getLogger(__name__)

_REREAD = "reread"
"""The fact that tells how far the rereading of stored texts has come."""


class Library:
    """Articles, and finding them. Made by `open_library`; safe to use from several threads and processes."""

    def __init__(self, data_dir: Path, catalog: Catalog, embedder: Embedder, reranker: Reranker | None = None) -> None:
        self.data_dir = data_dir
        self._catalog = catalog
        self._index = VectorIndex(data_dir / build.INDEX)
        self.embedder = embedder
        self.reranker = reranker
        self.subscriptions = Subscriptions(catalog)
        self.copies = Copies(catalog)
        self.replies = Replies(catalog)
        self.channels = Channels(catalog)

    def is_word(self, word: str) -> bool:
        """Whether the embedding's vocabulary has this as a common word; False where it has none to be asked."""
        known: Callable[[str], bool] = getattr(self.embedder, "is_word", lambda _: False)
        return known(word)

    def embedding_by(self, embedder: Embedder) -> Library:
        """The same library, its texts turned into vectors by another means of the same embedding."""
        out = copy(self)
        out.embedder = embedder
        return out

    def outcomes(self, entries: Sequence[Entry]) -> list[Outcome]:
        """What would become of each of these if it were put now, on its own."""
        with reading(), self._catalog.read(_scopes(entries)) as db:
            known = Known(db, entries)
            return [outcome(known, entry) for entry in entries]

    def put(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Store these, in order: all of them, or, on an error, none.

        What is new and comes without chunks is left out, its outcome saying that it is new. Raises StorageFull where
        the disk is full or the folder cannot be written.
        """
        with writing(), self._catalog.write(_scopes(entries)) as db:
            self._agrees(db)
            return store(db, entries)

    def replace(self, entries: Sequence[Entry], upto: str) -> None:
        """Give stored articles these chunks, statements and vectors, and remember how far that has come (`resumed`).

        An article that was changed or removed since its text was read is left as it is.
        """
        with writing(), self._catalog.write(_scopes(entries)) as db:
            self._agrees(db)
            stored = db.articles_called([entry.article.id for entry in entries])
            there = {article.id: article.version for article in stored.values()}
            db.put_again([one for one in entries if there.get(one.article.id) == one.article.version])
            db.remember(_REREAD, upto)

    def resumed(self) -> str:
        """The article up to which `replace` has come; empty where it is through, or was never begun."""
        with self._catalog.read(()) as db:
            return db.fact(_REREAD) or ""

    def scopes(self) -> tuple[str, ...]:
        """Every scope that holds something, for maintenance of the whole."""
        with self._catalog.read(()) as db:
            return tuple(db.all_scopes())

    def remove(self, article_id: str, scopes: Sequence[str]) -> Article | None:
        """Forget an article with its history. Returns what was removed; None where these scopes hold no such one."""
        with writing(), self._catalog.write(scopes) as db:
            article = db.article(article_id)
            if article is not None:
                db.remove(article_id)
        return article

    def identify(self, scope: str, given: Mapping[str, str]) -> None:
        """Say whom names of speakers stand for in a scope; see `speakers.merge` and `speakers.split`."""
        with writing(), self._catalog.write((scope,)) as db:
            db.identify(scope, given)

    def remove_scope(self, scope: str) -> int:
        """Forget a scope with everything that was kept for it, down to the bytes in the files.

        Returns how many articles it had.
        """
        with writing(), self._catalog.write((scope,)) as db:
            articles = db.counts()["articles"]
            db.remove_scope(scope)
        Ledger(self.data_dir).forget(scope)
        with writing():
            self._prune()
            build.sweep(self.data_dir)
            if not self._catalog.empty_log():
                log.warning("a long read keeps what was removed with %s in the log until the library is closed", scope)
        return articles

    @contextmanager
    def read(self, scopes: Sequence[str]) -> Iterator[Reader]:
        """One state of what these scopes hold, for as many queries as needed.

        Raises WrongEmbedding, LibraryError where the catalog is damaged.
        """
        with reading(), self._catalog.read(scopes) as db:
            self._agrees(db)
            yield db

    def nearest(self, db: Reader, vector: npt.NDArray[np.float32], n: int) -> Hits:
        """(chunk id, cosine) of the `n` nearest chunks of the reader's scopes and state, nearest first."""
        return self._index.nearest(db, vector, n)

    def exact(self, db: Reader, vector: npt.NDArray[np.float32], chunk_ids: Sequence[int], n: int) -> Hits:
        """The same among these chunks alone."""
        return self._index.exact(db, vector, chunk_ids, n)

    @property
    def damaged(self) -> bool:
        """Whether a piece of the vector index was found damaged, so that `seal` is called for."""
        return bool(self._index.damaged)

    def seal(self, least: int = build.LEAST) -> None:
        """Bring the vector index up to what is stored, where enough is new or a piece was found damaged.

        `least`: new chunks of a scope from which on they are indexed; some thousand take a second. What goes wrong is
        logged: searches go on without.
        """
        try:
            with writing():
                self._report_damage()
                problem = build.seal(self.data_dir, least=least) if build.due(self._catalog, least) else None
                self._prune()
        except (LibraryError, TransientError) as error:
            problem = str(error)
        if problem:
            log.warning("the vector index could not be extended (%s): searches go on, more slowly", problem)

    def check(self, *, deep: bool = False) -> Checkup:
        """Look over all that is stored, in every scope: figures and problems, no content. See `Checks.checkup`.

        Damaged pieces of the vector index are noted, for the next `seal` to build them anew. Where the catalog itself
        cannot be read, that is the problem, and there are no figures.
        """
        try:
            with reading(), checking(self._catalog) as db:
                found = db.checkup(self._index, deep=deep)
        except LibraryError as error:
            return Checkup({}, (str(error),))
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


def open_library(data_dir: Path, embedder: Embedder, reranker: Reranker | None = None) -> Library:
    """The library kept in a folder, made where there is none; without a reranker sentences are chosen without one.

    Raises WrongEmbedding where another embedding built it, StorageFull where the folder cannot be written, LibraryError
    where it cannot be read.
    """
    with writing():
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise LibraryError(f"{data_dir} is not a folder: set ONRECORD_DATA_DIR to one") from None
        _ours(data_dir)
        catalog = Catalog(data_dir / build.CATALOG)
        try:
            _agree(catalog, embedder)
        except BaseException:
            catalog.close()
            raise
    return Library(data_dir, catalog, embedder, reranker)


def _ours(data_dir: Path) -> None:
    """Refuse a catalog that was cut to nothing, and another program's database before a byte of it is changed.

    Ours are kept with a write-ahead log, which their header says; to open another for writing would make it say so too.
    Raises LibraryError.
    """
    path, index = data_dir / build.CATALOG, data_dir / build.INDEX
    if not path.is_file():
        return
    with path.open("rb") as file:
        header = file.read(100)
    if not header and index.is_dir() and any(index.iterdir()):
        raise LibraryError(f"{path} is empty, though it had articles: restore a backup, or move it away to begin anew")
    if header.startswith(b"SQLite format 3\0") and header[18:20] != b"\2\2":
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            found = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}
        if found and not {"meta", "articles"} <= found:
            raise LibraryError(f"{path} is another program's database: move it away or set ONRECORD_DATA_DIR")


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

"""The library: everything that is stored is read and changed through it.

The text, words, statements and vectors of an article are written to the catalog in one transaction, and a reader sees
one state of the catalog: never half an article, never two versions, whatever other threads and processes do. The vector
index is built from the catalog afterwards (`index.build`) and can be lost at any time.
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
from retrieval.library.checkup import Checkup, open_checker
from retrieval.llm.ledger import Ledger
from retrieval.models import Embedder
from retrieval.store.channels import Channels
from retrieval.store.database import Catalog
from retrieval.store.dedup import Entry, KnownArticles, Outcome, outcome_of
from retrieval.store.feeds import Subscriptions
from retrieval.store.http_cache import HttpCache
from retrieval.store.put import store_entries
from retrieval.store.reader import EMBEDDING_FACT, CatalogReader
from retrieval.store.replies import Replies
from retrieval.store.sqlite_errors import translate_read_errors, translate_write_errors
from retrieval.types import Article

if TYPE_CHECKING:
    from retrieval.models import Reranker

log = logging.getLogger(__name__)

_REREAD_FACT = "reread"
"""Key of the fact that holds how far the rereading of stored texts has come: the id of an article."""


class Library:
    """The stored articles and all that belongs to them. Open one by `open_library`.

    Safe to use from several threads and processes.
    """

    def __init__(self, data_dir: Path, catalog: Catalog, embedder: Embedder, reranker: Reranker | None = None) -> None:
        self.data_dir = data_dir
        self._catalog = catalog
        self._index = VectorIndex(data_dir / build.INDEX_FOLDER)
        self.embedder = embedder
        self.reranker = reranker
        self.subscriptions = Subscriptions(catalog)
        self.http_cache = HttpCache(catalog)
        self.replies = Replies(catalog)
        self.channels = Channels(catalog)

    def is_word(self, word: str) -> bool:
        """Whether this is a common word in the embedding's vocabulary; False if the embedding has no vocabulary."""
        known: Callable[[str], bool] = getattr(self.embedder, "is_word", lambda _: False)
        return known(word)

    def with_embedder(self, embedder: Embedder) -> Library:
        """The same library with another embedder, which must produce the same embedding."""
        out = copy(self)
        out.embedder = embedder
        return out

    def outcomes(self, entries: Sequence[Entry]) -> list[Outcome]:
        """What would become of each of these entries if it were stored now, on its own."""
        with translate_read_errors(), self._catalog.open_reader(_scopes_of(entries)) as db:
            known = KnownArticles(db, entries)
            return [outcome_of(known, entry) for entry in entries]

    def put_entries(self, entries: Sequence[Entry]) -> list[Outcome]:
        """Store these entries in order; on an error none of them is stored.

        A new text that comes without chunks is not stored, only reported as new. Raises StorageFull if the disk is full
        or the folder cannot be written, WrongEmbedding.
        """
        with translate_write_errors(), self._catalog.open_writer(_scopes_of(entries)) as db:
            self._check_embedding(db)
            return store_entries(db, entries)

    def replace(self, entries: Sequence[Entry], upto: str) -> None:
        """Replace the chunks, statements and vectors of stored articles, and remember that all up to `upto` are done.

        An article that was changed or removed since its text was read is left unchanged. See `reread_position`.
        """
        with translate_write_errors(), self._catalog.open_writer(_scopes_of(entries)) as db:
            self._check_embedding(db)
            stored = db.articles_by_id([entry.article.id for entry in entries])
            versions = {article.id: article.version for article in stored.values()}
            db.replace_reading([entry for entry in entries if versions.get(entry.article.id) == entry.article.version])
            db.remember(_REREAD_FACT, upto)

    def reread_position(self) -> str:
        """The id of the article up to which `replace` has come; empty if it is finished or was never begun."""
        with self._catalog.open_reader(()) as db:
            return db.fact(_REREAD_FACT) or ""

    def scopes(self) -> tuple[str, ...]:
        """Every scope that holds something, for the maintenance of the whole library."""
        with self._catalog.open_reader(()) as db:
            return tuple(db.all_scopes())

    def remove(self, article_id: str, scopes: Sequence[str]) -> Article | None:
        """Delete an article with its history. Returns the deleted article; None if these scopes do not hold it."""
        with translate_write_errors(), self._catalog.open_writer(scopes) as db:
            article = db.article(article_id)
            if article is not None:
                db.remove(article_id)
        return article

    def put_identities(self, scope: str, given: Mapping[str, str]) -> None:
        """Set the person that each of these speakers' names stands for in a scope; see `search.speaker_merges`."""
        with translate_write_errors(), self._catalog.open_writer((scope,)) as db:
            db.put_identities(scope, given)

    def remove_scope(self, scope: str) -> int:
        """Delete a scope with everything stored for it, down to the bytes in the files.

        Returns the number of articles it had.
        """
        with translate_write_errors(), self._catalog.open_writer((scope,)) as db:
            articles = db.counts()["articles"]
            db.remove_scope(scope)
        Ledger(self.data_dir).forget(scope)
        with translate_write_errors():
            self._close_unlisted_segments()
            build.sweep(self.data_dir)
            if not self._catalog.empty_log():
                log.warning("a long read keeps what was removed with %s in the log until the library is closed", scope)
        return articles

    @contextmanager
    def open_reader(self, scopes: Sequence[str]) -> Iterator[CatalogReader]:
        """A reader of one state of these scopes, for any number of queries.

        Raises WrongEmbedding, and LibraryError if the catalog is damaged.
        """
        with translate_read_errors(), self._catalog.open_reader(scopes) as db:
            self._check_embedding(db)
            yield db

    def nearest(self, db: CatalogReader, vector: npt.NDArray[np.float32], n: int) -> Hits:
        """(chunk id, cosine) of the `n` nearest chunks of the reader's scopes and state, nearest first."""
        return self._index.nearest(db, vector, n)

    def nearest_among(
        self, db: CatalogReader, vector: npt.NDArray[np.float32], chunk_ids: Sequence[int], n: int
    ) -> Hits:
        """The same, among these chunks only and by comparing every one of them."""
        return self._index.nearest_among(db, vector, chunk_ids, n)

    @property
    def has_damaged_index(self) -> bool:
        """Whether a segment of the vector index was found damaged, so that `seal` should be called."""
        return bool(self._index.damaged)

    def seal(self, least: int = build.MIN_NEW_ROWS) -> None:
        """Update the vector index if there are enough new chunks or a segment was found damaged.

        `least`: minimum number of new chunks of a scope that are indexed; some thousand take a second. Errors are only
        logged, because searches work without the index.
        """
        try:
            with translate_write_errors():
                self._report_damage()
                problem = build.seal(self.data_dir, least=least) if build.is_due(self._catalog, least) else None
                self._close_unlisted_segments()
        except (LibraryError, TransientError) as error:
            problem = str(error)
        if problem:
            log.warning("the vector index could not be extended (%s): searches go on, more slowly", problem)

    def check(self, *, deep: bool = False) -> Checkup:
        """Check everything that is stored, in every scope; returns counts and problems, no content.

        `deep`: see `CatalogChecker.check`. Damaged segments are remembered for the next `seal` to rebuild. If the
        catalog itself cannot be read, that is the only problem and there are no counts.
        """
        try:
            with translate_read_errors(), open_checker(self._catalog) as checker:
                checkup = checker.check(self._index, deep=deep)
        except LibraryError as error:
            return Checkup({}, (str(error),))
        self._index.damaged |= checkup.damaged_segments
        return checkup

    def close(self) -> None:
        """Release the files."""
        self._index.close()
        self._catalog.close()

    def _check_embedding(self, db: CatalogReader) -> None:
        """Raise WrongEmbedding if the library is now searched by another embedding."""
        _, name, _ = db.model()
        if name != self.embedder.name:
            raise _wrong_embedding(name, self.embedder.name)

    def _report_damage(self) -> None:
        if self._index.damaged:
            with self._catalog.open_writer() as db:
                for folder in self._index.damaged:
                    db.mark_damaged(folder)

    def _close_unlisted_segments(self) -> None:
        with self._catalog.open_reader(()) as db:
            self._index.close_unlisted(db.segment_folders())


def open_library(data_dir: Path, embedder: Embedder, reranker: Reranker | None = None) -> Library:
    """Open the library in a folder, creating it if there is none.

    Raises WrongEmbedding if it was built with another embedding, StorageFull if the folder cannot be written,
    LibraryError if the library cannot be read.
    """
    with translate_write_errors():
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise LibraryError(f"{data_dir} is not a folder: set ONRECORD_DATA_DIR to one") from None
        _refuse_unusable_catalog(data_dir)
        catalog = Catalog(data_dir / build.CATALOG_FILE)
        try:
            _set_or_check_embedding(catalog, embedder)
        except BaseException:
            catalog.close()
            raise
    return Library(data_dir, catalog, embedder, reranker)


def _refuse_unusable_catalog(data_dir: Path) -> None:
    """Raise LibraryError for a catalog that was truncated to nothing and for another program's database.

    The header of a catalog says that it uses a write-ahead log; opening another database for writing would change its
    header to say so too, hence the check before.
    """
    path, index = data_dir / build.CATALOG_FILE, data_dir / build.INDEX_FOLDER
    if not path.is_file():
        return
    with path.open("rb") as file:
        header = file.read(100)
    if not header and index.is_dir() and any(index.iterdir()):
        raise LibraryError(f"{path} is empty, though it had articles: restore a backup, or move it away to begin anew")
    if header.startswith(b"SQLite format 3\0") and header[18:20] != b"\2\2":
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            tables = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}
        if tables and not {"meta", "articles"} <= tables:
            raise LibraryError(f"{path} is another program's database: move it away or set ONRECORD_DATA_DIR")


def _set_or_check_embedding(catalog: Catalog, embedder: Embedder) -> None:
    """Set the embedding of a new library. Raises WrongEmbedding if the library has another one."""
    with catalog.open_reader(()) as db:
        built_with = db.fact(EMBEDDING_FACT)
    if built_with is None:
        with catalog.open_writer() as db:
            built_with = db.fact(EMBEDDING_FACT)
            if built_with is None:
                db.begin_lineage()
                db.remember(EMBEDDING_FACT, embedder.name)
                db.model_number(embedder.name)
                return
    if built_with != embedder.name:
        raise _wrong_embedding(built_with, embedder.name)


def _wrong_embedding(built_with: str, wanted: str) -> WrongEmbedding:
    return WrongEmbedding(
        f"this library was built with {built_with} and the settings say {wanted}: set them back, "
        "or run onrecord reindex to build it anew"
    )


def _scopes_of(entries: Sequence[Entry]) -> list[str]:
    return list({entry.article.scope for entry in entries})

"""Storing many articles at once, with the same result as storing them one by one.

The stored articles are looked up for a whole batch, and new texts are written in batches. An entry whose outcome may
depend on an earlier entry of its batch (the same article, address or a similar text) is looked up again after that
entry has been written.
"""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.store.dedup import Entry, KnownArticles, Outcome, PutStatus, outcome_of
from retrieval.store.minhash import bands
from retrieval.store.writer import CatalogWriter
from retrieval.types import Article
from retrieval.util import parts

_BATCH_ENTRIES = 500
"""Entries looked up and written together; more are no faster, and SQLite limits the values bound in a statement."""


def store_entries(db: CatalogWriter, entries: Sequence[Entry]) -> list[Outcome]:
    """Store entries in order. A new text that comes without chunks is not stored, only reported as new."""
    return [outcome for part in parts(entries, _BATCH_ENTRIES) for outcome in _store_batch(db, part)]


def _store_batch(db: CatalogWriter, entries: Sequence[Entry]) -> list[Outcome]:
    known, batch = KnownArticles(db, entries), _Batch(db)
    outcomes = []
    for entry in entries:
        if batch.affects(entry, known):
            batch.write()
            outcome = outcome_of(KnownArticles(db, [entry]), entry)
        else:
            outcome = outcome_of(known, entry)
        batch.add(entry, outcome)
        outcomes.append(outcome)
    batch.write()
    return outcomes


class _Batch:
    """Entries waiting to be written, and everything that the entries so far have changed, written or not."""

    def __init__(self, db: CatalogWriter) -> None:
        self._db = db
        self._new: list[Entry] = []
        self._updated: list[str] = []
        self._origins: list[tuple[Article, str]] = []
        self._articles: set[str] = set()
        self._keys: set[tuple[str, object]] = set()

    def affects(self, entry: Entry, known: KnownArticles) -> bool:
        """Whether the changes so far may give an entry another outcome than `known` does."""
        return not self._articles.isdisjoint(known.ids_affecting(entry)) or not self._keys.isdisjoint(_keys(entry))

    def add(self, entry: Entry, outcome: Outcome) -> None:
        """Add an entry to those waiting to be written."""
        if outcome.is_new:
            if not entry.chunks:
                return
            self._new.append(entry.with_article(outcome.article))
            if outcome.status is PutStatus.UPDATED:
                self._updated.append(outcome.article.id)
        if entry.origin is not None and not outcome.outdated:
            self._origins.append((outcome.article, entry.origin))
        self._articles |= {entry.article.id, outcome.article.id}
        self._keys |= _keys(entry)

    def write(self) -> None:
        """Write the waiting entries."""
        if self._updated:
            # Copies at other places had the previous text; if they have the new one too, they will be found again.
            self._db.forget_origins(self._updated)
        if self._new:
            self._db.put_entries(self._new)
        self._db.put_origins(self._origins)
        self._new, self._updated, self._origins = [], [], []


def _keys(entry: Entry) -> set[tuple[str, object]]:
    """The origin and the bands of an entry, by which a later one may be recognised as the same."""
    origins = (entry.origin,) if entry.origin else ()
    return {(entry.article.scope, key) for key in (*origins, *bands(entry.text_signature))}

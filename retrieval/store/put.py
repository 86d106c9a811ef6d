"""Many articles into the catalog at once, as if they came one after the other.

What the catalog holds of them is looked up for all together, and what is new is written together. An entry on which
another before it may bear (the same article, address or likeness) is looked up again after that has been written.
"""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.store.dedup import Entry, Known, Outcome, Standing, outcome
from retrieval.store.minhash import bands
from retrieval.store.writer import Writer
from retrieval.types import Article
from retrieval.util import parts

_TOGETHER = 500
"""Entries looked up and written together: more gain nothing, and what is bound in one statement has a limit."""


def store(db: Writer, entries: Sequence[Entry]) -> list[Outcome]:
    """Put entries into the catalog, in order. What is new and comes without chunks is left out."""
    return [one for part in parts(entries, _TOGETHER) for one in _store(db, part)]


def _store(db: Writer, entries: Sequence[Entry]) -> list[Outcome]:
    known, batch = Known(db, entries), _Batch(db)
    outcomes = []
    for entry in entries:
        if batch.bears_on(entry, known):
            batch.write()
            found = outcome(Known(db, [entry]), entry)
        else:
            found = outcome(known, entry)
        batch.take(entry, found)
        outcomes.append(found)
    batch.write()
    return outcomes


class _Batch:
    """What waits to be written, and all that entries have changed, whether it still waits or not."""

    def __init__(self, db: Writer) -> None:
        self._db = db
        self._new: list[Entry] = []
        self._updated: list[str] = []
        self._origins: list[tuple[Article, str]] = []
        self._articles: set[str] = set()
        self._marks: set[tuple[str, object]] = set()

    def bears_on(self, entry: Entry, known: Known) -> bool:
        """Whether the entry's outcome may be another than what was known before."""
        return not self._articles.isdisjoint(known.concerned(entry)) or not self._marks.isdisjoint(_marks(entry))

    def take(self, entry: Entry, found: Outcome) -> None:
        """Let an entry wait to be written."""
        if found.is_new:
            if not entry.chunks:
                return
            self._new.append(entry.known_as(found.article))
            if found.standing is Standing.UPDATED:
                self._updated.append(found.article.id)
        if entry.origin is not None and not found.outdated:
            self._origins.append((found.article, entry.origin))
        self._articles |= {entry.article.id, found.article.id}
        self._marks |= _marks(entry)

    def write(self) -> None:
        """Write what waits."""
        if self._updated:
            # Copies found elsewhere had the text before: where they say the same now, they will be known again.
            self._db.forget_origins(self._updated)
        if self._new:
            self._db.put(self._new)
        self._db.put_origins(self._origins)
        self._new, self._updated, self._origins = [], [], []


def _marks(entry: Entry) -> set[tuple[str, object]]:
    """By what an article that is not in the catalog yet could be found again."""
    found_by = (entry.origin,) if entry.origin else ()
    return {(entry.article.scope, mark) for mark in (*found_by, *bands(entry.signed))}

"""What an article is to a library that has others: new, a new version, known already, or another's story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from retrieval.models.sentence_vectors import SentenceVectors
from retrieval.store.minhash import THRESHOLD, alike, bands, likeness, same_story, signature
from retrieval.store.reader import Reader
from retrieval.types import Article, Chunk, Statement

_SAME_FILE = 0.5
"""Likeness from which a file's new text is a new version of what stood in it, and not another article put there."""


class Standing(StrEnum):
    """What an article is to a library, or became when it was put there."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an article, and the article it is stored as: for a duplicate, the one that was there.

    `outdated`: what was found is an earlier version of it, which does not come back because a copy of it lies about.
    """

    standing: Standing
    article: Article
    outdated: bool = False

    @property
    def is_new(self) -> bool:
        """Whether there is something to be stored."""
        return self.standing in (Standing.ADDED, Standing.UPDATED)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article on its way into a library, with the address or file it was found at and its signature.

    `chunks`, `statements`, `vectors` (one for each chunk) and `sentences` (the same, or none where the embedding has
    none) are what is stored of one that is new; one that is known needs none.
    """

    article: Article
    chunks: tuple[Chunk, ...] = ()
    statements: tuple[Statement, ...] = ()
    vectors: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    origin: str | None = None
    signature: bytes = b""
    sentences: tuple[SentenceVectors, ...] = ()

    @classmethod
    def of(cls, article: Article, origin: str | None = None) -> Self:
        """An entry without chunks; `origin` is the article's address where it has one."""
        return cls(article, origin=article.url or origin, signature=signature(article.text))

    def known_as(self, article: Article) -> Entry:
        """The same, stored as this article: its text under the id that it turns out to have."""
        if article.id == self.article.id:
            return replace(self, article=article)
        chunks = tuple(replace(one, article_id=article.id) for one in self.chunks)
        statements = tuple(replace(one, article_id=article.id) for one in self.statements)
        return replace(self, article=article, chunks=chunks, statements=statements)

    @property
    def signed(self) -> bytes:
        """The signature of the text."""
        return self.signature or signature(self.article.text)


class Known:
    """What a catalog holds that may have to do with some entries, looked up for all of them at once."""

    def __init__(self, db: Reader, entries: Sequence[Entry]) -> None:
        """`db`: a reader that has the scopes of the entries."""
        self._db = db
        self._loaded = db.articles_called([entry.article.id for entry in entries])
        self._at = db.articles_at([_place(entry) for entry in entries if entry.origin])
        unknown = [entry for entry in entries if entry.article.id not in self._loaded]
        self._sharing = db.sharing((entry.article.scope, key) for entry in unknown for key in bands(entry.signed))
        signatures = db.signatures({one for ids in self._sharing.values() for one in ids})
        self._near = {_mark(entry): self._alike(entry, signatures) for entry in unknown} if signatures else {}
        self._load({one for ids in self._near.values() for one in ids})

    def article(self, article_id: str) -> Article | None:
        """An article that one of the entries has to do with."""
        self._load([article_id])
        return self._loaded.get(article_id)

    def at_origin(self, entry: Entry) -> Article | None:
        """The article that was found where this entry was."""
        found = self._at.get(_place(entry))
        return self.article(found) if found else None

    def origins(self, article_id: str) -> list[str]:
        """Where an article was found."""
        return self._db.origins(article_id)

    def alike(self, entry: Entry) -> list[Article]:
        """Articles of an entry's scope that are worth comparing with it word for word."""
        return [self._loaded[one] for one in self._near.get(_mark(entry), ()) if one in self._loaded]

    def concerned(self, entry: Entry) -> set[str]:
        """Ids of the articles that an entry's outcome hangs on, its own among them."""
        at = self._at.get(_place(entry))
        return {entry.article.id, *self._candidates(entry), *([at] if at else ())}

    def _candidates(self, entry: Entry) -> set[str]:
        keys = bands(entry.signed) if self._sharing else ()
        return {one for key in keys for one in self._sharing.get((entry.article.scope, key), ())}

    def _alike(self, entry: Entry, signatures: Mapping[str, bytes]) -> list[str]:
        candidates = sorted(self._candidates(entry) & signatures.keys())
        near = alike(entry.signed, [signatures[one] for one in candidates], THRESHOLD)
        return [one for one, is_near in zip(candidates, near, strict=True) if is_near]

    def _load(self, article_ids: Iterable[str]) -> None:
        missing = [one for one in article_ids if one not in self._loaded]
        if missing:
            self._loaded |= self._db.articles_called(missing)


def outcome(known: Known, entry: Entry) -> Outcome:
    """What an entry is to a catalog of which all that has to do with it is known."""
    article = entry.article
    stored = known.article(article.id)
    if stored is not None:
        return _beside(known, entry, stored)
    at_origin = known.at_origin(entry)
    if at_origin is not None and same_story(at_origin.text, article.text):
        return Outcome(Standing.UNCHANGED, at_origin)
    for other in known.alike(entry):
        if same_story(other.text, article.text):
            return Outcome(Standing.DUPLICATE, other)
    if at_origin is not None and article.url is None and likeness(signature(at_origin.text), entry.signed) > _SAME_FILE:
        return Outcome(Standing.UPDATED, article.known_as(at_origin.id))
    return Outcome(Standing.ADDED, article)


def _beside(known: Known, entry: Entry, stored: Article) -> Outcome:
    """What an article is beside the version that is stored of it."""
    article = entry.article
    elsewhere = entry.origin is not None and entry.origin not in known.origins(stored.id)
    if stored.version == article.version or _as_said(stored) == _as_said(article):
        return Outcome(Standing.DUPLICATE if elsewhere else Standing.UNCHANGED, stored)
    if elsewhere and article.url is None:
        return Outcome(Standing.DUPLICATE, stored, outdated=True)
    return Outcome(Standing.UPDATED, article)


def _as_said(article: Article) -> tuple[object, ...]:
    """What makes a version, white space aside: a file copied with other line breaks says nothing new."""
    return article.title.split(), article.text.split(), article.published


def _mark(entry: Entry) -> tuple[str, bytes]:
    return entry.article.scope, entry.signed


def _place(entry: Entry) -> tuple[str, str]:
    return entry.article.scope, entry.origin or ""

"""Deduplication: whether an article is new to the library, a new version, already stored, or a copy of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from retrieval.models.sentence_vectors import SentenceVectors
from retrieval.store.minhash import MIN_LIKENESS, bands, compare_signatures, likeness, same_story, signature
from retrieval.store.reader import CatalogReader
from retrieval.types import Article, Chunk, Statement

_MIN_VERSION_LIKENESS = 0.5
"""Likeness of a file's text to its previous one, from 0 to 1, above which it is a new version and not another article
saved under the same name."""


class PutStatus(StrEnum):
    """What an article is to a library, or what became of it when it was stored."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an article, and the article it is stored as: for a duplicate, the one already stored.

    `outdated`: the text was an earlier version found at another place; a stale copy does not bring it back.
    """

    status: PutStatus
    article: Article
    outdated: bool = False

    @property
    def is_new(self) -> bool:
        """Whether there is a new text to store."""
        return self.status in (PutStatus.ADDED, PutStatus.UPDATED)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article to be stored, with the address or file it was found at (`origin`) and its MinHash signature.

    `chunks`, `statements`, `vectors` (one per chunk) and `sentences` (one per chunk, or empty if the embedding has no
    sentence vectors) are stored with a new text; an article that is already stored needs none of them.
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
        """An entry without chunks; its origin is the article's address if it has one, else `origin`."""
        return cls(article, origin=article.url or origin, signature=signature(article.text))

    def with_article(self, article: Article) -> Entry:
        """The same entry for this article: the same text, under the id that it is to be stored as."""
        if article.id == self.article.id:
            return replace(self, article=article)
        chunks = tuple(replace(chunk, article_id=article.id) for chunk in self.chunks)
        statements = tuple(replace(statement, article_id=article.id) for statement in self.statements)
        return replace(self, article=article, chunks=chunks, statements=statements)

    @property
    def text_signature(self) -> bytes:
        """The signature of the text, computed if the entry does not carry it."""
        return self.signature or signature(self.article.text)


class KnownArticles:
    """The stored articles that may be the same as some entries, looked up for all entries at once."""

    def __init__(self, db: CatalogReader, entries: Sequence[Entry]) -> None:
        """`db` must include the scopes of the entries."""
        self._db = db
        self._loaded = db.articles_by_id([entry.article.id for entry in entries])
        self._ids_at = db.article_ids_at([_place_of(entry) for entry in entries if entry.origin])
        unknown = [entry for entry in entries if entry.article.id not in self._loaded]
        self._by_band = db.article_ids_by_band(
            (entry.article.scope, band) for entry in unknown for band in bands(entry.text_signature)
        )
        signatures = db.signatures({article_id for ids in self._by_band.values() for article_id in ids})
        self._similar = (
            {_text_key(entry): self._similar_ids(entry, signatures) for entry in unknown} if signatures else {}
        )
        self._load({article_id for ids in self._similar.values() for article_id in ids})

    def article(self, article_id: str) -> Article | None:
        """A stored article by its id."""
        self._load([article_id])
        return self._loaded.get(article_id)

    def article_at_origin(self, entry: Entry) -> Article | None:
        """The stored article that was found at the origin of this entry."""
        article_id = self._ids_at.get(_place_of(entry))
        return self.article(article_id) if article_id else None

    def origins(self, article_id: str) -> list[str]:
        """Every address and file at which an article was found."""
        return self._db.origins(article_id)

    def similar_articles(self, entry: Entry) -> list[Article]:
        """The articles of an entry's scope that are similar enough to compare word for word."""
        ids = self._similar.get(_text_key(entry), ())
        return [self._loaded[article_id] for article_id in ids if article_id in self._loaded]

    def ids_affecting(self, entry: Entry) -> set[str]:
        """The ids of the articles that an entry's outcome depends on, including its own."""
        at_origin = self._ids_at.get(_place_of(entry))
        return {entry.article.id, *self._candidate_ids(entry), *([at_origin] if at_origin else ())}

    def _candidate_ids(self, entry: Entry) -> set[str]:
        """The ids of the articles that share a band with an entry."""
        entry_bands = bands(entry.text_signature) if self._by_band else ()
        return {article_id for band in entry_bands for article_id in self._by_band.get((entry.article.scope, band), ())}

    def _similar_ids(self, entry: Entry, signatures: Mapping[str, bytes]) -> list[str]:
        candidates = sorted(self._candidate_ids(entry) & signatures.keys())
        similar = compare_signatures(
            entry.text_signature, [signatures[article_id] for article_id in candidates], MIN_LIKENESS
        )
        return [article_id for article_id, is_similar in zip(candidates, similar, strict=True) if is_similar]

    def _load(self, article_ids: Iterable[str]) -> None:
        missing = [article_id for article_id in article_ids if article_id not in self._loaded]
        if missing:
            self._loaded |= self._db.articles_by_id(missing)


def outcome_of(known: KnownArticles, entry: Entry) -> Outcome:
    """What becomes of an entry, given the stored articles that it may be the same as."""
    article = entry.article
    stored = known.article(article.id)
    if stored is not None:
        return _outcome_beside(known, entry, stored)
    at_origin = known.article_at_origin(entry)
    if at_origin is not None and same_story(at_origin.text, article.text):
        return Outcome(PutStatus.UNCHANGED, at_origin)
    for other in known.similar_articles(entry):
        if same_story(other.text, article.text):
            return Outcome(PutStatus.DUPLICATE, other)
    if (
        at_origin is not None
        and article.url is None
        and likeness(signature(at_origin.text), entry.text_signature) > _MIN_VERSION_LIKENESS
    ):
        return Outcome(PutStatus.UPDATED, article.with_id(at_origin.id))
    return Outcome(PutStatus.ADDED, article)


def _outcome_beside(known: KnownArticles, entry: Entry, stored: Article) -> Outcome:
    """What becomes of an entry whose article is already stored in some version."""
    article = entry.article
    elsewhere = entry.origin is not None and entry.origin not in known.origins(stored.id)
    if stored.version == article.version or _content(stored) == _content(article):
        return Outcome(PutStatus.DUPLICATE if elsewhere else PutStatus.UNCHANGED, stored)
    if elsewhere and article.url is None:
        return Outcome(PutStatus.DUPLICATE, stored, outdated=True)
    return Outcome(PutStatus.UPDATED, article)


def _content(article: Article) -> tuple[object, ...]:
    """What distinguishes versions, ignoring white space: a copy with other line breaks is not a new version."""
    return article.title.split(), article.text.split(), article.published


def _text_key(entry: Entry) -> tuple[str, bytes]:
    return entry.article.scope, entry.text_signature


def _place_of(entry: Entry) -> tuple[str, str]:
    return entry.article.scope, entry.origin or ""

"""What an article is to a library that has others: new, a new version, known already, or another's story."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from retrieval.catalog import Reader
from retrieval.likeness import THRESHOLD, bands, likeness, same_story, signature
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

    `chunks`, `statements` and `vectors` (one for each chunk) are what is stored of one that is new; one that is known
    needs none.
    """

    article: Article
    chunks: tuple[Chunk, ...] = ()
    statements: tuple[Statement, ...] = ()
    vectors: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    origin: str | None = None
    signature: bytes = b""

    @classmethod
    def of(cls, article: Article, origin: str | None = None) -> Self:
        """An entry without chunks; `origin` is the article's address where it has one."""
        return cls(article, origin=article.url or origin, signature=signature(article.text))

    @property
    def signed(self) -> bytes:
        """The signature of the text."""
        return self.signature or signature(self.article.text)


def outcome(db: Reader, entry: Entry) -> Outcome:
    """What an entry is to a catalog whose reader has its scope."""
    article = entry.article
    stored = db.article(article.id)
    if stored is not None:
        return _beside(db, entry, stored)
    at_origin = db.article_at(entry.origin, article.scope) if entry.origin else None
    if at_origin is not None and same_story(at_origin.text, article.text):
        return Outcome(Standing.UNCHANGED, at_origin)
    for other, its_signature in db.sharing(bands(entry.signed), article.scope):
        if likeness(its_signature, entry.signed) >= THRESHOLD and same_story(other.text, article.text):
            return Outcome(Standing.DUPLICATE, other)
    if at_origin is not None and article.url is None and likeness(signature(at_origin.text), entry.signed) > _SAME_FILE:
        return Outcome(Standing.UPDATED, article.known_as(at_origin.id))
    return Outcome(Standing.ADDED, article)


def _beside(db: Reader, entry: Entry, stored: Article) -> Outcome:
    """What an article is beside the version that is stored of it."""
    article = entry.article
    elsewhere = entry.origin is not None and entry.origin not in db.origins(stored.id)
    if stored.version == article.version or _as_said(stored) == _as_said(article):
        return Outcome(Standing.DUPLICATE if elsewhere else Standing.UNCHANGED, stored)
    if elsewhere and article.url is None:
        return Outcome(Standing.DUPLICATE, stored, outdated=True)
    return Outcome(Standing.UPDATED, article)


def _as_said(article: Article) -> tuple[object, ...]:
    """What makes a version, white space aside: a file copied with other line breaks says nothing new."""
    return article.title.split(), article.text.split(), article.published

"""Queries over articles, their versions and origins, and articles with similar texts; part of the catalog's reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from retrieval.store import rows
from retrieval.store.tables import articles, bands, likenesses, origins, unindexed_scope, versions
from retrieval.types import Article
from retrieval.util import group_pairs, parts

MAX_BOUND_VALUES = 30_000
"""Maximum number of values bound in one SQL statement; SQLite's own limit is 32,766."""


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """One version of an article's text; `number` counts from 1, `stored` is an ISO 8601 time in UTC."""

    number: int
    version: str
    stored: str
    title: str
    text: str


class ArticleReader:
    """Queries over articles in one state of the catalog, limited to the scopes that the reader was opened for."""

    def __init__(self, connection: sa.Connection, scopes: Sequence[str]) -> None:
        self._db = connection
        self.scopes = tuple(scopes)

    def article(self, article_id: str) -> Article | None:
        """The current version of an article, or None if these scopes do not hold it."""
        row = self._db.execute(self._select_current().where(articles.c.id == article_id)).first()
        return rows.to_article(row) if row else None

    def articles_by_id(self, article_ids: Sequence[str]) -> dict[str, Article]:
        """The current versions of these articles, as far as these scopes hold them, by id."""
        query = self._select_current()
        results = (
            self._db.execute(query.where(articles.c.id.in_(part))) for part in parts(article_ids, MAX_BOUND_VALUES)
        )
        return {row.article_id: rows.to_article(row) for result in results for row in result}

    def articles(self, limit: int = -1, sources: Sequence[str] = ()) -> list[Article]:
        """Current versions, the newest publication first and undated ones last; `sources`: only of these, if any."""
        query = sa.select(articles.c.id, articles.c.published, articles.c.title)
        query = query.order_by(articles.c.published.desc(), articles.c.title, articles.c.id).limit(limit)
        # One query for each scope and source, whose index returns the newest in order; for several at once SQLite would
        # read and sort all of them.
        queries = [query.where(articles.c.scope == scope) for scope in self.scopes]
        if sources:
            source, source_names = sa.func.lower(articles.c.source), {name.lower() for name in sources}
            queries = [query.where(source == name) for query in queries for name in source_names]
        newest = [row for query in queries for row in self._db.execute(query)]
        newest.sort(key=lambda row: (row.title or "", row.id))
        newest.sort(key=lambda row: row.published or "", reverse=True)
        ids = [row.id for row in newest[: None if limit < 0 else limit]]
        loaded = self.articles_by_id(ids)
        return [loaded[article_id] for article_id in ids if article_id in loaded]

    def articles_after(self, article_id: str, limit: int) -> list[Article]:
        """Up to `limit` current versions with ids after this one, in the order of their ids."""
        query = self._select_current().where(articles.c.id > article_id).order_by(articles.c.id).limit(limit)
        return [rows.to_article(row) for row in self._db.execute(query)]

    def count_up_to(self, article_id: str) -> int:
        """The number of articles with ids up to and including this one."""
        query = sa.select(sa.func.count()).where(articles.c.scope.in_(self.scopes), articles.c.id <= article_id)
        return self._db.scalar(query) or 0

    def history(self, article_ids: Iterable[str]) -> dict[str, list[ArticleVersion]]:
        """Every version of each of these articles that these scopes hold, oldest first."""
        query = (
            sa.select(versions)
            .join(articles, articles.c.id == versions.c.article_id)
            .where(articles.c.id.in_(list(article_ids)), unindexed_scope(articles).in_(self.scopes))
            .order_by(versions.c.article_id, versions.c.number)
        )
        out: dict[str, list[ArticleVersion]] = {}
        for row in self._db.execute(query):
            version = ArticleVersion(row.number, row.version, row.stored, row.title, row.text)
            out.setdefault(row.article_id, []).append(version)
        return out

    def origins(self, article_id: str) -> list[str]:
        """Every address and file at which the article was found in these scopes, in alphabetical order."""
        query = sa.select(origins.c.origin).where(origins.c.article_id == article_id, origins.c.scope.in_(self.scopes))
        # Sorted here: with an `order by`, SQLite would go through all origins of the scope in that order.
        return sorted(self._db.scalars(query))

    def article_at(self, origin: str, scope: str) -> Article | None:
        """The article of this scope that was found at this address or in this file."""
        query = sa.select(origins.c.article_id).where(origins.c.scope == scope, origins.c.origin == origin)
        article_id = self._db.scalar(query)
        return self.article(article_id) if article_id else None

    def article_ids_at(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """The ids of the articles that were found at these places, by place: (scope, address or file)."""
        by_scope = group_pairs(places)
        out: dict[tuple[str, str], str] = {}
        for scope, scope_origins in by_scope.items():
            query = sa.select(origins).where(origins.c.scope == scope, origins.c.origin.in_(scope_origins))
            out |= {(scope, row.origin): row.article_id for row in self._db.execute(query)}
        return out

    def article_ids_by_band(self, keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], list[str]]:
        """The ids of the articles whose signatures contain these bands, by (scope, band)."""
        out: dict[tuple[str, int], list[str]] = {}
        for scope, scope_bands in group_pairs(keys).items():
            query = sa.select(bands.c.band, bands.c.article_id).where(bands.c.scope == scope)
            for part in parts(scope_bands, MAX_BOUND_VALUES):
                for row in self._db.execute(query.where(bands.c.band.in_(part))):
                    out.setdefault((scope, row.band), []).append(row.article_id)
        return out

    def signatures(self, article_ids: Iterable[str]) -> dict[str, bytes]:
        """The signatures of these articles, by id, in the order of the ids."""
        ids = sorted(article_ids)
        query = sa.select(likenesses).order_by(likenesses.c.article_id)
        results = (
            self._db.execute(query.where(likenesses.c.article_id.in_(part))) for part in parts(ids, MAX_BOUND_VALUES)
        )
        return {row.article_id: row.signature for result in results for row in result}

    def _select_current(self) -> sa.Select[tuple[object, ...]]:
        both = sa.and_(articles.c.id == versions.c.article_id, articles.c.version == versions.c.version)
        select = sa.select(versions, articles.c.scope).join(articles, both)
        return select.where(unindexed_scope(articles).in_(self.scopes))

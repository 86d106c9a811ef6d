"""The HTTP validators of the pages that articles were read from, so that an unchanged page need not be sent again.

Part of the library: `Library.http_cache`.
"""

from __future__ import annotations

import sqlalchemy as sa

from retrieval.store.database import Catalog
from retrieval.store.sqlite_errors import translate_write_errors
from retrieval.store.tables_feeds import page_copies
from retrieval.types import Article

Validators = tuple[str | None, str | None]
"""(ETag, Last-Modified) of a response."""


class HttpCache:
    """The validators of the pages of stored articles; every call is a transaction of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def find_article(self, scope: str, address: str) -> tuple[Article, Validators] | None:
        """The stored article that was read from the page at an address, with the page's validators.

        None if there is no such article, or its text has changed since.
        """
        at = sa.and_(page_copies.c.scope == scope, page_copies.c.address == address)
        with self._catalog.transaction() as db:
            row = db.execute(sa.select(page_copies).where(at)).first()
        if row is None:
            return None
        with self._catalog.open_reader((scope,)) as reader:
            article = reader.article(row.article_id)
        if article is None or article.version != row.version:
            return None
        return article, (row.etag, row.last_modified)

    def store_validators(self, address: str, article: Article, validators: Validators) -> None:
        """Store the validators of the page that an article was read from, if there are any."""
        if not any(validators):
            return
        row = {"scope": article.scope, "address": address, "article_id": article.id, "version": article.version}
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            new = row | {"etag": validators[0], "last_modified": validators[1]}
            db.execute(sa.insert(page_copies).prefix_with("or replace"), [new])

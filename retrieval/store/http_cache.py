"""What servers said of the pages that articles were read from. Part of the library: `Library.copies`."""

from __future__ import annotations

import sqlalchemy as sa

from retrieval.store.database import Catalog
from retrieval.store.sqlite_errors import writing
from retrieval.store.tables_feeds import page_copies
from retrieval.types import Article

Said = tuple[str | None, str | None]
"""(ETag, Last-Modified)"""


class Copies:
    """The pages of a catalog's articles; every call is a transaction of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def held(self, scope: str, address: str) -> tuple[Article, Said] | None:
        """The stored article that the page at an address gave, with what its server said; None where the article has
        changed since, or is not there."""
        at = sa.and_(page_copies.c.scope == scope, page_copies.c.address == address)
        with self._catalog.transaction() as db:
            row = db.execute(sa.select(page_copies).where(at)).first()
        if row is None:
            return None
        with self._catalog.read((scope,)) as reader:
            article = reader.article(row.article_id)
        if article is None or article.version != row.version:
            return None
        return article, (row.etag, row.last_modified)

    def note(self, address: str, article: Article, said: Said) -> None:
        """Keep what a server said of the page that gave an article; nothing where it said nothing."""
        if not any(said):
            return
        row = {"scope": article.scope, "address": address, "article_id": article.id, "version": article.version}
        with writing(), self._catalog.transaction(write=True) as db:
            new = row | {"etag": said[0], "last_modified": said[1]}
            db.execute(sa.insert(page_copies).prefix_with("or replace"), [new])

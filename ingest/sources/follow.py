"""From an address to the articles there, and from a feed's entry to its page.

`articles_of` is the only place where fetched bytes become articles.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import date

from ingest.article.build import ArticleMetadata, article_of_page
from ingest.article.page import read_page
from ingest.feeds.entries import article_of_entry, complete_article
from ingest.feeds.parse import FeedEntry
from ingest.readers import formats
from ingest.readers.sandbox import Run, run_here
from ingest.web import Fetcher
from ingest.web.fetcher import NO_VALIDATORS
from ingest.web.responses import Fetched, Validators
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.types import Article, canonical_url

Extract = Callable[[bytes, str, str, ArticleMetadata], list[Article]]
"""(body, address, content type, metadata given) to the articles in it. Raises SourceError where there is none."""

_ENDING_OF_TYPE = {
    "": "",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
}
"""The file ending for each content type that may hold an article."""

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)

_MIN_RATIO_TO_TEASER = 2
"""A stored text at least this many times as long as the feed's own is the story, and the feed's text its teaser."""


def articles_of(
    body: bytes, address: str, content_type: str, given: ArticleMetadata, run: Run = run_here
) -> list[Article]:
    """The articles in what was fetched from an address; `run` runs what reads pages and documents.

    Raises SourceError where there is none.
    """
    stated, _, rest = content_type.partition(";")
    kind = _ENDING_OF_TYPE.get(stated.strip().lower())
    if kind is None:
        raise SourceError(f"{stated.strip()} is not read as an article: use a page, a text or a document")
    # Servers declare documents as pages, and pages as text.
    kind = formats.guess_ending(body) if kind in ("", ".html") else kind
    known = given.over(ArticleMetadata(url=address))
    if kind != ".html":
        return [formats.read_article(f"page{kind}", body, known, run)]
    charset = _CHARSET.search(rest)
    page = run(read_page, body, address, charset=charset[1] if charset else None)
    return [article_of_page(page, given if page.address else known)]


class Follower:
    """Fetches articles for a library, using its HTTP cache."""

    def __init__(self, library: Library, fetcher: Fetcher, extract: Extract) -> None:
        self._library = library
        self.fetcher = fetcher
        self._extract = extract

    async def get(self, address: str, given: ArticleMetadata) -> Fetched | Article:
        """Fetch an address; returns the stored article where the server says that the page is unchanged.

        Raises what `Fetcher.get` raises.
        """
        # The metadata given may differ from before; then the article is made again.
        held = (
            self._library.http_cache.find_article(given.scope, address)
            if given == ArticleMetadata(given.scope)
            else None
        )
        found = await self.fetcher.get(address, Validators(*held[1]) if held else NO_VALIDATORS)
        return held[0] if held and found.unchanged else found

    async def extract_articles(self, page: Fetched, given: ArticleMetadata) -> list[Article]:
        """The articles of a fetched page. Raises SourceError where there is none."""
        return await asyncio.to_thread(self._extract, page.body, page.address, page.content_type, given)

    def remember(self, address: str, page: Fetched, given: ArticleMetadata, found: list[Article]) -> None:
        """Store the validators of a page that holds one article."""
        if len(found) == 1 and given == ArticleMetadata(given.scope):
            self._library.http_cache.store_validators(
                address, found[0], (page.validators.etag, page.validators.last_modified)
            )

    async def entry_articles(
        self, entry: FeedEntry, feed_title: str, given: ArticleMetadata, first_seen: date
    ) -> list[Article]:
        """The articles of a feed's entry: from its page or, where the page refuses, from the feed's own text.

        The page's metadata goes before the entry's. Where neither has a date, `page_date` is the day on which the entry
        was first seen. Raises SourceError where there is neither, SiteUnavailable where the page is unreachable now.
        """
        try:
            if entry.url is None:
                raise SourceError("the entry names no page and holds no text")
            page = await self.get(entry.url, given)
            if isinstance(page, Article):
                return [page]
            found = await self.extract_articles(page, given)
        except SourceError:
            own = self.own_text(entry, feed_title, given, first_seen)
            if own is None:
                raise
            return [own]
        if len(found) == 1:
            found = [complete_article(found[0], entry, feed_title, first_seen)]
        self.remember(entry.url, page, given, found)
        return found

    def own_text(self, entry: FeedEntry, feed_title: str, given: ArticleMetadata, first_seen: date) -> Article | None:
        """The article made of the entry's own text; None where that is empty or the teaser of a stored article."""
        try:
            own = article_of_entry(entry, feed_title, given, first_seen)
        except SourceError:
            return None
        if entry.url is not None:
            with self._library.open_reader((given.scope,)) as db:
                stored = db.article_at(canonical_url(entry.url), given.scope)
            if stored is not None and len(stored.text) > _MIN_RATIO_TO_TEASER * len(own.text):
                return None
        return own

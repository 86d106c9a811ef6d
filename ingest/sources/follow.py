"""From an address to the articles at it, and from a feed's entry to its page.

`articles_of` is the one place where fetched bytes become articles.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import date

from ingest.article.build import Given, of_page
from ingest.article.page import read_page
from ingest.feeds.entries import completed, of_entry
from ingest.feeds.parse import FeedEntry
from ingest.readers import formats
from ingest.readers.sandbox import Run, here
from ingest.web import Fetcher
from ingest.web.fetcher import NOTHING_KNOWN
from ingest.web.responses import Fetched, Validators
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.types import Article, canonical_url

Extract = Callable[[bytes, str, str, Given], list[Article]]
"""(body, address, content type, what is known besides) to the articles in it. Raises SourceError for none."""

_ENDINGS = {
    "": "",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
}
"""Content types that hold an article, as the endings of files."""

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)

_TEASER = 2
"""A stored text this many times as long as the feed's own is the story, of which the feed has the teaser."""


def articles_of(body: bytes, address: str, content_type: str, given: Given, run: Run = here) -> list[Article]:
    """The articles in what was fetched from an address; `run` runs what reads pages and documents.

    Raises SourceError where there is none.
    """
    stated, _, rest = content_type.partition(";")
    kind = _ENDINGS.get(stated.strip().lower())
    if kind is None:
        raise SourceError(f"{stated.strip()} is not read as an article: use a page, a text or a document")
    # Servers call documents pages, and pages text.
    kind = formats.kind_of(body) if kind in ("", ".html") else kind
    known = given.over(Given(url=address))
    if kind != ".html":
        return [formats.article_of(f"page{kind}", body, known, run)]
    charset = _CHARSET.search(rest)
    page = run(read_page, body, address, charset=charset[1] if charset else None)
    return [of_page(page, given if page.address else known)]


class Follower:
    """Gets articles from where they stand, for a library."""

    def __init__(self, library: Library, fetcher: Fetcher, extract: Extract) -> None:
        self._library = library
        self.fetcher = fetcher
        self._extract = extract

    async def get(self, address: str, given: Given) -> Fetched | Article:
        """What stands at an address; the stored article where the server says that its page is still the same.

        Raises what `Fetcher.get` raises.
        """
        # What is given may have changed since: such an article is made anew.
        held = self._library.copies.held(given.scope, address) if given == Given(given.scope) else None
        found = await self.fetcher.get(address, Validators(*held[1]) if held else NOTHING_KNOWN)
        return held[0] if held and found.unchanged else found

    async def articles(self, page: Fetched, given: Given) -> list[Article]:
        """The articles of what was fetched. Raises SourceError where there is none."""
        return await asyncio.to_thread(self._extract, page.body, page.address, page.content_type, given)

    def note(self, address: str, page: Fetched, given: Given, found: list[Article]) -> None:
        """Keep what the server said of a page that holds one article."""
        if len(found) == 1 and given == Given(given.scope):
            self._library.copies.note(address, found[0], (page.validators.etag, page.validators.last_modified))

    async def of_entry(self, entry: FeedEntry, feed_title: str, given: Given, first_seen: date) -> list[Article]:
        """The articles of a feed's entry: of its page or, where the page refuses, the feed's own text.

        The page's facts go first, then the entry's. One that neither dates keeps the day of first sight as `page_date`.
        Raises SourceError where there is neither, SiteUnavailable where the page cannot be had now.
        """
        try:
            if entry.url is None:
                raise SourceError("the entry names no page and holds no text")
            page = await self.get(entry.url, given)
            if isinstance(page, Article):
                return [page]
            found = await self.articles(page, given)
        except SourceError:
            own = self.own_text(entry, feed_title, given, first_seen)
            if own is None:
                raise
            return [own]
        if len(found) == 1:
            found = [completed(found[0], entry, feed_title, first_seen)]
        self.note(entry.url, page, given, found)
        return found

    def own_text(self, entry: FeedEntry, feed_title: str, given: Given, first_seen: date) -> Article | None:
        """The article that the feed itself holds of an entry; None where it has no text, or but the teaser of an
        article that is stored."""
        try:
            own = of_entry(entry, feed_title, given, first_seen)
        except SourceError:
            return None
        if entry.url is not None:
            with self._library.read((given.scope,)) as db:
                stored = db.article_at(canonical_url(entry.url), given.scope)
            if stored is not None and len(stored.text) > _TEASER * len(own.text):
                return None
        return own

"""From an address to the articles at it, and from a feed's entry to its page.

`articles_of` is the one place where fetched bytes become articles.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from datetime import date

from ingest.extract import STDIN, Given, jobs
from ingest.feed_formats import FeedEntry
from ingest.fetch import NOTHING_KNOWN, Fetcher
from ingest.responses import Fetched, Validators
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.types import Article, Precision, canonical_url

Extract = Callable[[bytes, str, str, Given], list[Article]]
"""(body, address, content type, what is known besides) to the articles in it. Raises SourceError for none."""

_TITLE_WORDS = 14
_TEASER = 2
"""A stored text this many times as long as the feed's own is the story, of which the feed has the teaser."""


def articles_of(body: bytes, address: str, content_type: str, given: Given) -> list[Article]:
    """The articles in what was fetched from an address. Raises SourceError where there is none."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ("text/plain", "text/markdown"):
        raise SourceError(f"{kind or 'a page of no stated kind'} is not read in this release: save its text")
    known = Given(given.scope, given.title, given.source, given.url or address, given.published)
    return [job.make() for job in jobs(STDIN, known, io.BytesIO(body))]


class Follower:
    """Gets articles from where they stand, for a library."""

    def __init__(self, library: Library, fetcher: Fetcher, extract: Extract = articles_of) -> None:
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
            found = [_completed(found[0], entry, feed_title, first_seen)]
        self.note(entry.url, page, given, found)
        return found

    def own_text(self, entry: FeedEntry, feed_title: str, given: Given, first_seen: date) -> Article | None:
        """The article that the feed itself holds of an entry; None where it has no text, or but the teaser of an
        article that is stored."""
        text = entry.text
        if not any(char.isalpha() for char in text):
            return None
        if entry.url is not None:
            with self._library.read((given.scope,)) as db:
                stored = db.article_at(canonical_url(entry.url), given.scope)
            if stored is not None and len(stored.text) > _TEASER * len(text):
                return None
        article = Article.create(
            title=entry.title or " ".join(text.split()[:_TITLE_WORDS]),
            text=text,
            scope=given.scope,
            url=entry.url,
            source=given.source,
        )
        return _completed(article, entry, feed_title, first_seen)


def _completed(article: Article, entry: FeedEntry, feed_title: str, first_seen: date) -> Article:
    published, precision = article.published, article.published_precision
    if published is None and entry.published is not None:
        published, precision = entry.published, entry.precision
    return Article.create(
        title=article.title,
        text=article.text,
        scope=article.scope,
        url=article.url,
        source=article.source or entry.source or feed_title or None,
        authors=article.authors,
        published=published,
        published_precision=precision,
        page_date=article.page_date or (first_seen if precision is Precision.NONE else None),
        modified=article.modified or entry.modified,
        language=article.language,
    )

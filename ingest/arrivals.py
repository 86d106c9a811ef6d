"""Web addresses to articles: pages as they are fetched, feeds entry by entry.

`articles_of` is the one place where fetched bytes become articles. `Arrivals` fetches beside whatever else goes on, in
a thread with an event loop of its own, and no further ahead than a few pages.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import date
from typing import Self, TypeVar

from ingest.extract import STDIN, Given, Job, jobs
from ingest.feed_formats import FeedEntry, is_feed, parsed
from ingest.fetch import Fetcher
from retrieval.errors import SiteUnavailable, SourceError
from retrieval.types import Article, Precision

Extract = Callable[[bytes, str, str, Given], list[Article]]
"""(body, address, content type, what is known besides) to the articles in it. Raises SourceError for none."""

Thing = TypeVar("Thing")

_AHEAD = 16
"""Jobs that wait to be taken, at most: each may hold a page."""

_AT_ONCE = 8
"""Addresses fetched at once; `manners` sees to it that no host feels it."""

_ENTRIES_AT_ONCE = 4


def articles_of(body: bytes, address: str, content_type: str, given: Given) -> list[Article]:
    """The articles in what was fetched from an address. Raises SourceError where there is none."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in ("text/plain", "text/markdown"):
        raise SourceError(f"{kind or 'a page of no stated kind'} is not read in this release: save its text")
    known = Given(given.scope, given.title, given.source, given.url or address, given.published)
    return [job.make() for job in jobs(STDIN, known, io.BytesIO(body))]


async def each(things: Iterable[Thing], work: Callable[[Thing], Awaitable[None]], at_once: int) -> None:
    """Do the work for each of them, several at once, taking them as they are needed."""
    waiting = iter(things)

    async def worker() -> None:
        for thing in waiting:
            await work(thing)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())


async def of_entry(
    fetcher: Fetcher, extract: Extract, entry: FeedEntry, feed_title: str, given: Given, first_seen: date
) -> list[Article]:
    """The articles of a feed's entry: of its page or, where the page refuses, the feed's own text.

    The page's facts go first, then the entry's. One that neither dates keeps the day of first sight as `page_date`.
    Raises SourceError where there is neither, SiteUnavailable where the page cannot be had now.
    """
    try:
        if entry.url is None:
            raise SourceError("the entry names no page and holds no text")
        page = await fetcher.get(entry.url)
        found = await asyncio.to_thread(extract, page.body, page.address, page.content_type, given)
    except SourceError:
        own = own_text(entry, feed_title, given, first_seen)
        if own is None:
            raise
        return [own]
    return [_completed(found[0], entry, feed_title, first_seen)] if len(found) == 1 else found


def own_text(entry: FeedEntry, feed_title: str, given: Given, first_seen: date) -> Article | None:
    """The article that the feed itself holds of an entry, if any."""
    text = entry.text
    if not any(char.isalpha() for char in text):
        return None
    article = Article.create(
        title=given.title or entry.title or " ".join(text.split()[:14]),
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


class Arrivals:
    """Jobs for what stands at addresses, in the order of arrival. A context: leaving it stops the fetching."""

    def __init__(
        self, addresses: Iterable[str], given: Given, open_fetcher: Callable[[], Fetcher], extract: Extract, today: date
    ) -> None:
        self._addresses = addresses
        self._given = given
        self._open_fetcher = open_fetcher
        self._extract = extract
        self._today = today
        self._jobs: asyncio.Queue[Job | None] = asyncio.Queue(_AHEAD)
        self._failure: Exception | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fetch", daemon=True)

    def batches(self, most: int) -> Iterator[list[Job]]:
        """What has arrived, up to so many at once; ends when everything has."""
        while batch := asyncio.run_coroutine_threadsafe(self._batch(most), self._loop).result():
            yield batch

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._fetch_all(), self._loop)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_default_executor()

    async def _batch(self, most: int) -> list[Job]:
        job = await self._jobs.get()
        batch = []
        while job is not None:
            batch.append(job)
            if self._jobs.empty() or len(batch) == most:
                return batch
            job = self._jobs.get_nowait()
        # The end, which whoever asks next has to find as well.
        self._jobs.put_nowait(None)
        if self._failure and not batch:
            raise self._failure
        return batch

    async def _fetch_all(self) -> None:
        try:
            async with self._open_fetcher() as fetcher:
                await each(self._addresses, lambda address: self._arrive(fetcher, address), _AT_ONCE)
        except Exception as error:  # noqa: BLE001 - raised again by `_batch`, in the thread that waits for it
            self._failure = error
        await self._jobs.put(None)

    async def _arrive(self, fetcher: Fetcher, address: str) -> None:
        try:
            found = await fetcher.get(address)
            if is_feed(found.body):
                feed = await asyncio.to_thread(parsed, found.body, found.address, found.content_type)
                if not feed.entries:
                    raise SourceError("the feed has no entries now: try again later")
                await each(feed.entries, lambda entry: self._arrive_entry(fetcher, entry, feed.title), _ENTRIES_AT_ONCE)
                return
            articles = await asyncio.to_thread(
                self._extract, found.body, found.address, found.content_type, self._given
            )
        except (SourceError, SiteUnavailable) as error:
            await self._jobs.put(_failed(address, error))
        else:
            await self._put(address, articles)

    async def _arrive_entry(self, fetcher: Fetcher, entry: FeedEntry, feed_title: str) -> None:
        source = entry.url or entry.key
        # What was given besides is of one article, and a feed has many.
        given = Given(self._given.scope, source=self._given.source)
        try:
            articles = await of_entry(fetcher, self._extract, entry, feed_title, given, self._today)
        except (SourceError, SiteUnavailable) as error:
            await self._jobs.put(_failed(source, error))
        else:
            await self._put(source, articles)

    async def _put(self, source: str, articles: list[Article]) -> None:
        for article in articles:
            await self._jobs.put(made(source, article))


def made(source: str, article: Article) -> Job:
    """A job whose work is done."""
    return Job(source, lambda: article)


def _failed(source: str, error: Exception) -> Job:
    def fail() -> Article:
        raise SourceError(str(error))

    return Job(source, fail)

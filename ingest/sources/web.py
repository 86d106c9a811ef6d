"""Web addresses to articles: pages as they are fetched, feeds entry by entry.

They are fetched beside whatever else goes on, in a thread with an event loop of its own, and no further ahead than a
few pages.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Self, TypeVar

from ingest.article.build import Given
from ingest.feeds.parse import FeedEntry, is_feed, parsed
from ingest.sources.follow import Extract, Follower
from ingest.sources.local import Job
from ingest.web import Fetcher
from ingest.web.responses import Fetched
from retrieval.errors import SiteUnavailable, SourceError
from retrieval.library import Library
from retrieval.types import Article

Thing = TypeVar("Thing")

_AHEAD = 16
"""Jobs that wait to be taken, at most: each may hold a page."""

_AT_ONCE = 8
"""Addresses fetched at once; `manners` sees to it that no host feels it."""

_ENTRIES_AT_ONCE = 4


async def each(things: Iterable[Thing], work: Callable[[Thing], Awaitable[None]], at_once: int) -> None:
    """Do the work for each of them, several at once, taking them as they are needed. The first error ends it."""
    waiting = iter(things)

    async def worker() -> None:
        for thing in waiting:
            await work(thing)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures


class Arrivals:
    """Jobs for what stands at addresses, in the order of arrival. A context: leaving it stops the fetching."""

    def __init__(
        self,
        library: Library,
        addresses: Iterable[str],
        given: Given,
        open_fetcher: Callable[[], Fetcher],
        extract: Extract,
    ) -> None:
        self._library = library
        self._addresses = addresses
        self._given = given
        self._open_fetcher = open_fetcher
        self._extract = extract
        self._today = datetime.now(UTC).date()
        self._jobs: asyncio.Queue[Job | None] = asyncio.Queue(_AHEAD)
        self._failure: Exception | None = None
        self._closing = threading.Lock()
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fetch", daemon=True)

    def batches(self, most: int) -> Iterator[list[Job]]:
        """What has arrived, up to so many at once; ends when everything has."""
        while True:
            with self._closing:
                if self._closed:
                    return
                arriving = asyncio.run_coroutine_threadsafe(self._batch(most), self._loop)
            batch = arriving.result()
            if not batch:
                return
            yield batch

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._fetch_all(), self._loop)
        return self

    def __exit__(self, *_: object) -> None:
        # Nothing may be asked of the loop once it has ended what it was asked: it would never answer.
        with self._closing:
            self._closed = True
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
                follower = Follower(self._library, fetcher, self._extract)
                await each(self._addresses, lambda address: self._arrive(follower, address), _AT_ONCE)
        except Exception as error:  # noqa: BLE001 - raised again by `_batch`, in the thread that waits for it
            self._failure = error
        await self._jobs.put(None)

    async def _arrive(self, follower: Follower, address: str) -> None:
        try:
            found = await follower.get(address, self._given)
            if isinstance(found, Article) or not is_feed(found.body):
                await self._put(address, await self._articles(follower, address, found))
                return
            feed = await asyncio.to_thread(parsed, found.body, found.address, found.content_type)
            if not feed.entries:
                raise SourceError("the feed has no entries now: try again later")
        except (SourceError, SiteUnavailable) as error:
            await self._jobs.put(failed(address, error))
            return
        await each(feed.entries, lambda entry: self._arrive_entry(follower, entry, feed.title), _ENTRIES_AT_ONCE)

    async def _articles(self, follower: Follower, address: str, found: Fetched | Article) -> list[Article]:
        if isinstance(found, Article):
            return [found]
        articles = await follower.articles(found, self._given)
        follower.note(address, found, self._given, articles)
        return articles

    async def _arrive_entry(self, follower: Follower, entry: FeedEntry, feed_title: str) -> None:
        source = entry.url or entry.key
        # What was given besides is of one article, and a feed has many.
        given = Given(self._given.scope, source=self._given.source)
        try:
            await self._put(source, await follower.of_entry(entry, feed_title, given, self._today))
        except (SourceError, SiteUnavailable) as error:
            await self._jobs.put(failed(source, error))

    async def _put(self, source: str, articles: list[Article]) -> None:
        for article in articles:
            await self._jobs.put(made(source, article))


def made(source: str, article: Article) -> Job:
    """A job whose work is done."""
    return Job(source, lambda: article)


def failed(source: str, error: Exception) -> Job:
    """A job whose work could not be done."""

    def fail() -> Article:
        raise SourceError(str(error))

    return Job(source, fail)

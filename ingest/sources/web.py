"""Web addresses to jobs: pages as they are fetched, feeds entry by entry.

Fetching runs in a thread with an event loop of its own, only a few pages ahead of the caller.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Self, TypeVar

from ingest.article.build import ArticleMetadata
from ingest.feeds.parse import FeedEntry, is_feed, parse_feed
from ingest.sources.follow import Extract, Follower
from ingest.sources.local import Job
from ingest.web import Fetcher
from ingest.web.responses import Fetched
from retrieval.errors import SiteUnavailable, SourceError
from retrieval.library import Library
from retrieval.types import Article

Thing = TypeVar("Thing")

_MAX_JOBS_WAITING = 16
"""Maximum number of jobs waiting to be taken, since each may hold a page."""

_MAX_ADDRESSES_AT_ONCE = 8
"""Maximum number of addresses fetched at once; `politeness` limits the load on each host."""

_MAX_ENTRIES_AT_ONCE = 4


async def for_each(things: Iterable[Thing], work: Callable[[Thing], Awaitable[None]], at_once: int) -> None:
    """Run `work` for each of them, `at_once` at a time, taking them as needed. The first error ends all."""
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


class WebJobs:
    """Jobs for the articles at addresses, in the order in which they arrive. Leaving the context stops the fetching."""

    def __init__(
        self,
        library: Library,
        addresses: Iterable[str],
        given: ArticleMetadata,
        open_fetcher: Callable[[], Fetcher],
        extract: Extract,
    ) -> None:
        self._library = library
        self._addresses = addresses
        self._given = given
        self._open_fetcher = open_fetcher
        self._extract = extract
        self._today = datetime.now(UTC).date()
        self._jobs: asyncio.Queue[Job | None] = asyncio.Queue(_MAX_JOBS_WAITING)
        self._failure: Exception | None = None
        self._closing = threading.Lock()
        self._closed = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fetch", daemon=True)

    def batches(self, most: int) -> Iterator[list[Job]]:
        """Yield the jobs that have arrived, at most `most` at once, until everything has arrived."""
        while True:
            with self._closing:
                if self._closed:
                    return
                arriving = asyncio.run_coroutine_threadsafe(self._next_batch(most), self._loop)
            batch = arriving.result()
            if not batch:
                return
            yield batch

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._fetch_all(), self._loop)
        return self

    def __exit__(self, *_: object) -> None:
        # From here on, `batches` must not submit anything to the loop, which would never answer.
        with self._closing:
            self._closed = True
        asyncio.run_coroutine_threadsafe(self._cancel_tasks(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _cancel_tasks(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._loop.shutdown_default_executor()

    async def _next_batch(self, most: int) -> list[Job]:
        job = await self._jobs.get()
        batch = []
        while job is not None:
            batch.append(job)
            if self._jobs.empty() or len(batch) == most:
                return batch
            job = self._jobs.get_nowait()
        # Put the end mark back for the next caller.
        self._jobs.put_nowait(None)
        if self._failure and not batch:
            raise self._failure
        return batch

    async def _fetch_all(self) -> None:
        try:
            async with self._open_fetcher() as fetcher:
                follower = Follower(self._library, fetcher, self._extract)
                await for_each(
                    self._addresses, lambda address: self._fetch_address(follower, address), _MAX_ADDRESSES_AT_ONCE
                )
        except Exception as error:  # noqa: BLE001 - raised again by `_next_batch`, in the thread that waits
            self._failure = error
        await self._jobs.put(None)

    async def _fetch_address(self, follower: Follower, address: str) -> None:
        try:
            found = await follower.get(address, self._given)
            if isinstance(found, Article) or not is_feed(found.body):
                await self._put_jobs(address, await self._articles_of(follower, address, found))
                return
            feed = await asyncio.to_thread(parse_feed, found.body, found.address, found.content_type)
            if not feed.entries:
                raise SourceError("the feed has no entries now: try again later")
        except (SourceError, SiteUnavailable) as error:
            await self._jobs.put(failed_job(address, error))
            return
        await for_each(feed.entries, lambda entry: self._fetch_entry(follower, entry, feed.title), _MAX_ENTRIES_AT_ONCE)

    async def _articles_of(self, follower: Follower, address: str, found: Fetched | Article) -> list[Article]:
        if isinstance(found, Article):
            return [found]
        articles = await follower.extract_articles(found, self._given)
        follower.remember(address, found, self._given, articles)
        return articles

    async def _fetch_entry(self, follower: Follower, entry: FeedEntry, feed_title: str) -> None:
        source = entry.url or entry.key
        # Title, date and address were given for one article, and a feed has many.
        given = ArticleMetadata(self._given.scope, source=self._given.source)
        try:
            await self._put_jobs(source, await follower.entry_articles(entry, feed_title, given, self._today))
        except (SourceError, SiteUnavailable) as error:
            await self._jobs.put(failed_job(source, error))

    async def _put_jobs(self, source: str, articles: list[Article]) -> None:
        for article in articles:
            await self._jobs.put(finished_job(source, article))


def finished_job(source: str, article: Article) -> Job:
    """A job whose article is made already."""
    return Job(source, lambda: article)


def failed_job(source: str, error: Exception) -> Job:
    """A job that fails with an error."""

    def fail() -> Article:
        raise SourceError(str(error))

    return Job(source, fail)

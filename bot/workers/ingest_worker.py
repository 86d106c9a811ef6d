"""The process that writes for the bot: it reads articles into the library and polls feeds.

Storing and indexing hold Python's lock for hundreds of milliseconds at a time. Neither the bot's event loop nor those
who ask questions may wait for that, so this is a process of its own. Guilds take turns, however much one of them adds.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice

from bot import factory
from bot.workers.protocol import AnyIngestRequest, IngestArticles, RefreshArticle, SubscribeToFeed
from bot.workers.replies import AnyReply, Finished, ItemReport, Refreshed, Subscribed
from bot.workers.serve import Send, open_output, serve_requests
from bot.workers.wire import INGEST_LINES, Failed
from ingest.article.build import ArticleMetadata
from ingest.attribution import attribute_all
from ingest.attribution.rules import Attribute
from ingest.feeds.subscribe import subscribe
from ingest.pipeline import IngestReport, ingest, store_jobs
from ingest.poller import Poller, PollResult
from ingest.readers.sandbox import Readers
from ingest.refresh import refresh_article
from ingest.sources.follow import articles_of
from ingest.sources.local import STDIN, Job, jobs_of
from ingest.web import Fetcher
from ingest.web.addresses import is_web
from retrieval.errors import OnRecordError
from retrieval.library import Library
from retrieval.settings import Settings

log = logging.getLogger(__name__)

_BATCH = 16
"""Number of articles of a file or a text that are stored together."""

_NOT_WEB = "only http:// and https:// addresses are opened"


class IngestWorker:
    """Carries out requests: each guild's ingests one after another, and the guilds in turn.

    `turn_seconds`: after that long, once an item is done, another guild has its turn.
    """

    def __init__(
        self,
        library: Library,
        settings: Settings,
        readers: Readers,
        poller: Poller,
        who_said: Attribute = attribute_all,
        turn_seconds: float = 1.0,
    ) -> None:
        self._library, self._settings, self._readers, self._poller = library, settings, readers, poller
        self._who_said, self._turn_seconds = who_said, turn_seconds
        self._turn = asyncio.Lock()
        self._guilds: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def handle(self, request: AnyIngestRequest, report: Callable[[ItemReport], None]) -> AnyReply:
        """The reply to a request. Raises what the library and the sources raise."""
        if isinstance(request, SubscribeToFeed):
            return await self._subscribe(request)
        if isinstance(request, RefreshArticle):
            items: list[ItemReport] = []
            await self._take_turns(request.scope, self._refresh(request), items.append)
            return Refreshed(item=items[0] if items else None)
        await self._take_turns(request.scope, self._ingest(request), report)
        return Finished()

    async def _take_turns(
        self, guild: str, reports: Iterator[IngestReport], tell: Callable[[ItemReport], None]
    ) -> None:
        """Go through a guild's reports, letting other guilds go on now and then."""
        loop, more = asyncio.get_running_loop(), True
        # A thread of its own: the generator of the reports must go on in the thread in which it began.
        async with self._guilds[guild]:
            with ThreadPoolExecutor(1, "ingest") as thread:
                while more:
                    # The lock serves the one who has waited longest.
                    async with self._turn:
                        more = await loop.run_in_executor(thread, _take_turn, reports, tell, self._turn_seconds)

    def _ingest(self, request: IngestArticles) -> Iterator[IngestReport]:
        known = request.metadata
        given = ArticleMetadata(request.scope, known.title, known.source, known.url, known.published)
        # Text that is not an address would be taken for a file of this machine.
        yield from (IngestReport(text, "failed", error=_NOT_WEB) for text in request.addresses if not is_web(text))
        addresses = [address for address in request.addresses if is_web(address)]
        if addresses:
            fetcher = partial(Fetcher.of, self._settings)
            yield from ingest(self._library, addresses, given, io.BytesIO(), fetcher, who_said=self._who_said)
        waiting = self._jobs(request, given)
        while batch := list(islice(waiting, _BATCH)):
            yield from store_jobs(self._library, batch, self._who_said)
        self._library.seal()

    def _jobs(self, request: IngestArticles, given: ArticleMetadata) -> Iterator[Job]:
        """What files and pasted text contain. Reports name a file as it was attached: its path is temporary."""
        for file in request.files:
            for job in jobs_of(file.path, given, io.BytesIO(), self._readers.run):
                yield replace(job, source=job.source.replace(file.path, file.name), origin=None)
        if request.text:
            for job in jobs_of(STDIN, given, io.BytesIO(request.text.encode("utf-8", "replace")), self._readers.run):
                yield replace(job, source="text")

    def _refresh(self, request: RefreshArticle) -> Iterator[IngestReport]:
        with self._library.open_reader((request.scope,)) as db:
            article, origins = db.article(request.article_id), db.origins(request.article_id)
        if article is not None:
            yield refresh_article(self._library, article, origins, lambda: Fetcher.of(self._settings), self._who_said)

    async def _subscribe(self, request: SubscribeToFeed) -> Subscribed:
        async with Fetcher.of(self._settings) as fetcher:
            subscribed = await subscribe(self._library, fetcher, request.address, request.scope)
        feed = subscribed.feed
        polls = await self._poller.poll_once((request.scope,)) if subscribed.is_new else []
        totals = next((poll.totals for poll in polls if poll.feed.id == feed.id), Counter[str]())
        return Subscribed(
            is_new=subscribed.is_new,
            title=feed.title,
            address=feed.address,
            other_addresses=tuple(other.address for other in subscribed.others),
            totals=dict(totals),
        )


def _take_turn(reports: Iterator[IngestReport], tell: Callable[[ItemReport], None], seconds: float) -> bool:
    """Report items for so many seconds; whether there may be more."""
    end = time.monotonic() + seconds
    for report in reports:
        tell(_item_report(report))
        if time.monotonic() >= end:
            return True
    return False


def _item_report(report: IngestReport) -> ItemReport:
    article = report.article
    return ItemReport(
        source=report.source,
        status=report.status,
        article_id=article.id if article else None,
        title=article.title if article else None,
        url=article.url if article else None,
        error=report.error,
    )


def _log_poll(poll: PollResult) -> None:
    totals = " ".join(f"{status}={number}" for status, number in sorted(poll.totals.items()))
    log.info("feed id=%s guild=%s %s failed=%s", poll.feed.id, poll.feed.scope, totals, bool(poll.problem))


async def serve(library: Library, settings: Settings, send: Send) -> None:
    """Carry out requests until standard input ends, and poll feeds meanwhile."""
    stop = asyncio.Event()
    with Readers() as readers:
        async with Fetcher.of(settings) as fetcher:
            extract, who_said = partial(articles_of, run=readers.run), factory.who_said(settings)
            poller = Poller(library, fetcher, extract, told=_log_poll, who_said=who_said)
            worker = IngestWorker(library, settings, readers, poller, who_said)
            async with asyncio.TaskGroup() as group:
                group.create_task(poller.run_until(stop))
                await serve_requests(INGEST_LINES, worker.handle, send, finish=True)
                stop.set()


def main() -> None:
    """Serve until the bot, which holds the other end of standard input, is gone."""
    # Ctrl-C reaches the whole process group; the bot decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        # Questions go before articles.
        os.nice(5)
    send = open_output()
    try:
        settings = factory.load_settings()
        with factory.library(settings) as library:
            asyncio.run(serve(library, settings, send))
    except OnRecordError as error:
        send(Failed.from_error(error))


if __name__ == "__main__":
    main()

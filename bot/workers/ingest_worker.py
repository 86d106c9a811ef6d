"""The process that writes for the bot: it reads articles into the library and polls feeds. Run by `errands`.

Storing and indexing hold Python's lock for hundreds of milliseconds at a time, and neither the bot's event loop nor
whoever asks may wait for that; so this is a process of its own. Of an order, {"do", …}, it tells {"report"} for each
item. Guilds take turns, however much one of them has ordered.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from bot import contract, factory
from bot.workers import protocol
from bot.workers.protocol import Order, Tell
from ingest.article.build import Given
from ingest.attribution import attribute_all
from ingest.attribution.rules import Attribute
from ingest.feeds.subscribe import subscribe
from ingest.pipeline import Report, ingest, take
from ingest.poller import Polled, Poller
from ingest.readers.sandbox import Readers
from ingest.refresh import refresh
from ingest.sources.follow import articles_of
from ingest.sources.local import STDIN, Job, jobs
from ingest.web import Fetcher
from ingest.web.addresses import is_web
from retrieval.errors import OnRecordError
from retrieval.library import Library
from retrieval.settings import Settings

log = logging.getLogger(__name__)

_BATCH = 16
"""Articles of a file or a text that are stored together."""

_NOT_WEB = "only http:// and https:// addresses are opened"


class Clerk:
    """Carries out orders: of those that read articles, one of each guild, and the guilds in turn.

    `turn`: seconds after which it is another guild's turn, once an item is through.
    """

    def __init__(
        self,
        library: Library,
        settings: Settings,
        readers: Readers,
        poller: Poller,
        who_said: Attribute = attribute_all,
        turn: float = 1.0,
    ) -> None:
        self._library, self._settings, self._readers, self._poller = library, settings, readers, poller
        self._who_said, self._seconds = who_said, turn
        self._turn = asyncio.Lock()
        self._guilds: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def carry_out(self, order: Order, tell: Tell) -> Mapping[str, Any]:
        """Do what an order says and tell of it; raises what the library raises."""
        if order["do"] == "subscribe":
            return await self._subscribe(order)
        reports = self._ingested(order) if order["do"] == "ingest" else self._refreshed(order)
        async with self._guilds[order["scope"]]:
            await self._in_turn(reports, lambda report: tell(_told(report)))
        return {}

    async def _in_turn(self, reports: Iterator[Report], tell: Callable[[Report], None]) -> None:
        """Go through reports for a while, then let others go on, as the lock serves who waits longest first."""
        loop, more = asyncio.get_running_loop(), True
        # A thread of its own: what makes reports is not to wake up in another than it went to sleep in.
        with ThreadPoolExecutor(1, "order") as thread:
            while more:
                async with self._turn:
                    more = await loop.run_in_executor(thread, _some, reports, tell, self._seconds)

    def _ingested(self, order: Order) -> Iterator[Report]:
        given = Given(order["scope"], order.get("title"), order.get("source"), order.get("url"), order.get("published"))
        addresses = order.get("addresses", ())
        # What is no address would be taken for a file of this machine.
        yield from (Report(one, "failed", error=_NOT_WEB) for one in addresses if not is_web(one))
        web = [one for one in addresses if is_web(one)]
        if web:
            fetcher = partial(Fetcher.of, self._settings)
            yield from ingest(self._library, web, given, io.BytesIO(), fetcher, who_said=self._who_said)
        waiting = self._jobs(order, given)
        while batch := list(islice(waiting, _BATCH)):
            yield from take(self._library, batch, self._who_said)
        self._library.seal()

    def _jobs(self, order: Order, given: Given) -> Iterator[Job]:
        """What files and pasted text hold; the paths of files, which are gone soon, are told to nobody."""
        for file in order.get("files", ()):
            for job in jobs(file["path"], given, io.BytesIO(), self._readers.run):
                yield replace(job, source=job.source.replace(file["path"], file["name"]), origin=None)
        if order.get("text"):
            for job in jobs(STDIN, given, io.BytesIO(order["text"].encode("utf-8", "replace")), self._readers.run):
                yield replace(job, source="text")

    def _refreshed(self, order: Order) -> Iterator[Report]:
        with self._library.read((order["scope"],)) as db:
            found, origins = db.article(order["article"]), db.origins(order["article"])
        if found is not None:
            yield refresh(self._library, found, origins, lambda: Fetcher.of(self._settings), self._who_said)

    async def _subscribe(self, order: Order) -> Mapping[str, Any]:
        async with Fetcher.of(self._settings) as fetcher:
            done = await subscribe(self._library, fetcher, order["address"], order["scope"])
        polled = await self._poller.poll_once((order["scope"],)) if done.is_new else []
        totals = next((one.totals for one in polled if one.feed.id == done.feed.id), Counter[str]())
        return {
            "new": done.is_new,
            "title": done.feed.title,
            "address": done.feed.address,
            "others": [other.address for other in done.others],
            "totals": dict(totals),
        }


def _some(reports: Iterator[Report], tell: Callable[[Report], None], seconds: float) -> bool:
    """Tell of reports until a turn is over; whether there may be more."""
    over = time.monotonic() + seconds
    for report in reports:
        tell(report)
        if time.monotonic() >= over:
            return True
    return False


def _told(report: Report) -> Mapping[str, Any]:
    return {"report": contract.report(report) | {"url": report.article.url if report.article else None}}


def _polled(one: Polled) -> None:
    totals = " ".join(f"{status}={number}" for status, number in sorted(one.totals.items()))
    log.info("feed id=%s guild=%s %s failed=%s", one.feed.id, one.feed.scope, totals, bool(one.problem))


async def serve(library: Library, settings: Settings, tell: Tell) -> None:
    """Carry out the orders on standard input until it ends, and poll feeds meanwhile."""
    stop = asyncio.Event()
    with Readers() as readers:
        async with Fetcher.of(settings) as fetcher:
            extract, who_said = partial(articles_of, run=readers.run), factory.who_said(settings)
            poller = Poller(library, fetcher, extract, told=_polled, who_said=who_said)
            clerk = Clerk(library, settings, readers, poller, who_said)
            async with asyncio.TaskGroup() as group:
                group.create_task(poller.run(stop))
                await protocol.obey(clerk.carry_out, tell, finish=True)
                stop.set()


def main() -> None:
    """Serve until the bot, which holds the other end, is gone."""
    # Ctrl-C reaches the whole group; the bot says when it is time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        # Whoever asks waits for the processor less than whoever adds.
        os.nice(5)
    tell = protocol.telling()
    try:
        settings = factory.load_settings()
        with factory.library(settings) as library:
            asyncio.run(serve(library, settings, tell))
    except OnRecordError as error:
        tell(protocol.failed(error))


if __name__ == "__main__":
    main()

"""Polling feeds: what is new in them goes into the library. Read `Poller.poll_once` first.

The command line and the Discord bot run the same poller, and several may run beside each other: each feed is leased to
the one that polls it. An entry is noted as seen after its article is stored, so what a crash cuts off is done again and
nothing is lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ingest.article.build import Given
from ingest.attribution import attribute_all
from ingest.attribution.rules import Attribute
from ingest.feeds.parse import Feed, FeedEntry, parsed
from ingest.pipeline import Report, take
from ingest.sources.follow import Extract, Follower
from ingest.sources.local import Job
from ingest.sources.web import each, failed, made
from ingest.web import Fetcher
from ingest.web.responses import Fetched, Validators
from retrieval.errors import OnRecordError, PageGone, SiteUnavailable, SourceError, TransientError
from retrieval.library import Library
from retrieval.store.feeds import SeenEntry, Subscription

log = logging.getLogger(__name__)

_FEEDS_AT_ONCE = 8
_ENTRIES_AT_ONCE = 4
_BATCH = 16
"""Entries of a feed fetched, stored and noted together."""

_ENTRIES_A_POLL = 200
"""Entries of one feed read in one poll, so that a long one does not keep the others waiting; the rest is read next."""

_SHOWN = 20
"""Failed entries of one poll that are told of one by one."""

_SEALED = 100
"""Articles stored after which the vector index is brought up to date; a few are searched as well without."""

_LEASE = 3600.0
_USUAL, _SHORTEST, _LONGEST = 1800.0, 600.0, 6 * 3600.0
"""Seconds between two polls: where a feed asks for nothing, and the bounds of what it may ask for."""

_LONGEST_BACK_OFF = 24 * 3600.0
_SOON = 60.0
"""Seconds until the next poll of a feed of which something is left."""

_ATTEMPTS = 3
"""Polls in which a page that cannot be had is tried before the feed's own text has to do."""

_NAP = 60.0
"""Seconds after which `run` looks whether somebody subscribed to something."""


@dataclass(slots=True)
class Polled:
    """What a poll of a feed brought: how many reports of each status, those that failed, entries left for the next
    poll, entries that could not be read, and why the feed itself could not be had."""

    feed: Subscription
    totals: Counter[str] = field(default_factory=Counter)
    failed: list[Report] = field(default_factory=list)
    left: int = 0
    bad: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    """An entry with the jobs that it became, and what is to be remembered of it."""

    jobs: list[Job]
    seen: SeenEntry


class Poller:
    """Polls the feeds that a library is subscribed to."""

    def __init__(
        self,
        library: Library,
        fetcher: Fetcher,
        extract: Extract,
        *,
        clock: Callable[[], float] = time.time,
        told: Callable[[Polled], None] = lambda _: None,
        who_said: Attribute = attribute_all,
    ) -> None:
        """`told` hears of each feed as soon as it is polled; `clock` gives seconds since 1970."""
        self._library = library
        self._feeds = library.subscriptions
        self._follower = Follower(library, fetcher, extract)
        self._clock = clock
        self._told = told
        self._who_said = who_said
        self._storing = asyncio.Lock()
        self._unsealed = 0

    async def poll_once(self, scopes: Sequence[str] | None = None, *, early: bool = False) -> list[Polled]:
        """Poll every feed that is due, or (`early`) every feed, of these scopes or of all.

        What goes wrong with a feed or an entry is told of; errors of the library are raised.
        """
        begun = self._clock()
        done: list[Polled] = []

        async def work(_: int) -> None:
            while feed := self._feeds.take(self._clock(), _LEASE, begun, scopes, early=early):
                polled = await self._leased(feed)
                done.append(polled)
                self._told(polled)

        await each(range(_FEEDS_AT_ONCE), work, _FEEDS_AT_ONCE)
        self._unsealed += sum(polled.totals["added"] + polled.totals["updated"] for polled in done)
        if self._unsealed >= _SEALED:
            await self._seal()
        return done

    async def run(self, stop: asyncio.Event) -> None:
        """Poll whatever is due, whenever it is due, until `stop` is set; a poll under way is broken off then.

        Raises what is wrong with the library for good; where the disk is full or the library busy, it waits.
        """
        await self._seal()
        stopping = asyncio.ensure_future(stop.wait())
        while not stop.is_set():
            polling = asyncio.ensure_future(self.poll_once())
            await asyncio.wait((polling, stopping), return_when=asyncio.FIRST_COMPLETED)
            polling.cancel()
            try:
                await polling
            except asyncio.CancelledError:
                if not stop.is_set():
                    raise
            except TransientError as error:
                log.warning("feeds wait: %s", error)
            soonest = self._feeds.next_due() or self._clock() + _NAP
            nap = min(max(soonest - self._clock(), 1.0), _NAP)
            await asyncio.wait((stopping,), timeout=nap)
        stopping.cancel()

    async def _seal(self) -> None:
        self._unsealed = 0
        await asyncio.to_thread(self._library.seal)

    async def _leased(self, feed: Subscription) -> Polled:
        polled = Polled(feed)
        try:
            facts = await self._poll(feed, polled)
        except (SourceError, SiteUnavailable) as error:
            polled.problem = str(error)
            facts = self._after_failure(feed, error)
        except BaseException:
            self._feeds.change(feed, {"leased": None})
            raise
        self._feeds.change(feed, {"leased": None, "polled": self._clock()} | facts)
        return polled

    async def _poll(self, feed: Subscription, polled: Polled) -> dict[str, object]:
        """Read what is new in a feed; gives what is to be kept of the feed."""
        found = await self._follower.fetcher.get(feed.address, Validators(feed.etag, feed.last_modified))
        mark = hashlib.sha256(found.body).hexdigest()[:16]
        facts: dict[str, object] = {"failures": 0, "problem": None}
        if found.unchanged or mark == feed.mark:
            return facts | {"next_poll": self._clock() + _interval(feed.interval, found)}
        document = await asyncio.to_thread(parsed, found.body, found.address, found.content_type)
        polled.bad = document.bad
        settled = await self._read_all(feed, document, polled)
        if found.moved:
            facts["address"] = found.address
        pause = _SOON if polled.left else _interval(document.interval, found)
        facts |= {"title": document.title or feed.title, "interval": document.interval}
        facts |= {"next_poll": self._clock() + pause, "etag": None, "last_modified": None, "mark": None}
        if settled:
            # Otherwise the next poll needs the whole feed again.
            validators = found.validators
            facts |= {"etag": validators.etag, "last_modified": validators.last_modified, "mark": mark}
        return facts

    async def _read_all(self, feed: Subscription, document: Feed, polled: Polled) -> bool:
        """Read the entries that are new, changed or still to be tried. Returns whether none is left to come back to."""
        seen = self._feeds.seen(feed.id, [entry.key for entry in document.entries])
        fresh = [entry for entry in document.entries if _is_fresh(entry, seen.get(entry.key))]
        polled.left = max(0, len(fresh) - _ENTRIES_A_POLL)
        settled, now = not polled.left, fresh[:_ENTRIES_A_POLL]
        for at in range(0, len(now), _BATCH):
            noted = await self._read_some(feed, document.title, now[at : at + _BATCH], seen, polled)
            settled = settled and not any(one.attempts for one in noted)
        return settled

    async def _read_some(
        self, feed: Subscription, title: str, entries: list[FeedEntry], seen: dict[str, SeenEntry], polled: Polled
    ) -> list[SeenEntry]:
        read: list[_Read] = []

        async def work(entry: FeedEntry) -> None:
            read.append(await self._read(feed, title, entry, seen.get(entry.key)))

        await each(entries, work, _ENTRIES_AT_ONCE)
        jobs = [job for one in read for job in one.jobs]
        async with self._storing:
            reports = iter(await asyncio.to_thread(take, self._library, jobs, self._who_said))
        noted = []
        for one in read:
            its = [next(reports) for _ in one.jobs]
            noted.append(replace(one.seen, article_id=_first_id(its) or one.seen.article_id))
            polled.totals.update(report.status for report in its)
            polled.failed += [report for report in its if report.status == "failed"][: _SHOWN - len(polled.failed)]
        self._feeds.note(feed, noted)
        return noted

    async def _read(self, feed: Subscription, title: str, entry: FeedEntry, known: SeenEntry | None) -> _Read:
        seen = SeenEntry(entry.key, entry.mark, known.first_seen if known else self._clock())
        seen = replace(seen, article_id=known.article_id if known else None)
        source, given = entry.url or entry.key, Given(feed.scope)
        day = datetime.fromtimestamp(seen.first_seen, UTC).date()
        try:
            articles = await self._follower.of_entry(entry, title or feed.title, given, day)
        except SourceError as error:
            return _Read([failed(source, error)], replace(seen, problem=str(error)))
        except SiteUnavailable as error:
            attempts = 1 + (known.attempts if known and known.mark == entry.mark else 0)
            if attempts < _ATTEMPTS:
                return _Read([failed(source, error)], replace(seen, problem=str(error), attempts=attempts))
            own = self._follower.own_text(entry, title or feed.title, given, day)
            if own is None:
                return _Read([failed(source, error)], replace(seen, problem=str(error)))
            articles = [own]
        return _Read([made(source, article) for article in articles], seen)

    def _after_failure(self, feed: Subscription, error: OnRecordError) -> dict[str, object]:
        """What is to be kept of a feed that could not be read: it is asked ever more rarely."""
        pause = min(_USUAL * 2.0 ** min(feed.failures, 8), _LONGEST_BACK_OFF)
        if isinstance(error, SiteUnavailable) and error.retry_after:
            pause = max(pause, error.retry_after)
        ended = isinstance(error, PageGone) and error.for_good
        facts = {"failures": feed.failures + 1, "problem": str(error), "ended": ended}
        return facts | {"next_poll": self._clock() + pause}


def _is_fresh(entry: FeedEntry, seen: SeenEntry | None) -> bool:
    return seen is None or seen.mark != entry.mark or seen.attempts > 0


def _interval(asked: float | None, found: Fetched) -> float:
    """Seconds until the next poll: the longer of what the feed and the server ask for, within bounds."""
    hints = [hint for hint in (asked, found.max_age) if hint is not None]
    return min(max(max(hints, default=_USUAL), _SHORTEST), _LONGEST)


def _first_id(reports: Sequence[Report]) -> str | None:
    return next((report.article.id for report in reports if report.article), None)

"""Polls feeds and reads what is new in them into the library. Read `Poller.poll_once` first.

The command line and the Discord bot run the same poller, and several may run side by side: each feed is leased to the
one that polls it. An entry is recorded as seen only after its article is stored, so that work interrupted by a crash is
done again and nothing is lost.
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

from ingest.article.build import ArticleMetadata
from ingest.attribution import attribute_all
from ingest.attribution.rules import Attribute
from ingest.feeds.parse import Feed, FeedEntry, parse_feed
from ingest.pipeline import IngestReport, store_jobs
from ingest.sources.follow import Extract, Follower
from ingest.sources.local import Job
from ingest.sources.web import failed_job, finished_job, for_each
from ingest.web import Fetcher
from ingest.web.responses import Fetched, Validators
from retrieval.errors import OnRecordError, PageGone, SiteUnavailable, SourceError, TransientError
from retrieval.library import Library
from retrieval.store.feeds import SeenEntry, Subscription

log = logging.getLogger(__name__)

_MAX_FEEDS_AT_ONCE = 8
_MAX_ENTRIES_AT_ONCE = 4
_ENTRIES_PER_BATCH = 16
"""Number of entries of a feed that are fetched, stored and recorded together."""

_MAX_ENTRIES_PER_POLL = 200
"""Maximum number of entries of a feed read in one poll, so that other feeds are not kept waiting; the rest is read in
the next poll."""

_MAX_FAILURES_REPORTED = 20
"""Maximum number of failed entries of a poll that are reported one by one."""

_ARTICLES_PER_SEAL = 100
"""Number of stored articles after which the vector index is updated; a few are found just as well without it."""

_LEASE_SECONDS = 3600.0
_DEFAULT_INTERVAL, _MIN_INTERVAL, _MAX_INTERVAL = 1800.0, 600.0, 6 * 3600.0
"""Seconds between two polls: where a feed states no interval, and the bounds of the interval that it may state."""

_MAX_BACK_OFF = 24 * 3600.0
_INTERVAL_WITH_REST = 60.0
"""Seconds until the next poll of a feed that has entries left."""

_MAX_PAGE_ATTEMPTS = 3
"""Number of polls in which an unreachable page is tried before the feed's own text is stored instead."""

_MAX_NAP = 60.0
"""Maximum number of seconds before `run` looks for new subscriptions."""


@dataclass(slots=True)
class PollResult:
    """The result of polling a feed.

    `totals`: number of reports by status; `failed`: reports of failed entries; `left`: number of entries left for the
    next poll; `bad`: number of unreadable entries; `problem`: why the feed itself could not be read.
    """

    feed: Subscription
    totals: Counter[str] = field(default_factory=Counter)
    failed: list[IngestReport] = field(default_factory=list)
    left: int = 0
    bad: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _EntryRead:
    """The jobs made from an entry, and what to remember about it."""

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
        told: Callable[[PollResult], None] = lambda _: None,
        who_said: Attribute = attribute_all,
    ) -> None:
        """`told` is called with each feed's result as soon as it is polled; `clock` gives seconds since 1970."""
        self._library = library
        self._feeds = library.subscriptions
        self._follower = Follower(library, fetcher, extract)
        self._clock = clock
        self._told = told
        self._who_said = who_said
        self._storing = asyncio.Lock()
        self._unsealed = 0

    async def poll_once(self, scopes: Sequence[str] | None = None, *, early: bool = False) -> list[PollResult]:
        """Poll every feed that is due, or (`early`) every feed, in these scopes or in all.

        Errors of a feed or an entry are part of the results; errors of the library are raised.
        """
        begun = self._clock()
        done: list[PollResult] = []

        async def work(_: int) -> None:
            while feed := self._feeds.lease_next(self._clock(), _LEASE_SECONDS, begun, scopes, early=early):
                polled = await self._poll_leased(feed)
                done.append(polled)
                self._told(polled)

        await for_each(range(_MAX_FEEDS_AT_ONCE), work, _MAX_FEEDS_AT_ONCE)
        self._unsealed += sum(polled.totals["added"] + polled.totals["updated"] for polled in done)
        if self._unsealed >= _ARTICLES_PER_SEAL:
            await self._seal()
        return done

    async def run_until(self, stop: asyncio.Event) -> None:
        """Poll each feed when it is due, until `stop` is set, which cancels a poll in progress.

        Raises permanent errors of the library; where the disk is full or the library busy, it waits.
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
            soonest = self._feeds.next_due() or self._clock() + _MAX_NAP
            nap = min(max(soonest - self._clock(), 1.0), _MAX_NAP)
            await asyncio.wait((stopping,), timeout=nap)
        stopping.cancel()

    async def _seal(self) -> None:
        self._unsealed = 0
        await asyncio.to_thread(self._library.seal)

    async def _poll_leased(self, feed: Subscription) -> PollResult:
        polled = PollResult(feed)
        try:
            facts = await self._poll(feed, polled)
        except (SourceError, SiteUnavailable) as error:
            polled.problem = str(error)
            facts = self._facts_after_failure(feed, error)
        except BaseException:
            self._feeds.update(feed, {"leased": None})
            raise
        self._feeds.update(feed, {"leased": None, "polled": self._clock()} | facts)
        return polled

    async def _poll(self, feed: Subscription, polled: PollResult) -> dict[str, object]:
        """Read what is new in a feed. Returns the facts to store about the feed."""
        fetched = await self._follower.fetcher.get(feed.address, Validators(feed.etag, feed.last_modified))
        mark = hashlib.sha256(fetched.body).hexdigest()[:16]
        facts: dict[str, object] = {"failures": 0, "problem": None}
        if fetched.unchanged or mark == feed.mark:
            return facts | {"next_poll": self._clock() + _interval(feed.interval, fetched)}
        document = await asyncio.to_thread(parse_feed, fetched.body, fetched.address, fetched.content_type)
        polled.bad = document.bad
        complete = await self._read_all(feed, document, polled)
        if fetched.moved:
            facts["address"] = fetched.address
        pause = _INTERVAL_WITH_REST if polled.left else _interval(document.interval, fetched)
        facts |= {"title": document.title or feed.title, "interval": document.interval}
        facts |= {"next_poll": self._clock() + pause, "etag": None, "last_modified": None, "mark": None}
        if complete:
            # Where entries are left, the next poll needs the whole feed again.
            validators = fetched.validators
            facts |= {"etag": validators.etag, "last_modified": validators.last_modified, "mark": mark}
        return facts

    async def _read_all(self, feed: Subscription, document: Feed, polled: PollResult) -> bool:
        """Read the entries that are new, changed or to be retried. Returns whether none is left."""
        seen = self._feeds.seen_entries(feed.id, [entry.key for entry in document.entries])
        fresh = [entry for entry in document.entries if _is_fresh(entry, seen.get(entry.key))]
        polled.left = max(0, len(fresh) - _MAX_ENTRIES_PER_POLL)
        complete, now = not polled.left, fresh[:_MAX_ENTRIES_PER_POLL]
        for at in range(0, len(now), _ENTRIES_PER_BATCH):
            noted = await self._read_batch(feed, document.title, now[at : at + _ENTRIES_PER_BATCH], seen, polled)
            complete = complete and not any(entry.attempts for entry in noted)
        return complete

    async def _read_batch(
        self, feed: Subscription, title: str, entries: list[FeedEntry], seen: dict[str, SeenEntry], polled: PollResult
    ) -> list[SeenEntry]:
        read: list[_EntryRead] = []

        async def work(entry: FeedEntry) -> None:
            read.append(await self._read_entry(feed, title, entry, seen.get(entry.key)))

        await for_each(entries, work, _MAX_ENTRIES_AT_ONCE)
        jobs = [job for entry in read for job in entry.jobs]
        async with self._storing:
            reports = iter(await asyncio.to_thread(store_jobs, self._library, jobs, self._who_said))
        noted = []
        for entry in read:
            entry_reports = [next(reports) for _ in entry.jobs]
            noted.append(replace(entry.seen, article_id=_first_id(entry_reports) or entry.seen.article_id))
            polled.totals.update(report.status for report in entry_reports)
            polled.failed += [report for report in entry_reports if report.status == "failed"][
                : _MAX_FAILURES_REPORTED - len(polled.failed)
            ]
        self._feeds.record_entries(feed, noted)
        return noted

    async def _read_entry(
        self, feed: Subscription, title: str, entry: FeedEntry, known: SeenEntry | None
    ) -> _EntryRead:
        seen = SeenEntry(entry.key, entry.mark, known.first_seen if known else self._clock())
        seen = replace(seen, article_id=known.article_id if known else None)
        source, given = entry.url or entry.key, ArticleMetadata(feed.scope)
        day = datetime.fromtimestamp(seen.first_seen, UTC).date()
        try:
            articles = await self._follower.entry_articles(entry, title or feed.title, given, day)
        except SourceError as error:
            return _EntryRead([failed_job(source, error)], replace(seen, problem=str(error)))
        except SiteUnavailable as error:
            attempts = 1 + (known.attempts if known and known.mark == entry.mark else 0)
            if attempts < _MAX_PAGE_ATTEMPTS:
                return _EntryRead([failed_job(source, error)], replace(seen, problem=str(error), attempts=attempts))
            own = self._follower.own_text(entry, title or feed.title, given, day)
            if own is None:
                return _EntryRead([failed_job(source, error)], replace(seen, problem=str(error)))
            articles = [own]
        return _EntryRead([finished_job(source, article) for article in articles], seen)

    def _facts_after_failure(self, feed: Subscription, error: OnRecordError) -> dict[str, object]:
        """The facts to store about a feed that could not be read; it is polled more and more rarely."""
        pause = min(_DEFAULT_INTERVAL * 2.0 ** min(feed.failures, 8), _MAX_BACK_OFF)
        if isinstance(error, SiteUnavailable) and error.retry_after:
            pause = max(pause, error.retry_after)
        ended = isinstance(error, PageGone) and error.for_good
        facts = {"failures": feed.failures + 1, "problem": str(error), "ended": ended}
        return facts | {"next_poll": self._clock() + pause}


def _is_fresh(entry: FeedEntry, seen: SeenEntry | None) -> bool:
    return seen is None or seen.mark != entry.mark or seen.attempts > 0


def _interval(asked: float | None, found: Fetched) -> float:
    """Seconds until the next poll: the longer of what feed and server ask for, within bounds."""
    hints = [hint for hint in (asked, found.max_age) if hint is not None]
    return min(max(max(hints, default=_DEFAULT_INTERVAL), _MIN_INTERVAL), _MAX_INTERVAL)


def _first_id(reports: Sequence[IngestReport]) -> str | None:
    return next((report.article.id for report in reports if report.article), None)

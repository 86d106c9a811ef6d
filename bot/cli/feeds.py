"""`onrecord feeds …`: subscribing to feeds and polling them."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import factory
from bot.cli import options
from bot.cli.options import AsJson, Scope

if TYPE_CHECKING:
    from ingest.poller import Poller, PollResult
    from retrieval.library import Library
    from retrieval.settings import Settings
    from retrieval.store.feeds import Subscription

Json = dict[str, Any]


app = typer.Typer(help="Feeds that are read as they appear.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed, or a page that names one.")],
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """Subscribe to a feed (RSS, Atom, JSON Feed, a news sitemap)."""
    settings = factory.load_settings()
    with factory.library(settings) as library:
        _add(settings, library, url, options.checked_scope(scope), as_json=as_json)


@app.command("list")
def list_feeds(scope: Scope = "public", as_json: AsJson = False) -> None:
    """List the feeds and their state."""
    with factory.library(factory.load_settings()) as library:
        feeds = library.subscriptions.feeds_with_entry_counts((options.checked_scope(scope),))
    if as_json:
        options.print_json({"feeds": [_feed_json(feed) | {"entries": entries} for feed, entries in feeds]})
        return
    for feed, entries in feeds:
        print(f"{feed.id}  {feed.title} · {entries} entries · {_state(feed)}\n              {feed.address}")
    if not feeds:
        print("no feeds yet: onrecord feeds add URL")


@app.command()
def remove(
    feed_id: Annotated[str, typer.Argument(metavar="ID")], scope: Scope = "public", as_json: AsJson = False
) -> None:
    """End a subscription; its articles stay."""
    with factory.library(factory.load_settings()) as library:
        removed = library.subscriptions.remove(feed_id, (options.checked_scope(scope),))
    if removed is None:
        raise options.WrongUsage(f"no feed {feed_id[:40]} here: onrecord feeds list shows the ids")
    if as_json:
        options.print_json({"removed": _feed_json(removed)})
    else:
        print(f"removed {removed.id} · {removed.title}")


@app.command()
def poll(
    watch: Annotated[bool, typer.Option("--watch", help="Go on, polling each feed when it is due.")] = False,
    early: Annotated[bool, typer.Option("--early", help="Poll feeds that are not due yet as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read what is new in the feeds that are due, in every scope."""
    if watch and early:
        raise options.WrongUsage("--early is for a single poll: leave out --watch")
    settings = factory.load_settings()
    with factory.library(settings) as library:
        if watch:
            _watch(settings, library, as_json=as_json)
            return
        failed = _poll(settings, library, early, as_json=as_json)
    if failed:
        raise typer.Exit(1)


def _add(settings: Settings, library: Library, url: str, scope: str, *, as_json: bool) -> None:
    import asyncio

    from ingest.feeds.subscribe import NewSubscription, subscribe
    from ingest.web import Fetcher

    async def once() -> NewSubscription:
        async with Fetcher.of(settings) as fetcher:
            return await subscribe(library, fetcher, url, scope)

    done = asyncio.run(once())
    status = "added" if done.is_new else "known"
    others = [{"address": other.address, "title": other.title} for other in done.others]
    if as_json:
        options.print_json({"status": status, "feed": _feed_json(done.feed), "others": others})
        return
    print(f"{status} {done.feed.id} · {done.feed.title} · {done.feed.address}")
    for other in done.others:
        print(f"  the page also names: {other.address} ({other.title})")


@asynccontextmanager
async def _poller(settings: Settings, library: Library, report: Callable[[PollResult], None]) -> AsyncIterator[Poller]:
    from ingest.poller import Poller
    from ingest.readers.sandbox import Readers
    from ingest.sources.follow import articles_of
    from ingest.web import Fetcher

    with Readers() as readers:
        async with Fetcher.of(settings) as fetcher:
            extract, who_said = partial(articles_of, run=readers.run), factory.who_said(settings)
            yield Poller(library, fetcher, extract, told=report, who_said=who_said)


def _poll(settings: Settings, library: Library, early: bool, *, as_json: bool) -> bool:
    import asyncio

    polls: list[PollResult] = []

    def tell(polled: PollResult) -> None:
        polls.append(polled)
        if not as_json:
            _show(polled)

    async def once() -> None:
        async with _poller(settings, library, tell) as poller:
            await poller.poll_once(early=early)

    stopped = False
    try:
        asyncio.run(once())
        library.seal()
    except KeyboardInterrupt:
        stopped = True
    if as_json:
        options.print_json({"feeds": [_poll_json(polled) for polled in polls], "totals": dict(_sum(polls))})
    if stopped:
        print("stopped: what was reported is stored, and the next poll goes on from there", file=sys.stderr)
        raise typer.Exit(130)
    if not (polls or as_json):
        _nothing_due(library)
    return any(polled.problem or polled.failed for polled in polls)


def _watch(settings: Settings, library: Library, *, as_json: bool) -> None:
    import asyncio

    def tell(polled: PollResult) -> None:
        if as_json:
            print(json.dumps(_poll_json(polled), ensure_ascii=False), flush=True)
        else:
            _show(polled)

    async def watch() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Event loops on Windows have no signal handlers; there Ctrl-C interrupts the run.
            with suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with _poller(settings, library, tell) as poller:
            await poller.run_until(stop)

    asyncio.run(watch())


def _nothing_due(library: Library) -> None:
    soonest = library.subscriptions.next_due()
    print(f"no feed is due before {_when(soonest)}" if soonest else "no feeds yet: onrecord feeds add URL")


def _show(polled: PollResult) -> None:
    parts = [f"{number} {status}" for status, number in sorted(polled.totals.items())]
    parts += [f"{polled.left} left for the next poll"] if polled.left else []
    parts += [f"{polled.bad} unreadable"] if polled.bad else []
    print(f"{polled.feed.title}: {polled.problem or ', '.join(parts) or 'nothing new'}", flush=True)
    for report in polled.failed:
        print(f"  failed {report.source}: {report.error}", flush=True)


def _poll_json(polled: PollResult) -> Json:
    return {
        "id": polled.feed.id,
        "scope": polled.feed.scope,
        "address": polled.feed.address,
        "title": polled.feed.title,
        "totals": dict(polled.totals),
        "failed": [{"source": report.source, "error": report.error} for report in polled.failed],
        "left": polled.left,
        "unreadable": polled.bad,
        "problem": polled.problem,
    }


def _sum(polls: Sequence[PollResult]) -> Counter[str]:
    totals: Counter[str] = Counter()
    for polled in polls:
        totals.update(polled.totals)
    return totals


def _feed_json(feed: Subscription) -> Json:
    return {
        "id": feed.id,
        "scope": feed.scope,
        "address": feed.address,
        "title": feed.title,
        "added": _when(feed.added),
        "polled": _when(feed.polled),
        "next_poll": None if feed.ended else _when(feed.next_poll),
        "failures": feed.failures,
        "problem": feed.problem,
        "ended": feed.ended,
    }


def _state(feed: Subscription) -> str:
    if feed.ended:
        return "ended by its publisher"
    if feed.problem:
        return f"{feed.problem} ({feed.failures} times); next poll {_when(feed.next_poll)}"
    return f"polled {_when(feed.polled) or 'never'}; next poll {_when(feed.next_poll)}"


def _when(moment: float | None) -> str | None:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds") if moment is not None else None

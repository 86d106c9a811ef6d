"""Polling many feeds: no entry twice, few requests at once to a host with pauses between them, memory that stays flat.

usage: python tests/bench/feeds.py [--feeds 200] [--entries 50] [--hosts 20] [--delay 0.02]
The sites run in a process of their own. Vectors are given: this measures fetching, reading and storing, not embedding.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path

from data import REPOSITORY
from measure import Figure, limits, memory, note

sys.path.insert(0, str(REPOSITORY))

from ingest.poller import Poller, PollResult
from ingest.web.fetcher import FetchLimits
from ingest.web.politeness import Pace
from retrieval.library import Library, open_library
from tests.loopback.newsroom import QuickEmbedder, fetcher, page, placeholder
from tests.loopback.served import head
from tests.loopback.site import Behaviour, Request, Site


def main() -> None:
    """Print the figures; exit 1 where one is past its limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--entries", type=int, default=50)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--delay", type=float, default=0.02, help="seconds between two requests to a host")
    given = parser.parse_args()
    here, there = multiprocessing.Pipe()
    sites = multiprocessing.get_context("spawn").Process(target=serve, args=(given.hosts, given.entries, there))
    sites.start()
    ports: list[int] = here.recv()
    with tempfile.TemporaryDirectory() as folder:
        library = open_library(Path(folder), QuickEmbedder())
        for number in range(given.feeds):
            address = f"http://news.test:{ports[number % given.hosts]}/feed/{number}"
            library.subscriptions.add("public", address, f"Feed {number}", 0)
        polled, sizes, seconds = asyncio.run(poll(library, given.delay))
        articles = library.check().figures["articles"]
        again, *_ = asyncio.run(poll(library, given.delay))
        library.close()
    here.send(None)
    report(given, polled, again, sizes, seconds, articles, here.recv())
    sites.join()


async def poll(library: Library, delay: float) -> tuple[list[PollResult], list[float], float]:
    """Poll every feed. Returns what it brought, the memory in MB after each feed, and the seconds it took."""
    sizes: list[float] = []

    def tell(polled: PollResult) -> None:
        sizes.append(memory())
        for failed in polled.failed:
            note(f"failed {failed.source}: {failed.error}")
        if len(sizes) % 20 == 0:
            note(f"{len(sizes)} feeds, {sizes[-1]:.0f} MB, the last: {dict(polled.totals)}")

    begun = time.perf_counter()
    async with fetcher(pace=Pace(delay=delay), limits=FetchLimits()) as opened:
        polled = await Poller(library, opened, placeholder, told=tell).poll_once(early=True)
    return polled, sizes, time.perf_counter() - begun


def report(
    given: argparse.Namespace,
    polled: list[PollResult],
    again: list[PollResult],
    sizes: list[float],
    seconds: float,
    articles: int,
    served: list[tuple[Counter[str], int, float]],
) -> None:
    """Print what was measured against its limits."""
    entries = given.feeds * given.entries
    totals = sum((one.totals for one in polled), Counter[str]())
    pages = Counter[str]()
    for counted, *_ in served:
        pages += Counter({path: number for path, number in counted.items() if path.startswith("/story/")})
    half = sizes[len(sizes) // 2]
    figures = [
        Figure("entries stored", totals["added"], entries, floor=True),
        Figure("articles in the library", articles, entries),
        Figure("pages asked for more than once", sum(number > 1 for number in pages.values()), 0),
        Figure("stored by a second poll", sum((one.totals for one in again), Counter[str]()).total(), 0),
        Figure("requests at once to a host, at most", max(most for _, most, _ in served), 4),
        Figure("pause between two requests to a host, mean, least of hosts", min(gap for *_, gap in served) * 1000,
               given.delay * 1000 * 0.9, "ms", floor=True),
        Figure("memory at the end against half-way", sizes[-1] / half, 1.1),
        Figure("memory at the end", sizes[-1], 600, "MB"),
    ]  # fmt: skip
    print(limits(figures))
    print(
        f"{entries} entries of {given.feeds} feeds on {given.hosts} hosts in {seconds:.0f} s: {entries / seconds:.0f}/s"
    )


def serve(hosts: int, entries: int, pipe: Connection) -> None:
    """Run the sites until told to stop, then tell for each: its requests by path, most at once, mean pause."""
    with ExitStack() as stack:
        sites = [stack.enter_context(Site()) for _ in range(hosts)]
        for site in sites:
            site.otherwise = _answer(site, entries)
        pipe.send([site.port for site in sites])
        pipe.recv()
        pipe.send([(site.counted(), site.most_at_once, _mean_pause(site)) for site in sites])


def _answer(site: Site, entries: int) -> Behaviour:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> None:
        _, kind, name = (*request.path.split("/", 2), "")[:3]
        if kind == "feed":
            links = (site.at(f"/story/{name}-{number}") for number in range(entries))
            items = "".join(f"<item><title>{link}</title><link>{link}</link></item>" for link in links)
            body = f"<rss><channel><title>Feed {name}</title>{items}</channel></rss>".encode()
        else:
            body = page(f"{site.port} {name}").encode() if kind == "story" else b""
        writer.write(head(200 if body else 404, {"Content-Type": "text/html", "Content-Length": str(len(body))}) + body)

    return answer


def _mean_pause(site: Site) -> float:
    starts = sorted(request.at for request in site.requests)
    return (starts[-1] - starts[0]) / max(1, len(starts) - 1)


if __name__ == "__main__":
    main()

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ingest.feeds.subscribe import subscribe
from ingest.poller import Poller, PollResult
from ingest.web import Fetcher
from ingest.web.politeness import Pace
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.store.feeds import Subscription
from retrieval.types import Article, Precision
from tests.loopback.newsroom import Clock, fetcher, page, placeholder, quick_library
from tests.loopback.site import Site

HOUR = 3600.0
START = 1_718_700_000.0
"""Tuesday, 18 June 2024."""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with quick_library(tmp_path) as opened:
        yield opened


class Reader:
    """A library that reads feeds, on a clock that tests set."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.now = START

    def add(self, address: str, scope: str = "public") -> Subscription:
        return self.library.subscriptions.add(scope, address, "The Quay Post", self.now)[0]

    def poll(self, after: float = 0.0, **options: object) -> list[PollResult]:
        self.now += after

        async def once() -> list[PollResult]:
            async with fetcher(**options) as opened:
                return await self.poller(opened).poll_once()

        return asyncio.run(once())

    def poller(self, opened: Fetcher, told: Callable[[PollResult], None] = lambda _: None) -> Poller:
        return Poller(self.library, opened, placeholder, clock=lambda: self.now, told=told)

    def feed(self) -> Subscription:
        return self.library.subscriptions.feeds_with_entry_counts(("public",))[0][0]

    def articles(self) -> list[Article]:
        with self.library.open_reader(("public",)) as db:
            return db.articles()


@pytest.fixture
def reader(library: Library) -> Reader:
    return Reader(library)


def rss(*items: str, about: str = "") -> str:
    return f"<rss><channel><title>The Quay Post</title>{about}{''.join(items)}</channel></rss>"


def item(site: Site, path: str, inside: str = "") -> str:
    return f"<item><title>Item {path}</title><link>{site.at(path)}</link>{inside}</item>"


def test_what_is_new_is_read_once(site: Site, reader: Reader) -> None:
    """The next poll asks for the feed alone, whether the server knows validators or not."""
    for path in ("/1", "/2", "/3"):
        site.serve(path, page(path))
    for headers in ({"ETag": '"1"'}, {}):
        site.requests.clear()
        site.serve("/feed", rss(item(site, "/1"), item(site, "/2")), **headers)
        feed = reader.add(site.at("/feed"))
        (polled,) = reader.poll()
        assert sum(polled.totals.values()) == 2
        assert not polled.failed
        (polled,) = reader.poll(HOUR)
        assert not polled.totals
        site.serve("/feed", rss(item(site, "/3"), item(site, "/2"), item(site, "/1")))
        reader.poll(HOUR)
        assert site.counted() == {"/robots.txt": 3, "/feed": 3, "/1": 1, "/2": 1, "/3": 1}
        assert reader.library.subscriptions.feeds_with_entry_counts(("public",))[0][1] == 3
        reader.library.subscriptions.remove(feed.id, ("public",))
    assert len(reader.articles()) == 3


def test_one_bad_entry_stops_none(site: Site, reader: Reader) -> None:
    """Entries that are none, lead nowhere or into closed networks are told of, the others stored."""
    site.serve("/1", page(1))
    closed = "<item><title>x</title><link>http://169.254.169.254/</link></item>"
    site.serve("/feed", rss("<item/>", closed, item(site, "/none"), item(site, "/1")))
    reader.add(site.at("/feed"))
    (polled,) = reader.poll()
    assert (polled.bad, dict(polled.totals)) == (1, {"failed": 2, "added": 1})
    assert {report.source for report in polled.failed} == {"http://169.254.169.254/", site.at("/none")}
    assert not reader.poll(HOUR)[0].totals


def test_an_entry_that_changed_is_fetched_again(site: Site, reader: Reader) -> None:
    """The article gets a new version."""
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="{}"/><updated>{}</updated>
    </entry></feed>"""
    reader.add(site.at("/feed"))
    site.serve("/1", page(1))
    site.serve("/feed", atom.format(site.at("/1"), "2024-06-18T09:00:00Z"))
    assert reader.poll()[0].totals == {"added": 1}
    site.serve("/1", page(1).replace("It holds", "It held"))
    site.serve("/feed", atom.format(site.at("/1"), "2024-06-18T10:00:00Z"))
    assert reader.poll(HOUR)[0].totals == {"updated": 1}
    assert "It held" in reader.articles()[0].text


def test_an_undated_entry_is_dated_by_first_sight(site: Site, reader: Reader) -> None:
    """No publication is claimed; the day of first sight is kept as such, whenever the entry is read again."""
    site.serve("/1", page(1))
    site.serve("/feed", rss(item(site, "/1")))
    reader.add(site.at("/feed"))
    reader.poll()
    site.serve("/1", page(1).replace("It holds", "It held"))
    site.serve("/feed", rss(item(site, "/1", "<description>More.</description>")))
    assert reader.poll(100 * HOUR)[0].totals == {"updated": 1}
    (article,) = reader.articles()
    assert (article.published, article.published_precision) == (None, Precision.NONE)
    assert article.page_date == date(2024, 6, 18)
    seen = reader.library.subscriptions.seen_entries(reader.feed().id, [site.at("/1")])
    assert seen[site.at("/1")].first_seen == START


def test_the_feeds_own_text_stands_in(site: Site, reader: Reader) -> None:
    """Where the page refuses, or robots.txt asks to leave it alone; but a teaser never takes a story's place."""
    teaser = "<description>&lt;p&gt;It held, she said.</description>"
    for path in ("/1", "/free/1"):
        site.serve(path, page(path))
    site.serve("/2", status=403)
    site.serve("/robots.txt", "User-agent: onrecord\nDisallow: /free", "text/plain")
    site.serve("/feed", rss(*(item(site, path, teaser) for path in ("/1", "/2"))))
    reader.add(site.at("/feed"))
    assert reader.poll()[0].totals == {"added": 2}
    assert [one.text for one in reader.articles() if one.url == site.at("/2")] == ["It held, she said."]

    site.serve("/1", status=403)
    changed = teaser.replace("she", "he")
    site.serve("/feed", rss(item(site, "/1", changed), item(site, "/free/1", "<description>Left alone.</description>")))
    (polled,) = reader.poll(HOUR)
    assert polled.totals == {"failed": 1, "added": 1}
    texts = {one.url: one.text for one in reader.articles()}
    assert "It holds" in texts[site.at("/1")]
    assert texts[site.at("/free/1")] == "Left alone."
    assert site.counted()["/free/1"] == 0


def test_a_page_that_cannot_be_had_is_tried_again(site: Site, reader: Reader) -> None:
    """In three polls, although the feed itself did not change; then the feed's own text has to do."""
    site.serve("/1", status=500)
    site.serve("/feed", rss(item(site, "/1", "<description>It held, she said.</description>")), ETag='"1"')
    reader.add(site.at("/feed"))
    outcomes = [dict(reader.poll(HOUR)[0].totals) for _ in range(4)]
    assert outcomes == [{"failed": 1}, {"failed": 1}, {"added": 1}, {}]
    assert site.counted()["/1"] == 3


@pytest.mark.parametrize(
    ("about", "headers", "expected"),
    [
        ("", {}, 1800), ("<ttl>1</ttl>", {}, 600), ("<ttl>60</ttl>", {}, HOUR), ("<ttl>10000</ttl>", {}, 6 * HOUR),
        ("<ttl>20</ttl>", {"Cache_Control": "public, max-age=2400"}, 2400), ("<ttl>soon</ttl>", {}, 1800),
    ],
)  # fmt: skip
def test_a_feed_is_polled_as_often_as_it_likes(
    site: Site, reader: Reader, about: str, headers: dict[str, str], expected: float
) -> None:
    """Within bounds, also when it has not changed since."""
    site.serve("/feed", rss(item(site, "/none"), about=about), ETag='"1"', **headers)
    reader.add(site.at("/feed"))
    reader.poll()
    assert reader.feed().next_poll == START + expected
    assert reader.poll(expected - 1) == []
    reader.poll(1)
    if not headers:
        assert reader.feed().next_poll == START + 2 * expected


def test_a_feed_in_trouble_is_asked_ever_more_rarely(site: Site, reader: Reader) -> None:
    """The problem is kept; patience is given where it is asked for; when it is well again all is forgotten."""
    feed = reader.add(site.at("/feed"))
    waits = []
    for headers in ({}, {}, {}, {"Retry_After": "200000"}):
        site.serve("/feed", status=503, **headers)
        (polled,) = reader.poll()
        assert "(503)" in (polled.problem or "")
        waits.append(reader.feed().next_poll - reader.now)
        reader.now = reader.feed().next_poll
    assert waits == [1800, 3600, 7200, 200_000]
    assert reader.feed().failures == 4
    site.serve("/feed", rss())
    reader.poll()
    assert (reader.feed().failures, reader.feed().problem, reader.feed().id) == (0, None, feed.id)


def test_a_feed_that_is_gone_is_left_alone(site: Site, reader: Reader) -> None:
    """410 ends it; subscribing again begins anew."""
    reader.add(site.at("/feed"))
    site.serve("/feed", status=410)
    assert "for good" in (reader.poll()[0].problem or "")
    assert reader.feed().ended
    assert reader.poll(1000 * HOUR) == []
    assert reader.library.subscriptions.next_due() is None
    assert not reader.add(site.at("/feed")).ended
    assert reader.feed().problem is None


def test_a_feed_that_moved_for_good_is_found_there(site: Site, reader: Reader) -> None:
    """The address is changed, but for one that is subscribed to already."""
    site.redirect("/old", "/feed", 301)
    site.serve("/feed", rss())
    reader.add(site.at("/old"))
    reader.poll()
    assert reader.feed().address == site.at("/feed")
    reader.add(site.at("/old"))
    reader.poll(HOUR)
    addresses = [feed.address for feed, _ in reader.library.subscriptions.feeds_with_entry_counts(("public",))]
    assert sorted(addresses) == [site.at("/feed"), site.at("/old")]


def test_a_feed_of_ten_thousand(site: Site, reader: Reader) -> None:
    """It is read a part at a time, so that others have their turn, and what is left is due soon."""
    items = [{"id": number, "url": f"/{number}"} for number in range(10_000)]
    site.serve("/feed", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}))
    reader.add(site.at("/feed"))
    (polled,) = reader.poll()
    assert (polled.totals["failed"], polled.left) == (200, 9800)
    assert len(polled.failed) == 20
    assert reader.feed().next_poll - reader.now == 60


def test_many_feeds_of_several_hosts(library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """No entry twice, at most four requests at once to a host, and a delay between them."""
    clock = Clock.of_turns(monkeypatch)
    with Site() as one, Site() as other:
        for site in (one, other):
            for number in range(9):
                paths = [f"/{number}/{entry}" for entry in range(5)]
                for path in paths:
                    site.serve(path, page(f"{site.port}{path}"))
                site.serve(f"/feed{number}", rss(*(item(site, path) for path in paths)))
                reader.add(site.at(f"/feed{number}"))
        polled = reader.poll(pace=Pace(delay=1))
        assert sum((feed.totals for feed in polled), start=type(polled[0].totals)()) == {"added": 90}
        for site in (one, other):
            assert set(site.counted().values()) == {1}
            assert site.most_at_once <= 4
            assert clock.now >= len(site.requests) - 1
    assert library.check().figures["articles"] == 90


def test_two_pollers_share_the_work(site: Site, reader: Reader) -> None:
    """What one has taken the other leaves alone."""
    for number in range(8):
        site.serve(f"/{number}", page(number))
        site.serve(f"/feed{number}", rss(item(site, f"/{number}")))
        reader.add(site.at(f"/feed{number}"))

    async def both() -> None:
        async with fetcher() as first, fetcher() as second:
            await asyncio.gather(reader.poller(first).poll_once(), reader.poller(second).poll_once())

    asyncio.run(both())
    counted = site.counted()
    assert {path: number for path, number in counted.items() if number > 1 and path != "/robots.txt"} == {}
    assert len(reader.articles()) == 8


def test_a_poller_runs_until_it_is_stopped(site: Site, reader: Reader) -> None:
    """A poll under way is broken off, its feed is free again, and the next poll does all of it."""
    site.serve("/1", page(1))
    site.serve("/feed", rss(item(site, "/1")))
    reader.add(site.at("/feed"))

    async def stopped() -> None:
        stop, reached = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        async def hang(*_: object) -> None:
            loop.call_soon_threadsafe(reached.set)
            await asyncio.Event().wait()

        site.behave("/1", hang)
        async with fetcher() as opened:
            running = asyncio.ensure_future(reader.poller(opened).run_until(stop))
            await reached.wait()
            stop.set()
            await running

    asyncio.run(stopped())
    assert reader.feed().leased is None
    site.serve("/1", page(1))
    assert reader.poll()[0].totals == {"added": 1}


def test_a_poller_that_crashed_holds_nobody_up_for_long(reader: Reader) -> None:
    """Its lease ends."""
    feed = reader.add("http://news.test/feed")
    feeds = reader.library.subscriptions
    assert feeds.lease_next(START, HOUR, START) == feed
    assert feeds.lease_next(START + HOUR - 1, HOUR, START + HOUR - 1) is None
    assert feeds.lease_next(START + HOUR, HOUR, START + HOUR) is not None


def test_a_scope_that_goes_takes_its_feeds_along(site: Site, reader: Reader) -> None:
    """And no other's."""
    site.serve("/feed", rss(item(site, "/none")))
    reader.add(site.at("/feed"))
    reader.add(site.at("/feed"), "123")
    reader.poll()
    reader.library.remove_scope("123")
    assert reader.library.subscriptions.feeds_with_entry_counts(("123",)) == []
    assert [entries for _, entries in reader.library.subscriptions.feeds_with_entry_counts(("public",))] == [1]


def test_subscribing_by_a_page(site: Site, library: Library) -> None:
    """The first feed that a home page names, with the others told; the same again is known; a page without is none."""

    async def once(path: str) -> object:
        async with fetcher() as opened:
            done = await subscribe(library, opened, site.at(path), "public")
        return done.feed.address, done.feed.title, done.is_new, [other.address for other in done.others]

    kind = 'rel="alternate" type="application/rss+xml"'
    site.serve("/", f'<html><link {kind} href="/feed"><link {kind} href="/other"><p>News')
    site.serve("/feed", rss())
    site.serve("/story", page(1))
    at, others = site.at("/feed"), [site.at("/other")]
    assert asyncio.run(once("/")) == (at, "The Quay Post", True, others)
    assert asyncio.run(once("/feed")) == (at, "The Quay Post", False, [])
    with pytest.raises(SourceError, match="names none"):
        asyncio.run(once("/story"))


def test_entries_come_back_where_a_feed_forgets_them(site: Site, reader: Reader) -> None:
    """What was seen stays seen."""
    site.serve("/1", page(1))
    reader.add(site.at("/feed"))
    for items in ([item(site, "/1")], [], [item(site, "/1")]):
        site.serve("/feed", rss(*items))
        reader.poll(timedelta(days=30).total_seconds())
    assert site.counted()["/1"] == 1

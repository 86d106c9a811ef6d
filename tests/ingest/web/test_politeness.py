import asyncio
from typing import Any

import pytest

from ingest.web.politeness import Pace
from retrieval.errors import AddressRefused, SiteUnavailable
from tests.loopback.newsroom import Clock, fetcher
from tests.loopback.site import Site


def outcomes(*urls: str, **options: Any) -> list[type[BaseException] | bytes]:
    """What fetching each of these at once came to: its body, or the kind of error."""

    async def run() -> list[type[BaseException] | bytes]:
        async with fetcher(**options) as opened:
            done = await asyncio.gather(*(opened.get(url) for url in urls), return_exceptions=True)
        return [type(one) if isinstance(one, BaseException) else one.body for one in done]

    return asyncio.run(run())


def test_robots_txt_is_asked_for_once_and_heeded(site: Site) -> None:
    """The rules for our name go before those for everybody, and a page they keep us from is never asked for."""
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: OnRecord\nDisallow: /private\nAllow: /private/press\n"
    site.serve("/robots.txt", rules, "text/plain")
    for path in ("/a", "/private/b", "/private/press/c"):
        site.serve(path, path)
    found = outcomes(*(site.at(path) for path in ("/a", "/private/b", "/private/press/c")))
    assert found == [b"/a", AddressRefused, b"/private/press/c"]
    assert site.counted() == {"/robots.txt": 1, "/a": 1, "/private/press/c": 1}


def test_a_redirect_asks_leave_again(site: Site) -> None:
    """Of the site that it leads to."""
    with Site() as other:
        other.serve("/robots.txt", "User-agent: *\nDisallow: /", "text/plain")
        other.serve("/b", "here")
        site.redirect("/a", other.at("/b"))
        assert outcomes(site.at("/a")) == [AddressRefused]
        assert other.counted() == {"/robots.txt": 1}


@pytest.mark.parametrize(
    ("status", "expected"), [(404, b"here"), (403, b"here"), (500, SiteUnavailable), (429, SiteUnavailable)]
)
def test_a_robots_txt_that_is_not_to_be_had(site: Site, status: int, expected: object) -> None:
    """None forbids nothing; one that cannot be had now forbids everything until it can (RFC 9309)."""
    site.serve("/robots.txt", status=status)
    site.serve("/a", "here")
    assert outcomes(site.at("/a")) == [expected]
    assert site.counted()["/a"] == (expected == b"here")


def test_a_robots_txt_elsewhere_or_of_noise(site: Site) -> None:
    """Redirects are followed, and noise forbids nothing."""
    site.redirect("/robots.txt", "/rules")
    site.serve("/rules", b"\xff\xfe\x00Disallow /\nUser-agent\n" * 1000, "image/png")
    site.serve("/a", "here")
    assert outcomes(site.at("/a")) == [b"here"]


@pytest.mark.parametrize(("rules", "pause"), [("Crawl-delay: 5", 5), ("Crawl-delay: 3600", 10), ("", 2)])
def test_a_host_has_its_pauses(site: Site, monkeypatch: pytest.MonkeyPatch, rules: str, pause: float) -> None:
    """The delay is ours or, where longer, the site's own, but no longer than a limit."""
    site.serve("/robots.txt", f"User-agent: *\n{rules}\n", "text/plain")
    for number in range(5):
        site.serve(f"/{number}", "here")
    clock, pace = Clock.of_turns(monkeypatch), Pace(delay=2, longest_delay=10)
    assert outcomes(*(site.at(f"/{number}") for number in range(5)), pace=pace) == [b"here"] * 5
    # The first follows robots.txt, when the site's own delay was not known yet.
    assert clock.pauses == [2, *[pause] * 4]


def test_no_more_than_four_at_once(site: Site) -> None:
    """To one host; another is served meanwhile."""

    async def run() -> bytes:
        loop = asyncio.get_running_loop()
        arrived = asyncio.Semaphore(0)

        async def wait(*_: object) -> None:
            loop.call_soon_threadsafe(arrived.release)
            await asyncio.Event().wait()

        for number in range(8):
            site.behave(f"/{number}", wait)
        with Site() as other:
            other.serve("/a", "here")
            async with fetcher() as opened:
                tasks = [asyncio.ensure_future(opened.get(site.at(f"/{number}"))) for number in range(8)]
                for _ in range(4):
                    await arrived.acquire()
                found = await opened.get(other.at("/a"))
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
        return found.body

    assert asyncio.run(run()) == b"here"
    assert site.most_at_once == 4

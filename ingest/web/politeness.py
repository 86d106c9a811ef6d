"""What we owe a site: its robots.txt, few requests at once, a pause between them, and patience where it asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from retrieval.errors import AddressRefused, SiteUnavailable, SourceError

_LONGEST_ROBOTS = 512 * 1024
"""Characters of a robots.txt that are looked at; RFC 9309 asks for 500 KiB at least."""

_REMEMBERED = 24 * 3600.0
"""Seconds for which a robots.txt holds (RFC 9309, 2.4)."""

_UNREADABLE = 300.0
"""Seconds until a robots.txt that could not be had is asked for again."""

_LONGEST_WAIT = 30.0
"""Seconds of patience that are waited for; where a site asks for more, its pages are left for later."""

_HOSTS = 4096
"""Hosts remembered at once."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How hard a host is asked: requests at once, seconds between two, and the longest Crawl-delay that is heeded."""

    at_once: int = 4
    delay: float = 0.5
    longest_delay: float = 10.0


@dataclass(slots=True)
class _Host:
    gate: asyncio.Semaphore
    order: asyncio.Lock = field(default_factory=asyncio.Lock)
    next_start: float = 0.0
    delay: float = 0.0
    users: int = 0


@dataclass(slots=True)
class _Rules:
    until: float
    robots: Protego | None = None
    failure: SiteUnavailable | None = None


class Manners:
    """Turns at each host, and what its robots.txt says. For one event loop."""

    def __init__(self, pace: Pace, agent: str, read: Callable[[str], Awaitable[str]]) -> None:
        """`agent` is the name that robots.txt files know us by; `read` fetches one, raising SourceError for none."""
        self._pace = pace
        self._agent = agent
        self._read = read
        self._hosts: dict[str, _Host] = {}
        self._rules: dict[str, _Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait for a turn at the address's host, and hold it. Raises SiteUnavailable where the host asked for long
        patience."""
        host = self._host(url)
        host.users += 1
        try:
            async with host.gate:
                async with host.order:
                    await self._wait(host)
                yield
        finally:
            host.users -= 1

    def be_patient(self, url: str, seconds: float) -> None:
        """Let no turn at the host begin for so long."""
        host = self._host(url)
        host.next_start = max(host.next_start, _now() + seconds)

    async def admit(self, url: str) -> None:
        """Return where the site's robots.txt lets us read the address.

        Raises AddressRefused where it does not, SiteUnavailable where it cannot be had now (RFC 9309, 2.3.1.4).
        """
        parts = urlsplit(url)
        rules = await self._rules_at(f"{parts.scheme}://{parts.netloc}")
        if rules.failure is not None:
            raise SiteUnavailable(str(rules.failure), retry_after=rules.failure.retry_after)
        if rules.robots is None:
            return
        wanted = rules.robots.crawl_delay(self._agent)
        if wanted:
            self._host(url).delay = min(float(wanted), self._pace.longest_delay)
        if not rules.robots.can_fetch(url, self._agent):
            raise AddressRefused("the site's robots.txt asks not to read this page: save its text and ingest the file")

    async def _wait(self, host: _Host) -> None:
        pause = host.next_start - _now()
        if pause > _LONGEST_WAIT:
            raise SiteUnavailable(f"the site asks to be left alone for {pause:.0f} s", retry_after=pause)
        if pause > 0:
            await asyncio.sleep(pause)
        host.next_start = _now() + max(self._pace.delay, host.delay)

    def _host(self, url: str) -> _Host:
        name = urlsplit(url).netloc.lower()
        if name not in self._hosts:
            if len(self._hosts) >= _HOSTS:
                now = _now()
                self._hosts = {key: one for key, one in self._hosts.items() if one.users or one.next_start > now}
            self._hosts[name] = _Host(asyncio.Semaphore(self._pace.at_once))
        return self._hosts[name]

    async def _rules_at(self, origin: str) -> _Rules:
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            known = self._rules.get(origin)
            if known is None or known.until < _now():
                known = await self._ask(origin)
                if len(self._rules) >= _HOSTS:
                    self._rules.clear()
                    self._asking = {origin: lock}
                self._rules[origin] = known
        return known

    async def _ask(self, origin: str) -> _Rules:
        try:
            text = await self._read(f"{origin}/robots.txt")
        except SiteUnavailable as error:
            return _Rules(_now() + _UNREADABLE, failure=error)
        except SourceError:
            # No robots.txt: everything may be read. What else is wrong with the site, the page will show.
            return _Rules(_now() + _REMEMBERED)
        return _Rules(_now() + _REMEMBERED, Protego.parse(text[:_LONGEST_ROBOTS]))


def _now() -> float:
    return asyncio.get_running_loop().time()

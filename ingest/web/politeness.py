"""Politeness towards a site: its robots.txt, few requests at once, a pause between them, and waiting when it asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego

from retrieval.errors import AddressRefused, SiteUnavailable, SourceError

_MAX_ROBOTS_CHARACTERS = 512 * 1024
"""Maximum number of characters read of a robots.txt; RFC 9309 asks for at least 500 KiB."""

_ROBOTS_SECONDS = 24 * 3600.0
"""Seconds for which a robots.txt is cached (RFC 9309, 2.4)."""

_ROBOTS_RETRY_SECONDS = 300.0
"""Seconds until an unreachable robots.txt is requested again."""

_MAX_WAIT_SECONDS = 30.0
"""Maximum number of seconds to wait for a turn; where a site asks for more, its pages fail for now."""

_MAX_HOSTS = 4096
"""Maximum number of hosts remembered."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The load put on a host: requests at once, seconds between two, and the longest Crawl-delay respected."""

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


class Politeness:
    """Turns at each host, and the rules of its robots.txt. To be used in one event loop."""

    def __init__(self, pace: Pace, agent: str, read: Callable[[str], Awaitable[str]]) -> None:
        """`agent`: our name in robots.txt files. `read`: fetches one; raises SourceError where there is none."""
        self._pace = pace
        self._agent = agent
        self._read = read
        self._hosts: dict[str, _Host] = {}
        self._rules: dict[str, _Rules] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait for a turn at the address's host, and hold it. Raises SiteUnavailable where the wait is too long."""
        host = self._host(url)
        host.users += 1
        try:
            async with host.gate:
                async with host.order:
                    await self._wait(host)
                yield
        finally:
            host.users -= 1

    def postpone(self, url: str, seconds: float) -> None:
        """Let no turn at the host begin for this many seconds."""
        host = self._host(url)
        host.next_start = max(host.next_start, _now() + seconds)

    async def check_robots(self, url: str) -> None:
        """Check that the site's robots.txt allows the address.

        Raises AddressRefused where it does not, SiteUnavailable where it cannot be fetched now (RFC 9309, 2.3.1.4).
        """
        parts = urlsplit(url)
        rules = await self._rules_of(f"{parts.scheme}://{parts.netloc}")
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
        if pause > _MAX_WAIT_SECONDS:
            raise SiteUnavailable(f"the site asks to be left alone for {pause:.0f} s", retry_after=pause)
        if pause > 0:
            await asyncio.sleep(pause)
        host.next_start = _now() + max(self._pace.delay, host.delay)

    def _host(self, url: str) -> _Host:
        name = urlsplit(url).netloc.lower()
        if name not in self._hosts:
            if len(self._hosts) >= _MAX_HOSTS:
                now = _now()
                self._hosts = {key: host for key, host in self._hosts.items() if host.users or host.next_start > now}
            self._hosts[name] = _Host(asyncio.Semaphore(self._pace.at_once))
        return self._hosts[name]

    async def _rules_of(self, origin: str) -> _Rules:
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            known = self._rules.get(origin)
            if known is None or known.until < _now():
                known = await self._fetch_rules(origin)
                if len(self._rules) >= _MAX_HOSTS:
                    self._rules.clear()
                    self._asking = {origin: lock}
                self._rules[origin] = known
        return known

    async def _fetch_rules(self, origin: str) -> _Rules:
        try:
            text = await self._read(f"{origin}/robots.txt")
        except SiteUnavailable as error:
            return _Rules(_now() + _ROBOTS_RETRY_SECONDS, failure=error)
        except SourceError:
            # No robots.txt: everything may be read. Any other fault of the site will show with the page.
            return _Rules(_now() + _ROBOTS_SECONDS)
        return _Rules(_now() + _ROBOTS_SECONDS, Protego.parse(text[:_MAX_ROBOTS_CHARACTERS]))


def _now() -> float:
    return asyncio.get_running_loop().time()

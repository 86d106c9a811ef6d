"""Fetching: the only code that opens outside addresses. Read `Fetcher.get` first.

Whatever a server does, a fetch ends within its time, holds no more than its size in memory, and is a page or one error
that says what to do: SourceError where trying again changes nothing, SiteUnavailable where it may help.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self

import httpcore
import httpx

from ingest.web import responses
from ingest.web.addresses import Network, checked, joined
from ingest.web.politeness import Manners, Pace
from ingest.web.responses import Fetched, Redirect, Validators
from ingest.web.transport import GuardedBackend, GuardedTransport, Resolver, system_resolver
from retrieval.errors import AddressRefused, PageRefused, SiteUnavailable
from retrieval.settings import Settings

_CONNECTIONS = 32
"""Connections open at once, to all hosts together."""

_ACCEPT = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.5"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost: seconds on the wire in all, bytes after decompression, redirects."""

    seconds: float = 20.0
    size: int = 8 * 1024 * 1024
    redirects: int = 5


LIMITS = Limits()
PACE = Pace()
NOTHING_KNOWN = Validators()


class Fetcher:
    """Opens addresses, politely and within limits. For one event loop, and closed with it."""

    def __init__(
        self,
        agent: str,
        *,
        allowed: Sequence[Network] = (),
        limits: Limits = LIMITS,
        pace: Pace = PACE,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._manners = Manners(pace, _product(agent), self._robots)
        backend = GuardedBackend(resolver, allowed)
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(backend, tls or httpx.create_ssl_context(), _CONNECTIONS),
            trust_env=False,
            timeout=limits.seconds,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip"},
        )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """A fetcher as the settings want it."""
        return cls(settings.user_agent, allowed=settings.fetch_allow)

    async def get(self, url: str, known: Validators = NOTHING_KNOWN) -> Fetched:
        """What stands at an address; `known` is what was said of the copy that we have.

        Raises AddressRefused, PageRefused, PageGone and SiteUnavailable, whose messages do not repeat the address.
        """
        return await self._follow(checked(url), known.headers, robots=True)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _follow(self, url: str, headers: Mapping[str, str], *, robots: bool) -> Fetched:
        """Go where the redirects lead, asking leave and waiting for a turn at every host on the way."""
        left, moved, seen = self._limits.seconds, True, [url]
        while True:
            if robots:
                await self._manners.admit(url)
            async with self._manners.turn(url):
                # The wait for a turn is ours and does not count against the site.
                begun = asyncio.get_running_loop().time()
                found = await self._ask(url, headers, left, any_kind=not robots)
                left -= asyncio.get_running_loop().time() - begun
            if isinstance(found, Fetched):
                return replace(found, address=url, moved=moved and len(seen) > 1)
            moved, url = moved and found.for_good, joined(url, found.location)
            if url in seen:
                raise AddressRefused("the site redirects in a circle: check the address")
            if len(seen) > self._limits.redirects:
                raise AddressRefused(f"more than {self._limits.redirects} redirects: give the address they lead to")
            seen.append(url)

    async def _ask(self, url: str, headers: Mapping[str, str], seconds: float, *, any_kind: bool) -> Fetched | Redirect:
        try:
            async with asyncio.timeout(seconds), self._sent(url, headers) as response:
                return await responses.read(response, self._limits.size, any_kind=any_kind)
        except SiteUnavailable as error:
            self._manners.be_patient(url, error.retry_after or 0)
            raise
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise SiteUnavailable(f"no whole page within {self._limits.seconds:g} s: try again later") from error
        except httpcore.ConnectError as error:
            raise responses.unconnected(error) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise SiteUnavailable("the connection broke off: try again later") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise AddressRefused("not an address: check its host") from error
        except httpx.HTTPError as error:
            raise PageRefused("the site's answer is not valid HTTP: tell the publisher") from error

    @asynccontextmanager
    async def _sent(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        response = await self._client.send(self._client.build_request("GET", url, headers=headers), stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def _robots(self, url: str) -> str:
        return (await self._follow(url, {}, robots=False)).body.decode("utf-8", "replace")


def _product(agent: str) -> str:
    """The name in a User-Agent that robots.txt files speak of."""
    return agent.partition("/")[0].split(maxsplit=1)[0]


def fetch(url: str, settings: Settings) -> Fetched:
    """One address, for callers without an event loop. Raises as `Fetcher.get` does."""

    async def once() -> Fetched:
        async with Fetcher.of(settings) as fetcher:
            return await fetcher.get(url)

    return asyncio.run(once())

"""Fetches pages: the only code that opens outside addresses. Read `Fetcher.get` first.

Whatever a server does, a fetch ends within its time limit, holds no more than its size limit in memory, and results in
a page or one error that says what to do: SourceError where a retry changes nothing, SiteUnavailable where it may help.
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
from ingest.web.addresses import Network, check_address, resolve_reference
from ingest.web.politeness import Pace, Politeness
from ingest.web.responses import Fetched, Redirect, Validators
from ingest.web.transport import GuardedBackend, GuardedTransport, Resolver, system_resolver
from retrieval.errors import AddressRefused, PageRefused, SiteUnavailable
from retrieval.settings import Settings

_MAX_CONNECTIONS = 32
"""Maximum number of connections open at once, to all hosts together."""

_ACCEPT = (
    "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/feed+json, */*;q=0.5"
)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Limits of one fetch: seconds on the network in all, bytes after decompression, number of redirects."""

    seconds: float = 20.0
    size: int = 8 * 1024 * 1024
    redirects: int = 5


DEFAULT_LIMITS = FetchLimits()
DEFAULT_PACE = Pace()
NO_VALIDATORS = Validators()


class Fetcher:
    """Opens addresses, politely and within limits. To be used and closed in one event loop."""

    def __init__(
        self,
        agent: str,
        *,
        allowed: Sequence[Network] = (),
        limits: FetchLimits = DEFAULT_LIMITS,
        pace: Pace = DEFAULT_PACE,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._manners = Politeness(pace, _product_name(agent), self._read_robots)
        backend = GuardedBackend(resolver, allowed)
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(backend, tls or httpx.create_ssl_context(), _MAX_CONNECTIONS),
            trust_env=False,
            timeout=limits.seconds,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip"},
        )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """A fetcher with the limits and networks of the settings."""
        return cls(settings.user_agent, allowed=settings.fetch_allow)

    async def get(self, url: str, known: Validators = NO_VALIDATORS) -> Fetched:
        """Fetch an address; `known` are the validators of the copy at hand.

        Raises AddressRefused, PageRefused, PageGone and SiteUnavailable, whose messages do not repeat the address.
        """
        return await self._follow(check_address(url), known.headers, robots=True)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _follow(self, url: str, headers: Mapping[str, str], *, robots: bool) -> Fetched:
        """Follow redirects, checking robots.txt and waiting for a turn at every host on the way."""
        left, moved, seen = self._limits.seconds, True, [url]
        while True:
            if robots:
                await self._manners.check_robots(url)
            async with self._manners.turn(url):
                # Waiting for a turn does not count against the site's time.
                begun = asyncio.get_running_loop().time()
                result = await self._request(url, headers, left, any_kind=not robots)
                left -= asyncio.get_running_loop().time() - begun
            if isinstance(result, Fetched):
                return replace(result, address=url, moved=moved and len(seen) > 1)
            moved, url = moved and result.for_good, resolve_reference(url, result.location)
            if url in seen:
                raise AddressRefused("the site redirects in a circle: check the address")
            if len(seen) > self._limits.redirects:
                raise AddressRefused(f"more than {self._limits.redirects} redirects: give the address they lead to")
            seen.append(url)

    async def _request(
        self, url: str, headers: Mapping[str, str], seconds: float, *, any_kind: bool
    ) -> Fetched | Redirect:
        try:
            async with asyncio.timeout(seconds), self._send(url, headers) as response:
                return await responses.read_response(response, self._limits.size, any_kind=any_kind)
        except SiteUnavailable as error:
            self._manners.postpone(url, error.retry_after or 0)
            raise
        except (TimeoutError, httpcore.TimeoutException) as error:
            raise SiteUnavailable(f"no whole page within {self._limits.seconds:g} s: try again later") from error
        except httpcore.ConnectError as error:
            raise responses.connection_error(error) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise SiteUnavailable("the connection broke off: try again later") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise AddressRefused("not an address: check its host") from error
        except httpx.HTTPError as error:
            raise PageRefused("the site's answer is not valid HTTP: tell the publisher") from error

    @asynccontextmanager
    async def _send(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        response = await self._client.send(self._client.build_request("GET", url, headers=headers), stream=True)
        try:
            yield response
        finally:
            await response.aclose()

    async def _read_robots(self, url: str) -> str:
        return (await self._follow(url, {}, robots=False)).body.decode("utf-8", "replace")


def _product_name(agent: str) -> str:
    """The product name of a User-Agent, which robots.txt files refer to."""
    return agent.partition("/")[0].split(maxsplit=1)[0]


def fetch(url: str, settings: Settings) -> Fetched:
    """Fetch one address, for callers without an event loop. Raises as `Fetcher.get` does."""

    async def once() -> Fetched:
        async with Fetcher.of(settings) as fetcher:
            return await fetcher.get(url)

    return asyncio.run(once())

"""Guarded connections: a host name is resolved once, and the very address that was checked is connected to.

The guard sits below HTTP, where connections are made, so that no redirect and no second look-up gets around it. The
request and TLS keep the name: certificates are checked against it, and servers of many sites find the right one.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore
import httpx

from ingest.web.addresses import Network, allows
from retrieval.errors import AddressRefused, SiteUnavailable

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""(host, port) to numeric addresses, in the order in which to try them."""

_MAX_ADDRESSES_TRIED = 4
"""Maximum number of a host's addresses that are tried before it counts as unreachable."""

_CONNECT_SECONDS = 8.0
"""Seconds for one address to accept a connection."""


async def system_resolver(host: str, port: int) -> list[str]:
    """Resolve a host with the system's resolver. Raises SiteUnavailable where there is no such host."""
    try:
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise SiteUnavailable("no such host: check the address, and that this machine is online") from error
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Makes connections for the pool, to checked addresses only."""

    def __init__(self, resolver: Resolver, allowed: Sequence[Network]) -> None:
        self._resolver = resolver
        self._allowed = tuple(allowed)
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the host by the very address that was checked.

        Raises AddressRefused where any of its addresses may not be opened: a name with public and private addresses is
        an attack.
        """
        addresses = await self._resolver(host, port)
        if not all(allows(address, self._allowed) for address in addresses):
            raise AddressRefused(
                f"{host} lies in a private or reserved network: only public addresses are opened, and those that "
                "ONRECORD_FETCH_ALLOW lists"
            )
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses[:_MAX_ADDRESSES_TRIED]:
            try:
                return await self._inner.connect_tcp(
                    address, port, min(timeout or _CONNECT_SECONDS, _CONNECT_SECONDS), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait between two tries of the pool."""
        await self._inner.sleep(seconds)


class GuardedTransport(httpx.AsyncBaseTransport):
    """An httpx transport over a pool of guarded connections. Uses no proxy. Raises httpcore's errors."""

    def __init__(self, backend: GuardedBackend, tls: ssl.SSLContext, connections: int) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            max_keepalive_connections=connections // 2,
            keepalive_expiry=10,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without a body; returns when the response begins to arrive."""
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        await self._answer.aclose()

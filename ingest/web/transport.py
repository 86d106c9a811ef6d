"""Connections that go only where `addresses` lets them: the name is looked up once, and what was checked is connected.

The guard sits below HTTP, where connections are made, so no redirect and no second look-up gets around it. The request
and TLS keep the name: certificates are checked against it and servers that hold many sites find the right one.
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
"""(host, port) to numeric addresses, in the order in which they are to be tried."""

_TRIED = 4
"""Addresses of a host that are tried before it counts as unreachable."""

_CONNECTING = 8.0
"""Seconds for one address to accept a connection."""


async def system_resolver(host: str, port: int) -> list[str]:
    """What the system's resolver says. Raises SiteUnavailable where it knows no such host."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise SiteUnavailable("no such host: check the address, and that this machine is online") from error
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Makes connections for the pool, to checked addresses alone."""

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
        """A connection to the host, by the very address that was checked.

        Raises AddressRefused where any of its addresses may not be opened: a name that mixes public and private ones
        is set up to deceive.
        """
        found = await self._resolver(host, port)
        if not all(allows(address, self._allowed) for address in found):
            raise AddressRefused(
                f"{host} lies in a private or reserved network: only public addresses are opened, and those that "
                "ONRECORD_FETCH_ALLOW lists"
            )
        failure: Exception = httpcore.ConnectError("no address")
        for address in found[:_TRIED]:
            try:
                return await self._inner.connect_tcp(
                    address, port, min(timeout or _CONNECTING, _CONNECTING), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait, as the pool asks between its tries."""
        await self._inner.sleep(seconds)


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx's way out, over a pool whose connections are guarded. Knows no proxy. Raises httpcore's errors."""

    def __init__(self, backend: GuardedBackend, tls: ssl.SSLContext, connections: int) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=connections,
            max_keepalive_connections=connections // 2,
            keepalive_expiry=10,
            network_backend=backend,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without a body and give the response as it begins to arrive."""
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

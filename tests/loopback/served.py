"""A server on loopback, in a thread with an event loop of its own: tests may block or run loops as they like."""

from __future__ import annotations

import asyncio
import ssl
import threading
from abc import ABC, abstractmethod
from typing import Generic, Self, TypeVar

Request = TypeVar("Request")


class Served(ABC, Generic[Request]):
    """A context: it serves on `port` while it is open. `requests` are those it got, in order, and `most_at_once` how
    many it had at once."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.most_at_once = 0
        self.port = 0
        self._host = host
        self._tls = tls
        self._now = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @abstractmethod
    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        """The next request of a connection; None where no more comes."""

    @abstractmethod
    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Write what a request is answered with."""

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connected, self._host, 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await self._read(reader):
                self.requests.append(request)
                self._now += 1
                self.most_at_once = max(self.most_at_once, self._now)
                try:
                    await self._answer(request, writer)
                    await writer.drain()
                finally:
                    self._now -= 1
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def request_head(reader: asyncio.StreamReader) -> tuple[str, dict[str, str]] | None:
    """The path of a request and its headers, their names in small letters; None where there is no request."""
    # What begins with no letter is no request (a TLS handshake, say) and need hold no end of a line to wait for.
    start = await reader.read(1)
    first = (start + await reader.readline()).decode("latin-1").split() if start.isalpha() else []
    if len(first) != 3:
        return None
    headers = {}
    while line := (await reader.readline()).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return first[1], headers


def head(status: int, headers: dict[str, str]) -> bytes:
    """The bytes before a body."""
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")

"""A news site on loopback: a real HTTP server that serves pages and misbehaves as it is told to.

It runs in a thread with an event loop of its own, so that tests may block or run loops as they like.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple, Self

CERTIFICATE = Path(__file__).with_name("self-signed.pem")
"""A certificate for news.test that nobody vouches for, with its key; of no use but for tests."""

NAME = "news.test"


class Request(NamedTuple):
    """A request that came in: `at` is when, in seconds of `time.monotonic`."""

    path: str
    headers: dict[str, str]
    at: float


Behaviour = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Site:
    """Serves what it was given; `requests` are those it got, in order, and `most_at_once` how many it had at once."""

    def __init__(self, *, tls: bool = False, host: str = "127.0.0.1") -> None:
        self.requests: list[Request] = []
        self.names_asked: list[str | None] = []
        self.most_at_once = 0
        self._now = 0
        self._host = host
        self._tls = self._context() if tls else None
        self._behaviours: dict[str, Behaviour] = {}
        self.otherwise: Behaviour = _nothing
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def at(self, path: str, host: str = NAME) -> str:
        """The address of a path of this site."""
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def serve(
        self,
        path: str,
        body: bytes | str = b"",
        kind: str = "text/html; charset=utf-8",
        status: int = 200,
        **headers: str,
    ) -> None:
        """Serve this at a path; an underscore in a header's name stands for its hyphen."""
        data = body.encode() if isinstance(body, str) else body
        lines = {"Content-Type": kind, "Content-Length": str(len(data))} if kind else {"Content-Length": str(len(data))}
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}

        async def plain(request: Request, writer: asyncio.StreamWriter) -> None:
            if "ETag" in lines and request.headers.get("if-none-match") == lines["ETag"]:
                writer.write(head(304, {"ETag": lines["ETag"], "Content-Length": "0"}))
                return
            writer.write(head(status, lines) + data)

        self._behaviours[path] = plain

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        """Send whoever asks for a path elsewhere."""
        self.serve(path, status=status, Location=to)

    def behave(self, path: str, behaviour: Behaviour) -> None:
        """Let a path do as it likes with its connection."""
        self._behaviours[path] = behaviour

    def counted(self) -> Counter[str]:
        """How often each path was asked for."""
        return Counter(request.path for request in self.requests)

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        context.sni_callback = lambda _socket, name, _context: self.names_asked.append(name)
        return context

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
            while request := await _request(reader):
                self.requests.append(request)
                self._now += 1
                self.most_at_once = max(self.most_at_once, self._now)
                try:
                    await self._behaviours.get(request.path, self.otherwise)(request, writer)
                    await writer.drain()
                finally:
                    self._now -= 1
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def head(status: int, headers: dict[str, str]) -> bytes:
    """The bytes before a body."""
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


async def _nothing(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(head(404, {"Content-Length": "0"}))


async def _request(reader: asyncio.StreamReader) -> Request | None:
    # What begins with no letter is no request (a TLS handshake, say) and need hold no end of a line to wait for.
    start = await reader.read(1)
    first = (start + await reader.readline()).decode("latin-1").split() if start.isalpha() else []
    if len(first) != 3:
        return None
    headers = {}
    while line := (await reader.readline()).decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Request(first[1], headers, time.monotonic())


async def trickle(_: Request, writer: asyncio.StreamWriter) -> None:
    """A byte a second, for ever."""
    writer.write(head(200, {"Content-Type": "text/html"}))
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(1)


def endless(megabytes: int, *, stated: bool) -> Behaviour:
    """A large body, its length stated before or not."""

    async def serve(_: Request, writer: asyncio.StreamWriter) -> None:
        length = {"Content-Length": str(megabytes << 20)} if stated else {}
        writer.write(head(200, {"Content-Type": "text/plain", "Connection": "close"} | length))
        for _part in range(megabytes):
            writer.write(b"All of it is text. " * 55_189)
            await writer.drain()
        writer.close()

    return serve


def gzip_bomb(megabytes: int) -> bytes:
    """A small body that unpacks to a large one."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()

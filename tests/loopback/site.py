"""A news site on loopback: a real HTTP server that serves pages and misbehaves as it is told to."""

from __future__ import annotations

import asyncio
import ssl
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from tests.loopback.served import Served, head, request_head

CERTIFICATE = Path(__file__).with_name("self-signed.pem")
"""A certificate for news.test that nobody vouches for, with its key; of no use but for tests."""

NAME = "news.test"


class Request(NamedTuple):
    """A request that came in: `at` is when, in seconds of `time.monotonic`."""

    path: str
    headers: dict[str, str]
    at: float


Behaviour = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Site(Served[Request]):
    """Serves what it was given."""

    def __init__(self, *, tls: bool = False, host: str = "127.0.0.1") -> None:
        super().__init__(host, self._context() if tls else None)
        self.names_asked: list[str | None] = []
        self._behaviours: dict[str, Behaviour] = {}
        self.otherwise: Behaviour = _nothing

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

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        found = await request_head(reader)
        return Request(*found, time.monotonic()) if found else None

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        await self._behaviours.get(request.path, self.otherwise)(request, writer)


async def _nothing(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(head(404, {"Content-Length": "0"}))


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

"""OpenAI's wire on loopback: chat completions (streamed or whole, with schemas and tools), embeddings, models, errors.

What it says is decided by a scripted model (`tests/loopback/models.py`), a function from a request to a reply. Servers
that lack structured output, tools or usage are played by refusing them.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import struct
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.loopback.served import Served, head, request_head

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came in; `number` counts from 1 over the server's life, `at` is in seconds of `monotonic`."""

    path: str
    headers: dict[str, str]
    body: Json
    number: int
    at: float

    @property
    def prompt(self) -> str:
        """All that the model was told."""
        return "\n".join(str(message.get("content") or "") for message in self.body.get("messages", ()))

    @property
    def last(self) -> str:
        """The last message."""
        return str(self.body["messages"][-1].get("content") or "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server does with a request.

    `text` (None: no content at all) in pieces of `piece` characters, `pause` seconds before each. `held`: characters
    after which nothing more comes until `OpenAI.release`; 0 holds back the whole reply, whatever it is. `cut`:
    characters after which the connection breaks. `status` other than 200 sends `error` with `headers`. `refusal`: said
    instead of text.
    """

    text: str | None = ""
    pause: float = 0.0
    held: int | None = None
    cut: int | None = None
    piece: int = 12
    status: int = 200
    error: str = ""
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    refusal: str | None = None
    finish: str = "stop"


Model = Callable[[Asked], Reply]


class OpenAI(Served[Asked]):
    """The server. `base_url` is what a client is given.

    `sent`: (characters so far, when) of every piece that was streamed. `lacks`: what it answers with the status
    `lacking`, of "json_schema", "tools" and the names of parameters.
    """

    def __init__(
        self,
        model: Model | None = None,
        *,
        lacks: frozenset[str] = frozenset(),
        key: str | None = None,
        lacking: int = 400,
    ) -> None:
        super().__init__()
        self.model = model or (lambda _: Reply("{}"))
        self.lacks = lacks
        self.lacking = lacking
        self.key = key
        self.embedding: Callable[[Asked], Reply | None] = lambda _: None
        self.dimension = 8
        self.finished: list[float] = []
        self.sent: list[tuple[int, float]] = []
        self._released = asyncio.Event()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def chats(self) -> list[Asked]:
        """The requests for chat completions."""
        return [one for one in self.requests if one.path.endswith("/chat/completions")]

    def release(self) -> None:
        """Go on with the replies that are held back, and hold back no more."""
        self._loop.call_soon_threadsafe(self._released.set)

    async def _read(self, reader: asyncio.StreamReader) -> Asked | None:
        found = await request_head(reader)
        if found is None:
            return None
        path, headers = found
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return Asked(path, headers, json.loads(body or b"{}"), len(self.requests) + 1, time.monotonic())

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        if self.key is not None and asked.headers.get("authorization") != f"Bearer {self.key}":
            said = f"Incorrect API key provided: {asked.headers.get('authorization', '')[-12:]}"
            _failed(writer, Reply(status=401, error=said, code="invalid_api_key"))
        elif asked.path == "/v1/models":
            _json(writer, {"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        elif asked.path == "/v1/embeddings":
            await self._embeddings(asked, writer)
        elif asked.path == "/v1/chat/completions":
            await self._chat(asked, writer)
        else:
            _failed(writer, Reply(status=404, error="no such path"))

    async def _chat(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        given = {"json_schema": "response_format", "tools": "tools", "stream_options": "stream_options"}
        for what in sorted(self.lacks):
            name = given.get(what, what)
            if asked.body.get(name) is not None:
                _failed(
                    writer, Reply(status=self.lacking, error=f"Unsupported parameter: '{name}' is not supported here.")
                )
                return
        reply = self.model(asked)
        if reply.held == 0:
            await self._released.wait()
        if reply.status != 200:
            _failed(writer, reply)
        elif asked.body.get("stream"):
            await self._stream(asked, reply, writer)
        else:
            message = _message(asked, reply)
            choice = {"index": 0, "message": message, "finish_reason": _finish(asked, reply), "logprobs": None}
            _json(writer, _envelope(asked, "chat.completion") | {"choices": [choice], "usage": _usage(asked, reply)})

    async def _stream(self, asked: Asked, reply: Reply, writer: asyncio.StreamWriter) -> None:
        writer.write(
            head(
                200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked", "Cache-Control": "no-store"}
            )
        )
        envelope = _envelope(asked, "chat.completion.chunk")
        sent = 0
        async for delta in _deltas(asked, reply, self._released):
            if reply.cut is not None and sent >= reply.cut:
                await writer.drain()
                writer.transport.abort()
                raise ConnectionResetError
            _event(writer, envelope | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            await writer.drain()
            sent += reply.piece
            self.sent.append((sent, time.monotonic()))
        last = {"index": 0, "delta": {}, "finish_reason": _finish(asked, reply)}
        _event(writer, envelope | {"choices": [last]})
        if (asked.body.get("stream_options") or {}).get("include_usage"):
            _event(writer, envelope | {"choices": [], "usage": _usage(asked, reply)})
        _chunk(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        self.finished.append(time.monotonic())

    async def _embeddings(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        reply = self.embedding(asked) or Reply()
        if reply.held is not None:
            await self._released.wait()
        if reply.status != 200:
            _failed(writer, reply)
            return
        given = asked.body["input"]
        texts = [given] if isinstance(given, str) else given
        vectors = [vector(text, self.dimension) for text in texts]
        if asked.body.get("encoding_format") == "base64":
            shown: list[Any] = [base64.b64encode(struct.pack(f"<{len(v)}f", *v)).decode() for v in vectors]
        else:
            shown = vectors
        data = [{"object": "embedding", "index": at, "embedding": one} for at, one in enumerate(shown)]
        tokens = sum(len(text) // 4 + 1 for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        _json(writer, {"object": "list", "data": data, "model": asked.body["model"], "usage": usage})


def vector(text: str, dimension: int) -> list[float]:
    """The direction that this server gives a text: drawn from its hash, of unit length."""
    digest = hashlib.shake_256(text.encode()).digest(2 * dimension)
    drawn = [int.from_bytes(digest[2 * at : 2 * at + 2], "big") / 32768 - 1 for at in range(dimension)]
    length = sum(one * one for one in drawn) ** 0.5 or 1.0
    return [one / length for one in drawn]


async def _deltas(asked: Asked, reply: Reply, released: asyncio.Event) -> AsyncIterator[Json]:
    if reply.refusal is not None:
        yield {"role": "assistant", "content": None, "refusal": reply.refusal}
        return
    tool = _tool(asked)
    first = {"index": 0, "id": "call_1", "type": "function", "function": {"name": tool, "arguments": ""}}
    yield (
        {"role": "assistant", "content": None, "tool_calls": [first]} if tool else {"role": "assistant", "content": ""}
    )
    text = reply.text or ""
    for at in range(0, len(text), reply.piece):
        if reply.held is not None and at >= reply.held:
            await released.wait()
        await asyncio.sleep(reply.pause)
        piece = text[at : at + reply.piece]
        yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} if tool else {"content": piece}


def _message(asked: Asked, reply: Reply) -> Json:
    if reply.refusal is not None:
        return {"role": "assistant", "content": None, "refusal": reply.refusal}
    if tool := _tool(asked):
        call = {"id": "call_1", "type": "function", "function": {"name": tool, "arguments": reply.text or ""}}
        return {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"role": "assistant", "content": reply.text, "refusal": None}


def _tool(asked: Asked) -> str | None:
    tools = asked.body.get("tools")
    return str(tools[0]["function"]["name"]) if tools else None


def _finish(asked: Asked, reply: Reply) -> str:
    return "tool_calls" if _tool(asked) and reply.finish == "stop" else reply.finish


def _envelope(asked: Asked, kind: str) -> Json:
    return {"id": f"chatcmpl-{asked.number}", "object": kind, "created": 1_700_000_000, "model": asked.body["model"]}


def _usage(asked: Asked, reply: Reply) -> Json:
    tokens = {"prompt_tokens": len(asked.prompt) // 4, "completion_tokens": len(reply.text or "") // 4}
    return tokens | {"total_tokens": sum(tokens.values())}


def _failed(writer: asyncio.StreamWriter, reply: Reply) -> None:
    error = {"message": reply.error or "no", "type": "error", "param": None, "code": reply.code}
    data = json.dumps({"error": error}).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(data))} | reply.headers
    writer.write(head(reply.status, headers) + data)


def _json(writer: asyncio.StreamWriter, value: Json) -> None:
    data = json.dumps(value).encode()
    writer.write(head(200, {"Content-Type": "application/json", "Content-Length": str(len(data))}) + data)


def _event(writer: asyncio.StreamWriter, value: Json) -> None:
    _chunk(writer, b"data: " + json.dumps(value).encode() + b"\n\n")


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

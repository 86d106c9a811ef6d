"""A chat model behind OpenAI's wire, as text that comes in pieces, within limits of time and money.

What a server can do is found out by its refusals and remembered: a schema for its output, else a tool to call, else the
prompt alone. Calls that fail in passing are tried again after a pause with jitter, as long as the server says where it
does; a server that keeps failing is left alone for a while.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retrieval.errors import KeyRefused, ModelUnavailable
from retrieval.llm.ledger import Cost, Ledger
from retrieval.llm.server import Server, refusal
from retrieval.models.remote import Breaker, passes, retry_after
from retrieval.text.token_count import Counter

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessageChunk
    from langchain_openai import ChatOpenAI

_FORMS = ("schema", "tool", "plain")
_NAMED = {"schema": ("response_format", "json_schema"), "tool": ("tool_choice", "tools"), "plain": ()}
"""How a server that cannot be asked in a form names what it does not know."""

_OPTIONAL = ("stream_options", "temperature", "max_completion_tokens", "max_tokens")
"""Parameters that some servers do not know."""

_TRIES = 3
_PAUSE = 0.4
"""Seconds before the second try; doubled before each further one, and half of it left to chance."""

_MOST_WRITTEN = 2_000
"""Tokens that one call may write."""

_CHARACTERS = 20
"""Characters that a token has at most in what is listened to: a server may not heed how much it may write."""

_SPENT = ("insufficient_quota", "billing_hard_limit_reached")
Message = tuple[str, str]


class Chat:
    """One model of one server. Not for several threads."""

    def __init__(self, server: Server, ledger: Ledger, breaker: Breaker | None = None) -> None:
        self.server = server
        self._ledger = ledger
        self._breaker = breaker or Breaker()
        self._known: dict[str, str] = {}
        self._client: tuple[asyncio.AbstractEventLoop, ChatOpenAI] | None = None

    async def pieces(
        self,
        scope: str,
        messages: Sequence[Message],
        schema: Mapping[str, Any],
        until: float,
        spend: Callable[[Cost], None],
        most: int = _MOST_WRITTEN,
    ) -> AsyncGenerator[str, None]:
        """What the model says, as it comes. `until`: when the event loop's clock says that it must be through.

        `spend` is told what it cost. `most`: tokens that it may write. After a first piece nothing is tried again.
        Raises ModelUnavailable, KeyRefused, OverBudget.
        """
        self._breaker.check()
        read = sum(self.server.count(text) for _, text in messages)
        reserved = self.server.cost(read, most)
        day = await asyncio.to_thread(self._ledger.reserve, scope, reserved, self.server.budget)
        call = _Call(read, most)
        try:
            async with aclosing(self._tried(call, messages, schema, until)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            cost = self.server.cost(*call.tokens(self.server.count))
            spend(cost)
            await asyncio.shield(asyncio.to_thread(self._ledger.settle, scope, reserved, cost, day))

    def warm(self) -> None:
        """Load what a first call needs, which takes a second."""
        import langchain_openai  # noqa: F401

    async def close(self) -> None:
        """End the connections of this event loop."""
        if self._client is not None and self._client[0] is asyncio.get_running_loop():
            await self._client[1].root_async_client.close()
            self._client = None

    async def _tried(
        self, call: _Call, messages: Sequence[Message], schema: Mapping[str, Any], until: float
    ) -> AsyncGenerator[str, None]:
        clock = asyncio.get_running_loop().time
        tries = 0
        while True:
            try:
                async with aclosing(self._once(call, messages, schema, until)) as pieces:
                    async for piece in pieces:
                        yield piece
                self._breaker.good()
                return
            except _Unable:
                continue
            except _Passing as error:
                tries += 1
                pause = _PAUSE * 2 ** (tries - 1) * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret
                pause = max(pause, error.retry_after or 0)
                if call.heard or tries >= _TRIES or clock() + pause >= until:
                    self._breaker.bad()
                    raise ModelUnavailable(str(error)) from error
                await asyncio.sleep(pause)

    async def _once(
        self, call: _Call, messages: Sequence[Message], schema: Mapping[str, Any], until: float
    ) -> AsyncGenerator[str, None]:
        import openai

        form = await self._form()
        loop = asyncio.get_running_loop()
        by = min(until, loop.time() + self.server.call_seconds)
        model = await asyncio.to_thread(self._model, loop)
        chunks = model.astream(list(messages), **self._options(form, schema, call.most))
        try:
            async with aclosing(chunks) as stream:  # type: ignore[type-var]
                while (chunk := await asyncio.wait_for(anext(stream, None), max(0.0, by - loop.time()))) is not None:
                    piece = call.take(chunk)
                    if len(call.heard) > _CHARACTERS * call.most:
                        raise _Passing("the model does not stop where it was told to")
                    if piece:
                        yield piece
        except TimeoutError as error:
            raise _Passing("the model took too long") from error
        except openai.APIStatusError as error:
            await self._refused(error, form)
        except (openai.APIError, OSError, ValueError) as error:
            raise _Passing("the connection to the model broke off") from error

    async def _refused(self, error: Any, form: str) -> None:
        """Raise what an error status means; learn from a 400 what the server cannot do."""
        code, said = error.status_code, str(error.message).lower()
        if code in (401, 403):
            raise KeyRefused(refusal(code)) from error
        if code == 429 and error.code in _SPENT:
            raise KeyRefused("the account of the key has no credit left (429): see the service's billing") from error
        unable = code in (400, 404, 415, 422, 501)
        # llama.cpp's Python server answers what it cannot do with a 500 that names the parameter.
        if unable or (code == 500 and any(word in said for word in (*_OPTIONAL, *_NAMED[form]))):
            for name in _OPTIONAL:
                if name in said and "context" not in said and self._known.get(name) != "no":
                    await self._learn(name, "no")
                    raise _Unable from error
            further = _FORMS[_FORMS.index(form) + 1 :]
            if further and "context" not in said and not (code == 404 and "model" in said):
                await self._learn("form", further[0])
                raise _Unable from error
        if passes(code):
            raise _Passing(f"the model's service answers {code}", retry_after(error.response.headers)) from error
        raise ModelUnavailable(
            f"the model's service refuses the request ({code}): check ONRECORD_CHAT_MODEL"
        ) from error

    async def _form(self) -> str:
        """How this server is asked for JSON; what is remembered of it is read at first use."""
        if not self._known:
            names = ("form", *_OPTIONAL)
            read = [await asyncio.to_thread(self._ledger.known, self._name(name)) for name in names]
            # All at once: another question may ask meanwhile, and may have learnt of one.
            self._known = {name: value or "" for name, value in zip(names, read, strict=True)} | self._known
        return self._known["form"] or _FORMS[0]

    async def _learn(self, name: str, value: str) -> None:
        self._known[name] = value
        await asyncio.to_thread(self._ledger.know, self._name(name), value)

    def _name(self, name: str) -> str:
        return f"{name} {self.server.base_url or 'default'} {self.server.model}"

    def _options(self, form: str, schema: Mapping[str, Any], most: int) -> dict[str, Any]:
        body: dict[str, Any] = {self._longest(): most}
        options: dict[str, Any] = {"extra_body": body}
        if self._known["stream_options"] != "no":
            options["stream_usage"] = True
        if form == "schema":
            described = {"name": "reply", "strict": True, "schema": dict(schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": described}
        elif form == "tool":
            options["tools"] = [{"type": "function", "function": {"name": "reply", "parameters": dict(schema)}}]
            options["tool_choice"] = {"type": "function", "function": {"name": "reply"}}
        if self._known["temperature"] != "no":
            options["temperature"] = 0
        return options

    def _longest(self) -> str:
        """What the parameter for the length of a reply is called: servers of OpenAI's wire know the old name, or
        ignore the new one in silence; OpenAI itself wants the new one."""
        names = ["max_completion_tokens", "max_tokens"]
        if self.server.base_url:
            names.reverse()
        return names[0] if self._known[names[0]] != "no" else names[1]

    def _model(self, loop: asyncio.AbstractEventLoop) -> ChatOpenAI:
        """The client for an event loop: its connections cannot be used from another."""
        if self._client is None or self._client[0] is not loop:
            from langchain_openai import ChatOpenAI
            from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
            from pydantic import SecretStr

            # Reading the certificates takes longer than all else here; a plain address, followed nowhere, needs none.
            plain = (self.server.base_url or "").startswith("http://")
            self._client = (
                loop,
                ChatOpenAI(
                    model=self.server.model,
                    api_key=SecretStr(self.server.key or "none"),
                    base_url=self.server.base_url,
                    http_async_client=DefaultAsyncHttpxClient(verify=not plain, follow_redirects=not plain),
                    http_client=DefaultHttpxClient(verify=False),  # never used
                    timeout=self.server.call_seconds,
                    max_retries=0,
                    use_responses_api=False,
                    stream_usage=False,
                    stream_chunk_timeout=None,  # how long a silence may last is for `until` to say
                ),
            )
        return self._client[1]


@dataclass(slots=True)
class _Call:
    """What a call has read and written: by the server's word, else as counted."""

    read: int
    most: int
    heard: str = ""
    usage: tuple[int, int] | None = None
    reached: bool = False

    def take(self, chunk: BaseMessageChunk) -> str:
        """The text of a chunk, or of the arguments of its tool call."""
        self.reached = True
        if usage := getattr(chunk, "usage_metadata", None):
            self.usage = usage["input_tokens"], usage["output_tokens"]
        called = "".join(part.get("args") or "" for part in getattr(chunk, "tool_call_chunks", ()))
        piece = called or (chunk.content if isinstance(chunk.content, str) else "")
        self.heard += piece
        return piece

    def tokens(self, count: Counter) -> tuple[int, int]:
        """(read, written)."""
        if self.usage and sum(self.usage):
            return self.usage
        return (self.read, count(self.heard)) if self.reached else (0, 0)


class _Unable(Exception):
    """The server cannot do what was asked of it; another form is tried at once."""


class _Passing(Exception):
    """What may be otherwise in a moment; `retry_after` seconds, where the server says so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

"""A chat model behind OpenAI's API, streamed, within limits of time and money.

What a server supports is learnt from its refusals and remembered: a schema for the output, else a tool call, else the
prompt alone. Transient failures are retried after a pause with jitter, or the pause that the server asks for; a server
that keeps failing is left alone for a while.
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
from retrieval.llm.server import Server, key_refusal
from retrieval.models.remote import CircuitBreaker, is_transient, retry_after
from retrieval.text.token_count import TokenCounter

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessageChunk
    from langchain_openai import ChatOpenAI

_OUTPUT_FORMS = ("schema", "tool", "plain")
_PARAMETERS_OF_FORM = {"schema": ("response_format", "json_schema"), "tool": ("tool_choice", "tools"), "plain": ()}
"""For each output form, the parameters that a server's refusal names where it does not support the form."""

_OPTIONAL_PARAMETERS = ("stream_options", "temperature", "max_completion_tokens", "max_tokens")
"""Parameters that some servers do not support."""

_MAX_TRIES = 3
_FIRST_PAUSE_SECONDS = 0.4
"""Seconds before the second try; doubled before each further try, with jitter between half and all of it."""

_MAX_TOKENS_WRITTEN = 2_000
"""Maximum number of tokens that one call may write."""

_MAX_CHARACTERS_PER_TOKEN = 20
"""Maximum number of characters per token: a reply longer than that ignores its limit, and reading it stops."""

_OUT_OF_CREDIT_CODES = ("insufficient_quota", "billing_hard_limit_reached")
Message = tuple[str, str]


class Chat:
    """One model of one server. Not safe to use from several threads."""

    def __init__(self, server: Server, ledger: Ledger, breaker: CircuitBreaker | None = None) -> None:
        self.server = server
        self._ledger = ledger
        self._breaker = breaker or CircuitBreaker()
        self._known: dict[str, str] = {}
        self._client: tuple[asyncio.AbstractEventLoop, ChatOpenAI] | None = None

    async def stream_reply(
        self,
        scope: str,
        messages: Sequence[Message],
        schema: Mapping[str, Any],
        until: float,
        spend: Callable[[Cost], None],
        most: int = _MAX_TOKENS_WRITTEN,
    ) -> AsyncGenerator[str, None]:
        """Yield the model's reply in pieces. `until`: the deadline on the event loop's clock.

        `spend` is called with the cost. `most`: maximum number of tokens to write. Nothing is retried after the first
        piece. Raises ModelUnavailable, KeyRefused, OverBudget.
        """
        self._breaker.check()
        read = sum(self.server.count(text) for _, text in messages)
        reserved = self.server.cost(read, most)
        day = await asyncio.to_thread(self._ledger.reserve, scope, reserved, self.server.budget)
        call = _Call(read, most)
        try:
            async with aclosing(self._stream_with_retries(call, messages, schema, until)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            cost = self.server.cost(*call.tokens(self.server.count))
            spend(cost)
            await asyncio.shield(asyncio.to_thread(self._ledger.settle, scope, reserved, cost, day))

    def warm(self) -> None:
        """Import what the first call needs, which takes about a second."""
        import langchain_openai  # noqa: F401

    async def close(self) -> None:
        """Close the connections of this event loop."""
        if self._client is not None and self._client[0] is asyncio.get_running_loop():
            await self._client[1].root_async_client.close()
            self._client = None

    async def _stream_with_retries(
        self, call: _Call, messages: Sequence[Message], schema: Mapping[str, Any], until: float
    ) -> AsyncGenerator[str, None]:
        clock = asyncio.get_running_loop().time
        tries = 0
        while True:
            try:
                async with aclosing(self._stream_once(call, messages, schema, until)) as pieces:
                    async for piece in pieces:
                        yield piece
                self._breaker.record_success()
                return
            except _UnsupportedParameter:
                continue
            except _TransientFailure as error:
                tries += 1
                pause = _FIRST_PAUSE_SECONDS * 2 ** (tries - 1) * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret
                pause = max(pause, error.retry_after or 0)
                if call.heard or tries >= _MAX_TRIES or clock() + pause >= until:
                    self._breaker.record_failure()
                    raise ModelUnavailable(str(error)) from error
                await asyncio.sleep(pause)

    async def _stream_once(
        self, call: _Call, messages: Sequence[Message], schema: Mapping[str, Any], until: float
    ) -> AsyncGenerator[str, None]:
        import openai

        form = await self._output_form()
        loop = asyncio.get_running_loop()
        by = min(until, loop.time() + self.server.call_seconds)
        model = await asyncio.to_thread(self._client_for, loop)
        chunks = model.astream(list(messages), **self._options(form, schema, call.most))
        try:
            async with aclosing(chunks) as stream:  # type: ignore[type-var]
                while (chunk := await asyncio.wait_for(anext(stream, None), max(0.0, by - loop.time()))) is not None:
                    piece = call.take(chunk)
                    if len(call.heard) > _MAX_CHARACTERS_PER_TOKEN * call.most:
                        raise _TransientFailure("the model does not stop where it was told to")
                    if piece:
                        yield piece
        except TimeoutError as error:
            raise _TransientFailure("the model took too long") from error
        except openai.APIStatusError as error:
            await self._raise_for_status(error, form)
        except (openai.APIError, OSError, ValueError) as error:
            raise _TransientFailure("the connection to the model broke off") from error

    async def _raise_for_status(self, error: Any, form: str) -> None:
        """Raise the error that a status stands for; learn from a 400 what the server does not support."""
        code, said = error.status_code, str(error.message).lower()
        if code in (401, 403):
            raise KeyRefused(key_refusal(code)) from error
        if code == 429 and error.code in _OUT_OF_CREDIT_CODES:
            raise KeyRefused("the account of the key has no credit left (429): see the service's billing") from error
        unable = code in (400, 404, 415, 422, 501)
        # llama.cpp's Python server reports an unsupported parameter with a 500 that names it.
        if unable or (
            code == 500 and any(word in said for word in (*_OPTIONAL_PARAMETERS, *_PARAMETERS_OF_FORM[form]))
        ):
            for name in _OPTIONAL_PARAMETERS:
                if name in said and "context" not in said and self._known.get(name) != "no":
                    await self._learn(name, "no")
                    raise _UnsupportedParameter from error
            further = _OUTPUT_FORMS[_OUTPUT_FORMS.index(form) + 1 :]
            if further and "context" not in said and not (code == 404 and "model" in said):
                await self._learn("form", further[0])
                raise _UnsupportedParameter from error
        if is_transient(code):
            raise _TransientFailure(
                f"the model's service answers {code}", retry_after(error.response.headers)
            ) from error
        raise ModelUnavailable(
            f"the model's service refuses the request ({code}): check ONRECORD_CHAT_MODEL"
        ) from error

    async def _output_form(self) -> str:
        """How this server is asked for JSON; what was learnt about it is loaded at first use."""
        if not self._known:
            names = ("form", *_OPTIONAL_PARAMETERS)
            read = [await asyncio.to_thread(self._ledger.recall, self._key_of(name)) for name in names]
            # Merged: a question answered meanwhile may have learnt something newer.
            self._known = {name: value or "" for name, value in zip(names, read, strict=True)} | self._known
        return self._known["form"] or _OUTPUT_FORMS[0]

    async def _learn(self, name: str, value: str) -> None:
        self._known[name] = value
        await asyncio.to_thread(self._ledger.remember, self._key_of(name), value)

    def _key_of(self, name: str) -> str:
        return f"{name} {self.server.base_url or 'default'} {self.server.model}"

    def _options(self, form: str, schema: Mapping[str, Any], most: int) -> dict[str, Any]:
        body: dict[str, Any] = {self._length_parameter(): most}
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

    def _length_parameter(self) -> str:
        """The name of the parameter that limits a reply's length.

        Other servers of OpenAI's API know the old name, or silently ignore the new one; OpenAI wants the new one.
        """
        names = ["max_completion_tokens", "max_tokens"]
        if self.server.base_url:
            names.reverse()
        return names[0] if self._known[names[0]] != "no" else names[1]

    def _client_for(self, loop: asyncio.AbstractEventLoop) -> ChatOpenAI:
        """The client for an event loop: its connections cannot be used from another."""
        if self._client is None or self._client[0] is not loop:
            from langchain_openai import ChatOpenAI
            from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
            from pydantic import SecretStr

            # Loading certificates takes longer than everything else here; http without redirects needs none.
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
    """What a call has read and written: as the server reports it, else as counted here."""

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

    def tokens(self, count: TokenCounter) -> tuple[int, int]:
        """(read, written)."""
        if self.usage and sum(self.usage):
            return self.usage
        return (self.read, count(self.heard)) if self.reached else (0, 0)


class _UnsupportedParameter(Exception):
    """The server does not support a parameter; the next form is tried at once."""


class _TransientFailure(Exception):
    """A failure that may pass; `retry_after`: seconds to wait, where the server says so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

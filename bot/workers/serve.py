"""A worker's end of the wire: takes calls from standard input and writes lines about them to standard output."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import TypeAdapter

from bot.workers.model import WireModel
from bot.workers.replies import AnyProgress, AnyReply
from bot.workers.wire import LINE_LIMIT, Call, Cancel, Done, Failed, Progress, Ready, encode_line
from retrieval.errors import OnRecordError, SourceError

log = logging.getLogger(__name__)

RequestT = TypeVar("RequestT")

Send = Callable[[WireModel], None]
"""Writes a line to the process that speaks to Discord."""

Report = Callable[[AnyProgress], None]
"""Reports progress of a request."""

Handle = Callable[[RequestT, Report], Awaitable[AnyReply]]
"""Carries out a request."""


def open_output() -> Send:
    """What writes lines to standard output, from any thread; from now on everything else printed goes to stderr."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    lock = threading.Lock()

    def send(line: WireModel) -> None:
        encoded = encode_line(line)
        with lock:
            out.write(encoded)
            out.flush()

    return send


async def serve_requests(
    lines: TypeAdapter[Call[RequestT] | Cancel], handle: Handle[RequestT], send: Send, *, finish: bool
) -> None:
    """Carry out requests side by side until standard input ends.

    `lines` parses what comes in. `finish`: requests under way at the end of the input are finished, not cancelled.
    """
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    send(Ready())
    under_way: dict[int, asyncio.Task[None]] = {}
    async with asyncio.TaskGroup() as group:
        while line := await reader.readline():
            match lines.validate_json(line):
                case Cancel(id=call_id):
                    if call_id in under_way:
                        under_way[call_id].cancel()
                case call:
                    task = under_way[call.id] = group.create_task(_carry_out(call, handle, send))
                    task.add_done_callback(lambda _, call_id=call.id: under_way.pop(call_id))  # type: ignore[misc]
        if not finish:
            for task in under_way.values():
                task.cancel()


async def _carry_out(call: Call[RequestT], handle: Handle[RequestT], send: Send) -> None:
    def report(progress: AnyProgress) -> None:
        send(Progress(id=call.id, progress=progress))

    try:
        send(Done(id=call.id, reply=await handle(call.request, report)))
    except OnRecordError as error:
        send(Failed.from_error(error, call.id))
    except Exception as error:  # noqa: BLE001 (the call must end; the error's message may contain an article's text)
        log.error("a request failed: %s", type(error).__name__)
        send(Failed.from_error(SourceError("something went wrong, and it is in my log"), call.id))

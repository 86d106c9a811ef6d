"""The other end of `errands`: a process of the bot's that carries out orders until its standard input ends.

Orders are lines of JSON on standard input, {"id", …}, or {"cancel": id} for one that nobody waits for any more; what is
told goes to standard output, a line each: {"id": 0, "end"} once there is a library, then of each order {"id", …} as it
likes, and {"id", "end"} or {"id", "error"} at last.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from retrieval.errors import OnRecordError

log = logging.getLogger(__name__)

Order = Mapping[str, Any]
Tell = Callable[[Mapping[str, Any]], None]
CarryOut = Callable[[Order, Tell], Awaitable[Any]]
"""Carries out an order, tells of it, and gives what it ends with, as JSON."""

LINE = 2**24
"""Bytes of a line at most."""

READY: Mapping[str, Any] = {"id": 0, "end": {}}


def telling() -> Tell:
    """What writes lines to the standard output of now, from any thread; whatever else is printed goes to stderr."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    lock = threading.Lock()

    def tell(said: Mapping[str, Any]) -> None:
        whole = f"{json.dumps(said)}\n"
        with lock:
            out.write(whole)
            out.flush()

    return tell


def failed(error: OnRecordError, order_id: int = 0) -> Mapping[str, Any]:
    """What is told of an order that failed, or of a process that cannot begin."""
    return {"id": order_id, "error": str(error), "kind": type(error).__name__}


async def obey(carry_out: CarryOut, tell: Tell, *, finish: bool) -> None:
    """Carry out what is ordered, each order beside the others; `finish`: when no more come, those under way as well."""
    lines = asyncio.StreamReader(limit=LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    tell(READY)
    under_way: dict[int, asyncio.Task[None]] = {}
    async with asyncio.TaskGroup() as group:
        while line := await lines.readline():
            order = json.loads(line)
            if "cancel" in order:
                if (dropped := under_way.get(order["cancel"])) is not None:
                    dropped.cancel()
                continue
            number = order["id"]
            under_way[number] = group.create_task(_carried_out(carry_out, order, tell))
            under_way[number].add_done_callback(lambda _, number=number: under_way.pop(number))  # type: ignore[misc]
        if not finish:
            for one in under_way.values():
                one.cancel()


async def _carried_out(carry_out: CarryOut, order: Order, tell: Tell) -> None:
    number = order["id"]
    try:
        tell({"id": number, "end": await carry_out(order, lambda said: tell({"id": number, **said}))})
    except OnRecordError as error:
        tell(failed(error, number))
    except Exception as error:  # noqa: BLE001 (the order must end; the message may hold an article's words)
        log.error("an order failed: %s", type(error).__name__)
        tell({"id": number, "error": "something went wrong here, and it is in my log", "kind": "SourceError"})

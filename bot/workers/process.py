"""Orders to a process of the bot's own (`orders` is its end of it): started when needed, and anew when it has ended."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import AsyncGenerator, Mapping
from itertools import count
from typing import Any

from bot.workers.protocol import LINE
from retrieval import errors
from retrieval.errors import OnRecordError, SourceError

log = logging.getLogger(__name__)

Said = Mapping[str, Any]

_PATIENCE = 5.0
"""Seconds the process has to end by itself."""

STOPPING = "I am restarting; try again in a minute"


class Gone(SourceError):
    """The process ended before it had carried out an order."""


class Errands:
    """Sends orders and hands back what is told of each. To be used in one event loop.

    `module`: what the process runs. `does`: what it does, for the log. `gone`: what is said of an order that it did not
    live to carry out. `signalled`: it is told by a signal as well that it is to end, and not by the end of its input
    alone.
    """

    def __init__(self, module: str, does: str, gone: str, *, signalled: bool = False) -> None:
        self._module, self._does, self._why, self._signalled = module, does, gone, signalled
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Queue[Said]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    @property
    def under_way(self) -> int:
        """Orders that have not ended."""
        return len(self._waiting)

    @property
    def pid(self) -> int | None:
        """The number of the process, where it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> asyncio.subprocess.Process:
        """The process, started where there is none, once it is ready. Raises Gone, and what it cannot start for."""
        async with self._starting:
            if self._closed:
                raise Gone(STOPPING)
            if self._process is None or self._process.returncode is not None:
                await self._started()
            assert self._process is not None  # noqa: S101 (started)
            return self._process

    async def run(self, order: Said) -> AsyncGenerator[Said, None]:
        """What is told of an order, {"end"} at last. Raises Gone, and what the order failed for.

        Whoever closes it before has it cancelled.
        """
        process, number = await self.start(), next(self._numbers)
        queue = self._waiting[number] = asyncio.Queue()
        ended = False
        try:
            await _written(process, {**order, "id": number})
            while not ended:
                said = await queue.get()
                ended = "end" in said or "error" in said
                if "error" in said:
                    raise _error(said)
                yield said
        except (BrokenPipeError, ConnectionResetError) as error:
            ended = True
            raise Gone(self._why) from error
        finally:
            del self._waiting[number]
            if not ended and process.returncode is None and process.stdin is not None:
                process.stdin.write(_line({"cancel": number}))

    async def close(self) -> None:
        """End the process, and every order under way with it."""
        self._closed, self._why = True, STOPPING
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._end_all()
        assert process.stdin is not None  # noqa: S101 (it was made with one)
        process.stdin.close()
        if self._signalled:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading

    async def _started(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._module, stdin=pipe, stdout=pipe, limit=LINE
        )
        # It says so when it is ready, as of an order with the number 0.
        queue = self._waiting[0] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(self._process))
        try:
            said = await queue.get()
        finally:
            del self._waiting[0]
        if "error" in said:
            await self._process.wait()
            if said["kind"] == Gone.__name__ and not self._closed:
                raise Gone(f"the process that {self._does} could not start: what it said of it is on stderr")
            raise _error(said)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 (it was made with one)
        while line := await process.stdout.readline():
            said = json.loads(line)
            queue = self._waiting.get(said["id"])
            if queue is not None:
                queue.put_nowait(said)
        code = await process.wait()
        if not self._closed:
            log.error("the process that %s has ended with %d", self._does, code)
        self._end_all()

    def _end_all(self) -> None:
        for queue in self._waiting.values():
            queue.put_nowait({"error": self._why, "kind": Gone.__name__})


async def _written(process: asyncio.subprocess.Process, order: Said) -> None:
    assert process.stdin is not None  # noqa: S101 (it was made with one)
    process.stdin.write(_line(order))
    await process.stdin.drain()


def _line(order: Said) -> bytes:
    return json.dumps(order).encode() + b"\n"


def _error(said: Said) -> OnRecordError:
    """What was told of as failed, as the error it was; those of a source are one."""
    if said["kind"] == Gone.__name__:
        return Gone(said["error"])
    known: Any = getattr(errors, said["kind"], SourceError)
    return SourceError(said["error"]) if issubclass(known, SourceError) else known(said["error"])

"""Orders to the process that writes for the bot (`clerk`), which is started when there is something to do."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Mapping
from itertools import count
from typing import Any

from retrieval.errors import SourceError

log = logging.getLogger(__name__)

_LINE = 2**20
_PATIENCE = 5.0
"""Seconds the process has to end by itself."""

GONE = "the process that reads articles has ended; what was reported is stored: try again"
STOPPING = "I am restarting; what was reported is stored: try again in a minute"


class Errands:
    """Sends orders and hands back what is reported on each. To be used in one event loop."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Queue[Mapping[str, Any]]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._why = GONE
        self._closed = False

    async def start(self) -> asyncio.subprocess.Process:
        """The process, started where there is none. Raises SourceError once it is closed."""
        async with self._starting:
            if self._closed:
                raise SourceError(STOPPING)
            if self._process is None or self._process.returncode is not None:
                pipe = asyncio.subprocess.PIPE
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "bot.clerk", stdin=pipe, stdout=pipe, limit=_LINE
                )
                self._reading = asyncio.create_task(self._read(self._process))
            return self._process

    async def run(self, order: Mapping[str, Any]) -> AsyncIterator[Mapping[str, Any]]:
        """What is reported on an order: {"report"} for each item, then {"end"}. Raises SourceError with its reason."""
        process, number = await self.start(), next(self._numbers)
        queue = self._waiting[number] = asyncio.Queue()
        try:
            assert process.stdin is not None  # noqa: S101 (it was made with one)
            process.stdin.write(json.dumps({**order, "id": number}).encode() + b"\n")
            await process.stdin.drain()
            while True:
                said = await queue.get()
                if "error" in said:
                    raise SourceError(said["error"])
                yield said
                if "end" in said:
                    return
        except (BrokenPipeError, ConnectionResetError) as error:
            raise SourceError(self._why) from error
        finally:
            del self._waiting[number]

    async def close(self) -> None:
        """End the process, and every order under way with it."""
        self._closed, self._why = True, STOPPING
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._end_all()
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _PATIENCE)
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 (it was made with one)
        while line := await process.stdout.readline():
            said = json.loads(line)
            queue = self._waiting.get(said["id"])
            if queue is not None:
                queue.put_nowait(said)
        code = await process.wait()
        if not self._closed:
            log.error("the process that reads articles has ended with %d", code)
        self._end_all()

    def _end_all(self) -> None:
        for queue in self._waiting.values():
            queue.put_nowait({"error": self._why})

"""The asking end of the wire: a worker process, started when it is needed and again when it has ended."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from bot.workers.model import ProgressT, ReplyT, Request, StreamedRequest, WireModel
from bot.workers.replies import AnyReply
from bot.workers.wire import LINE_LIMIT, WORKER_LINES, Call, Cancel, Done, Failed, Progress, Ready, encode_line
from retrieval.errors import OnRecordError, SourceError

log = logging.getLogger(__name__)

_EXIT_SECONDS = 5.0
"""Seconds the process has to end by itself."""

STOPPING = "I am restarting. Please try again in a minute."


class WorkerDied(SourceError):
    """The process ended before it had answered a request."""


class WorkerProcess:
    """Sends requests to a process and returns its replies. To be used in one event loop.

    `module`: what the process runs. `task`: what it does, for the log. `death_notice`: the message of the error where
    it ends before it has answered. `stop_by_signal`: `close` also sends it SIGTERM, and does not only end its input.
    """

    def __init__(self, module: str, task: str, death_notice: str, *, stop_by_signal: bool = False) -> None:
        self._module, self._task, self._death_notice = module, task, death_notice
        self._stop_by_signal = stop_by_signal
        self._ids = count(1)
        self._waiting: dict[int, asyncio.Queue[Progress | Done | OnRecordError]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    @property
    def under_way(self) -> int:
        """Number of requests that are not answered yet."""
        return len(self._waiting)

    @property
    def pid(self) -> int | None:
        """The id of the process while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> asyncio.subprocess.Process:
        """The process, started if necessary, once it is ready. Raises WorkerDied, and what keeps it from starting."""
        async with self._starting:
            if self._closed:
                raise WorkerDied(STOPPING)
            if self._process is None or self._process.returncode is not None:
                await self._launch()
            assert self._process is not None  # noqa: S101 (launched)
            return self._process

    async def ask(self, request: Request[ReplyT]) -> ReplyT:
        """The reply to a request; whoever stops waiting cancels it. Raises WorkerDied, and what the request raised."""

        async def ignore(_: object) -> None:
            pass

        return _expect(request.reply_type(), await self._exchange(request, ignore))

    async def stream(
        self, request: StreamedRequest[ReplyT, ProgressT], on_progress: Callable[[ProgressT], Awaitable[None]]
    ) -> ReplyT:
        """The reply to a request whose progress is reported to `on_progress` meanwhile. Raises as `ask` does."""

        async def check(progress: WireModel) -> None:
            await on_progress(_expect(request.progress_type(), progress))

        return _expect(request.reply_type(), await self._exchange(request, check))

    async def close(self) -> None:
        """End the process, and every request under way with it."""
        self._closed, self._death_notice = True, STOPPING
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._fail_all()
        assert process.stdin is not None  # noqa: S101 (it was made with one)
        process.stdin.close()
        if self._stop_by_signal:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _EXIT_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading

    async def _exchange(self, request: Request[Any], on_progress: Callable[[WireModel], Awaitable[None]]) -> AnyReply:
        process, call_id = await self.start(), next(self._ids)
        queue = self._waiting[call_id] = asyncio.Queue()
        ended = False
        try:
            await _write(process, Call[Any](id=call_id, request=request))
            while True:
                line = await queue.get()
                ended = not isinstance(line, Progress)
                if isinstance(line, OnRecordError):
                    raise line
                if isinstance(line, Done):
                    return line.reply
                await on_progress(line.progress)
        except (BrokenPipeError, ConnectionResetError) as error:
            ended = True
            raise WorkerDied(self._death_notice) from error
        finally:
            del self._waiting[call_id]
            if not ended and process.returncode is None and process.stdin is not None:
                process.stdin.write(encode_line(Cancel(id=call_id)))

    async def _launch(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._module, stdin=pipe, stdout=pipe, limit=LINE_LIMIT
        )
        ready: asyncio.Queue[OnRecordError | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read_lines(process, ready))
        problem = await ready.get()
        if problem is None:
            return
        await process.wait()
        if isinstance(problem, WorkerDied) and not self._closed:
            raise WorkerDied(f"the process that {self._task} could not start; its messages are on stderr")
        raise problem

    async def _read_lines(
        self, process: asyncio.subprocess.Process, ready: asyncio.Queue[OnRecordError | None]
    ) -> None:
        assert process.stdout is not None  # noqa: S101 (it was made with one)
        while text := await process.stdout.readline():
            match WORKER_LINES.validate_json(text):
                case Ready():
                    ready.put_nowait(None)
                case Failed(id=None) as line:
                    ready.put_nowait(line.to_error())
                case Failed(id=int() as call_id) as line:
                    self._deliver(call_id, line.to_error())
                case Progress() | Done() as line:
                    self._deliver(line.id, line)
        code = await process.wait()
        if not self._closed:
            log.error("the process that %s has ended with %d", self._task, code)
        ready.put_nowait(WorkerDied(self._death_notice))
        self._fail_all()

    def _deliver(self, call_id: int, line: Progress | Done | OnRecordError) -> None:
        if (queue := self._waiting.get(call_id)) is not None:
            queue.put_nowait(line)

    def _fail_all(self) -> None:
        for queue in self._waiting.values():
            queue.put_nowait(WorkerDied(self._death_notice))


def _expect(expected: type[ReplyT], model: WireModel) -> ReplyT:
    """The model, which a worker must have sent in the expected type."""
    if not isinstance(model, expected):
        raise TypeError(f"a worker sent {type(model).__name__} where {expected.__name__} was expected")
    return model


async def _write(process: asyncio.subprocess.Process, line: WireModel) -> None:
    assert process.stdin is not None  # noqa: S101 (it was made with one)
    process.stdin.write(encode_line(line))
    await process.stdin.drain()

"""The processes that answer for the bot, and which of them gets the next request. Each runs `query_worker`.

An answer is computed under Python's lock for tens of milliseconds at a time, and the event loop, which acknowledges
interactions, would have to wait for it: so the library and the model are loaded in processes of their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import TypeVar

from bot.workers.model import ProgressT, ReplyT, Request, StreamedRequest
from bot.workers.process import WorkerDied, WorkerProcess
from bot.workers.protocol import QueryReplyT, QueryRequest, QuickRequest

_DEATH_NOTICE = "I could not work that out: the process that answers ended over it, twice. Please ask in another way."

T = TypeVar("T")

log = logging.getLogger(__name__)


class QueryPool:
    """Distributes requests. To be used in one event loop.

    `processes`: number of worker processes. `per_process`: requests that each of them has at a time; the others wait
    here in turn, so that a request that ends its process takes only a few others with it. A `QuickRequest` does not
    wait. A request whose process ended is sent once more.
    """

    def __init__(self, processes: int = 1, per_process: int = 4, module: str = "bot.workers.query_worker") -> None:
        self._workers = [WorkerProcess(module, "answers", _DEATH_NOTICE) for _ in range(processes)]
        self._slots = asyncio.Semaphore(processes * per_process)
        self._retrying = asyncio.Lock()

    async def start(self) -> None:
        """Have all processes ready. Raises what keeps them from opening the library."""
        await asyncio.gather(*(worker.start() for worker in self._workers))

    @property
    def pids(self) -> list[int]:
        """The ids of the processes that run."""
        return [worker.pid for worker in self._workers if worker.pid is not None]

    async def ask(self, request: QueryRequest[QueryReplyT]) -> QueryReplyT:
        """The reply to a request, once it is its turn. Raises WorkerDied where its process ended twice over it, and
        what the request raised."""
        async with nullcontext() if isinstance(request, QuickRequest) else self._slots:
            return await self._try_twice(request, lambda worker: worker.ask(request))

    async def stream(
        self, request: StreamedRequest[ReplyT, ProgressT], on_progress: Callable[[ProgressT], Awaitable[None]]
    ) -> ReplyT:
        """The reply to a request whose progress is reported meanwhile; where it is sent once more, from the beginning.

        Raises as `ask` does.
        """
        async with self._slots:
            return await self._try_twice(request, lambda worker: worker.stream(request, on_progress))

    async def close(self) -> None:
        """End the processes, and every request under way with them."""
        await asyncio.gather(*(worker.close() for worker in self._workers))

    async def _try_twice(self, request: Request[ReplyT], send: Callable[[WorkerProcess], Awaitable[T]]) -> T:
        try:
            return await send(self._least_busy())
        except WorkerDied:
            log.warning("a request is sent again: %s", type(request).__name__)
        # One at a time: the request that ended the process must not end it for the others again.
        async with self._retrying:
            return await send(self._least_busy())

    def _least_busy(self) -> WorkerProcess:
        return min(self._workers, key=lambda worker: worker.under_way)

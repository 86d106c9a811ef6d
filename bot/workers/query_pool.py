"""The processes that answer for the bot, and who of them gets the next order. `librarian` is what each of them runs.

An answer is computed under Python's lock for tens of milliseconds at a time, and the event loop, which acknowledges,
would have to wait for it: so the library is opened, and the model loaded, in processes of their own and not here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from bot.workers.process import Errands, Gone, Said

_GONE = "I could not work that out: what answers here has ended over it, twice. Please ask in another way"

log = logging.getLogger(__name__)


class Librarians:
    """Hands out orders. To be used in one event loop.

    `processes`: how many there are. `each`: orders that one has at a time, the others waiting here in turn: what ends a
    process takes only those with it.
    """

    def __init__(self, processes: int = 1, each: int = 4, module: str = "bot.workers.query_worker") -> None:
        self._all = [Errands(module, "answers", _GONE) for _ in range(processes)]
        self._slots = asyncio.Semaphore(processes * each)
        self._again = asyncio.Lock()

    async def start(self) -> None:
        """Have all of them ready. Raises what keeps them from opening the library."""
        await asyncio.gather(*(one.start() for one in self._all))

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that run."""
        return [one.pid for one in self._all if one.pid is not None]

    async def run(self, do: str, **given: Any) -> AsyncGenerator[Said, None]:
        """What is told of an order, once it is its turn, {"end"} at last; begun anew where its process ended.

        Raises Gone where it ended again, and what the order failed for.
        """
        async with self._slots, aclosing(self._tried(do, given)) as said:
            async for one in said:
                yield one

    async def end(self, do: str, **given: Any) -> Any:
        """What an order ends with, once it is its turn. Raises as `run` does."""
        return await _last(self.run(do, **given))

    async def quick(self, do: str, **given: Any) -> Any:
        """What an order of milliseconds ends with, past those that wait: suggestions while somebody types."""
        return await _last(self._tried(do, given))

    async def close(self) -> None:
        """End the processes, and every order under way with them."""
        await asyncio.gather(*(one.close() for one in self._all))

    async def _tried(self, do: str, given: dict[str, Any]) -> AsyncGenerator[Said, None]:
        order = {"do": do, "given": given}
        try:
            async with aclosing(self._least_busy().run(order)) as said:
                async for one in said:
                    yield one
                return
        except Gone:
            log.warning("an order is given out again: %s", do)
        # One at a time: the one that ended the process must not end it for the others again.
        async with self._again, aclosing(self._least_busy().run(order)) as said:
            async for one in said:
                yield one

    def _least_busy(self) -> Errands:
        return min(self._all, key=lambda one: one.under_way)


async def _last(told: AsyncGenerator[Said, None]) -> Any:
    async with aclosing(told) as said:
        async for one in said:
            if "end" in one:
                return one["end"]
    raise AssertionError("an order ends")

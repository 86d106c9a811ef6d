"""How long the event loop is held up, measured in the running bot, so that whatever blocks it is noticed."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.01
_LONG_PAUSE_SECONDS = 0.05
"""A pause from this length on is logged; Discord's heartbeat tolerates 40 seconds, a member's command three."""

_SCHEDSTAT = Path("/proc/thread-self/schedstat")
"""Linux: nanoseconds that the thread ran, nanoseconds that it waited for a processor, and how often it ran."""


class LoopMonitor:
    """Wakes the loop a hundred times a second and measures how late it was.

    Time in which the loop was ready to run and the machine ran other processes is subtracted where the system reports
    it: nothing in the bot held the loop up then.
    """

    def __init__(self) -> None:
        self.longest_pause = 0.0
        """The longest delay, in seconds."""
        self.longest_work = 0.0
        """The longest that the loop's own thread computed between two turns, in seconds."""

    async def measure(self) -> None:
        """Measure until cancelled."""
        while True:
            start, used, waited = time.perf_counter(), time.thread_time(), _processor_wait()
            await asyncio.sleep(_TICK_SECONDS)
            late = time.perf_counter() - start - _TICK_SECONDS - (_processor_wait() - waited)
            worked = time.thread_time() - used
            self.longest_pause, self.longest_work = max(self.longest_pause, late), max(self.longest_work, worked)
            if late > _LONG_PAUSE_SECONDS:
                log.warning("the event loop was held up for %.0f ms, %.0f of them its own", late * 1000, worked * 1000)


def _processor_wait() -> float:
    """Seconds for which this thread has waited for a processor so far; 0 where the system does not report it."""
    try:
        return int(_SCHEDSTAT.read_bytes().split()[1]) / 1e9
    except OSError:
        return 0.0

"""How long the event loop could not turn: measured in the process, so that what blocks it does not go unnoticed."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path

log = logging.getLogger(__name__)

_TICK = 0.01
_LONG = 0.05
"""Seconds from which on a pause is told of; whoever waits for Discord's heartbeat has 40 seconds, a member three."""


_SCHEDULE = Path("/proc/thread-self/schedstat")
"""Linux: nanoseconds that the thread ran, that it was ready and had to wait for a processor, and how often it ran."""


class Pulse:
    """Wakes the loop a hundred times a second and looks how late it was.

    What the machine gave to others while the loop was ready to run is taken off, where the system tells it: nothing in
    the bot held the loop up then. `worked` is the longest that the loop's own thread worked without turning.
    """

    def __init__(self) -> None:
        self.worst = 0.0
        self.worked = 0.0

    async def beat(self) -> None:
        """Measure until cancelled."""
        while True:
            begun, used, waited = time.perf_counter(), time.thread_time(), _kept_waiting()
            await asyncio.sleep(_TICK)
            late = time.perf_counter() - begun - _TICK - (_kept_waiting() - waited)
            worked = time.thread_time() - used
            self.worst, self.worked = max(self.worst, late), max(self.worked, worked)
            if late > _LONG:
                log.warning("the event loop was held up for %.0f ms, %.0f of them its own", late * 1000, worked * 1000)


def _kept_waiting() -> float:
    """Seconds for which this thread had to wait for a processor so far; 0 where the system does not tell."""
    try:
        return int(_SCHEDULE.read_bytes().split()[1]) / 1e9
    except OSError:
        return 0.0

"""How long the event loop could not turn: measured in the process, so that what blocks it does not go unnoticed."""

from __future__ import annotations

import asyncio
import logging
import time

log = logging.getLogger(__name__)

_TICK = 0.01
_LONG = 0.05
"""Seconds from which on a pause is told of; whoever waits for Discord's heartbeat has 40 seconds, a member three."""


class Pulse:
    """Wakes the loop a hundred times a second and looks how late it was.

    A pause counts for no more than the processor time this process took meanwhile: what a busy machine took away is
    nothing that the bot did. `own` is the longest that the loop's own thread worked without turning.
    """

    def __init__(self) -> None:
        self.worst = 0.0
        self.own = 0.0

    async def beat(self) -> None:
        """Measure until cancelled."""
        while True:
            begun, used, worked = time.perf_counter(), time.process_time(), time.thread_time()
            await asyncio.sleep(_TICK)
            late = min(time.perf_counter() - begun - _TICK, time.process_time() - used)
            own = time.thread_time() - worked
            self.worst, self.own = max(self.worst, late), max(self.own, own)
            if late > _LONG:
                log.warning("the event loop was held up for %.0f ms, of which it worked %.0f", late * 1000, own * 1000)

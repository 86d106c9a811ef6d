"""How long tests wait. What a test checks never depends on these: they only end what would go on for ever."""

import time
from collections.abc import Callable

HANGING = 300.0
"""Seconds after which what a test waits for is taken to hang. A first start, which prepares the models, has taken two
minutes beside eight busy processes."""

NEVER = 600.0
"""Seconds of one of our own limits that no test is to reach: the most that the settings take."""


def poll_until(condition: Callable[[], bool]) -> None:
    """Ask until a condition that nothing tells of is met: each question must take its own time. Fails when it hangs."""
    ends = time.monotonic() + HANGING
    while not condition():
        assert time.monotonic() < ends, "what was waited for did not come"

"""A server that keeps failing is left alone for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

from retrieval.errors import ModelUnavailable


class Breaker:
    """Opens after some failures in a row and lets one call through after a while, to see."""

    def __init__(self, after: int = 5, seconds: float = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._after, self._seconds, self._clock = after, seconds, clock
        self._failures = 0
        self._until = 0.0

    def check(self) -> None:
        """Raise ModelUnavailable while it is open."""
        if self._clock() < self._until:
            raise ModelUnavailable("the model has failed several times in a row and is left alone for a minute")

    def good(self) -> None:
        """A call went well."""
        self._failures, self._until = 0, 0.0

    def bad(self) -> None:
        """A call failed."""
        self._failures += 1
        if self._failures >= self._after:
            self._until = self._clock() + self._seconds

"""When to retry a remote service, and when to leave it alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from retrieval.errors import ModelUnavailable


class CircuitBreaker:
    """A circuit breaker: opens after `after` failures in a row and lets a call through again after `seconds`."""

    def __init__(self, after: int = 5, seconds: float = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._after, self._seconds, self._clock = after, seconds, clock
        self._failures = 0
        self._until = 0.0

    def check(self) -> None:
        """Raise ModelUnavailable while it is open."""
        if self._clock() < self._until:
            raise ModelUnavailable("the model has failed several times in a row and is left alone for a minute")

    def record_success(self) -> None:
        """Record a call that succeeded."""
        self._failures, self._until = 0, 0.0

    def record_failure(self) -> None:
        """Record a call that failed."""
        self._failures += 1
        if self._failures >= self._after:
            self._until = self._clock() + self._seconds


def is_transient(code: int) -> bool:
    """Whether an HTTP status stands for a transient failure."""
    return code in (408, 409, 429) or code >= 500


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait, by either header and in either form; None where it gives none."""
    try:
        if stated := headers.get("retry-after-ms"):
            return float(stated) / 1000
        if stated := headers.get("retry-after"):
            plain = stated.strip().isdigit()
            return float(stated) if plain else parsedate_to_datetime(stated).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return None

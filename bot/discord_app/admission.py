"""Which questions are admitted, and their order: one at a time for each member, a limited number in all.

Independent of Discord, except that a time is written as `<t:…:R>`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_MAX_REMEMBERED = 10_000
"""Number of members and guilds whose questions are remembered, before those without recent ones are forgotten."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many questions are admitted."""

    window_seconds: float = 60
    per_member: int = 12
    """Questions of a member within the window."""
    per_guild: int = 120
    """Questions of a guild within the window."""
    under_way_per_member: int = 5
    under_way: int = 300
    """Questions of everybody that are not answered yet."""


class Refusal(Exception):
    """A question that is not admitted now; the message is for the asker."""


class AdmissionControl:
    """Admits questions within the limits, and makes each wait for its turn. To be made and used in one event loop."""

    def __init__(self, limits: Limits | None = None, clock: Callable[[], float] = time.time) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._times: dict[tuple[str, int], deque[float]] = defaultdict(deque)
        self._under_way: Counter[int] = Counter()
        self._notified: dict[int, float] = {}
        self._turns: dict[int, asyncio.Lock] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    @property
    def under_way(self) -> int:
        """Number of questions that were admitted and are not answered yet."""
        return self._under_way.total()

    @contextmanager
    def admit(self, member: int, guild: int | None) -> Iterator[int]:
        """Count a question as under way until its answer is sent; yields how many are ahead of it. Raises Refusal."""
        self._check_limits(member, guild)
        self._under_way[member] += 1
        self._idle.clear()
        try:
            yield self.under_way - 1
        finally:
            self._under_way[member] -= 1
            if not self._under_way[member]:
                del self._under_way[member]
                self._turns.pop(member, None)
            if not self._under_way:
                self._idle.set()

    async def run_in_turn(self, member: int, work: Callable[[], Awaitable[T]]) -> T:
        """The result of some work, which begins once the member's earlier questions are answered."""
        async with self._turns.setdefault(member, asyncio.Lock()):
            return await work()

    def may_notify(self, member: int) -> bool:
        """Whether to tell a member of a refusal: once per window, so that nobody can make the bot write on and on."""
        now = self._clock()
        if self._notified.get(member, 0.0) > now - self._limits.window_seconds:
            return False
        if len(self._notified) > _MAX_REMEMBERED:
            self._notified.clear()
        self._notified[member] = now
        return True

    async def close(self, seconds: float) -> int:
        """Admit nothing more, wait until all questions are answered, and return how many were not in time."""
        self._closing = True
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            return self.under_way
        return 0

    def _check_limits(self, member: int, guild: int | None) -> None:
        limits, now = self._limits, self._clock()
        if self._closing:
            raise Refusal("I am about to restart. Please ask again in a minute.")
        if self.under_way >= limits.under_way:
            raise Refusal(f"{self.under_way} questions are already waiting. Please ask again in a minute.")
        if self._under_way[member] >= limits.under_way_per_member:
            raise Refusal(
                f"I am still working on {self._under_way[member]} of your questions. Please wait for the answers."
            )
        bounds = [(("member", member), limits.per_member, "You have asked")]
        if guild is not None:
            bounds.append((("guild", guild), limits.per_guild, "This server has asked"))
        for key, limit, who in bounds:
            times = self._recent_times(key, now)
            if len(times) >= limit:
                again = int(times[0] + limits.window_seconds) + 1
                seconds = f"{limits.window_seconds:.0f}"
                raise Refusal(f"{who} {limit} questions within {seconds} seconds. You can ask again <t:{again}:R>.")
        for key, _, _ in bounds:
            self._times[key].append(now)
        if len(self._times) > _MAX_REMEMBERED:
            self._times = defaultdict(
                deque, {key: times for key in [*self._times] if (times := self._recent_times(key, now))}
            )

    def _recent_times(self, key: tuple[str, int], now: float) -> deque[float]:
        times = self._times[key]
        while times and times[0] <= now - self._limits.window_seconds:
            times.popleft()
        return times

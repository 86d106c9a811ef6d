"""Where questions are admitted and wait: one at a time for each member, a bounded number in all.

Nothing here knows of Discord but that it writes `<t:…:R>` for a time.
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

_FORGET = 10_000
"""Members and guilds whose questions are remembered, before those that asked nothing lately are forgotten."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is fair: questions in `seconds` for a member and for a guild, under way for a member, and in all."""

    seconds: float = 60
    member: int = 12
    guild: int = 120
    under_way: int = 5
    waiting: int = 300


class Refusal(Exception):
    """A question that is not taken now; the message, for whoever asked, says when it would be."""


class Desk:
    """Admits questions by the rules and has each wait for its turn. To be made and used in one event loop."""

    def __init__(self, rules: Rules | None = None, clock: Callable[[], float] = time.time) -> None:
        self._rules = rules or Rules()
        self._clock = clock
        self._asked: dict[tuple[str, int], deque[float]] = defaultdict(deque)
        self._under_way: Counter[int] = Counter()
        self._told: dict[int, float] = {}
        self._turns: dict[int, asyncio.Lock] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False

    @property
    def waiting(self) -> int:
        """Questions that were admitted and have no answer yet."""
        return self._under_way.total()

    @contextmanager
    def place(self, member: int, guild: int | None) -> Iterator[int]:
        """Hold a place for a question until its answer is out; gives how many are before it. Raises Refusal."""
        self._admit(member, guild)
        self._under_way[member] += 1
        self._idle.clear()
        try:
            yield self.waiting - 1
        finally:
            self._under_way[member] -= 1
            if not self._under_way[member]:
                del self._under_way[member]
                self._turns.pop(member, None)
            if not self._under_way:
                self._idle.set()

    async def work(self, member: int, work: Callable[[], Awaitable[T]]) -> T:
        """What some work gives, begun once the member's questions before it are answered."""
        async with self._turns.setdefault(member, asyncio.Lock()):
            return await work()

    def may_tell(self, member: int) -> bool:
        """Whether a member may be told of a refusal: once in a while, so that nobody makes the bot write on and on."""
        now = self._clock()
        if self._told.get(member, 0.0) > now - self._rules.seconds:
            return False
        if len(self._told) > _FORGET:
            self._told.clear()
        self._told[member] = now
        return True

    async def finish(self, seconds: float) -> int:
        """Take nothing more, wait until what is under way is out, and give how many were not in time."""
        self._closing = True
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            return self.waiting
        return 0

    def _admit(self, member: int, guild: int | None) -> None:
        rules, now = self._rules, self._clock()
        if self._closing:
            raise Refusal("I am about to restart. Please ask again in a minute.")
        if self.waiting >= rules.waiting:
            raise Refusal(f"{self.waiting} questions are waiting, more than I can take. Please ask again in a minute.")
        if self._under_way[member] >= rules.under_way:
            raise Refusal(f"{rules.under_way} of your questions are under way. Please wait for the answers first.")
        limits = [(("member", member), rules.member, "You asked")]
        if guild is not None:
            limits.append((("guild", guild), rules.guild, "This server asked"))
        for key, most, who in limits:
            times = self._recent(key, now)
            if len(times) >= most:
                again = int(times[0] + rules.seconds) + 1
                raise Refusal(f"{who} {most} questions within {rules.seconds:.0f} seconds. Ask again <t:{again}:R>.")
        for key, _, _ in limits:
            self._asked[key].append(now)
        if len(self._asked) > _FORGET:
            self._asked = defaultdict(
                deque, {key: times for key in [*self._asked] if (times := self._recent(key, now))}
            )

    def _recent(self, key: tuple[str, int], now: float) -> deque[float]:
        times = self._asked[key]
        while times and times[0] <= now - self._rules.seconds:
            times.popleft()
        return times

"""Conversations, kept here because the bot may not read the messages between its own.

Each is known by the messages that answered in it, and in a thread or a direct message by the channel. They are kept in
memory: after a restart a follow-up is a first question.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from retrieval.question import Turn

Key = tuple[int, int]
"""(guild, or 0 for a direct message; message or channel): a conversation is never carried to another guild."""

_TURNS = 6
_KEPT = 5_000
_LONGEST = 1_000


class Talks:
    """The last turns of the last conversations."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._by_key: OrderedDict[Key, tuple[Turn, ...]] = OrderedDict()

    def before(self, keys: Iterable[Key]) -> tuple[Turn, ...]:
        """The turns of the first of these that is known, oldest first."""
        return next((self._by_key[key] for key in keys if key in self._by_key), ())

    def knows(self, key: Key) -> bool:
        """Whether a message or a channel belongs to a conversation."""
        return key in self._by_key

    def keep(self, keys: Iterable[Key], before: tuple[Turn, ...], turn: Turn) -> None:
        """Add a turn to what was said before, under these keys."""
        short = Turn(turn.question[:_LONGEST], turn.answer[:_LONGEST])
        turns = (*before, short)[-_TURNS:]
        for key in keys:
            self._by_key[key] = turns
            self._by_key.move_to_end(key)
        while len(self._by_key) > self._kept:
            self._by_key.popitem(last=False)

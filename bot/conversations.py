"""Conversations, remembered here because the bot may not read the messages that others write.

A conversation is found by the messages that answered in it, and in a thread or a direct message by the channel. The
most recent ones are in memory; the library keeps those of the last month, so that they go on after a restart.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from retrieval.search.query import Turn

Key = tuple[int, int]
"""(guild, or 0 for a direct message; message or channel): a conversation is never carried to another guild."""

_MAX_TURNS = 6
_MAX_CONVERSATIONS = 5_000
_MAX_TEXT = 1_000
"""Characters of a question or an answer that are remembered."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was asked and answered, oldest first, and the ids of the articles cited; by default nothing yet."""

    turns: tuple[Turn, ...] = ()
    articles: tuple[str, ...] = ()

    def with_turn(self, turn: Turn, articles: Iterable[str]) -> Conversation:
        """The conversation with one more turn; the oldest turns are forgotten past a few."""
        short = Turn(turn.question[:_MAX_TEXT], turn.answer[:_MAX_TEXT])
        return Conversation((*self.turns, short)[-_MAX_TURNS:], tuple(dict.fromkeys([*self.articles, *articles])))


def record_key(key: Key) -> str:
    """The key under which the library keeps a conversation."""
    return f"talk:{key[1]}"


class Conversations:
    """The most recent conversations, in memory."""

    def __init__(self, limit: int = _MAX_CONVERSATIONS) -> None:
        self._limit = limit
        self._by_key: OrderedDict[Key, Conversation] = OrderedDict()

    def find(self, keys: Iterable[Key]) -> Conversation | None:
        """The conversation under the first of these keys that is known."""
        return next((self._by_key[key] for key in keys if key in self._by_key), None)

    def knows(self, key: Key) -> bool:
        """Whether a message or a channel belongs to a conversation."""
        return key in self._by_key

    def keep(self, keys: Iterable[Key], conversation: Conversation) -> None:
        """Remember a conversation under these keys, in place of what they stood for."""
        for key in keys:
            self._by_key[key] = conversation
            self._by_key.move_to_end(key)
        while len(self._by_key) > self._limit:
            self._by_key.popitem(last=False)

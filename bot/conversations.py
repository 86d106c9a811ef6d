"""Conversations, kept here because the bot may not read the messages between its own.

Each is known by the messages that answered in it, and in a thread or a direct message by the channel. The latest are in
memory, those of a month in the library, so that a conversation goes on after a restart.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from retrieval.search.query import Turn

Key = tuple[int, int]
"""(guild, or 0 for a direct message; message or channel): a conversation is never carried to another guild."""

KIND = "talk"
_TURNS = 6
_KEPT = 5_000
_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said before, oldest first, and the ids of the articles it was taken from: it goes with them."""

    turns: tuple[Turn, ...] = ()
    articles: tuple[str, ...] = ()

    def then(self, turn: Turn, articles: Iterable[str]) -> Talk:
        """The conversation with one more turn, the oldest forgotten past a few."""
        short = Turn(turn.question[:_LONGEST], turn.answer[:_LONGEST])
        return Talk((*self.turns, short)[-_TURNS:], tuple(dict.fromkeys([*self.articles, *articles])))

    def kept(self) -> Mapping[str, Any]:
        """As JSON."""
        turns = [{"question": turn.question, "answer": turn.answer} for turn in self.turns]
        return {"turns": turns, "articles": list(self.articles)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Talk:
        """From the same."""
        turns = tuple(Turn(turn["question"], turn["answer"]) for turn in kept["turns"])
        return cls(turns, tuple(kept["articles"]))


NOTHING = Talk()


def stored_as(key: Key) -> str:
    """The key of a conversation in the library."""
    return f"talk:{key[1]}"


class Talks:
    """The last conversations, in memory."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._by_key: OrderedDict[Key, Talk] = OrderedDict()

    def before(self, keys: Iterable[Key]) -> Talk | None:
        """The first of these that is known."""
        return next((self._by_key[key] for key in keys if key in self._by_key), None)

    def knows(self, key: Key) -> bool:
        """Whether a message or a channel belongs to a conversation."""
        return key in self._by_key

    def keep(self, keys: Iterable[Key], talk: Talk) -> None:
        """Let these keys stand for a conversation."""
        for key in keys:
            self._by_key[key] = talk
            self._by_key.move_to_end(key)
        while len(self._by_key) > self._kept:
            self._by_key.popitem(last=False)

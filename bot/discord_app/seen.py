"""Which messages were heard, so that none is answered twice and it is known from where on some may be missing."""

from __future__ import annotations

from collections import OrderedDict

import discord

_KEPT = 20_000


class Heard:
    """The last messages heard, by their ids, which grow with time."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._ids: OrderedDict[int, None] = OrderedDict()
        self.newest = discord.utils.time_snowflake(discord.utils.utcnow())
        """The newest message heard, or the moment at which listening began."""

    def first(self, message_id: int) -> bool:
        """Whether a message is heard for the first time."""
        if message_id in self._ids:
            return False
        self._ids[message_id] = None
        if len(self._ids) > self._kept:
            self._ids.popitem(last=False)
        return True

    def upto(self, message_id: int) -> None:
        """Note that a message came in."""
        self.newest = max(self.newest, message_id)

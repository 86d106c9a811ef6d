"""Which messages the bot has received: none is answered twice, and it is known since when some may be missing."""

from __future__ import annotations

from collections import OrderedDict

import discord

_MAX_IDS = 20_000


class SeenMessages:
    """The ids of the last messages; ids grow with time."""

    def __init__(self, limit: int = _MAX_IDS) -> None:
        self._limit = limit
        self._ids: OrderedDict[int, None] = OrderedDict()
        self.newest = discord.utils.time_snowflake(discord.utils.utcnow())
        """The id of the newest message, or of the moment at which listening began."""

    def add(self, message_id: int) -> bool:
        """Remember a message that is about to be answered; whether it is new."""
        if message_id in self._ids:
            return False
        self._ids[message_id] = None
        if len(self._ids) > self._limit:
            self._ids.popitem(last=False)
        return True

    def note_newest(self, message_id: int) -> None:
        """Note that a message came in."""
        self.newest = max(self.newest, message_id)

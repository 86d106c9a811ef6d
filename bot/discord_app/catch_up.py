"""What was asked while the connection was away and the session could not be resumed: Discord tells nobody of it again.

Channels say which message is their last; where that is newer than the newest message heard, the messages between are
read again and heard as if they had just come. Whoever used a command meanwhile was told by Discord that it failed.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord

log = logging.getLogger(__name__)

_MOST = 100
"""Messages of a channel read again."""

_DIRECT = 50
"""Direct conversations looked at, the latest known."""


async def hear_again(client: OnRecord, since: int) -> None:
    """Hear what was written after the message or moment with this id."""
    after = discord.Object(since)
    places: list[discord.abc.Messageable] = []
    for guild in client.guilds:
        places += [place for place in guild.text_channels if (place.last_message_id or 0) > since]
        places += [place for place in guild.threads if (place.last_message_id or 0) > since]
    places += [place for place in client.private_channels if isinstance(place, discord.DMChannel)][-_DIRECT:]
    heard = await asyncio.gather(*(_hear(client, place, after) for place in places))
    log.info("back with a new session: heard %d messages again in %d channels", sum(heard), len(places))


async def _hear(client: OnRecord, place: discord.abc.Messageable, after: discord.Object) -> int:
    number = 0
    try:
        async for message in place.history(limit=_MOST, after=after, oldest_first=True):
            client.dispatch("message", message)
            number += 1
    except discord.HTTPException as error:
        # A channel that may not be read, or is gone.
        log.info("a channel could not be read again: %s/%s", error.status, error.code)
    return number

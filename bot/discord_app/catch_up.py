"""Reads again what was written while the connection was lost, where the session cannot be resumed.

Discord does not report such messages. Each channel names its last message; where that is newer than the newest message
received, those in between are fetched and handled as if they had just arrived. Commands used meanwhile have failed, as
Discord told whoever used them.
"""

from __future__ import annotations

import asyncio
import logging

import discord

log = logging.getLogger(__name__)

_MAX_MESSAGES = 100
"""Maximum number of messages read again per channel."""

_MAX_DIRECT_CHANNELS = 50
"""Maximum number of direct conversations looked at, the most recently opened."""


async def handle_missed_messages(client: discord.Client, since: int) -> None:
    """Handle what was written after the message or moment with this id."""
    after = discord.Object(since)
    channels: list[discord.abc.Messageable] = []
    for guild in client.guilds:
        channels += [channel for channel in guild.text_channels if (channel.last_message_id or 0) > since]
        channels += [thread for thread in guild.threads if (thread.last_message_id or 0) > since]
    direct = [channel for channel in client.private_channels if isinstance(channel, discord.DMChannel)]
    channels += direct[-_MAX_DIRECT_CHANNELS:]
    numbers = await asyncio.gather(*(_handle_channel(client, channel, after) for channel in channels))
    log.info("back with a new session: read %d missed messages in %d channels", sum(numbers), len(channels))


async def _handle_channel(client: discord.Client, channel: discord.abc.Messageable, after: discord.Object) -> int:
    """Handle the missed messages of a channel, and return how many there were."""
    number = 0
    try:
        async for message in channel.history(limit=_MAX_MESSAGES, after=after, oldest_first=True):
            client.dispatch("message", message)
            number += 1
    except discord.HTTPException as error:
        # The channel may be closed to the bot, or gone.
        log.info("missed messages of a channel could not be read: %s/%s", error.status, error.code)
    return number

"""Turning the pages of lists by their buttons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.discord_app.permissions import is_admin
from bot.discord_app.responses import Shown, looked_up, respond_with
from bot.messages.reply import Reply, scope, told

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord

OF_ADMINS = frozenset({"articles", "feeds", "channels"})
"""Lists that only admins may see."""

OF_ALL = frozenset({"said", "check", "latest"})
GONE = "This is no longer kept here. Please ask anew."


async def turned(interaction: discord.Interaction[OnRecord], key: str, number: int) -> None:
    """Show another page in the place of the one that a button stands under."""
    client, guild = interaction.client, interaction.guild_id
    may_see = OF_ALL | OF_ADMINS if is_admin(interaction) else OF_ALL

    async def work() -> Reply:
        kept = await client.keeping.find(key, scope(guild))
        if kept is None or kept.kind not in may_see:
            return replace(told(GONE, "forgotten"), aside=True)
        page = {"kind": kept.kind, "options": kept.body, "number": number, "key": key}
        return await looked_up(client, guild, "list", **page)

    await respond_with(interaction, lambda: client.desk.work(interaction.user.id, work), Shown.IN_PLACE, "button page")

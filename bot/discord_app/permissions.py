"""Who may administer, and where commands are answered."""

from __future__ import annotations

import discord

from bot.discord_app.interaction_log import log_interaction
from bot.discord_app.services import NOBODY, Interaction
from retrieval.store.channels import ChannelMode, ChannelRule

ADMIN_PERMISSIONS = discord.Permissions(manage_guild=True)
"""Whom Discord shows admin commands by default; `require_admin` checks again."""

_NOT_ADMIN = "Only those who manage this server can use this."
_NOT_HERE = "This server's admins do not want me to answer in this channel."


def is_admin(interaction: Interaction) -> bool:
    """Whether the member may administer: by Manage Server, or by a role that the settings name, by id or name.

    Checked for each interaction, whatever Discord shows: a server can give commands to anybody, and a client can be
    out of date.
    """
    member = interaction.user
    if interaction.guild_id is None or not isinstance(member, discord.Member):
        return False
    if interaction.permissions.manage_guild or interaction.permissions.administrator:
        return True
    admin_roles = interaction.client.services.admin_roles
    return any(str(role.id) in admin_roles or role.name.casefold() in admin_roles for role in member.roles)


async def require_admin(interaction: Interaction) -> bool:
    """Whether the member may administer; anybody else is told privately that they may not."""
    if is_admin(interaction):
        return True
    await _refuse(interaction, _NOT_ADMIN)
    return False


def channel_rule(interaction: Interaction) -> ChannelRule:
    """The rule for the interaction's channel."""
    return interaction.client.services.channel_rules.rule_for(interaction.guild_id, interaction.channel)


async def require_open_channel(interaction: Interaction) -> ChannelRule | None:
    """The rule for the channel; None where nothing may be answered in it, which the member is told privately."""
    rule = channel_rule(interaction)
    if rule.mode is not ChannelMode.NEVER:
        return rule
    await _refuse(interaction, _NOT_HERE)
    return None


async def _refuse(interaction: Interaction, why: str) -> None:
    with log_interaction(interaction, "command") as note:
        await interaction.response.send_message(why, ephemeral=True, allowed_mentions=NOBODY)
        note.outcome = "not admitted"

"""Who may administer, and where commands are answered at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from retrieval.store.channels import Mode, Rule

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord

NOT_YOURS = "This is for those who manage this server."
QUIET = "I am not to answer in this channel; the server's admins have set it so."


def is_admin(interaction: discord.Interaction[OnRecord]) -> bool:
    """Whether whoever acts may administer: by Manage Server, or by a role that the settings name, by id or name.

    Asked for each interaction, whatever Discord shows: a server can give commands to anybody, and a client can be old.
    """
    member = interaction.user
    if interaction.guild_id is None or not isinstance(member, discord.Member):
        return False
    if interaction.permissions.manage_guild or interaction.permissions.administrator:
        return True
    named = interaction.client.admin_roles
    return any(str(role.id) in named or role.name.casefold() in named for role in member.roles)


async def admitted(interaction: discord.Interaction[OnRecord]) -> bool:
    """Whether an admin acts; anybody else is told so privately."""
    if is_admin(interaction):
        return True
    await _refused(interaction, NOT_YOURS)
    return False


async def heard_here(interaction: discord.Interaction[OnRecord]) -> Rule | None:
    """The rule for the channel; None where nothing is to be answered in it, which is told privately."""
    rule = interaction.client.places.rule(interaction.guild_id, interaction.channel)
    if rule.mode is not Mode.NEVER:
        return rule
    await _refused(interaction, QUIET)
    return None


async def _refused(interaction: discord.Interaction[OnRecord], why: str) -> None:
    from bot.discord_app.responses import NOBODY, noted

    command = interaction.command
    ids = {"id": interaction.id, "guild": interaction.guild_id, "user": interaction.user.id}
    with noted(f"command /{command.qualified_name}" if command else "interaction", **ids) as note:
        await interaction.response.send_message(why, ephemeral=True, allowed_mentions=NOBODY)
        note.outcome = "not admitted"

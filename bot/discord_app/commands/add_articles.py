"""What admins add: /ingest, the message command "Ingest this", and /status.

Whatever is added on Discord belongs to the guild it was added in.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.discord_app.commands.ingest_report import addresses_in, ingested, refused
from bot.discord_app.permissions import admitted
from bot.discord_app.responses import NOBODY, Shown, respond, respond_with

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord

ADMINS = discord.Permissions(manage_guild=True)
"""To whom Discord shows these commands by default; `admitted` asks again."""

_FEW = 50
"""Addresses of one message that are read."""

Interaction = discord.Interaction["OnRecord"]

ingest = app_commands.Group(
    name="ingest",
    description="Read articles into this server's library.",
    guild_only=True,
    default_permissions=ADMINS,
)


@ingest.command(name="address", description="Read the article at an address.")
@app_commands.describe(
    url="The address of an article",
    title="The headline, where the page's own is wrong",
    source="The outlet, where the page does not say",
    published="The day it was published, such as 2026-03-31, where the page does not say",
)
async def of_address(
    interaction: Interaction,
    url: app_commands.Range[str, 1, 2000],
    title: app_commands.Range[str, 1, 300] | None = None,
    source: app_commands.Range[str, 1, 100] | None = None,
    published: app_commands.Range[str, 1, 40] | None = None,
) -> None:
    """Read what stands at an address."""
    if await admitted(interaction):
        given = {"title": title, "source": source, "published": published}
        await _ordered(interaction, {"addresses": [url.strip()], **given})


@ingest.command(name="feed", description="Read what a feed holds now; /feeds add goes on reading it.")
@app_commands.describe(url="The address of a feed")
async def of_feed(interaction: Interaction, url: app_commands.Range[str, 1, 2000]) -> None:
    """Read the entries of a feed once."""
    if await admitted(interaction):
        await _ordered(interaction, {"addresses": [url.strip()]})


@ingest.command(
    name="file", description="Read an attached file: text, web page, PDF, Word, rows, or an archive of them."
)
@app_commands.describe(
    file="The file",
    title="The headline, where the file's own is wrong",
    source="The outlet, where the file does not say",
    published="The day it was published, such as 2026-03-31, where the file does not say",
)
async def of_file(
    interaction: Interaction,
    file: discord.Attachment,
    title: app_commands.Range[str, 1, 300] | None = None,
    source: app_commands.Range[str, 1, 100] | None = None,
    published: app_commands.Range[str, 1, 40] | None = None,
) -> None:
    """Read an attachment."""
    if await admitted(interaction):
        given = {"title": title, "source": source, "published": published}
        await _ordered(interaction, given, (file,))


@ingest.command(name="text", description="Paste an article.")
async def of_text(interaction: Interaction) -> None:
    """Open a form for a text."""
    if await admitted(interaction):
        await interaction.response.send_modal(Pasted())


class Pasted(discord.ui.Modal, title="Paste an article"):
    """Takes a text with what is known of it."""

    text: discord.ui.TextInput[Pasted] = discord.ui.TextInput(
        label="Text, with the headline first", style=discord.TextStyle.paragraph, max_length=4000
    )
    outlet: discord.ui.TextInput[Pasted] = discord.ui.TextInput(label="Outlet", required=False, max_length=100)
    published: discord.ui.TextInput[Pasted] = discord.ui.TextInput(
        label="Day it was published, such as 2026-03-31", required=False, max_length=40
    )
    address: discord.ui.TextInput[Pasted] = discord.ui.TextInput(label="Address", required=False, max_length=1000)

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Read it."""
        if await admitted(interaction):
            known = {"source": self.outlet, "published": self.published, "url": self.address}
            given = {name: str(field).strip() or None for name, field in known.items()}
            await _ordered(interaction, {"text": str(self.text), **given})


@app_commands.context_menu(name="Ingest this")
@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
async def ingest_this(interaction: Interaction, message: discord.Message) -> None:
    """Read every address and file of a message."""
    if not await admitted(interaction):
        return
    cards = [embed.url for embed in message.embeds if embed.url]
    addresses = list(dict.fromkeys([*addresses_in(message.content), *cards]))[:_FEW]
    files = [file for file in message.attachments if refused(file) is None or not addresses]
    if addresses or files:
        await _ordered(interaction, {"addresses": addresses}, files)
    else:
        await interaction.response.send_message(
            "There is no address and no file in that message.", ephemeral=True, allowed_mentions=NOBODY
        )


async def _ordered(
    interaction: Interaction,
    order: dict[str, Any],
    files: tuple[discord.Attachment, ...] | list[discord.Attachment] = (),
) -> None:
    await respond_with(interaction, lambda: ingested(interaction, order, files), Shown.ALONE, _named(interaction))


def _named(interaction: Interaction) -> str | None:
    return None if interaction.command else "modal ingest"


@app_commands.command(description="What this server's library holds, and how I am doing.")
@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
async def status(interaction: Interaction) -> None:
    """Tell how things stand."""
    if await admitted(interaction):
        await respond(interaction, "status", Shown.ALONE, process=_process(interaction.client))


def _process(client: OnRecord) -> list[str]:
    # Not a number before the first heartbeat.
    answers = f"; Discord answers in {client.latency * 1000:.0f} ms" if isfinite(client.latency) else ""
    return [
        f"**Questions under way**: {client.desk.waiting}",
        f"**Up since** <t:{int(client.begun)}:R>{answers}",
        f"**Longest pause of my event loop**: {client.pulse.worst * 1000:.0f} ms",
        "**Message content**: " + ("read" if client.intents.message_content else "not read; mention me to ask"),
    ]


COMMANDS: tuple[Any, ...] = (ingest, ingest_this, status)

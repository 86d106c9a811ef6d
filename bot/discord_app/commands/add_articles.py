"""How admins add articles: /ingest, and the message command "Ingest this".

Whatever is added on Discord belongs to the guild in which it was added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from bot.discord_app.commands import AnyCommand
from bot.discord_app.commands.ingest_report import find_addresses, ingest_with_progress, reason_to_refuse
from bot.discord_app.permissions import ADMIN_PERMISSIONS, require_admin
from bot.discord_app.responses import respond
from bot.discord_app.sending import Visibility
from bot.discord_app.services import NOBODY, Interaction
from bot.workers.protocol import Metadata

_MAX_ADDRESSES = 50
"""Maximum number of addresses of one message that are read."""

ingest = app_commands.Group(
    name="ingest",
    description="Read articles into this server's library.",
    guild_only=True,
    default_permissions=ADMIN_PERMISSIONS,
)


@ingest.command(name="address", description="Read the article at an address.")
@app_commands.describe(
    url="The address of an article",
    title="The headline, if the page has it wrong",
    source="The outlet, if the page does not say",
    published="The date of publication, such as 2026-03-31, if the page does not say",
)
async def ingest_address(
    interaction: Interaction,
    url: app_commands.Range[str, 1, 2000],
    title: app_commands.Range[str, 1, 300] | None = None,
    source: app_commands.Range[str, 1, 100] | None = None,
    published: app_commands.Range[str, 1, 40] | None = None,
) -> None:
    """Read the article at an address."""
    if await require_admin(interaction):
        metadata = Metadata(title=title, source=source, published=published)
        await _ingest(interaction, metadata, addresses=[url.strip()])


@ingest.command(name="feed", description="Read a feed's articles once; /feeds add keeps reading it.")
@app_commands.describe(url="The address of a feed")
async def ingest_feed(interaction: Interaction, url: app_commands.Range[str, 1, 2000]) -> None:
    """Read the entries of a feed once."""
    if await require_admin(interaction):
        await _ingest(interaction, Metadata(), addresses=[url.strip()])


@ingest.command(
    name="file", description="Read an attached file: text, web page, PDF, Word, rows, or an archive of these."
)
@app_commands.describe(
    file="The file",
    title="The headline, if the file has it wrong",
    source="The outlet, if the file does not say",
    published="The date of publication, such as 2026-03-31, if the file does not say",
)
async def ingest_file(
    interaction: Interaction,
    file: discord.Attachment,
    title: app_commands.Range[str, 1, 300] | None = None,
    source: app_commands.Range[str, 1, 100] | None = None,
    published: app_commands.Range[str, 1, 40] | None = None,
) -> None:
    """Read an attachment."""
    if await require_admin(interaction):
        await _ingest(interaction, Metadata(title=title, source=source, published=published), files=[file])


@ingest.command(name="text", description="Paste an article.")
async def ingest_text(interaction: Interaction) -> None:
    """Open a form for a text."""
    if await require_admin(interaction):
        await interaction.response.send_modal(PasteForm())


class PasteForm(discord.ui.Modal, title="Paste an article"):
    """Takes a text, and what is known about it."""

    text: discord.ui.TextInput[PasteForm] = discord.ui.TextInput(
        label="Text, with the headline first", style=discord.TextStyle.paragraph, max_length=4000
    )
    outlet: discord.ui.TextInput[PasteForm] = discord.ui.TextInput(label="Outlet", required=False, max_length=100)
    published: discord.ui.TextInput[PasteForm] = discord.ui.TextInput(
        label="Date of publication, such as 2026-03-31", required=False, max_length=40
    )
    address: discord.ui.TextInput[PasteForm] = discord.ui.TextInput(label="Address", required=False, max_length=1000)

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Read the text."""
        if await require_admin(interaction):
            source, published, url = (
                str(field).strip() or None for field in (self.outlet, self.published, self.address)
            )
            await _ingest(interaction, Metadata(source=source, published=published, url=url), text=str(self.text))


@app_commands.context_menu(name="Ingest this")
@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
async def ingest_message(interaction: Interaction, message: discord.Message) -> None:
    """Read every address and file of a message."""
    if not await require_admin(interaction):
        return
    embedded = [embed.url for embed in message.embeds if embed.url]
    addresses = list(dict.fromkeys([*find_addresses(message.content), *embedded]))[:_MAX_ADDRESSES]
    files = [file for file in message.attachments if reason_to_refuse(file) is None or not addresses]
    if addresses or files:
        await _ingest(interaction, Metadata(), addresses=addresses, files=files)
    else:
        await interaction.response.send_message(
            "That message contains no address and no file.", ephemeral=True, allowed_mentions=NOBODY
        )


async def _ingest(
    interaction: Interaction,
    metadata: Metadata,
    *,
    addresses: Sequence[str] = (),
    text: str | None = None,
    files: Sequence[discord.Attachment] = (),
) -> None:
    await respond(
        interaction,
        lambda: ingest_with_progress(interaction, metadata, addresses, text, files),
        Visibility.PRIVATE,
        None if interaction.command else "modal ingest",
    )


COMMANDS: tuple[AnyCommand, ...] = (ingest, ingest_message)

"""The bot's buttons for discord.py, which restores them from their ids, also after a restart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

import discord

from bot.discord_app.services import BotClient
from bot.messages.button_ids import TEMPLATE, ButtonId
from bot.messages.message import Button


class PersistentButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
    """A button whose id says what it does; the client does it."""

    def __init__(self, button: Button) -> None:
        super().__init__(discord.ui.Button(label=button.label, custom_id=button.custom_id))
        self.button_id = ButtonId.parse(button.custom_id)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """The button that was pressed."""
        return cls(Button("…", match[0]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand the press to the client."""
        client: BotClient = interaction.client
        await client.handle_button(interaction, self.button_id)


def make_view(buttons: Sequence[Button]) -> discord.ui.View:
    """The buttons as a view; to be called in the event loop."""
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(PersistentButton(button))
    return view

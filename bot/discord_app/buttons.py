"""Buttons as discord.py has them, made anew from their ids after a restart. Read `Pressed` first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

import discord

from bot.messages.button_ids import TEMPLATE
from bot.messages.message import Button


class Pressed(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
    """A button that somebody pressed, made anew from its id."""

    def __init__(self, one: Button) -> None:
        super().__init__(discord.ui.Button(label=one.label, custom_id=one.custom_id))
        found = re.fullmatch(TEMPLATE, one.custom_id)
        if found is None:
            raise ValueError(f"no id of a button: {one.custom_id}")
        self.what, self.key = found["what"], found["key"]
        self.number = int(found["number"] or 0)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """The button that was pressed."""
        return cls(Button("…", match[0]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what it stands for."""
        from bot.discord_app.commands import paging, votes

        if self.what == "page":
            await paging.turned(interaction, self.key, self.number)
        else:
            await votes.pressed(interaction, self.what, self.key)


def view_of(buttons: Sequence[Button]) -> discord.ui.View:
    """The buttons as discord.py has them; to be made in the event loop."""
    view = discord.ui.View(timeout=None)
    for one in buttons:
        view.add_item(Pressed(one))
    return view

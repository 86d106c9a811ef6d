"""Buttons that turn the pages of /said. What was asked stands in the button itself, so they outlive a restart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Self

import discord

_LONGEST = 100
"""Characters of a button's id (Discord's limit)."""

_TEMPLATE = r"said:(?P<number>\d{1,4}):(?P<since>[\d-]*):(?P<until>[\d-]*):(?P<speaker>[^|]*)\|(?P<about>.*)"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of what somebody said: how it was asked for, and its number from 0 on."""

    speaker: str
    about: str | None
    since: str | None
    until: str | None
    number: int = 0

    @property
    def key(self) -> str:
        """What a button carries; may be longer than Discord takes."""
        asked = f"{self.since or ''}:{self.until or ''}:{self.speaker.replace('|', ' ')}|{self.about or ''}"
        return f"said:{self.number}:{asked}"

    @property
    def fits(self) -> bool:
        """Whether a button can carry it, whatever the page."""
        return len(replace(self, number=9999).key) <= _LONGEST

    @classmethod
    def of(cls, match: re.Match[str]) -> Page:
        """The page that a button carries."""
        found = {name: match[name] or None for name in ("about", "since", "until")}
        return cls(match["speaker"], number=int(match["number"]), **found)


class PageButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """A button that shows another page in the place of the one it stands under."""

    def __init__(self, page: Page, label: str) -> None:
        super().__init__(discord.ui.Button(label=label, custom_id=page.key))
        self._page = page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        """The button that was pressed, made anew."""
        return cls(Page.of(match), "Page")

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Show its page, as the guild of whoever pressed it sees it."""
        from bot.lookup import statements
        from bot.replying import respond

        client, guild = interaction.client, interaction.guild_id
        await respond(interaction, client.desk, lambda: statements(client.library, guild, self._page))


def buttons(page: Page, pages: int) -> discord.ui.View:
    """The buttons under a page; to be made in the event loop."""
    view = discord.ui.View(timeout=None)
    if page.number > 0:
        view.add_item(PageButton(replace(page, number=page.number - 1), "Newer"))
    if page.number + 1 < pages:
        view.add_item(PageButton(replace(page, number=page.number + 1), "Older"))
    return view

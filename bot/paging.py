"""Lists, cut into pages that buttons turn.

What a list was asked by is kept under a key, and the page is made anew when a button is pressed, as the guild of
whoever presses it sees it: so buttons work after a restart and show nothing of another guild.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import discord

from bot.buttons import button
from bot.limits import Button
from bot.render import pages
from bot.replying import Reply, Shown, respond, scope, told
from bot.splitting import Block

if TYPE_CHECKING:
    from bot.client import OnRecord

Options = Mapping[str, Any]
GONE = "This is no longer kept here. Please ask anew."


@dataclass(frozen=True, slots=True)
class Listed:
    """A list's heading, in plain text, and its entries."""

    heading: str
    blocks: Sequence[Block]
    outcome: str = "answered"


@dataclass(frozen=True, slots=True)
class Kind:
    """How lists of a kind are made, in a thread, from what they are asked by, and whether admins alone may see them."""

    make: Callable[[OnRecord, int | None, Options], Listed]
    for_admins: bool = False


def listed(
    client: OnRecord, guild: int | None, kind: str, options: Options, number: int = 0, key: str | None = None
) -> Reply:
    """A page of a list, with the buttons that turn it. To be called in a thread."""
    one = client.lists[kind].make(client, guild, options)
    made = pages(one.heading, one.blocks)
    if len(made) == 1:
        return Reply(made, one.outcome)
    key = key or client.keeping.keep(scope(guild), kind, options)
    number = min(number, len(made) - 1)
    return Reply([replace(made[number], buttons=_turning(key, number, len(made)))], one.outcome)


def _turning(key: str, number: int, of: int) -> tuple[Button, ...]:
    back = [button("◀ Back", "page", key, number - 1)] if number > 0 else []
    on = [button("Next ▶", "page", key, number + 1)] if number + 1 < of else []
    return (*back, *on)


async def turned(interaction: discord.Interaction[OnRecord], key: str, number: int) -> None:
    """Show another page in the place of the one that a button stands under."""
    from bot.admitting import is_admin

    client, guild = interaction.client, interaction.guild_id
    admin = is_admin(interaction)

    def job() -> Reply:
        kept = client.keeping.find(key, scope(guild))
        kind = client.lists.get(kept.kind) if kept else None
        if kept is None or kind is None or (kind.for_admins and not admin):
            return replace(told(GONE, "forgotten"), aside=True)
        return listed(client, guild, kept.kind, kept.body, number, key)

    await respond(interaction, job, Shown.IN_PLACE, "button page")

"""The buttons under an answer: its evidence, more by its speaker, and what people think of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.discord_app.commands.paging import GONE
from bot.discord_app.responses import Shown, looked_up, noted, respond_with
from bot.messages.reply import Reply, scope, told
from retrieval.store.replies import ANSWER

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord

_THANKS = "Thank you; it is noted."
_REASON = 1_000


async def pressed(interaction: discord.Interaction[OnRecord], what: str, key: str) -> None:
    """Do what a button under an answer stands for, for whoever pressed it alone."""
    if what == "bad":
        await _ask_why(interaction, key)
    elif what == "good":
        await _vote(interaction, key, good=True)
    else:
        client, guild = interaction.client, interaction.guild_id
        show = evidence if what == "evidence" else more
        await respond_with(
            interaction,
            lambda: client.desk.work(interaction.user.id, lambda: show(client, guild, key)),
            Shown.ALONE,
            f"button {what}",
        )


async def evidence(client: OnRecord, guild: int | None, key: str) -> Reply:
    """The passages that an answer rests on, as they stand in the library now."""
    kept = await client.keeping.find(key, scope(guild))
    if kept is None or kept.kind != ANSWER:
        return told(GONE, "forgotten")
    known = {"question": kept.body["question"], "citations": kept.body["citations"]}
    return await looked_up(client, guild, "evidence", **known)


async def more(client: OnRecord, guild: int | None, key: str) -> Reply:
    """What else the speaker of an answer said, newest first."""
    kept = await client.keeping.find(key, scope(guild))
    speakers = [one["speaker"] for one in kept.body.get("citations", ()) if one["speaker"]] if kept else []
    if kept is None or not speakers:
        return told(GONE, "forgotten")
    options = {"speaker": speakers[0], "allowed": kept.body["sources"]}
    return await looked_up(client, guild, "list", kind="said", options=options)


async def _vote(interaction: discord.Interaction[OnRecord], key: str, *, good: bool, reason: str | None = None) -> None:
    client, guild, member = interaction.client, interaction.guild_id, str(interaction.user.id)

    async def work() -> Reply:
        known = await client.keeping.vote(key, scope(guild), member, good=good, reason=reason)
        return told(_THANKS, "voted") if known else told(GONE, "forgotten")

    await respond_with(interaction, work, Shown.ALONE, "button good" if good else "modal reason")


async def _ask_why(interaction: discord.Interaction[OnRecord], key: str) -> None:
    ids = {"id": interaction.id, "guild": interaction.guild_id, "user": interaction.user.id}
    with noted("button bad", **ids) as note:
        await interaction.response.send_modal(Why(key))
        note.outcome = "asked why"
    # Whoever closes the modal has voted all the same.
    await interaction.client.keeping.vote(key, scope(interaction.guild_id), str(interaction.user.id), good=False)


class Why(discord.ui.Modal, title="What was wrong?"):
    """Asks whoever does not like an answer for the reason, which may be left out."""

    reason: discord.ui.TextInput[Why] = discord.ui.TextInput(
        label="In your own words, if you like",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=_REASON,
    )

    def __init__(self, key: str) -> None:
        super().__init__(timeout=3600)
        self._key = key

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Keep the reason."""
        await _vote(interaction, self._key, good=False, reason=str(self.reason).strip() or None)

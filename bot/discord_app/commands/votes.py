"""The buttons under an answer: its evidence, more by its speaker, and what members think of it."""

from __future__ import annotations

from typing import Any

import discord

from bot.discord_app.commands.paging import NO_LONGER_KEPT
from bot.discord_app.interaction_log import log_interaction
from bot.discord_app.responses import fetch_reply, respond, respond_in_turn
from bot.discord_app.sending import Visibility
from bot.discord_app.services import Interaction, Services
from bot.messages.button_ids import ButtonId
from bot.workers.lists import StatementList
from bot.workers.protocol import ShowEvidence, ShowList
from bot.workers.records import AnswerRecord
from bot.workers.replies import Reply
from bot.workers.scope import scope_of

_THANKS = "Thank you for your feedback."
_MAX_REASON = 1_000


async def show_evidence(interaction: Interaction, button: ButtonId) -> None:
    """Show the passages that an answer cited, as the library has them now, to the member who pressed the button."""
    services, guild = interaction.client.services, interaction.guild_id

    async def work() -> Reply:
        answer = await _find_answer(services, guild, button.key)
        if answer is None:
            return Reply.from_text(NO_LONGER_KEPT, "forgotten")
        request = ShowEvidence(guild=guild, question=answer.question, citations=answer.citations)
        return await fetch_reply(services, request)

    await respond_in_turn(interaction, work, Visibility.PRIVATE, "button evidence")


async def show_more(interaction: Interaction, button: ButtonId) -> None:
    """List what else the speaker of an answer said, newest first, to the member who pressed the button."""
    services, guild = interaction.client.services, interaction.guild_id

    async def work() -> Reply:
        answer = await _find_answer(services, guild, button.key)
        speakers = [citation.speaker for citation in answer.citations if citation.speaker] if answer else []
        if answer is None or not speakers:
            return Reply.from_text(NO_LONGER_KEPT, "forgotten")
        options = StatementList(speaker=speakers[0], allowed=answer.sources)
        return await fetch_reply(services, ShowList(guild=guild, options=options))

    await respond_in_turn(interaction, work, Visibility.PRIVATE, "button more")


async def _find_answer(services: Services, guild: int | None, key: str) -> AnswerRecord | None:
    record = await services.replies.find(key, scope_of(guild))
    return record if isinstance(record, AnswerRecord) else None


async def vote_good(interaction: Interaction, button: ButtonId) -> None:
    """Count that a member likes an answer."""
    await _vote(interaction, button.key, "button good", good=True)


async def vote_bad(interaction: Interaction, button: ButtonId) -> None:
    """Count that a member does not like an answer, and ask for the reason."""
    with log_interaction(interaction, "button", "button bad") as note:
        await interaction.response.send_modal(ReasonForm(button.key))
        note.outcome = "asked why"
    # A member who closes the form has voted nevertheless.
    member = str(interaction.user.id)
    await interaction.client.services.replies.vote(button.key, scope_of(interaction.guild_id), member, good=False)


async def _vote(interaction: Interaction, key: str, log_name: str, *, good: bool, reason: str | None = None) -> None:
    replies, scope, member = interaction.client.services.replies, scope_of(interaction.guild_id), interaction.user.id

    async def work() -> Reply:
        counted = await replies.vote(key, scope, str(member), good=good, reason=reason)
        return Reply.from_text(_THANKS, "voted") if counted else Reply.from_text(NO_LONGER_KEPT, "forgotten")

    await respond(interaction, work, Visibility.PRIVATE, log_name)


class ReasonForm(discord.ui.Modal, title="What was wrong?"):
    """Asks a member who does not like an answer for the reason, which is optional."""

    reason: discord.ui.TextInput[ReasonForm] = discord.ui.TextInput(
        label="Your reason (optional)",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=_MAX_REASON,
    )

    def __init__(self, key: str) -> None:
        super().__init__(timeout=3600)
        self._key = key

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Keep the reason."""
        await _vote(interaction, self._key, "modal reason", good=False, reason=str(self.reason).strip() or None)

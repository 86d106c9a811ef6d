"""From an interaction to its reply: acknowledge it, wait for its turn, do the work, send the reply, log how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import discord
from discord import app_commands

from bot.discord_app.admission import Refusal
from bot.discord_app.interaction_log import log_interaction
from bot.discord_app.sending import Visibility, send_reply
from bot.discord_app.services import NOBODY, Interaction, Services
from bot.messages.markdown import choice_name
from bot.messages.message import MAX_CHOICE_NAME, MAX_CHOICES
from bot.workers.failures import failure_reply
from bot.workers.protocol import QuickRequest, ReplyRequest
from bot.workers.replies import Reply, Suggestions
from bot.workers.scope import scope_of

QUEUE_NOTICE_FROM = 8
"""Number of questions ahead from which on the asker is told of them."""

_ALREADY_ACKNOWLEDGED = 40060
_ACKNOWLEDGE_TIMEOUTS = (0.6, 0.6, 0.7)
"""Seconds that each attempt to acknowledge has before the next."""

Work = Callable[[], Awaitable[Reply]]


async def reply_or_failure(work: Awaitable[Reply]) -> Reply:
    """The reply that some work results in; where it fails, a reply that says so. Raises Discord's errors."""
    try:
        return await work
    except discord.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 (the asker is told)
        return failure_reply(error)


async def fetch_reply(services: Services, request: ReplyRequest) -> Reply:
    """The library's reply to a request; what its buttons need is kept."""
    reply = await services.queries.ask(request)
    if reply.kept is not None:
        services.replies.keep(scope_of(request.guild), reply.kept)
    return reply


async def respond_with_request(
    interaction: Interaction,
    request: ReplyRequest,
    visibility: Visibility = Visibility.PUBLIC,
) -> None:
    """Answer an interaction with the library's reply to a request; see `respond`."""
    await respond_in_turn(interaction, lambda: fetch_reply(interaction.client.services, request), visibility)


async def respond_in_turn(
    interaction: Interaction, work: Work, visibility: Visibility = Visibility.PUBLIC, log_name: str | None = None
) -> None:
    """Answer an interaction with what some work results in, once the member's earlier questions are answered."""
    admission = interaction.client.services.admission
    await respond(interaction, partial(admission.run_in_turn, interaction.user.id, work), visibility, log_name)


async def respond(
    interaction: Interaction, work: Work, visibility: Visibility = Visibility.PUBLIC, log_name: str | None = None
) -> tuple[Reply, list[int]] | None:
    """Answer a command, a button or a modal with what some work results in: acknowledged at once, edited later.

    Returns the reply and the ids of its messages, or None where nothing was sent. A member whose question is not
    admitted is told so privately. `log_name`: what the log calls an interaction that is no command.
    """
    guild, user = interaction.guild_id, interaction.user.id
    with log_interaction(interaction, "command" if interaction.command else "button", log_name) as note:
        try:
            with interaction.client.services.admission.admit(user, guild) as ahead:
                await acknowledge(interaction, visibility)
                if visibility is not Visibility.IN_PLACE and ahead >= QUEUE_NOTICE_FROM:
                    await interaction.edit_original_response(content=queue_notice(ahead))
                reply = await reply_or_failure(work())
                sent = await send_reply(interaction, reply, visibility)
        except Refusal as refusal:
            note.outcome = "refused"
            await interaction.response.send_message(str(refusal), ephemeral=True, allowed_mentions=NOBODY)
            return None
        note.outcome = reply.outcome
        return reply, sent
    return None  # type: ignore[unreachable]  # `log_interaction` handles Discord's errors


async def acknowledge(interaction: Interaction, visibility: Visibility) -> None:
    """Tell Discord that an interaction is being handled, which it expects within three seconds.

    Where Discord answers with an error, discord.py waits one second and then three before it tries again; this tries
    again sooner. It is no error where an earlier attempt has arrived after all.
    """
    thinking, ephemeral = visibility is not Visibility.IN_PLACE, visibility is Visibility.PRIVATE
    for seconds in (*_ACKNOWLEDGE_TIMEOUTS, None):
        try:
            await asyncio.wait_for(interaction.response.defer(thinking=thinking, ephemeral=ephemeral), seconds)
        except TimeoutError:
            continue
        except discord.HTTPException as error:
            if error.code != _ALREADY_ACKNOWLEDGED:
                raise
        return


def queue_notice(ahead: int) -> str:
    """What an asker is told while many others wait."""
    return f"There are {ahead} questions ahead of yours. I answer them in order."


async def offer_choices(
    interaction: Interaction, request: QuickRequest[Suggestions], *, allowed: bool = True
) -> list[app_commands.Choice[str]]:
    """The library's suggestions while somebody types an option; none to those who are not `allowed` any."""
    with log_interaction(interaction, "autocomplete") as note:
        found = await interaction.client.services.queries.ask(request) if allowed else Suggestions()
        choices = [
            app_commands.Choice(name=choice_name(suggestion.label.strip() or suggestion.value), value=suggestion.value)
            for suggestion in found.suggestions[:MAX_CHOICES]
            if 0 < len(suggestion.value) <= MAX_CHOICE_NAME
        ]
        note.outcome = f"offered:{len(choices)}"
        return choices
    return []  # type: ignore[unreachable]  # `log_interaction` handles Discord's errors


def has_own_conversation(channel: discord.abc.Snowflake | None) -> bool:
    """Whether everything in a channel belongs to one conversation: in a thread or a direct message."""
    return isinstance(channel, discord.Thread | discord.DMChannel)

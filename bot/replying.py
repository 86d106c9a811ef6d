"""From a job to messages on Discord: acknowledge, wait for the place, work, send, and note how long it took."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import discord

from bot.desk import Desk, Refusal
from bot.messages import harmless
from bot.paging import Page, buttons
from retrieval.errors import OnRecordError, QuestionError, TransientError
from retrieval.question import Turn
from retrieval.types import PUBLIC

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()
_WORTH_TELLING = 8
"""Questions ahead from which on the place in the queue is shown."""

_TOKEN_GONE = 50027
_BROKEN = "Something went wrong here, and it is in my log. Please try again later."


@dataclass(frozen=True, slots=True)
class Reply:
    """Texts to send, how it went in a word for the log, its turn of a conversation, and its page of how many."""

    texts: Sequence[str]
    outcome: str = "answered"
    turn: Turn | None = None
    page: Page | None = None
    pages: int = 1


Job = Callable[[], Reply]


@dataclass(slots=True)
class Note:
    """How an interaction went, for its line in the log."""

    outcome: str = "failed"


@contextmanager
def noted(kind: str, **ids: int | None) -> Iterator[Note]:
    """Write one line for an interaction: its kind, ids, outcome and milliseconds; none of its words.

    What Discord refuses in between, because the message, the channel or the permission is gone, ends it with that line.
    """
    begun, note = time.perf_counter(), Note()
    try:
        yield note
    except discord.HTTPException as error:
        note.outcome = f"dropped:{error.status}/{error.code}"
    except OSError as error:
        note.outcome = f"dropped:{type(error).__name__}"
    finally:
        shown = " ".join(f"{name}={value or '-'}" for name, value in ids.items())
        took = (time.perf_counter() - begun) * 1000
        level = logging.WARNING if note.outcome.startswith(("failed", "dropped")) else logging.INFO
        log.log(level, "%s %s outcome=%s ms=%.0f", kind, shown, note.outcome, took)


def offering(interaction: discord.Interaction[Any]) -> AbstractContextManager[Note]:
    """The line for what is offered while somebody types."""
    command = interaction.command
    ids = {"id": interaction.id, "guild": interaction.guild_id, "user": interaction.user.id}
    return noted(f"offer /{command.qualified_name}" if command else "offer", **ids)


def scopes(guild_id: int | None) -> tuple[str, ...]:
    """What is seen from a guild: what is public and its own; from a direct message what is public alone."""
    return (PUBLIC,) if guild_id is None else (PUBLIC, str(guild_id))


def told_apart(place: discord.abc.Snowflake | None) -> bool:
    """Whether a channel is one conversation by itself: a thread, or a direct message."""
    return isinstance(place, discord.Thread | discord.DMChannel)


async def done(desk: Desk, member: int, job: Job) -> Reply:
    """What a job replies; what goes wrong in it is a reply too, and in the log with where it happened."""
    try:
        return await desk.work(member, job)
    except QuestionError as error:
        return Reply([harmless(str(error)[:900])], "unasked")
    except TransientError as error:
        log.warning("a job failed for now: %s", error)
        return Reply(["My library is busy. Please try again in a minute."], "failed:busy")
    except OnRecordError as error:
        log.error("a job failed: %s", error)
        return Reply([_BROKEN], f"failed:{type(error).__name__}")
    except Exception as error:  # noqa: BLE001 (whoever asked is told; the message may hold an article's words)
        log.error("a job failed: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        return Reply([_BROKEN], f"failed:{type(error).__name__}")


async def respond(interaction: discord.Interaction[Any], desk: Desk, job: Job) -> tuple[Reply, list[int]] | None:
    """Answer a slash command or a button: deferred at once, then edited. Gives the reply and the ids of its messages.

    None where nothing was sent. A question that is not taken is told so privately.
    """
    command, user = interaction.command, interaction.user.id
    name = f"command /{command.qualified_name}" if command else "button"
    ids = {"id": interaction.id, "guild": interaction.guild_id, "channel": interaction.channel_id, "user": user}
    with noted(name, **ids) as note:
        try:
            with desk.place(user, interaction.guild_id) as ahead:
                # Of a button, the message it stands under is what is edited.
                await interaction.response.defer(thinking=command is not None)
                if command and ahead >= _WORTH_TELLING:
                    await interaction.edit_original_response(content=f"{ahead} questions are before yours.")
                reply = await done(desk, user, job)
                sent = await _delivered(interaction, reply)
        except Refusal as refused:
            note.outcome = "refused"
            await interaction.response.send_message(str(refused), ephemeral=True, allowed_mentions=NOBODY)
            return None
        note.outcome = reply.outcome
        return reply, sent
    return None  # type: ignore[unreachable]  # `noted` keeps what Discord refused


async def _delivered(interaction: discord.Interaction[Any], reply: Reply) -> list[int]:
    """Send a reply as the answer of an interaction; where its token has run out, as messages in its channel."""
    sent: list[int] = []
    texts = reply.texts
    view = buttons(reply.page, reply.pages) if reply.page and reply.pages > 1 else None
    try:
        edited = await interaction.edit_original_response(content=texts[0], view=view, allowed_mentions=NOBODY)
        sent.append(edited.id)
        for text in texts[1:]:
            more = await interaction.followup.send(text, wait=True, suppress_embeds=True, allowed_mentions=NOBODY)
            sent.append(more.id)
    except discord.HTTPException as error:
        channel = interaction.channel
        if error.code != _TOKEN_GONE or not isinstance(channel, discord.abc.Messageable):
            raise
        for text in texts[len(sent) :]:
            sent.append((await channel.send(text, suppress_embeds=True, allowed_mentions=NOBODY)).id)
    return sent


async def reply_to(message: discord.Message, texts: Sequence[str]) -> list[int]:
    """Answer a message where it stands, pinging nobody; gives the ids of what was sent."""
    quiet: dict[str, Any] = {"suppress_embeds": True, "allowed_mentions": NOBODY}
    sent = [(await message.reply(texts[0], mention_author=False, **quiet)).id]
    for text in texts[1:]:
        sent.append((await message.channel.send(text, **quiet)).id)
    return sent

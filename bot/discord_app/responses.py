"""From a job to messages on Discord: acknowledge, wait for the place, work, send, and note how long it took."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from bot.discord_app.admission import Refusal
from bot.discord_app.buttons import view_of
from bot.messages.message import Embed, Message
from bot.messages.render import without_cards
from bot.messages.reply import Reply, failure, reply_of, scope

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()
WORTH_TELLING = 8
"""Questions ahead from which on the place in the queue is shown."""

_TOKEN_GONE = 50027
_ACKNOWLEDGED = 40060
_SOON = (0.6, 0.6, 0.7)
"""Seconds after which an acknowledgement is tried again."""


class Shown(Enum):
    """How an interaction is replied to: to all, to whoever acted alone, or in place of the message it stands under."""

    ALL = "all"
    ALONE = "alone"
    IN_PLACE = "in place"


Work = Callable[[], Awaitable[Reply]]


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
    except (OSError, aiohttp.ClientError) as error:
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


def told_apart(place: discord.abc.Snowflake | None) -> bool:
    """Whether a channel is one conversation by itself: a thread, or a direct message."""
    return isinstance(place, discord.Thread | discord.DMChannel)


async def settled(work: Awaitable[Reply]) -> Reply:
    """What work replies; what goes wrong in it is a reply too, and in the log with where it happened."""
    try:
        return await work
    except discord.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 (whoever asked is told)
        return failure(error)


async def looked_up(client: OnRecord, guild: int | None, do: str, **given: Any) -> Reply:
    """What the library replies to an order of a guild, kept as far as its buttons need it."""
    reply = reply_of(await client.librarians.end(do, guild=guild, **given))
    if reply.keep is not None:
        client.keeping.keep(scope(guild), reply.keep)
    return reply


async def respond(
    interaction: discord.Interaction[OnRecord], do: str, shown: Shown = Shown.ALL, name: str | None = None, **given: Any
) -> None:
    """Answer an interaction by what the library replies to an order; see `respond_with`."""
    client, guild = interaction.client, interaction.guild_id
    work = partial(looked_up, client, guild, do, **given)
    await respond_with(interaction, partial(client.desk.work, interaction.user.id, work), shown, name)


async def respond_with(
    interaction: discord.Interaction[Any], work: Work, shown: Shown = Shown.ALL, name: str | None = None
) -> tuple[Reply, list[int]] | None:
    """Answer a command, a button or a modal: deferred at once, then edited. Gives the reply and its messages' ids.

    None where nothing was sent. What is not taken is told so privately. `name`: what the log calls it.
    """
    command, user = interaction.command, interaction.user.id
    ids = {"id": interaction.id, "guild": interaction.guild_id, "channel": interaction.channel_id, "user": user}
    with noted(name or (f"command /{command.qualified_name}" if command else "button"), **ids) as note:
        try:
            with interaction.client.desk.place(user, interaction.guild_id) as ahead:
                await acknowledge(interaction, shown)
                if shown is not Shown.IN_PLACE and ahead >= WORTH_TELLING:
                    await interaction.edit_original_response(content=waiting(ahead))
                reply = await settled(work())
                sent = await _delivered(interaction, reply, shown)
        except Refusal as refused:
            note.outcome = "refused"
            await interaction.response.send_message(str(refused), ephemeral=True, allowed_mentions=NOBODY)
            return None
        note.outcome = reply.outcome
        return reply, sent
    return None  # type: ignore[unreachable]  # `noted` keeps what Discord refused


async def acknowledge(interaction: discord.Interaction[Any], shown: Shown) -> None:
    """Tell Discord that an interaction is being seen to, which it wants to hear within three seconds.

    Where Discord answers with an error, discord.py pauses for one second and then for three before it asks again; here
    it asks again sooner. An acknowledgement that had arrived after all is no error.
    """
    how = {"thinking": shown is not Shown.IN_PLACE, "ephemeral": shown is Shown.ALONE}
    for seconds in (*_SOON, None):
        try:
            await asyncio.wait_for(interaction.response.defer(**how), seconds)
        except TimeoutError:
            continue
        except discord.HTTPException as error:
            if error.code != _ACKNOWLEDGED:
                raise
        return


def waiting(ahead: int) -> str:
    """What is said to whoever waits."""
    return f"{ahead} questions are before yours; I answer them in turn."


async def _delivered(interaction: discord.Interaction[Any], reply: Reply, shown: Shown) -> list[int]:
    """Send a reply as the answer of an interaction; where its token has run out, as messages in its channel."""
    sent: list[int] = []
    messages = reply.messages if interaction.app_permissions.embed_links else _without_cards(reply.messages)
    if reply.aside and shown is Shown.IN_PLACE:
        return [(await interaction.followup.send(**_fresh(messages[0]), wait=True, ephemeral=True)).id]
    try:
        edited = await interaction.edit_original_response(**_edited(messages[0]), attachments=_files(reply))
        if messages[0].embeds and not edited.embeds:
            # Whatever was said of permissions: what came out shows nothing.
            messages = _without_cards(messages)
            edited = await interaction.edit_original_response(**_edited(messages[0]), attachments=_files(reply))
        sent.append(edited.id)
        for one in messages[1:]:
            more = await interaction.followup.send(**_fresh(one), wait=True, ephemeral=shown is Shown.ALONE)
            sent.append(more.id)
    except discord.HTTPException as error:
        channel = interaction.channel
        if error.code != _TOKEN_GONE or not isinstance(channel, discord.abc.Messageable):
            raise
        for number, one in enumerate(messages[len(sent) :], len(sent)):
            whole = _fresh(one) | ({"files": _files(reply)} if number == 0 and reply.file else {})
            sent.append((await channel.send(**whole)).id)
    return sent


def _without_cards(messages: Sequence[Message]) -> list[Message]:
    return [part for one in messages for part in (without_cards(one) if one.embeds else (one,))]


async def reply_to(message: discord.Message, messages: Sequence[Message], instead: discord.Message | None) -> list[int]:
    """Answer a message where it stands, pinging nobody; gives the ids of what was sent.

    `instead`: the message that said to wait, which the first of them takes the place of. Each carries a nonce made of
    the question's id, so that Discord itself makes one of a request that is sent twice.
    """
    first, *others = messages
    if instead is not None:
        sent = [(await instead.edit(**_edited(first))).id]
    else:
        sent = [(await message.reply(**_fresh(first), mention_author=False, nonce=f"{message.id}:0")).id]
    for number, one in enumerate(others, 1):
        sent.append((await message.channel.send(**_fresh(one), nonce=f"{message.id}:{number}")).id)
    return sent


def _fresh(one: Message) -> dict[str, Any]:
    """A message as it is sent: previews of links are suppressed where it has no card of its own."""
    more = {"embeds": [_card(embed) for embed in one.embeds]} if one.embeds else {"suppress_embeds": True}
    view = {"view": view_of(one.buttons)} if one.buttons else {}
    return {"content": one.content or None, "allowed_mentions": NOBODY} | more | view


def _edited(one: Message) -> dict[str, Any]:
    """A message that takes the place of another with all that was on it."""
    return {
        "content": one.content or None,
        "embeds": [_card(embed) for embed in one.embeds],
        "view": view_of(one.buttons) if one.buttons else None,
        "allowed_mentions": NOBODY,
    }


def _card(one: Embed) -> discord.Embed:
    made = discord.Embed(title=one.title or None, description=one.description or None, url=one.url)
    for field in one.fields:
        made.add_field(name=field.name, value=field.value, inline=field.inline)
    return made.set_footer(text=one.footer) if one.footer else made


def _files(reply: Reply) -> list[discord.File]:
    return [discord.File(io.BytesIO(reply.file[1]), reply.file[0])] if reply.file else []

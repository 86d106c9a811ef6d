"""Sends replies as Discord messages: of an interaction, under a message, in place of another."""

from __future__ import annotations

import io
from collections.abc import Sequence
from enum import Enum
from typing import Any

import discord

from bot.discord_app.buttons import make_view
from bot.discord_app.services import NOBODY, Interaction
from bot.messages.message import Embed, Message
from bot.messages.render import cards_as_text
from bot.workers.replies import Reply

_TOKEN_EXPIRED = 50027


class Visibility(Enum):
    """Who sees the reply to an interaction, and where."""

    PUBLIC = "public"
    PRIVATE = "private"
    IN_PLACE = "in place"
    """It takes the place of the message under which a button was pressed."""


async def send_reply(interaction: Interaction, reply: Reply, visibility: Visibility) -> list[int]:
    """Send a reply as the answer of an interaction, and return the messages' ids.

    Where the interaction's token has expired, the reply is sent as messages in its channel.
    """
    sent: list[int] = []
    messages = reply.messages if interaction.app_permissions.embed_links else _replace_cards(reply.messages)
    if reply.aside and visibility is Visibility.IN_PLACE:
        return [(await interaction.followup.send(**_new_message(messages[0]), wait=True, ephemeral=True)).id]
    try:
        edited = await interaction.edit_original_response(**_edited_message(messages[0]), attachments=_files(reply))
        if messages[0].embeds and not edited.embeds:
            # Whatever Discord said about permissions, the card did not appear.
            messages = _replace_cards(messages)
            edited = await interaction.edit_original_response(**_edited_message(messages[0]), attachments=_files(reply))
        sent.append(edited.id)
        private = visibility is Visibility.PRIVATE
        for message in messages[1:]:
            followup = await interaction.followup.send(**_new_message(message), wait=True, ephemeral=private)
            sent.append(followup.id)
    except discord.HTTPException as error:
        channel = interaction.channel
        if error.code != _TOKEN_EXPIRED or not isinstance(channel, discord.abc.Messageable):
            raise
        for number, message in enumerate(messages[len(sent) :], len(sent)):
            files = {"files": _files(reply)} if number == 0 and reply.file else {}
            sent.append((await channel.send(**(_new_message(message) | files))).id)
    return sent


async def reply_to_message(
    question: discord.Message, messages: Sequence[Message], placeholder: discord.Message | None
) -> list[int]:
    """Reply to a message, pinging nobody, and return the ids of what was sent.

    `placeholder`: a reply that was sent before the answer was ready; the first message takes its place. Each message
    carries a nonce made of the question's id, so that Discord drops the second of two equal requests.
    """
    first, *others = messages
    if placeholder is not None:
        sent = [(await placeholder.edit(**_edited_message(first))).id]
    else:
        sent = [(await question.reply(**_new_message(first), mention_author=False, nonce=f"{question.id}:0")).id]
    for number, message in enumerate(others, 1):
        sent.append((await question.channel.send(**_new_message(message), nonce=f"{question.id}:{number}")).id)
    return sent


def _replace_cards(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages with their cards as text."""
    return tuple(part for message in messages for part in (cards_as_text(message) if message.embeds else (message,)))


def _new_message(message: Message) -> dict[str, Any]:
    """Arguments that send a message; link previews are suppressed where it has no card of its own."""
    embeds = {"embeds": [_embed(embed) for embed in message.embeds]} if message.embeds else {"suppress_embeds": True}
    view = {"view": make_view(message.buttons)} if message.buttons else {}
    return {"content": message.content or None, "allowed_mentions": NOBODY} | embeds | view


def _edited_message(message: Message) -> dict[str, Any]:
    """Arguments that replace everything in another message."""
    return {
        "content": message.content or None,
        "embeds": [_embed(embed) for embed in message.embeds],
        "view": make_view(message.buttons) if message.buttons else None,
        "allowed_mentions": NOBODY,
    }


def _embed(embed: Embed) -> discord.Embed:
    made = discord.Embed(title=embed.title or None, description=embed.description or None, url=embed.url)
    for field in embed.fields:
        made.add_field(name=field.name, value=field.value, inline=field.inline)
    return made.set_footer(text=embed.footer) if embed.footer else made


def _files(reply: Reply) -> list[discord.File]:
    if reply.file is None:
        return []
    name, content = reply.file
    return [discord.File(io.BytesIO(content), name)]

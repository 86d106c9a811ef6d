"""Asking: mentions, replies, direct messages, threads, and /ask. Read `heard` first."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.conversations import Key
from bot.discord_app.admission import Refusal
from bot.discord_app.commands.answer import Asked, answered, remember
from bot.discord_app.live_edit import Showing
from bot.discord_app.permissions import heard_here
from bot.discord_app.responses import NOBODY, WORTH_TELLING, noted, reply_to, respond_with, settled, told_apart, waiting
from bot.messages.help import HELP
from bot.messages.message import Message
from bot.messages.reply import Reply
from retrieval.search.query import LONGEST
from retrieval.store.channels import Mode

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord

_NAME = 100
"""Characters of a thread's name (Discord's limit)."""

_WRITTEN = (discord.MessageType.default, discord.MessageType.reply)
_NO_THREAD = "I may not open threads in this channel: an admin can allow it. Reply to my answer to ask on."


async def heard(client: OnRecord, message: discord.Message) -> None:
    """Answer a message that is for the bot; help where it asks nothing; leave every other alone."""
    question = addressed(client, message)
    if question is None or not client.is_new(message.id):
        return
    guild, member = message.guild.id if message.guild else None, message.author.id
    with noted("message", id=message.id, guild=guild, channel=message.channel.id, user=member) as note:
        rule = client.places.rule(guild, message.channel)
        if rule.mode is Mode.NEVER:
            note.outcome = "not here"
            return
        if not any(char.isalnum() for char in question):
            await reply_to(message, [Message(HELP)], None)
            note.outcome = "help"
            return
        asked = _asked(question, guild, rule.sources)
        try:
            with client.desk.place(member, guild) as ahead:
                standing = _Standing(message)
                if ahead >= WORTH_TELLING:
                    await standing.edit(waiting(ahead))
                reply = await settled(_answered(client, member, asked, _keys(message), standing.edit))
                sent = await reply_to(message, reply.messages, standing.sent)
        except Refusal as refused:
            note.outcome = "refused"
            await _refuse(client, message, refused)
            return
        note.outcome = reply.outcome
        if reply.talk:
            remember(client, guild, _kept(guild, message.channel, sent), reply.talk)


class _Standing:
    """What stands under a question until it is answered."""

    def __init__(self, question: discord.Message) -> None:
        self._question = question
        self.sent: discord.Message | None = None

    async def edit(self, text: str) -> None:
        if self.sent is not None:
            await self.sent.edit(content=text, allowed_mentions=NOBODY)
        else:
            self.sent = await self._question.reply(
                text,
                mention_author=False,
                allowed_mentions=NOBODY,
                suppress_embeds=True,
                nonce=f"{self._question.id}:w",
            )


async def _answered(
    client: OnRecord, member: int, asked: Asked, before: Sequence[Key], edit: Callable[[str], Awaitable[None]]
) -> Reply:
    """An answer, shown by `edit` while it is written; nothing is edited any more when it is there."""
    showing = Showing(edit)
    try:
        return await answered(client, member, asked, before, showing.show)
    finally:
        await showing.end()


def _asked(
    question: str,
    guild: int | None,
    sources: Sequence[str],
    since: str | None = None,
    until: str | None = None,
    source: str | None = None,
) -> Asked:
    narrowed = {"since": since, "until": until, "source": source, "of_channel": list(sources)}
    return {"text": question, "guild": guild, **narrowed}


async def _refuse(client: OnRecord, message: discord.Message, refused: Refusal) -> None:
    """Tell whoever asks too much so, privately if he lets us, and not again for a while."""
    if not client.desk.may_tell(message.author.id):
        return
    if message.guild is not None:
        try:
            await message.author.send(str(refused), allowed_mentions=NOBODY)
            return
        except discord.Forbidden:
            pass
    await reply_to(message, [Message(str(refused))], None)


def addressed(client: OnRecord, message: discord.Message) -> str | None:
    """What a message asks of the bot, its mention left out; None where it is not for the bot, or not from a person."""
    me = client.user
    if me is None or message.author.bot or message.webhook_id or message.type not in _WRITTEN:
        return None
    text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
    if message.guild is None or any(one.id == me.id for one in message.mentions):
        return text
    # What follows is only ever readable with the message content intent.
    in_own_thread = isinstance(message.channel, discord.Thread) and message.channel.owner_id == me.id
    continues = message.reference is not None and client.talks.knows((message.guild.id, _replied(message)))
    listens = client.places.listens(message.guild.id, message.channel)
    return text if text and (in_own_thread or continues or listens) else None


@app_commands.command(name="ask", description="Ask a question; the answer is quoted from news articles, with sources.")
@app_commands.describe(
    question="In plain words: what did the mayor say about the bridge?",
    since="Only articles from this day on, such as 2026-03-01",
    until="Only articles up to this day, such as 2026-03-31",
    source="Only articles of this source, by its whole name",
    thread="Open a thread under the answer, to ask on in",
)
async def ask(
    interaction: discord.Interaction[OnRecord],
    question: app_commands.Range[str, 1, LONGEST],
    since: str | None = None,
    until: str | None = None,
    source: str | None = None,
    thread: bool = False,
) -> None:
    """Answer a question, and know it when somebody replies."""
    client, guild, place = interaction.client, interaction.guild_id, interaction.channel
    rule = await heard_here(interaction)
    if rule is None:
        return
    before = [(guild or 0, place.id)] if place and told_apart(place) else []
    asked = _asked(question, guild, rule.sources, since, until, source)

    async def edit(text: str) -> None:
        await interaction.edit_original_response(content=text, allowed_mentions=NOBODY)

    outcome = await respond_with(interaction, lambda: _answered(client, interaction.user.id, asked, before, edit))
    if outcome and outcome[0].talk:
        # A thread has the id of the message it was opened under: what is kept for the one is kept for the other.
        remember(client, guild, _kept(guild, place, outcome[1]), outcome[0].talk)
        if thread and isinstance(place, discord.TextChannel):
            await _open_thread(interaction, place, question, outcome[1][0])


async def _open_thread(
    interaction: discord.Interaction[OnRecord], place: discord.TextChannel, question: str, under: int
) -> None:
    with noted("thread", guild=interaction.guild_id, channel=place.id, id=under) as note:
        try:
            await place.create_thread(name=question[:_NAME].strip() or "…", message=discord.Object(under))
            note.outcome = "opened"
        except discord.Forbidden:
            await interaction.followup.send(_NO_THREAD, ephemeral=True, allowed_mentions=NOBODY)
            note.outcome = "not allowed"


def _keys(message: discord.Message) -> list[Key]:
    """What a message's conversation may be known by, the nearest first."""
    guild = message.guild.id if message.guild else 0
    keys = [(guild, _replied(message))] if message.reference else []
    return [*keys, (guild, message.channel.id)] if told_apart(message.channel) else keys


def _kept(guild: int | None, place: discord.abc.Snowflake | None, sent: list[int]) -> list[Key]:
    """What a conversation is known by from now on."""
    ids = [*sent, place.id] if place is not None and told_apart(place) else sent
    return [(guild or 0, one) for one in ids]


def _replied(message: discord.Message) -> int:
    return (message.reference.message_id if message.reference else None) or 0

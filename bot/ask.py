"""Asking: mentions, replies, direct messages, threads, and /ask. Read `heard` first."""

from __future__ import annotations

import re
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.desk import Refusal
from bot.messages import HELP, rendered
from bot.replying import Reply, done, noted, reply_to, respond, scopes, told_apart
from bot.talks import Key
from retrieval.answer import answer_question
from retrieval.errors import QuestionError
from retrieval.question import LONGEST, Turn
from retrieval.types import Query

if TYPE_CHECKING:
    from bot.client import OnRecord
    from retrieval.library import Library

_NAME = 100
"""Characters of a thread's name (Discord's limit)."""

_WRITTEN = (discord.MessageType.default, discord.MessageType.reply)


async def heard(client: OnRecord, message: discord.Message) -> None:
    """Answer a message that is for the bot; help where it asks nothing; leave every other alone."""
    question = addressed(client, message)
    if question is None:
        return
    guild = message.guild.id if message.guild else None
    member = message.author.id
    with noted("message", id=message.id, guild=guild, channel=message.channel.id, user=member) as note:
        if not any(char.isalnum() for char in question):
            await reply_to(message, [HELP])
            note.outcome = "help"
            return
        keys = _keys(message)
        before = client.talks.before(keys)
        try:
            with client.desk.place(member, guild):
                query = Query(question, scopes(guild))
                reply = await done(client.desk, member, partial(answered, client.library, query, before))
                sent = await reply_to(message, reply.texts)
        except Refusal as refused:
            note.outcome = "refused"
            await reply_to(message, [str(refused)])
            return
        note.outcome = reply.outcome
        if reply.turn:
            client.talks.keep(_kept(guild, message.channel, sent), before, reply.turn)


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
    return text if text and (in_own_thread or continues) else None


def answered(library: Library, query: Query, before: tuple[Turn, ...]) -> Reply:
    """The answer to a question, as messages. To be called in a thread."""
    answer = answer_question(library, query, before)
    return Reply(rendered(answer), answer.status.value, Turn(query.text, answer.text))


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
    client, guild = interaction.client, interaction.guild_id
    place = interaction.channel
    before = client.talks.before([(guild or 0, place.id)]) if place and told_apart(place) else ()

    def job() -> Reply:
        return answered(client.library, narrowed(question, guild, since, until, source), before)

    outcome = await respond(interaction, client.desk, job)
    if outcome and outcome[0].turn:
        # A thread has the id of the message it was opened under: what is kept for the one is kept for the other.
        client.talks.keep(_kept(guild, place, outcome[1]), before, outcome[0].turn)
        if thread and isinstance(place, discord.TextChannel):
            with noted("thread", guild=guild, channel=place.id, id=outcome[1][0]) as note:
                await place.create_thread(name=question[:_NAME], message=discord.Object(outcome[1][0]))
                note.outcome = "opened"


def narrowed(text: str, guild: int | None, since: str | None, until: str | None, source: str | None) -> Query:
    """A query by the options of a command. Raises QuestionError for a day that is none."""
    sources = (source.strip(),) if source and source.strip() else ()
    return Query(text, scopes(guild), since=_day(since), until=_day(until), sources=sources)


def _day(given: str | None) -> date | None:
    if not given:
        return None
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise QuestionError("since and until are days, written like 2026-03-31") from None


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

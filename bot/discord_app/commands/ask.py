"""Questions: mentions, replies, direct messages, threads, and /ask. Read `handle_message` first."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

import discord
from discord import app_commands

from bot.conversations import Conversation, Key, record_key
from bot.discord_app.admission import Refusal
from bot.discord_app.commands import AnyCommand
from bot.discord_app.commands.help import HELP_TEXT
from bot.discord_app.interaction_log import log_outcome
from bot.discord_app.live_edit import LiveEdit
from bot.discord_app.permissions import require_open_channel
from bot.discord_app.responses import QUEUE_NOTICE_FROM, has_own_conversation, queue_notice, reply_or_failure, respond
from bot.discord_app.sending import reply_to_message
from bot.discord_app.services import NOBODY, BotClient, Interaction, Services
from bot.messages.message import Message
from bot.workers.protocol import AnswerQuestion, Question
from bot.workers.records import ConversationRecord, KeptRecord
from bot.workers.replies import AnswerSoFar, Reply
from bot.workers.scope import scope_of
from retrieval.search.query import MAX_QUESTION_CHARACTERS
from retrieval.store.channels import ChannelMode

Edit = Callable[[str], Awaitable[None]]
"""Shows a text in place of the one before."""

_MAX_THREAD_NAME = 100
"""Characters of a thread's name (Discord's limit)."""

_WRITTEN = (discord.MessageType.default, discord.MessageType.reply)
"""Types of messages that people write."""

_NO_THREAD = "I may not open threads in this channel; an admin can allow it. Reply to my answer to ask more."


async def handle_message(client: BotClient, message: discord.Message) -> None:
    """Answer a message that is for the bot, with help where it asks nothing; ignore all others."""
    text, services = extract_question(client, message), client.services
    if text is None or not services.seen.add(message.id):
        return
    guild, member = message.guild.id if message.guild else None, message.author.id
    with log_outcome("message", id=message.id, guild=guild, channel=message.channel.id, user=member) as note:
        rule = services.channel_rules.rule_for(guild, message.channel)
        if rule.mode is ChannelMode.NEVER:
            note.outcome = "not here"
            return
        if not any(char.isalnum() for char in text):
            await reply_to_message(message, [Message(HELP_TEXT)], None)
            note.outcome = "help"
            return
        question, earlier = Question(text=text, guild=guild, allowed=rule.sources), _earlier_keys(message)
        try:
            with services.admission.admit(member, guild) as ahead:
                placeholder = _Placeholder(message)
                if ahead >= QUEUE_NOTICE_FROM:
                    await placeholder.edit(queue_notice(ahead))
                reply = await reply_or_failure(_answer(services, member, question, earlier, placeholder.edit))
                sent = await reply_to_message(message, reply.messages, placeholder.sent)
        except Refusal as refusal:
            note.outcome = "refused"
            await _tell_refusal(services, message, refusal)
            return
        note.outcome = reply.outcome
        if reply.conversation:
            _remember(services, guild, _later_keys(guild, message.channel, sent), reply.conversation)


class _Placeholder:
    """The reply shown under a question until it is answered; sent when there is something to show."""

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


async def _answer(services: Services, member: int, question: Question, earlier: Sequence[Key], edit: Edit) -> Reply:
    """The answer to a question, once the member's earlier questions are answered; `edit` shows it while it is written.

    `earlier`: keys of the conversation that the question may continue, nearest first. Nothing is edited any more once
    the answer is returned. Raises what `QueryPool.stream` raises.
    """
    live = LiveEdit(edit)

    async def show(progress: AnswerSoFar) -> None:
        live.show(progress.text)

    async def work() -> Reply:
        # Looked up now: the answer to the question before may have just been added.
        conversation = services.conversations.find(earlier)
        keys = tuple(record_key(key) for key in earlier)
        request = AnswerQuestion(question=question, conversation=conversation, record_keys=keys)
        return await services.queries.stream(request, show)

    try:
        reply = await services.admission.run_in_turn(member, work)
    finally:
        await live.end()
    if reply.kept is not None:
        services.replies.keep(scope_of(question.guild), reply.kept)
    return reply


def _remember(services: Services, guild: int | None, keys: Sequence[Key], conversation: Conversation) -> None:
    """Keep a conversation under these keys, also for after a restart."""
    services.conversations.keep(keys, conversation)
    record = ConversationRecord.from_conversation(conversation)
    for key in keys:
        services.replies.keep(scope_of(guild), KeptRecord(key=record_key(key), record=record))


async def _tell_refusal(services: Services, message: discord.Message, refusal: Refusal) -> None:
    """Tell a member that their question is not admitted, privately where they allow it, and not again for a while."""
    if not services.admission.may_notify(message.author.id):
        return
    if message.guild is not None:
        try:
            await message.author.send(str(refusal), allowed_mentions=NOBODY)
            return
        except discord.Forbidden:
            pass
    await reply_to_message(message, [Message(str(refusal))], None)


def extract_question(client: BotClient, message: discord.Message) -> str | None:
    """What a message asks the bot, without its mention; None where it is not for the bot or not from a person."""
    me, services = client.user, client.services
    if me is None or message.author.bot or message.webhook_id or message.type not in _WRITTEN:
        return None
    text = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
    if message.guild is None or any(user.id == me.id for user in message.mentions):
        return text
    # What follows can only be read with the message content intent.
    in_own_thread = isinstance(message.channel, discord.Thread) and message.channel.owner_id == me.id
    key = (message.guild.id, _replied_to(message))
    continues = message.reference is not None and services.conversations.knows(key)
    needs_no_mention = services.channel_rules.needs_no_mention(message.guild.id, message.channel)
    return text if text and (in_own_thread or continues or needs_no_mention) else None


@app_commands.command(name="ask", description="Ask a question; the answer is quoted from news articles, with sources.")
@app_commands.describe(
    question="In plain words: what did the mayor say about the bridge?",
    since="Only articles since this day, such as 2026-03-01",
    until="Only articles until this day, such as 2026-03-31",
    source="Only articles from this source, by its full name",
    thread="Open a thread under the answer for more questions",
)
async def ask(
    interaction: Interaction,
    question: app_commands.Range[str, 1, MAX_QUESTION_CHARACTERS],
    since: str | None = None,
    until: str | None = None,
    source: str | None = None,
    thread: bool = False,
) -> None:
    """Answer a question, and remember the conversation for replies to the answer."""
    services, guild, channel = interaction.client.services, interaction.guild_id, interaction.channel
    rule = await require_open_channel(interaction)
    if rule is None:
        return
    earlier = [(guild or 0, channel.id)] if channel and has_own_conversation(channel) else []
    asked = Question(text=question, guild=guild, since=since, until=until, source=source, allowed=rule.sources)

    async def edit(text: str) -> None:
        await interaction.edit_original_response(content=text, allowed_mentions=NOBODY)

    result = await respond(interaction, lambda: _answer(services, interaction.user.id, asked, earlier, edit))
    if result and (conversation := result[0].conversation):
        sent = result[1]
        # A thread has the id of the message under which it was opened: its conversation is known by that key.
        _remember(services, guild, _later_keys(guild, channel, sent), conversation)
        if thread and isinstance(channel, discord.TextChannel):
            await _open_thread(interaction, channel, question, sent[0])


async def _open_thread(interaction: Interaction, channel: discord.TextChannel, question: str, message_id: int) -> None:
    with log_outcome("thread", guild=interaction.guild_id, channel=channel.id, id=message_id) as note:
        try:
            name = question[:_MAX_THREAD_NAME].strip() or "…"
            await channel.create_thread(name=name, message=discord.Object(message_id))
            note.outcome = "opened"
        except discord.Forbidden:
            await interaction.followup.send(_NO_THREAD, ephemeral=True, allowed_mentions=NOBODY)
            note.outcome = "not allowed"


def _earlier_keys(message: discord.Message) -> list[Key]:
    """The keys of the conversation that a message may continue, nearest first."""
    guild = message.guild.id if message.guild else 0
    keys = [(guild, _replied_to(message))] if message.reference else []
    return [*keys, (guild, message.channel.id)] if has_own_conversation(message.channel) else keys


def _later_keys(guild: int | None, channel: discord.abc.Snowflake | None, sent: list[int]) -> list[Key]:
    """The keys under which a conversation is found from now on: the messages sent, and a channel of its own."""
    ids = [*sent, channel.id] if channel is not None and has_own_conversation(channel) else sent
    return [(guild or 0, message_id) for message_id in ids]


def _replied_to(message: discord.Message) -> int:
    """The id of the message to which one replies; 0 where there is none."""
    return (message.reference.message_id if message.reference else None) or 0


COMMANDS: tuple[AnyCommand, ...] = (ask,)

"""Looking things up: /said, /check, /article, /latest and "Check this quote", with what they suggest."""

from __future__ import annotations

import re
from typing import Literal

import discord
from discord import app_commands

from bot.discord_app.commands import AnyCommand
from bot.discord_app.commands.paging import send_list
from bot.discord_app.permissions import channel_rule, require_open_channel
from bot.discord_app.responses import fetch_reply, offer_choices, respond_in_turn, respond_with_request
from bot.discord_app.sending import Visibility
from bot.discord_app.services import Interaction
from bot.messages.markdown import clip
from bot.workers.lists import LatestArticles, QuoteCheck, StatementList
from bot.workers.protocol import ShowArticle, ShowList, SuggestArticles, SuggestSpeakers
from bot.workers.replies import Reply
from retrieval.english.quotation_marks import quotation_pattern
from retrieval.errors import QuestionError
from retrieval.search.query import MAX_QUESTION_CHARACTERS

_QUOTATION = re.compile(rf"{quotation_pattern(2)}|^>[^\S\n]?.+", re.MULTILINE)
"""A quotation in a message: between quotation marks, or a line that begins with ">"."""


@app_commands.command(name="said", description="What somebody said, word for word, with where and when.")
@app_commands.describe(
    speaker="A name or a role",
    about="Only on this topic",
    since="Since this day, such as 2026-03-01",
    until="Until this day, such as 2026-03-31",
    order="Which come first",
)
async def list_statements(
    interaction: Interaction,
    speaker: app_commands.Range[str, 1, 200],
    about: app_commands.Range[str, 1, 200] | None = None,
    since: str | None = None,
    until: str | None = None,
    order: Literal["newest first", "oldest first"] = "newest first",
) -> None:
    """List statements of a speaker."""
    rule = await require_open_channel(interaction)
    if rule is None:
        return
    oldest = order == "oldest first"
    statements = StatementList(
        speaker=speaker, about=about, since=since, until=until, oldest=oldest, allowed=rule.sources
    )
    await send_list(interaction, statements)


@app_commands.command(
    name="check", description="Whether a quotation is real: word for word, altered, somebody else's, or not found."
)
@app_commands.describe(quote="The quoted words", speaker="Who is supposed to have said them")
async def check_quote(
    interaction: Interaction,
    quote: app_commands.Range[str, 1, MAX_QUESTION_CHARACTERS],
    speaker: app_commands.Range[str, 1, 200] | None = None,
) -> None:
    """Check a quotation."""
    rule = await require_open_channel(interaction)
    if rule is not None:
        await send_list(interaction, QuoteCheck(quote=quote, speaker=speaker, allowed=rule.sources))


@app_commands.command(name="latest", description="The newest articles, on a topic or from a source.")
@app_commands.describe(topic="Only articles on this topic", source="Only articles from this source, by its full name")
async def list_latest(
    interaction: Interaction,
    topic: app_commands.Range[str, 1, 200] | None = None,
    source: app_commands.Range[str, 1, 200] | None = None,
) -> None:
    """List the newest articles."""
    rule = await require_open_channel(interaction)
    if rule is not None:
        await send_list(interaction, LatestArticles(topic=topic, source=source, allowed=rule.sources))


@app_commands.command(
    name="article", description="An article: its date and source, what was corrected, and who is quoted in it."
)
@app_commands.describe(title="Words of its title; suggestions appear as you type")
async def show_article(interaction: Interaction, title: app_commands.Range[str, 1, 200]) -> None:
    """Show an article."""
    rule = await require_open_channel(interaction)
    if rule is not None:
        request = ShowArticle(guild=interaction.guild_id, title=title, allowed=rule.sources)
        await respond_with_request(interaction, request)


@list_statements.autocomplete("speaker")
@check_quote.autocomplete("speaker")
async def _suggest_speakers(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    sources = channel_rule(interaction).sources
    return await offer_choices(interaction, SuggestSpeakers(guild=interaction.guild_id, typed=typed, allowed=sources))


@show_article.autocomplete("title")
async def _suggest_articles(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    sources = channel_rule(interaction).sources
    return await offer_choices(interaction, SuggestArticles(guild=interaction.guild_id, typed=typed, allowed=sources))


@app_commands.context_menu(name="Check this quote")
async def check_message(interaction: Interaction, message: discord.Message) -> None:
    """Check what a message quotes, or the message itself; the member alone sees the verdict."""
    services, guild = interaction.client.services, interaction.guild_id
    quote = extract_quote(message.content)
    sources = channel_rule(interaction).sources

    async def work() -> Reply:
        if not quote:
            raise QuestionError("there are no words in that message")
        return await fetch_reply(services, ShowList(guild=guild, options=QuoteCheck(quote=quote, allowed=sources)))

    await respond_in_turn(interaction, work, Visibility.PRIVATE)


def extract_quote(text: str) -> str:
    """The longest quotation in a message, with its marks; the whole message where there is none."""
    quotations = [match[0].removeprefix(">").strip() for match in _QUOTATION.finditer(text)]
    return clip(max(quotations, key=len, default="") or text.strip(), MAX_QUESTION_CHARACTERS)


COMMANDS: tuple[AnyCommand, ...] = (
    list_statements,
    check_quote,
    show_article,
    list_latest,
    check_message,
)

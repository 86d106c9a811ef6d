"""Looking things up: /said, /check, /article, /latest and /help, with what they offer while somebody types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import discord
from discord import app_commands

from bot.discord_app.permissions import heard_here
from bot.discord_app.responses import Shown, looked_up, offering, respond, respond_with
from bot.messages.help import HELP
from bot.messages.markdown import choice, clipped
from bot.messages.message import CHOICE
from bot.messages.quotes import longest_quotation
from bot.messages.reply import Reply, told
from retrieval.errors import QuestionError
from retrieval.search.query import LONGEST

if TYPE_CHECKING:
    from bot.discord_app.client import OnRecord


@app_commands.command(description="What somebody said, word for word, with where and when.")
@app_commands.describe(
    speaker="A name or a role",
    about="Only on this topic",
    since="From this day on, such as 2026-03-01",
    until="Up to this day, such as 2026-03-31",
    order="Which come first",
)
async def said(
    interaction: discord.Interaction[OnRecord],
    speaker: app_commands.Range[str, 1, 200],
    about: app_commands.Range[str, 1, 200] | None = None,
    since: str | None = None,
    until: str | None = None,
    order: Literal["newest first", "oldest first"] = "newest first",
) -> None:
    """List statements of a speaker."""
    asked = {"speaker": speaker, "about": about, "since": since, "until": until, "oldest": order == "oldest first"}
    await _listed_here(interaction, "said", asked)


async def _listed_here(interaction: discord.Interaction[OnRecord], kind: str, asked: dict[str, Any]) -> None:
    """Reply with a list, from the sources that the channel may use."""
    rule = await heard_here(interaction)
    if rule is not None:
        await respond(interaction, "list", kind=kind, options={**asked, "allowed": list(rule.sources)})


@app_commands.command(description="Whether a quotation is real: word for word, altered, somebody else's, or not found.")
@app_commands.describe(quote="The words as they were quoted", speaker="Who is said to have said them")
async def check(
    interaction: discord.Interaction[OnRecord],
    quote: app_commands.Range[str, 1, LONGEST],
    speaker: app_commands.Range[str, 1, 200] | None = None,
) -> None:
    """Check a quotation."""
    await _listed_here(interaction, "check", {"quote": quote, "speaker": speaker})


@app_commands.command(description="An article: its date and source, what was corrected, and who is quoted in it.")
@app_commands.describe(title="Words of its title, or one of those offered")
async def article(interaction: discord.Interaction[OnRecord], title: app_commands.Range[str, 1, 200]) -> None:
    """Show an article."""
    rule = await heard_here(interaction)
    if rule is not None:
        await respond(interaction, "article", title=title, sources=list(rule.sources))


@app_commands.command(description="The newest articles, on a topic or of a source.")
@app_commands.describe(topic="Only articles on this topic", source="Only articles of this source, by its whole name")
async def latest(
    interaction: discord.Interaction[OnRecord],
    topic: app_commands.Range[str, 1, 200] | None = None,
    source: app_commands.Range[str, 1, 200] | None = None,
) -> None:
    """List the newest articles."""
    await _listed_here(interaction, "latest", {"topic": topic, "source": source})


@app_commands.command(name="help", description="What I can do, and how to ask.")
async def show_help(interaction: discord.Interaction[OnRecord]) -> None:
    """Tell how to ask, to whoever wants to know."""
    await respond_with(interaction, _help, Shown.ALONE)


async def _help() -> Reply:
    return told(HELP, "help")


@said.autocomplete("speaker")
@check.autocomplete("speaker")
async def _speakers(interaction: discord.Interaction[OnRecord], typed: str) -> list[app_commands.Choice[str]]:
    names = await offered(interaction, "speakers", typed)
    return [app_commands.Choice(name=choice(name), value=name) for name in names if 0 < len(name) <= CHOICE]


@article.autocomplete("title")
async def _titles(interaction: discord.Interaction[OnRecord], typed: str) -> list[app_commands.Choice[str]]:
    titles = await offered(interaction, "titles", typed)
    return [app_commands.Choice(name=choice(title.strip() or one), value=one) for title, one in titles]


async def offered(interaction: discord.Interaction[OnRecord], do: str, typed: str) -> list[Any]:
    """What the library offers for what is typed, from the sources that the channel may use."""
    client, guild = interaction.client, interaction.guild_id
    sources = list(client.places.rule(guild, interaction.channel).sources)
    with offering(interaction) as note:
        found: list[Any] = await client.librarians.quick(do, guild=guild, typed=typed, sources=sources)
        note.outcome = f"offered:{len(found)}"
        return found
    return []  # type: ignore[unreachable]  # `noted` keeps what Discord refused


@app_commands.context_menu(name="Check this quote")
async def check_this(interaction: discord.Interaction[OnRecord], message: discord.Message) -> None:
    """Check what a message quotes, or the message itself, for whoever asks alone."""
    client, guild = interaction.client, interaction.guild_id
    quote = quoted(message.content)
    sources = list(client.places.rule(guild, interaction.channel).sources)

    async def work() -> Reply:
        if not quote:
            raise QuestionError("there are no words in that message")
        options = {"quote": quote, "speaker": None, "allowed": sources}
        return await looked_up(client, guild, "list", kind="check", options=options)

    await respond_with(interaction, lambda: client.desk.work(interaction.user.id, work), Shown.ALONE)


def quoted(text: str) -> str:
    """The longest quotation in a message, its marks left on; the whole of it where there is none."""
    return clipped(longest_quotation(text) or text.strip(), LONGEST)


COMMANDS: tuple[app_commands.Command[Any, ..., None] | app_commands.ContextMenu, ...] = (
    said,
    check,
    article,
    latest,
    show_help,
    check_this,
)

"""What a guild has, and how it wants to be answered: /articles, /feeds and /channels, for its admins."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from discord import app_commands

from bot.discord_app.commands.add_articles import ADMINS, Interaction
from bot.discord_app.commands.ingest_report import report
from bot.discord_app.permissions import admitted, is_admin
from bot.discord_app.responses import Shown, looked_up, offering, respond, respond_with
from bot.messages import render
from bot.messages.links import link
from bot.messages.markdown import choice, escape, line
from bot.messages.message import CHOICES
from bot.messages.pack import Block, text_block
from bot.messages.reply import Reply, scope, told
from bot.workers.server_data import MODES, NO_SUCH


def _group(name: str, description: str) -> app_commands.Group:
    return app_commands.Group(name=name, description=description, guild_only=True, default_permissions=ADMINS)


articles = _group("articles", "The articles of this server's library.")
feeds = _group("feeds", "The feeds that this server's library reads.")
channels = _group("channels", "Where I answer, and from which sources.")


def _scope(interaction: Interaction) -> str:
    return scope(interaction.guild_id)


async def _list(interaction: Interaction, kind: str) -> None:
    if await admitted(interaction):
        await respond(interaction, "list", Shown.ALONE, kind=kind, options={})


@articles.command(name="list", description="This server's own articles, the newest first.")
async def list_articles(interaction: Interaction) -> None:
    """List the guild's own articles."""
    await _list(interaction, "articles")


@articles.command(name="remove", description="Forget an article of this server, with its history.")
@app_commands.describe(article="Words of its title, or its id")
async def remove_article(interaction: Interaction, article: app_commands.Range[str, 1, 200]) -> None:
    """Remove one of the guild's own articles."""
    if await admitted(interaction):
        await respond(interaction, "remove article", Shown.ALONE, article=article.strip())


@articles.command(name="refresh", description="Read an article of this server again from where it was found.")
@app_commands.describe(article="Words of its title, or its id")
async def refresh_article(interaction: Interaction, article: app_commands.Range[str, 1, 200]) -> None:
    """Read one of the guild's own articles again."""
    if await admitted(interaction):
        order = {"do": "refresh", "scope": _scope(interaction), "article": article.strip()}

        async def work() -> Reply:
            said = [one["report"] async for one in interaction.client.errands.run(order) if "report" in one]
            return report(said) if said else told(NO_SUCH)

        await respond_with(interaction, work, Shown.ALONE)


@remove_article.autocomplete("article")
@refresh_article.autocomplete("article")
async def _own_titles(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return await _offered(interaction, "own titles", typed)


async def _offered(interaction: Interaction, do: str, typed: str) -> list[app_commands.Choice[str]]:
    """Choices of (name, value) of the guild's own, for admins alone."""
    with offering(interaction) as note:
        ask = partial(interaction.client.librarians.quick, do, guild=interaction.guild_id, typed=typed)
        made = await ask() if is_admin(interaction) else []
        note.outcome = f"offered:{len(made)}"
    return [app_commands.Choice(name=choice(name.strip() or value), value=value) for name, value in made[:CHOICES]]


@feeds.command(name="add", description="Go on reading a feed, or the one that a page names.")
@app_commands.describe(url="The address of a feed, or of a page that names one")
async def add_feed(interaction: Interaction, url: app_commands.Range[str, 1, 2000]) -> None:
    """Subscribe the guild to a feed, and read what it holds."""
    if await admitted(interaction):
        order = {"do": "subscribe", "scope": _scope(interaction), "address": url.strip()}

        async def work() -> Reply:
            (end,) = [one["end"] async for one in interaction.client.errands.run(order) if "end" in one]
            return _subscribed(end)

        await respond_with(interaction, work, Shown.ALONE)


def _subscribed(end: dict[str, Any]) -> Reply:
    totals = ", ".join(f"{number} {status}" for status, number in sorted(end["totals"].items()))
    blocks = [Block(f"{'Reading' if end['new'] else 'Known already:'} {link(line(end['title'], 150), end['address'])}")]
    blocks += [text_block(f"Now: {totals}.")] if totals else []
    others = [Block(f"- {escape(line(other, 200))}") for other in end["others"][:5]]
    blocks += [text_block("The page also names:"), *others] if others else []
    return Reply(render.pages("", blocks)[:1], "subscribed")


@feeds.command(name="list", description="The feeds of this server, and how they are doing.")
async def list_feeds(interaction: Interaction) -> None:
    """List the guild's feeds."""
    await _list(interaction, "feeds")


@feeds.command(name="remove", description="Stop reading a feed; its articles stay.")
@app_commands.describe(feed="One of those offered")
async def remove_feed(interaction: Interaction, feed: app_commands.Range[str, 1, 100]) -> None:
    """End one of the guild's subscriptions."""
    if await admitted(interaction):
        await respond(interaction, "remove feed", Shown.ALONE, feed=feed.strip())


@remove_feed.autocomplete("feed")
async def _own_feeds(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return await _offered(interaction, "own feeds", typed)


@channels.command(name="set", description="Say when I answer in a channel, and from which sources.")
@app_commands.describe(
    channel="The channel; its threads go with it",
    answer="When to answer there",
    sources="Outlets that answers there may be from, by their whole names, parted by commas; all where left out",
)
async def set_channel(
    interaction: Interaction,
    channel: app_commands.AppCommandChannel,
    answer: Literal["without a mention", "when mentioned", "never"] = "when mentioned",
    sources: app_commands.Range[str, 1, 500] | None = None,
) -> None:
    """Make a rule for a channel."""
    if await admitted(interaction):
        named = tuple(dict.fromkeys(one for part in (sources or "").split(",") if (one := line(part, 100))))
        known = {"mode": MODES[answer].value, "sources": named, "reads_all": interaction.client.intents.message_content}
        await _ruled(interaction, "set rule", channel=str(channel.id), **known)


async def _ruled(interaction: Interaction, do: str, **given: Any) -> None:
    """Change the guild's rules, and go by them from now on."""
    client, guild = interaction.client, interaction.guild_id

    async def work() -> Reply:
        reply = await looked_up(client, guild, do, **given)
        await client.learn_rules()
        return reply

    await respond_with(interaction, work, Shown.ALONE)


@channels.command(name="list", description="The channels with rules.")
async def list_channels(interaction: Interaction) -> None:
    """List the guild's rules."""
    await _list(interaction, "channels")


@channels.command(name="remove", description="Forget what was said of a channel.")
@app_commands.describe(channel="The channel")
async def remove_channel(interaction: Interaction, channel: app_commands.AppCommandChannel) -> None:
    """Forget a channel's rule."""
    if await admitted(interaction):
        await _ruled(interaction, "remove rule", channel=str(channel.id))


COMMANDS: tuple[Any, ...] = (articles, feeds, channels)

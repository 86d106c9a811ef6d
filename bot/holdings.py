"""What a guild has, and how it wants to be answered: /articles, /feeds and /channels, for its admins."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from discord import app_commands

from bot import render
from bot.admin import ADMINS, Interaction
from bot.admitting import admitted, is_admin
from bot.escaping import choice, escape, line
from bot.ingesting import report
from bot.limits import CHOICES
from bot.links import link
from bot.paging import Kind, Listed, Options, listed
from bot.replying import Reply, Shown, offering, respond, respond_with, scope, told
from bot.splitting import Block, text_block
from retrieval.channels import Mode, Rule
from retrieval.titles import titled

if TYPE_CHECKING:
    from bot.client import OnRecord

_MODES = {"without a mention": Mode.ALWAYS, "when mentioned": Mode.MENTIONED, "never": Mode.NEVER}
_NO_SUCH = "There is no such article of this server. Public ones are looked after on the command line."


def _group(name: str, description: str) -> app_commands.Group:
    return app_commands.Group(name=name, description=description, guild_only=True, default_permissions=ADMINS)


articles = _group("articles", "The articles of this server's library.")
feeds = _group("feeds", "The feeds that this server's library reads.")
channels = _group("channels", "Where I answer, and from which sources.")


def _scope(interaction: Interaction) -> str:
    return scope(interaction.guild_id)


async def _list(interaction: Interaction, kind: str) -> None:
    if await admitted(interaction):
        await respond(interaction, partial(listed, interaction.client, interaction.guild_id, kind, {}), Shown.ALONE)


@articles.command(name="list", description="This server's own articles, the newest first.")
async def list_articles(interaction: Interaction) -> None:
    """List the guild's own articles."""
    await _list(interaction, "articles")


def own_articles(client: OnRecord, guild: int | None, options: Options) -> Listed:
    """The articles of a guild alone. To be called in a thread."""
    del options
    with client.library.read((scope(guild),)) as db:
        found = db.articles()
    blocks = [Block(f"- {render.described(one)} · `{one.id}`") for one in found]
    return Listed(
        f"{len(found)} articles of this server", blocks or [text_block("No articles yet: /ingest adds some.")]
    )


@articles.command(name="remove", description="Forget an article of this server, with its history.")
@app_commands.describe(article="Words of its title, or its id")
async def remove_article(interaction: Interaction, article: app_commands.Range[str, 1, 200]) -> None:
    """Remove one of the guild's own articles."""
    if await admitted(interaction):
        library, own = interaction.client.library, _scope(interaction)

        def job() -> Reply:
            gone = library.remove(article.strip(), (own,))
            return (
                told(f"Removed: {escape(line(gone.title, 200)) or 'untitled'}", "removed") if gone else told(_NO_SUCH)
            )

        await respond(interaction, job, Shown.ALONE)


@articles.command(name="refresh", description="Read an article of this server again from where it was found.")
@app_commands.describe(article="Words of its title, or its id")
async def refresh_article(interaction: Interaction, article: app_commands.Range[str, 1, 200]) -> None:
    """Read one of the guild's own articles again."""
    if await admitted(interaction):
        order = {"do": "refresh", "scope": _scope(interaction), "article": article.strip()}

        async def work() -> Reply:
            said = [one["report"] async for one in interaction.client.errands.run(order) if "report" in one]
            return report(said) if said else told(_NO_SUCH)

        await respond_with(interaction, work, Shown.ALONE)


@remove_article.autocomplete("article")
@refresh_article.autocomplete("article")
async def _own_titles(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    def found() -> list[tuple[str, str]]:
        with interaction.client.library.read((_scope(interaction),)) as db:
            return [(one.title, one.id) for one in titled(db, typed, CHOICES)]

    return await _offered(interaction, found)


async def _offered(interaction: Interaction, found: Any) -> list[app_commands.Choice[str]]:
    """Choices of (name, value), for admins alone."""
    with offering(interaction) as note:
        made = await interaction.client.desk.offer(found) if is_admin(interaction) else []
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


def own_feeds(client: OnRecord, guild: int | None, options: Options) -> Listed:
    """The feeds of a guild. To be called in a thread."""
    del options
    blocks = []
    for feed, seen in client.library.subscriptions.all((scope(guild),)):
        polled = f"polled <t:{int(feed.polled)}:R>" if feed.polled else "not polled yet"
        state = "ended by its publisher" if feed.ended else f"{polled}, {seen} entries seen"
        problem = f" · {escape(line(feed.problem, 200))}" if feed.problem else ""
        blocks.append(Block(f"- {link(line(feed.title, 150) or feed.id, feed.address)} · {state}{problem}"))
    return Listed("Feeds of this server", blocks or [text_block("No feeds yet: /feeds add begins one.")])


@feeds.command(name="remove", description="Stop reading a feed; its articles stay.")
@app_commands.describe(feed="One of those offered")
async def remove_feed(interaction: Interaction, feed: app_commands.Range[str, 1, 100]) -> None:
    """End one of the guild's subscriptions."""
    if await admitted(interaction):
        subscriptions, own = interaction.client.library.subscriptions, _scope(interaction)

        def job() -> Reply:
            gone = subscriptions.remove(feed.strip(), (own,))
            if gone is None:
                return told("This server reads no such feed.", "abstained")
            return told(f"No longer read: {escape(line(gone.title, 200)) or gone.id}", "removed")

        await respond(interaction, job, Shown.ALONE)


@remove_feed.autocomplete("feed")
async def _own_feeds(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    def found() -> list[tuple[str, str]]:
        all_feeds = interaction.client.library.subscriptions.all((_scope(interaction),))
        sought = typed.casefold()
        return [(one.title, one.id) for one, _ in all_feeds if sought in f"{one.title} {one.address}".casefold()]

    return await _offered(interaction, found)


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
        rule = Rule(str(channel.id), _MODES[answer], named)
        await respond(interaction, partial(_ruled, interaction.client, interaction.guild_id or 0, rule), Shown.ALONE)


def _ruled(client: OnRecord, guild: int, rule: Rule) -> Reply:
    client.places.set(guild, rule)
    lines = [_rule(rule)]
    with client.library.read(("public", str(guild))) as db:
        unknown = [one for one in rule.sources if not db.articles(1, sources=(one,))]
    if unknown:
        lines.append(f"There is no article of {escape(', '.join(unknown))} yet.")
    if rule.mode is Mode.ALWAYS and not client.intents.message_content:
        lines.append("I may not read messages that do not mention me; `ONRECORD_MESSAGE_CONTENT` allows it.")
    return Reply(render.pages("", [Block(one) for one in lines])[:1], "set")


def _rule(rule: Rule) -> str:
    when = next(name for name, mode in _MODES.items() if mode is rule.mode)
    of = f", from {escape(', '.join(rule.sources))} alone" if rule.sources else ""
    return f"<#{rule.channel}>: {f'I answer {when}{of}' if rule.mode is not Mode.NEVER else 'I do not answer'}."


@channels.command(name="list", description="The channels with rules.")
async def list_channels(interaction: Interaction) -> None:
    """List the guild's rules."""
    await _list(interaction, "channels")


def own_channels(client: OnRecord, guild: int | None, options: Options) -> Listed:
    """The rules of a guild."""
    del options
    blocks = [Block(f"- {_rule(rule)}") for rule in client.places.all(guild or 0)]
    return Listed("Channels with rules", blocks or [text_block("None: I answer in every channel when mentioned.")])


@channels.command(name="remove", description="Forget what was said of a channel.")
@app_commands.describe(channel="The channel")
async def remove_channel(interaction: Interaction, channel: app_commands.AppCommandChannel) -> None:
    """Forget a channel's rule."""
    if await admitted(interaction):
        client, guild = interaction.client, interaction.guild_id or 0

        def job() -> Reply:
            gone = client.places.remove(guild, str(channel.id))
            return told("Forgotten: I answer there when mentioned." if gone else "There is no rule for it.", "removed")

        await respond(interaction, job, Shown.ALONE)


COMMANDS: tuple[Any, ...] = (articles, feeds, channels)
LISTS = {
    "articles": Kind(own_articles, for_admins=True),
    "feeds": Kind(own_feeds, for_admins=True),
    "channels": Kind(own_channels, for_admins=True),
}

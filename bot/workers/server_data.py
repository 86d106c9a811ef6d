"""What a guild has of its own, and taking it away: articles, feeds, rules for channels. No Discord in it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import render
from bot.messages.links import link
from bot.messages.markdown import escape, line
from bot.messages.pack import Block, text_block
from bot.messages.reply import Json, Reply, scope, scopes, told
from retrieval.library import Library
from retrieval.store.channels import Mode, Rule

MODES = {"without a mention": Mode.ALWAYS, "when mentioned": Mode.MENTIONED, "never": Mode.NEVER}
NO_SUCH = "There is no such article of this server. Public ones are looked after on the command line."


def articles(library: Library, guild: int | None) -> tuple[str, list[Block]]:
    """The articles of a guild alone."""
    with library.read((scope(guild),)) as db:
        found = db.articles()
    blocks = [Block(f"- {render.described(one)} · `{one.id}`") for one in found]
    return f"{len(found)} articles of this server", blocks or [text_block("No articles yet: /ingest adds some.")]


def remove_article(library: Library, guild: int | None, article: str) -> Reply:
    """Forget one of a guild's articles."""
    gone = library.remove(article, (scope(guild),))
    if gone is None:
        return told(NO_SUCH, "abstained")
    return told(f"Removed: {escape(line(gone.title, 200)) or 'untitled'}", "removed")


def feeds(library: Library, guild: int | None) -> tuple[str, list[Block]]:
    """The feeds of a guild."""
    blocks = []
    for feed, seen in library.subscriptions.all((scope(guild),)):
        polled = f"polled <t:{int(feed.polled)}:R>" if feed.polled else "not polled yet"
        state = "ended by its publisher" if feed.ended else f"{polled}, {seen} entries seen"
        problem = f" · {escape(line(feed.problem, 200))}" if feed.problem else ""
        blocks.append(Block(f"- {link(line(feed.title, 150) or feed.id, feed.address)} · {state}{problem}"))
    return "Feeds of this server", blocks or [text_block("No feeds yet: /feeds add begins one.")]


def feeds_called(library: Library, guild: int | None, typed: str) -> list[tuple[str, str]]:
    """The guild's feeds that what was typed may mean, as (title, id)."""
    sought = typed.casefold()
    found = library.subscriptions.feeds((scope(guild),))
    return [(one.title, one.id) for one in found if sought in f"{one.title} {one.address}".casefold()]


def remove_feed(library: Library, guild: int | None, feed: str) -> Reply:
    """End one of a guild's subscriptions."""
    gone = library.subscriptions.remove(feed, (scope(guild),))
    if gone is None:
        return told("This server reads no such feed.", "abstained")
    return told(f"No longer read: {escape(line(gone.title, 200)) or gone.id}", "removed")


def channels(library: Library, guild: int | None) -> tuple[str, list[Block]]:
    """The rules of a guild."""
    blocks = [Block(f"- {_rule(rule)}") for rule in library.channels.all(scope(guild))]
    return "Channels with rules", blocks or [text_block("None: I answer in every channel when mentioned.")]


def set_rule(library: Library, guild: int, channel: str, mode: str, sources: Sequence[str], reads_all: bool) -> Reply:
    """Make a rule for a channel. `reads_all`: whether messages that mention nobody can be read."""
    rule = Rule(channel, Mode(mode), tuple(sources))
    library.channels.set(str(guild), rule)
    lines = [_rule(rule)]
    with library.read(scopes(guild)) as db:
        unknown = [one for one in rule.sources if not db.articles(1, sources=(one,))]
    if unknown:
        lines.append(f"There is no article of {escape(', '.join(unknown))} yet.")
    if rule.mode is Mode.ALWAYS and not reads_all:
        lines.append("I may not read messages that do not mention me; `ONRECORD_MESSAGE_CONTENT` allows it.")
    return Reply(render.pages("", [Block(one) for one in lines])[:1], "set")


def remove_rule(library: Library, guild: int, channel: str) -> Reply:
    """Forget a channel's rule."""
    gone = library.channels.remove(str(guild), channel)
    return told("Forgotten: I answer there when mentioned." if gone else "There is no rule for it.", "removed")


def rules(library: Library) -> dict[str, list[Json]]:
    """Every guild's rules, as JSON."""
    return {
        guild: [{"channel": r.channel, "mode": r.mode.value, "sources": list(r.sources)} for r in found]
        for guild in library.channels.scopes()
        if (found := library.channels.all(guild))
    }


def _rule(rule: Rule) -> str:
    when = next(name for name, mode in MODES.items() if mode is rule.mode)
    of = f", from {escape(', '.join(rule.sources))} alone" if rule.sources else ""
    return f"<#{rule.channel}>: {f'I answer {when}{of}' if rule.mode is not Mode.NEVER else 'I do not answer'}."

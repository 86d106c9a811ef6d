"""What a server has and how it wants to be answered, for its admins: /articles, /feeds, /channels and /status."""

from __future__ import annotations

from math import isfinite

from discord import app_commands

from bot.discord_app.commands import AnyCommand
from bot.discord_app.commands.ingest_report import report_items
from bot.discord_app.commands.paging import send_list
from bot.discord_app.permissions import ADMIN_PERMISSIONS, is_admin, require_admin
from bot.discord_app.responses import fetch_reply, offer_choices, respond, respond_with_request
from bot.discord_app.sending import Visibility
from bot.discord_app.services import BotClient, Interaction
from bot.messages import render
from bot.messages.links import link_to
from bot.messages.markdown import escape, one_line
from bot.messages.pack import Block, text_block
from bot.messages.rules import MODES, ModeName
from bot.workers.lists import ServerArticles, ServerChannels, ServerFeeds
from bot.workers.protocol import (
    RefreshArticle,
    RemoveArticle,
    RemoveChannelRule,
    RemoveFeed,
    ReplyRequest,
    SetChannelRule,
    ShowStatus,
    SubscribeToFeed,
    SuggestServerArticles,
    SuggestServerFeeds,
)
from bot.workers.replies import Reply, Subscribed
from bot.workers.scope import scope_of
from bot.workers.server_data import NO_SUCH_ARTICLE

_MAX_OTHER_FEEDS = 5
"""Maximum number of a page's other feeds that are named."""


def _group(name: str, description: str) -> app_commands.Group:
    return app_commands.Group(
        name=name, description=description, guild_only=True, default_permissions=ADMIN_PERMISSIONS
    )


articles = _group("articles", "The articles of this server's library.")
feeds = _group("feeds", "The feeds that this server's library reads.")
channels = _group("channels", "Where I answer, and from which sources.")


@articles.command(name="list", description="This server's own articles, newest first.")
async def list_articles(interaction: Interaction) -> None:
    """List the server's own articles."""
    await send_list(interaction, ServerArticles())


@articles.command(name="remove", description="Remove one of this server's articles, with its history.")
@app_commands.describe(article="Words of its title, or its id")
async def remove_article(interaction: Interaction, article: app_commands.Range[str, 1, 200]) -> None:
    """Remove one of the server's own articles."""
    await _respond_to_admin(interaction, RemoveArticle(guild=interaction.guild_id, article_id=article.strip()))


@articles.command(name="refresh", description="Read one of this server's articles again from where it was found.")
@app_commands.describe(article="Words of its title, or its id")
async def refresh_article(interaction: Interaction, article: app_commands.Range[str, 1, 200]) -> None:
    """Read one of the server's own articles again."""
    if await require_admin(interaction):
        request = RefreshArticle(scope=scope_of(interaction.guild_id), article_id=article.strip())

        async def work() -> Reply:
            refreshed = await interaction.client.services.ingest.ask(request)
            return report_items([refreshed.item]) if refreshed.item else Reply.from_text(NO_SUCH_ARTICLE)

        await respond(interaction, work, Visibility.PRIVATE)


@remove_article.autocomplete("article")
@refresh_article.autocomplete("article")
async def _suggest_articles(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    request = SuggestServerArticles(guild=interaction.guild_id, typed=typed)
    return await offer_choices(interaction, request, allowed=is_admin(interaction))


@feeds.command(name="add", description="Keep reading a feed, or the feed of a page.")
@app_commands.describe(url="The address of a feed, or of a page with one")
async def add_feed(interaction: Interaction, url: app_commands.Range[str, 1, 2000]) -> None:
    """Subscribe the server to a feed, and read what it contains."""
    if await require_admin(interaction):
        request = SubscribeToFeed(scope=scope_of(interaction.guild_id), address=url.strip())

        async def work() -> Reply:
            return _describe_subscription(await interaction.client.services.ingest.ask(request))

        await respond(interaction, work, Visibility.PRIVATE)


def _describe_subscription(subscribed: Subscribed) -> Reply:
    totals = ", ".join(f"{number} {status}" for status, number in sorted(subscribed.totals.items()))
    verb = "Now reading" if subscribed.is_new else "Already reading"
    blocks = [Block(f"{verb} {link_to(one_line(subscribed.title, 150), subscribed.address)}")]
    blocks += [text_block(f"Articles so far: {totals}.")] if totals else []
    others = [Block(f"- {escape(one_line(other, 200))}") for other in subscribed.other_addresses[:_MAX_OTHER_FEEDS]]
    blocks += [text_block("The page has other feeds as well:"), *others] if others else []
    return Reply(messages=render.page_messages("", blocks)[:1], outcome="subscribed")


@feeds.command(name="list", description="This server's feeds, and how they are doing.")
async def list_feeds(interaction: Interaction) -> None:
    """List the server's feeds."""
    await send_list(interaction, ServerFeeds())


@feeds.command(name="remove", description="Stop reading a feed; its articles stay.")
@app_commands.describe(feed="Words of its title; choose one of the suggestions")
async def remove_feed(interaction: Interaction, feed: app_commands.Range[str, 1, 100]) -> None:
    """End one of the server's subscriptions."""
    await _respond_to_admin(interaction, RemoveFeed(guild=interaction.guild_id, feed_id=feed.strip()))


@remove_feed.autocomplete("feed")
async def _suggest_feeds(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    request = SuggestServerFeeds(guild=interaction.guild_id, typed=typed)
    return await offer_choices(interaction, request, allowed=is_admin(interaction))


@channels.command(name="set", description="Choose when I answer in a channel, and from which sources.")
@app_commands.describe(
    channel="The channel; the rule covers its threads as well",
    answer="When I answer there",
    sources="Outlets that I may quote there, by their full names, separated by commas; leave out for all",
)
async def set_channel(
    interaction: Interaction,
    channel: app_commands.AppCommandChannel,
    answer: ModeName = "when mentioned",
    sources: app_commands.Range[str, 1, 500] | None = None,
) -> None:
    """Make a rule for a channel."""
    names = dict.fromkeys(name for part in (sources or "").split(",") if (name := one_line(part, 100)))
    request = SetChannelRule(
        guild=interaction.guild_id,
        channel=str(channel.id),
        mode=MODES[answer],
        sources=tuple(names),
        reads_all=interaction.client.intents.message_content,
    )
    await _change_rules(interaction, request)


@channels.command(name="list", description="The channels with rules.")
async def list_channels(interaction: Interaction) -> None:
    """List the server's channel rules."""
    await send_list(interaction, ServerChannels())


@channels.command(name="remove", description="Remove the rule for a channel.")
@app_commands.describe(channel="The channel")
async def remove_channel(interaction: Interaction, channel: app_commands.AppCommandChannel) -> None:
    """Forget the rule for a channel."""
    await _change_rules(interaction, RemoveChannelRule(guild=interaction.guild_id, channel=str(channel.id)))


async def _change_rules(interaction: Interaction, request: ReplyRequest) -> None:
    """Change the server's channel rules, and go by them from now on."""
    if not await require_admin(interaction):
        return
    services = interaction.client.services

    async def work() -> Reply:
        reply = await fetch_reply(services, request)
        await services.reload_channel_rules()
        return reply

    await respond(interaction, work, Visibility.PRIVATE)


async def _respond_to_admin(interaction: Interaction, request: ReplyRequest) -> None:
    if await require_admin(interaction):
        await respond_with_request(interaction, request, Visibility.PRIVATE)


@app_commands.command(description="What this server's library contains, and how I am doing.")
@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
async def status(interaction: Interaction) -> None:
    """Show the state of the library and of the bot."""
    request = ShowStatus(guild=interaction.guild_id, process_lines=_describe_process(interaction.client))
    await _respond_to_admin(interaction, request)


def _describe_process(client: BotClient) -> tuple[str, ...]:
    services = client.services
    # The latency is not a number before the first heartbeat.
    latency = f"; Discord answers in {client.latency * 1000:.0f} ms" if isfinite(client.latency) else ""
    return (
        f"**Questions under way**: {services.admission.under_way}",
        f"**Up since** <t:{int(services.started)}:R>{latency}",
        f"**Longest pause of my event loop**: {services.loop_monitor.longest_pause * 1000:.0f} ms",
        "**Message content**: "
        + ("I read all messages" if client.intents.message_content else "I only read messages that mention me"),
    )


COMMANDS: tuple[AnyCommand, ...] = (articles, feeds, channels, status)

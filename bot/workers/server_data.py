"""Changes to what a server has of its own: articles, feeds, rules for channels."""

from __future__ import annotations

from bot.messages import render
from bot.messages.markdown import escape, one_line
from bot.messages.pack import Block
from bot.messages.rules import describe_rule
from bot.workers.protocol import GetChannelRules, RemoveArticle, RemoveChannelRule, RemoveFeed, SetChannelRule
from bot.workers.replies import AllChannelRules, Reply
from bot.workers.scope import scope_of, visible_scopes
from retrieval.library import Library
from retrieval.store.channels import ChannelMode, ChannelRule

NO_SUCH_ARTICLE = "This server has no such article. Public articles are managed from the command line."


def remove_article(library: Library, request: RemoveArticle) -> Reply:
    """Forget one of a server's articles."""
    removed = library.remove(request.article_id, (scope_of(request.guild),))
    if removed is None:
        return Reply.from_text(NO_SUCH_ARTICLE, "abstained")
    return Reply.from_text(f"Removed: {escape(one_line(removed.title, 200)) or 'untitled'}", "removed")


def remove_feed(library: Library, request: RemoveFeed) -> Reply:
    """End one of a server's subscriptions."""
    removed = library.subscriptions.remove(request.feed_id, (scope_of(request.guild),))
    if removed is None:
        return Reply.from_text("This server has no such feed.", "abstained")
    return Reply.from_text(f"Feed removed: {escape(one_line(removed.title, 200)) or removed.id}", "removed")


def set_channel_rule(library: Library, request: SetChannelRule) -> Reply:
    """Make a rule for a channel, and say what may be unexpected about it."""
    rule = ChannelRule(request.channel, request.mode, request.sources)
    library.channels.set_rule(scope_of(request.guild), rule)
    lines = [describe_rule(rule)]
    with library.open_reader(visible_scopes(request.guild)) as db:
        unknown = [source for source in rule.sources if not db.articles(1, sources=(source,))]
    if unknown:
        lines.append(f"I have no articles from {escape(', '.join(unknown))} yet.")
    if rule.mode is ChannelMode.ALWAYS and not request.reads_all:
        lines.append("I cannot read messages that do not mention me until `ONRECORD_MESSAGE_CONTENT` is switched on.")
    return Reply(messages=render.page_messages("", [Block(text) for text in lines])[:1], outcome="set")


def remove_channel_rule(library: Library, request: RemoveChannelRule) -> Reply:
    """Forget the rule for a channel."""
    removed = library.channels.remove_rule(scope_of(request.guild), request.channel)
    text = "Rule removed. I answer there when I am mentioned." if removed else "There is no rule for this channel."
    return Reply.from_text(text, "removed")


def get_channel_rules(library: Library, _: GetChannelRules) -> AllChannelRules:
    """The channel rules of every server."""
    by_scope = {scope: tuple(library.channels.rules(scope)) for scope in library.channels.scopes()}
    return AllChannelRules(rules={scope: rules for scope, rules in by_scope.items() if rules})

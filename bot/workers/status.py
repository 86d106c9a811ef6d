"""How the bot and a server's library are doing, for admins."""

from __future__ import annotations

from bot.messages.message import Message
from bot.workers.protocol import ShowStatus
from bot.workers.replies import Reply
from bot.workers.scope import scope_of
from retrieval.answer import Answerer
from retrieval.library import Library
from retrieval.types import PUBLIC


def show_status(answerer: Answerer, library: Library, request: ShowStatus) -> Reply:
    """Figures about a server's library, how questions are answered, and the lines of the request."""
    scope = scope_of(request.guild)
    feeds = library.subscriptions.feeds((scope,))
    failing = sum(bool(feed.problem) for feed in feeds)
    lines = (
        f"**This server's library**: {_describe_counts(library, scope)}",
        f"**Public articles, also visible here**: {_describe_counts(library, PUBLIC)}",
        f"**Feeds**: {len(feeds)}" + (f", {failing} failing: see `/feeds list`" if failing else ""),
        f"**Channels with rules**: {len(library.channels.rules(scope))}",
        f"**Answers**: {_describe_answerer(answerer)}",
        *request.process_lines,
    )
    return Reply(messages=(Message("\n".join(lines)),), outcome="status")


def _describe_answerer(answerer: Answerer) -> str:
    if not answerer.writes:
        return "quoted from the articles"
    trouble = answerer.trouble
    return "written by a model and checked" + (f"; the last one was quoted instead: {trouble}" if trouble else "")


def _describe_counts(library: Library, scope: str) -> str:
    with library.open_reader((scope,)) as db:
        return ", ".join(f"{number:,} {name}" for name, number in db.counts().items())

"""How the bot and a guild's library stand, for those who look after them. No Discord in it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages.message import Message
from bot.messages.reply import Reply, scope
from retrieval.answer import Answerer
from retrieval.library import Library
from retrieval.types import PUBLIC


def status_of(answerer: Answerer, library: Library, guild: int, process: Sequence[str]) -> Reply:
    """Figures of a guild and of what answers. `process`: lines on the process that speaks to Discord."""
    feeds = library.subscriptions.feeds((scope(guild),))
    failing = sum(bool(feed.problem) for feed in feeds)
    lines = (
        f"**This server's library**: {_counted(library, scope(guild))}",
        f"**Public articles, seen here as well**: {_counted(library, PUBLIC)}",
        f"**Feeds**: {len(feeds)}" + (f", {failing} of them failing: see `/feeds list`" if failing else ""),
        f"**Channels with rules**: {len(library.channels.all(scope(guild)))}",
        f"**Answers**: {_written(answerer)}",
        *process,
    )
    return Reply([Message("\n".join(lines))], "status")


def _written(answerer: Answerer) -> str:
    if not answerer.writes:
        return "quoted from the articles"
    trouble = answerer.trouble
    return "written by a model, and proved" + (f"; the last one was quoted: {trouble}" if trouble else "")


def _counted(library: Library, of: str) -> str:
    with library.read((of,)) as db:
        return ", ".join(f"{number:,} {name}" for name, number in db.counts().items())

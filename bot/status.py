"""How the bot and a guild's library stand, for those who look after them."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from bot.limits import Message
from bot.replying import Reply, scope
from retrieval.types import PUBLIC

if TYPE_CHECKING:
    from bot.client import OnRecord


def status_of(client: OnRecord, guild: int) -> Reply:
    """Figures of a guild and of the process. To be called in a thread."""
    own, public = _counted(client, scope(guild)), _counted(client, PUBLIC)
    feeds = client.library.subscriptions.all((scope(guild),))
    failing = sum(bool(feed.problem) for feed, _ in feeds)
    # Not a number before the first heartbeat.
    answers = f"; Discord answers in {client.latency * 1000:.0f} ms" if isfinite(client.latency) else ""
    lines = (
        f"**This server's library**: {own}",
        f"**Public articles, seen here as well**: {public}",
        f"**Feeds**: {len(feeds)}" + (f", {failing} of them failing: see `/feeds list`" if failing else ""),
        f"**Channels with rules**: {len(client.places.all(guild))}",
        f"**Questions under way**: {client.desk.waiting}",
        f"**Answers**: {_written(client)}",
        f"**Up since** <t:{int(client.begun)}:R>{answers}",
        f"**Longest pause of my event loop**: {client.pulse.worst * 1000:.0f} ms",
        "**Message content**: " + ("read" if client.intents.message_content else "not read; mention me to ask"),
    )
    return Reply([Message("\n".join(lines))], "status")


def _written(client: OnRecord) -> str:
    if not client.answerer.writes:
        return "quoted from the articles"
    trouble = client.answerer.trouble
    return "written by a model, and proved" + (f"; the last one was quoted: {trouble}" if trouble else "")


def _counted(client: OnRecord, of: str) -> str:
    with client.library.read((of,)) as db:
        return ", ".join(f"{number:,} {name}" for name, number in db.counts().items())

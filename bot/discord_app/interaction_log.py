"""One line in the log for each interaction: what it was, ids, how it went, milliseconds; none of its words."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import aiohttp
import discord

from bot.discord_app.services import Interaction

log = logging.getLogger(__name__)


@dataclass(slots=True)
class LogNote:
    """How an interaction went, for its line in the log."""

    outcome: str = "failed"


@contextmanager
def log_outcome(kind: str, **ids: int | None) -> Iterator[LogNote]:
    """Write a line at the end of the block.

    Errors of Discord and of the connection end the block and are in the line: the message, the channel or the
    permission may be gone by now.
    """
    start, note = time.perf_counter(), LogNote()
    try:
        yield note
    except discord.HTTPException as error:
        note.outcome = f"dropped:{error.status}/{error.code}"
    except (OSError, aiohttp.ClientError) as error:
        note.outcome = f"dropped:{type(error).__name__}"
    finally:
        shown_ids = " ".join(f"{name}={value or '-'}" for name, value in ids.items())
        took = (time.perf_counter() - start) * 1000
        level = logging.WARNING if note.outcome.startswith(("failed", "dropped")) else logging.INFO
        log.log(level, "%s %s outcome=%s ms=%.0f", kind, shown_ids, note.outcome, took)


def log_interaction(interaction: Interaction, kind: str, name: str | None = None) -> AbstractContextManager[LogNote]:
    """The line for an interaction. `name`: what it is called where it is not a command."""
    command = interaction.command
    what = name or (f"{kind} /{command.qualified_name}" if command else kind)
    channel, user = interaction.channel_id, interaction.user.id
    return log_outcome(what, id=interaction.id, guild=interaction.guild_id, channel=channel, user=user)

"""Sending the commands' definitions to Discord, when they changed and not otherwise: it takes a few hundred a day."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

log = logging.getLogger(__name__)


async def sync(tree: app_commands.CommandTree[Any], application: int | None, guild: int | None, kept: Path) -> None:
    """Send what a tree holds, globally or, for development, to one guild, unless Discord has it.

    The hash of what was sent last is kept in a file, by application and guild. Raises DiscordServerError.
    """
    place = discord.Object(guild) if guild is not None else None
    if place is not None:
        tree.copy_global_to(guild=place)
    definitions = [command.to_dict(tree) for command in tree.get_commands(guild=place)]
    digest = hashlib.sha256(json.dumps(definitions, sort_keys=True, default=str).encode()).hexdigest()
    known = await asyncio.to_thread(_kept_hashes, kept)
    key = f"{application}" if guild is None else f"{application}:{guild}"
    if known.get(key) == digest:
        return
    try:
        await tree.sync(guild=place)
    except discord.DiscordServerError:
        raise
    except discord.HTTPException as error:
        # A daily limit, say. Mentions are answered all the same, and the next start tries again.
        log.error("Discord did not take the commands (%s/%s)", error.status, error.code)
        return
    await asyncio.to_thread(kept.write_text, json.dumps(known | {key: digest}), "utf-8")
    log.info("sent %d commands to Discord", len(definitions))


def _kept_hashes(path: Path) -> dict[str, str]:
    """Hashes by place; a file that cannot be read is as good as none: the commands are sent once more."""
    try:
        known = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}

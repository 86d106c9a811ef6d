"""Sends the commands' definitions to Discord only when they have changed: it accepts a few hundred a day."""

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


async def sync_commands(
    tree: app_commands.CommandTree[Any], application: int | None, guild: int | None, hash_file: Path
) -> None:
    """Send the commands of a tree to all servers, or, for development, to one guild, unless Discord has them already.

    `hash_file` keeps the hash of what was sent last, by application and guild. Raises DiscordServerError.
    """
    target = discord.Object(guild) if guild is not None else None
    if target is not None:
        tree.copy_global_to(guild=target)
    definitions = [command.to_dict(tree) for command in tree.get_commands(guild=target)]
    digest = hashlib.sha256(json.dumps(definitions, sort_keys=True, default=str).encode()).hexdigest()
    hashes = await asyncio.to_thread(_load_hashes, hash_file)
    key = f"{application}" if guild is None else f"{application}:{guild}"
    if hashes.get(key) == digest:
        return
    try:
        await tree.sync(guild=target)
    except discord.DiscordServerError:
        raise
    except discord.HTTPException as error:
        # For example a daily limit. Mentions are answered nevertheless, and the next start tries again.
        log.error("Discord did not take the commands (%s/%s)", error.status, error.code)
        return
    await asyncio.to_thread(hash_file.write_text, json.dumps(hashes | {key: digest}), "utf-8")
    log.info("sent %d commands to Discord", len(definitions))


def _load_hashes(path: Path) -> dict[str, str]:
    """The hashes in a file; empty where it cannot be read, so that the commands are sent once more."""
    try:
        hashes = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return hashes if isinstance(hashes, dict) else {}

"""The bot as a process that talks to a loopback Discord, and its answers there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests import command
from tests.loopback.discord import TOKEN, Discord

Json = dict[str, Any]
Start = Callable[..., AbstractContextManager[command.Running]]


def starting(cache: Path) -> Start:
    """What starts `onrecord bot` with a library's folder, led to a Discord."""

    @contextmanager
    def start(
        discord: Discord, data: Path, *, arguments: tuple[str, ...] = ("bot",), **env: str
    ) -> Iterator[command.Running]:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ONRECORD_", "DISCORD_"))}
        settings = {
            "ONRECORD_DATA_DIR": str(data), "XDG_CACHE_HOME": str(cache), "ONRECORD_LOG_LEVEL": "INFO",
            "DISCORD_TOKEN": TOKEN, "PYTHONPATH": str(Path(__file__).parents[2]),
        }  # fmt: skip
        with command.running(list(arguments), inherited | settings | led(discord) | env, data.parent) as one:
            yield one

    return start


@contextmanager
def silenced(bot: command.Running) -> Iterator[None]:
    """Meanwhile the processes that answer for a bot stand still."""
    answering = psutil.Process(bot.pid).children()
    assert answering
    for process in answering:
        process.suspend()
    try:
        yield
    finally:
        for process in answering:
            process.resume()


def led(discord: Discord) -> dict[str, str]:
    """The environment that leads a command of the tests to a Discord."""
    return {command.DISCORD: f"{discord.rest_url} {discord.gateway_url}"}


def replies(discord: Discord, to: Json) -> list[Json]:
    return [one for one in discord.texts() if one.get("message_reference", {}).get("message_id") == to["id"]]


def reply(discord: Discord, to: Json) -> Json:
    """The bot's answer to a message."""
    return discord.until(lambda: replies(discord, to))[0]

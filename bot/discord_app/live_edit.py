"""An answer shown while it is written: the newest state of it, with a pause after each edit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import discord

log = logging.getLogger(__name__)

PAUSE = 1.2
"""Seconds between two edits at least: Discord takes five in five seconds of a channel, from all answers in it."""


class Showing:
    """Shows texts through `edit`, the last that it was given, until it is ended. Use it in one event loop."""

    def __init__(self, edit: Callable[[str], Awaitable[None]], pause: float = PAUSE) -> None:
        self._edit, self._pause = edit, pause
        self._wanted, self._shown = "", ""
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def show(self, text: str) -> None:
        """Show a text soon, unless another comes before its time."""
        self._wanted = text
        if self._task is None:
            self._task = asyncio.create_task(self._edits())

    async def end(self) -> None:
        """Begin no more edits, and wait for the one under way: what is sent now comes after it."""
        self._ended.set()
        if self._task is not None:
            await self._task

    async def _edits(self) -> None:
        try:
            while not self._ended.is_set():
                if self._wanted != self._shown:
                    self._shown = self._wanted
                    await self._edit(self._shown)
                try:
                    await asyncio.wait_for(self._ended.wait(), self._pause)
                except TimeoutError:
                    continue
        except discord.HTTPException as error:
            # The message may be gone, the token may have run out: the answer will find its way or be dropped.
            log.info("an answer is not shown while it is written: %s/%s", error.status, error.code)

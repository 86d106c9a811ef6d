"""An answer shown while it is being written: the newest state of it, with a pause after each edit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import discord

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.2
"""Minimum time between two edits: Discord accepts five in five seconds per channel, for all answers in it together."""


class LiveEdit:
    """Shows the last text it was given through `edit`, until it is ended. To be used in one event loop."""

    def __init__(self, edit: Callable[[str], Awaitable[None]], pause: float = PAUSE_SECONDS) -> None:
        self._edit, self._pause = edit, pause
        self._wanted, self._shown = "", ""
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def show(self, text: str) -> None:
        """Show a text soon, unless another replaces it before."""
        self._wanted = text
        if self._task is None:
            self._task = asyncio.create_task(self._show_newest())

    async def end(self) -> None:
        """Begin no more edits, and wait for the one under way: what is sent from now on comes after it."""
        self._ended.set()
        if self._task is not None:
            await self._task

    async def _show_newest(self) -> None:
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
            # The message may be gone or the token expired; sending the answer itself deals with that.
            log.info("an answer is not shown while it is written: %s/%s", error.status, error.code)

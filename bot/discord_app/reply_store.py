"""What is kept of replies for their buttons, written behind the reply so that nobody waits for the disk."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from bot.messages.reply import Keep
from bot.workers.query_pool import Librarians
from retrieval.errors import OnRecordError

log = logging.getLogger(__name__)


class Keeping:
    """Has replies kept in the library. To be used in one event loop."""

    def __init__(self, librarians: Librarians) -> None:
        self._librarians = librarians
        self._pending: dict[str, tuple[str, Keep]] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    def keep(self, scope: str, one: Keep) -> None:
        """Keep what is needed of a reply: `find` has it at once, and after a restart once it is written."""
        self._pending[one.key] = (scope, one)
        task = asyncio.create_task(self._write(scope, one))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def find(self, key: str, scope: str) -> Keep | None:
        """What a scope keeps under a key; None where it was forgotten, or is another scope's."""
        if (waiting := self._pending.get(key)) is not None:
            return waiting[1] if waiting[0] == scope else None
        found: Mapping[str, Any] | None = await self._librarians.quick("find", key=key, scope=scope)
        return Keep(key, found["kind"], found["body"]) if found else None

    async def vote(self, key: str, scope: str, member: str, *, good: bool, reason: str | None = None) -> bool:
        """Note what a member thinks of an answer. False where there is no such."""
        await self.written()
        vote = {"key": key, "scope": scope, "member": member, "good": good, "reason": reason}
        return bool(await self._librarians.quick("vote", **vote))

    async def written(self) -> None:
        """Wait until all that was kept so far is written."""
        if self._writing:
            await asyncio.wait(set(self._writing))

    async def _write(self, scope: str, one: Keep) -> None:
        try:
            # One after the other: what is kept twice in a moment is to stay as it was kept last.
            async with self._turn:
                await self._librarians.quick("keep", key=one.key, scope=scope, kind=one.kind, body=one.body)
        except OnRecordError as error:
            # Its buttons say so when they are pressed; the reply itself is out.
            log.warning("a reply could not be kept: %s", type(error).__name__)
        finally:
            if self._pending.get(one.key) == (scope, one):
                del self._pending[one.key]

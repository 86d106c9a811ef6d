"""Keeps what the buttons under replies need, written in the background so that no reply waits for the disk."""

from __future__ import annotations

import asyncio
import logging

from bot.workers.protocol import CastVote, FindRecord, KeepRecord
from bot.workers.query_pool import QueryPool
from bot.workers.records import AnyRecord, KeptRecord
from retrieval.errors import OnRecordError

log = logging.getLogger(__name__)


class ReplyStore:
    """Has records kept in the library. To be used in one event loop."""

    def __init__(self, queries: QueryPool) -> None:
        self._queries = queries
        self._pending: dict[str, tuple[str, KeptRecord]] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()

    def keep(self, scope: str, kept: KeptRecord) -> None:
        """Keep a record: `find` returns it at once, and after a restart if it had been written."""
        self._pending[kept.key] = (scope, kept)
        task = asyncio.create_task(self._write(scope, kept))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def find(self, key: str, scope: str) -> AnyRecord | None:
        """The record that a scope keeps under a key; None where it was forgotten or belongs to another scope."""
        if (pending := self._pending.get(key)) is not None:
            pending_scope, kept = pending
            return kept.record if pending_scope == scope else None
        return (await self._queries.ask(FindRecord(key=key, scope=scope))).record

    async def vote(self, key: str, scope: str, member: str, *, good: bool, reason: str | None = None) -> bool:
        """Count what a member thinks of an answer. False where there is no such answer."""
        await self.wait_written()
        vote = CastVote(key=key, scope=scope, member=member, good=good, reason=reason)
        return (await self._queries.ask(vote)).counted

    async def wait_written(self) -> None:
        """Wait until everything kept so far is written."""
        if self._writing:
            await asyncio.wait(set(self._writing))

    async def _write(self, scope: str, kept: KeptRecord) -> None:
        try:
            # One after another: of two records kept under one key, the last must win.
            async with self._turn:
                await self._queries.ask(KeepRecord(key=kept.key, scope=scope, record=kept.record))
        except OnRecordError as error:
            # The reply itself was sent; its buttons will say so when they are pressed.
            log.warning("a reply could not be kept: %s", type(error).__name__)
        finally:
            if self._pending.get(kept.key) == (scope, kept):
                del self._pending[kept.key]

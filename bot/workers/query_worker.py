"""The process that reads the library for the bot: it answers, looks up and keeps. Run by `librarians`; see `orders`.

Of an answer that a model writes it tells as well what is proved so far, {"so_far": a message's text}.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from typing import Any

from bot import factory
from bot.conversations import Talk
from bot.messages import render
from bot.messages.reply import Reply, failure, plain, scope
from bot.workers import protocol, server_data
from bot.workers.answers import composed, recalled
from bot.workers.autocomplete import own_titles, speakers, titles
from bot.workers.evidence import evidence
from bot.workers.lists import described, listed
from bot.workers.protocol import Order, Tell
from bot.workers.query import narrowed
from bot.workers.status import status_of
from retrieval.answer import Answerer
from retrieval.errors import OnRecordError
from retrieval.library import Library
from retrieval.types import Answer, Claim

log = logging.getLogger(__name__)

Given = Mapping[str, Any]

THREADS = 2
"""Threads that search: while one waits for the disk or computes outside Python's lock, another goes on."""

REPLIES: Mapping[str, Callable[..., Reply]] = {
    "list": listed,
    "article": described,
    "evidence": evidence,
    "remove article": server_data.remove_article,
    "remove feed": server_data.remove_feed,
    "set rule": server_data.set_rule,
    "remove rule": server_data.remove_rule,
}
"""Orders for a reply, each carried out by a function of the library and what is given."""


def _find(library: Library, key: str, scope: str) -> Any:
    kept = library.replies.find(key, scope)
    return {"kind": kept.kind, "body": kept.body} if kept else None


def _keep(library: Library, key: str, scope: str, kind: str, body: Given) -> None:
    library.replies.keep(scope, kind, body, key)


def _vote(library: Library, key: str, scope: str, member: str, good: bool, reason: str | None) -> bool:
    return library.replies.vote(key, scope, member, good=good, reason=reason)


FACTS: Mapping[str, Callable[..., Any]] = {
    "speakers": speakers,
    "titles": titles,
    "own titles": own_titles,
    "own feeds": server_data.feeds_called,
    "rules": server_data.rules,
    "due": lambda library: library.subscriptions.next_due(),
    "find": _find,
    "keep": _keep,
    "vote": _vote,
}
"""Orders of milliseconds, which end with JSON of their own."""

WRITES = frozenset({"keep", "vote"})
"""Those of them that may have to wait for another process to have written."""


class Librarian:
    """Carries out orders in threads: those for a reply in some, those of milliseconds in one beside them."""

    def __init__(self, library: Library, answerer: Answerer, threads: ThreadPoolExecutor) -> None:
        self._library, self._answerer, self._threads = library, answerer, threads
        self._quick, self._writing = ThreadPoolExecutor(1, "quick"), ThreadPoolExecutor(1, "write")

    async def carry_out(self, order: Order, tell: Tell) -> Any:
        """Do what an order says. What goes wrong with one for a reply is a reply."""
        do, given = order["do"], order["given"]
        loop = asyncio.get_running_loop()
        if (job := FACTS.get(do)) is not None:
            thread = self._writing if do in WRITES else self._quick
            return await loop.run_in_executor(thread, partial(job, self._library, **given))
        try:
            if do == "answer":
                return plain(await self._answered(tell, **given))
            make = partial(status_of, self._answerer) if do == "status" else REPLIES[do]
            return plain(await loop.run_in_executor(self._threads, partial(make, self._library, **given)))
        except Exception as error:  # noqa: BLE001 (whoever asked is told)
            return plain(failure(error))

    async def _answered(self, tell: Tell, asked: Given, talk: Given | None, before: list[str]) -> Reply:
        """An answer. `asked`: see `narrowed`; `before`: keys of a conversation where `talk` is not at hand."""
        query = narrowed(**asked)
        if talk is not None:
            known = Talk.of(talk)
        else:
            job = partial(recalled, self._library, scope(asked["guild"]), before)
            known = await asyncio.get_running_loop().run_in_executor(self._quick, job)
        claims: list[Claim] = []
        async with aclosing(self._answerer.stream(query, known.turns)) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    return composed(query, known, part)
                claims.append(part.claim)
                tell({"so_far": render.so_far(claims)})
        raise AssertionError("a stream ends with its answer")


async def serve(library: Library, answerer: Answerer, threads: ThreadPoolExecutor, tell: Tell) -> None:
    """Carry out what is ordered; what is under way when no more can come has nobody who waits for it."""
    try:
        await protocol.obey(Librarian(library, answerer, threads).carry_out, tell, finish=False)
    finally:
        await answerer.close()


def main() -> None:
    """Serve until the bot, which holds the other end, is gone."""
    # Both reach the whole group, or all of a service; the bot says when it is time.
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    if hasattr(os, "nice"):
        # An acknowledgement has three seconds, an answer has longer.
        os.nice(2)
    tell = protocol.telling()
    try:
        settings = factory.load_settings()
        with factory.library(settings) as library, ThreadPoolExecutor(THREADS, "answer") as threads:
            if library.reranker is not None:
                # Else whoever asks first waits for it.
                library.reranker.warm()
            answerer = factory.answerer(settings, library, threads=threads)
            asyncio.run(serve(library, answerer, threads, tell))
    except OnRecordError as error:
        tell(protocol.failed(error))


if __name__ == "__main__":
    main()

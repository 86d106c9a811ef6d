"""The process that reads the library for the bot: it answers, looks up and keeps. `query_pool` starts it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from functools import partial
from typing import Any

from bot import factory
from bot.messages import render
from bot.workers import server_data, suggestions
from bot.workers.answers import answer_reply, find_conversation
from bot.workers.article_card import show_article
from bot.workers.evidence import show_evidence
from bot.workers.failures import failure_reply
from bot.workers.list_pages import show_list
from bot.workers.protocol import (
    AnswerQuestion,
    AnyQueryRequest,
    CastVote,
    FindRecord,
    GetChannelRules,
    GetNextPoll,
    KeepRecord,
    QueryHandler,
    QueryRequest,
    QuickRequest,
    RemoveArticle,
    RemoveChannelRule,
    RemoveFeed,
    SetChannelRule,
    ShowArticle,
    ShowEvidence,
    ShowList,
    ShowStatus,
    SuggestArticles,
    SuggestServerArticles,
    SuggestServerFeeds,
    SuggestSpeakers,
)
from bot.workers.query import build_query
from bot.workers.records import record_from_stored, record_to_stored
from bot.workers.replies import AnswerSoFar, AnyReply, Finished, NextPoll, RecordFound, Reply, VoteResult
from bot.workers.scope import scope_of
from bot.workers.serve import Send, open_output, serve_requests
from bot.workers.status import show_status
from bot.workers.wire import QUERY_LINES, Failed
from retrieval.answer import Answerer
from retrieval.errors import OnRecordError
from retrieval.library import Library
from retrieval.types import Answer, Claim

_SEARCH_THREADS = 2
"""Threads that search: while one waits for the disk or computes outside Python's lock, another goes on."""


def _get_next_poll(library: Library, _: GetNextPoll) -> NextPoll:
    return NextPoll(due=library.subscriptions.next_due())


def _find_record(library: Library, request: FindRecord) -> RecordFound:
    kept = library.replies.find(request.key, request.scope)
    return RecordFound(record=record_from_stored(kept.kind, kept.body) if kept else None)


def _keep_record(library: Library, request: KeepRecord) -> Finished:
    kind, body = record_to_stored(request.record)
    library.replies.keep(request.scope, kind, body, request.key)
    return Finished()


def _cast_vote(library: Library, vote: CastVote) -> VoteResult:
    counted = library.replies.vote(vote.key, vote.scope, vote.member, good=vote.good, reason=vote.reason)
    return VoteResult(counted=counted)


def handlers_for(answerer: Answerer) -> Mapping[type[QueryRequest[Any]], QueryHandler]:
    """What carries out each request, except for questions."""
    return dict(
        (
            ShowList.handled_by(show_list),
            ShowArticle.handled_by(show_article),
            ShowEvidence.handled_by(show_evidence),
            ShowStatus.handled_by(partial(show_status, answerer)),
            RemoveArticle.handled_by(server_data.remove_article),
            RemoveFeed.handled_by(server_data.remove_feed),
            SetChannelRule.handled_by(server_data.set_channel_rule),
            RemoveChannelRule.handled_by(server_data.remove_channel_rule),
            SuggestSpeakers.handled_by(suggestions.suggest_speakers),
            SuggestArticles.handled_by(suggestions.suggest_articles),
            SuggestServerArticles.handled_by(suggestions.suggest_server_articles),
            SuggestServerFeeds.handled_by(suggestions.suggest_server_feeds),
            GetChannelRules.handled_by(server_data.get_channel_rules),
            GetNextPoll.handled_by(_get_next_poll),
            FindRecord.handled_by(_find_record),
            KeepRecord.handled_by(_keep_record),
            CastVote.handled_by(_cast_vote),
        )
    )


class QueryWorker:
    """Carries out requests in threads: quick ones in threads of their own, beside those that search."""

    def __init__(self, library: Library, answerer: Answerer, threads: ThreadPoolExecutor) -> None:
        self._library, self._answerer, self._threads = library, answerer, threads
        self._quick, self._writing = ThreadPoolExecutor(1, "quick"), ThreadPoolExecutor(1, "write")
        self._handlers = handlers_for(answerer)

    async def handle(self, request: AnyQueryRequest, report: Callable[[AnswerSoFar], None]) -> AnyReply:
        """The reply to a request. Raises what goes wrong with a quick one; for others that is a reply as well."""
        if isinstance(request, QuickRequest):
            return await self._run_handler(request, self._writing if request.writes else self._quick)
        try:
            if isinstance(request, AnswerQuestion):
                return await self._answer(request, report)
            return await self._run_handler(request, self._threads)
        except Exception as error:  # noqa: BLE001 (the asker is told)
            return failure_reply(error)

    async def _run_handler(self, request: QueryRequest[Any], thread: ThreadPoolExecutor) -> AnyReply:
        handle = self._handlers[type(request)]
        reply: AnyReply = await asyncio.get_running_loop().run_in_executor(thread, handle, self._library, request)
        return reply

    async def _answer(self, request: AnswerQuestion, report: Callable[[AnswerSoFar], None]) -> Reply:
        asked = request.question
        query = build_query(asked.text, asked.guild, asked.since, asked.until, asked.source, asked.allowed)
        conversation = request.conversation
        if conversation is None:
            find = partial(find_conversation, self._library, scope_of(asked.guild), request.record_keys)
            conversation = await asyncio.get_running_loop().run_in_executor(self._quick, find)
        claims: list[Claim] = []
        async with aclosing(self._answerer.stream(query, conversation.turns)) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    return answer_reply(query, conversation, part)
                claims.append(part.claim)
                report(AnswerSoFar(text=render.answer_so_far(claims)))
        raise AssertionError("a stream ends with its answer")


async def serve(library: Library, answerer: Answerer, threads: ThreadPoolExecutor, send: Send) -> None:
    """Carry out requests until the bot is gone; nobody waits any more for those under way then."""
    try:
        await serve_requests(QUERY_LINES, QueryWorker(library, answerer, threads).handle, send, finish=False)
    finally:
        await answerer.close()


def main() -> None:
    """Serve until the bot, which holds the other end of standard input, is gone."""
    # Both signals reach the whole process group or service; the bot decides when this process ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if hasattr(os, "nice"):
        # An acknowledgement must be sent within three seconds; an answer may take longer.
        os.nice(2)
    send = open_output()
    try:
        settings = factory.load_settings()
        with factory.library(settings) as library, ThreadPoolExecutor(_SEARCH_THREADS, "answer") as threads:
            if library.reranker is not None:
                # Otherwise the first asker would wait for it.
                library.reranker.warm()
            answerer = factory.answerer(settings, library, threads=threads)
            asyncio.run(serve(library, answerer, threads, send))
    except OnRecordError as error:
        send(Failed.from_error(error))


if __name__ == "__main__":
    main()

"""Attribution by a chat model, whose words are looked up in the text. Start reading at `ModelAttribution`.

Nothing is taken on the model's word: what does not occur in the text is dropped, and where the model fails the article
is attributed offline by `rules`, which is the default way. See docs/attribution.md.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ValidationError

from ingest.attribution.document import AnnotatedText, annotate
from ingest.attribution.matching import Finder
from ingest.attribution.rules import Attribute, attribute_all, context_of, kind_of
from retrieval.english.function_words import PRONOUNS
from retrieval.english.time_phrases import day_of
from retrieval.english.verbs import Sort
from retrieval.errors import KeyRefused, ModelUnavailable, OverBudget, StorageFull
from retrieval.generation import prompts
from retrieval.llm.chat import Chat, Message
from retrieval.llm.ledger import Ledger
from retrieval.llm.server import Server
from retrieval.models.remote import CircuitBreaker
from retrieval.text.sentences import paragraphs
from retrieval.types import Article, Span, Statement

log = logging.getLogger(__name__)

_MAX_PIECE_CHARS = 12_000
"""Characters shown to the model at once, cut between paragraphs: about 3,000 tokens, and as many in the reply."""

_MIN_CALL_SECONDS = 60.0
"""Seconds that a call may take even if the server's limit for answers is lower: nobody waits, and replies are long."""

_MAX_PIECE_SECONDS = 150.0
"""Seconds that a piece may take with all its tries."""

_MAX_REPLY_TOKENS = 4_000
"""Tokens that the model may write for a piece."""

_FAILURES_BEFORE_PAUSE, _PAUSE_SECONDS = 3, 300.0
"""Failed articles in a row after which the model is not asked, and for how many seconds."""


class ModelStatement(BaseModel):
    """A statement in the model's reply; `retrieval.generation.prompts.STATEMENTS` is its schema for the model."""

    speaker: str
    mention: str | None
    kind: Literal["spoken", "mental"]
    content: list[str]
    cue: str | None
    role: str | None
    addressee: str | None
    when: str | None


class ModelReply(BaseModel):
    """The model's reply for a piece of text."""

    statements: list[ModelStatement]


Ask = Callable[[str, str], Awaitable[ModelReply]]
"""Asks the model about a piece of text, at the expense of a scope's budget: (scope, piece) to reply.

Raises ModelUnavailable, KeyRefused, OverBudget, StorageFull.
"""


class ModelAttribution:
    """An `Attribute` that asks a model and checks its reply. Safe to use from several threads, outside event loops.

    Where the model fails or is over budget, and for a while after several failures in a row, `offline` attributes the
    article. `offline_counts` counts such articles by reason.
    """

    def __init__(self, ask: Ask, offline: Attribute = attribute_all, breaker: CircuitBreaker | None = None) -> None:
        self._ask, self._offline = ask, offline
        self._breaker = breaker or CircuitBreaker(_FAILURES_BEFORE_PAUSE, _PAUSE_SECONDS)
        self._lock = threading.Lock()
        self.offline_counts: dict[str, int] = {}

    def __call__(self, articles: Sequence[Article]) -> Iterator[tuple[Statement, ...]]:
        """The statements of each article, in the order of its text."""
        return map(self._statements_of, articles)

    def _statements_of(self, article: Article) -> tuple[Statement, ...]:
        with self._lock:
            replies = self._ask_about(article)
        if replies is None:
            return next(self._offline([article]))
        text = annotate(article.text)
        statements = [
            statement for piece, reply in replies for statement in _find_statements(article, text, piece, reply)
        ]
        distinct = {(statement.speaker, statement.content): statement for statement in statements}
        return tuple(sorted(distinct.values(), key=lambda statement: statement.content[0]))

    @property
    def notices(self) -> list[str]:
        """How many articles were attributed offline, one line per reason."""
        return [f"attribution: {count} read offline: {reason}" for reason, count in self.offline_counts.items()]

    def _ask_about(self, article: Article) -> list[tuple[Span, ModelReply]] | None:
        """The model's reply for each piece of an article; None if it fails on any."""

        async def ask_about_pieces() -> list[tuple[Span, ModelReply]]:
            return [(piece, await self._ask(article.scope, piece.of(article.text))) for piece in _pieces(article.text)]

        try:
            self._breaker.check()
        except ModelUnavailable as error:
            self._count_offline(error)
            return None
        try:
            replies = asyncio.run(ask_about_pieces())
        except (OverBudget, StorageFull) as error:
            self._count_offline(error)
            return None
        except (ModelUnavailable, KeyRefused) as error:
            self._breaker.record_failure()
            self._count_offline(error)
            return None
        self._breaker.record_success()
        return replies

    def _count_offline(self, error: Exception) -> None:
        """Count an article that is attributed offline, and log the reason when it is new."""
        # The messages of these errors are our own and contain nothing of the article.
        reason = str(error)
        if reason not in self.offline_counts:
            log.warning("the model fails to attribute statements (%s): articles are read offline", reason)
        self.offline_counts[reason] = self.offline_counts.get(reason, 0) + 1


def open_attribution(server: Server, ledger: Ledger, offline: Attribute = attribute_all) -> ModelAttribution:
    """Attribution by a server's model. Calls are charged in the ledger to the budget of the article's scope."""
    chat = Chat(replace(server, call_seconds=max(server.call_seconds, _MIN_CALL_SECONDS)), ledger)

    async def ask(scope: str, text: str) -> ModelReply:
        messages: list[Message] = [("system", prompts.ATTRIBUTE), ("user", text)]
        until = asyncio.get_running_loop().time() + _MAX_PIECE_SECONDS
        pieces = chat.stream_reply(scope, messages, prompts.STATEMENTS, until, lambda _: None, most=_MAX_REPLY_TOKENS)
        try:
            async with aclosing(pieces) as stream:
                reply = "".join([piece async for piece in stream])
        finally:
            await chat.close()
        try:
            return ModelReply.model_validate_json(reply[reply.find("{") : reply.rfind("}") + 1])
        except ValidationError:
            # The error's own message would quote what the model wrote, and so the article.
            raise ModelUnavailable("the model's reply is not what was asked for") from None

    return ModelAttribution(ask, offline)


def _pieces(text: str) -> Iterator[Span]:
    """The text in pieces of whole paragraphs; a paragraph that is too long is a piece of its own, cut off."""
    begin, end = None, 0
    for paragraph in paragraphs(text):
        if begin is not None and paragraph.end - begin > _MAX_PIECE_CHARS:
            yield Span(begin, min(end, begin + _MAX_PIECE_CHARS))
            begin = None
        begin = paragraph.start if begin is None else begin
        end = paragraph.end
    if begin is not None:
        yield Span(begin, min(end, begin + _MAX_PIECE_CHARS))


def _find_statements(article: Article, text: AnnotatedText, piece: Span, reply: ModelReply) -> Iterator[Statement]:
    """The statements of a reply whose content and speaker occur in the text."""
    finder, after = Finder(article.text), piece.start
    for given in reply.statements:
        content = _find_content(finder, given, after, piece)
        if content is None:
            continue
        after = content[0].start
        statement = _build_statement(article, text, finder, given, content)
        if statement is not None:
            yield statement


def _find_content(finder: Finder, given: ModelStatement, after: int, piece: Span) -> tuple[Span, ...] | None:
    """The spans of all parts of the content, in order: after the statement before, else anywhere in the piece."""
    for begin in (after, piece.start):
        spans: list[Span] = []
        for part in given.content:
            place = finder.find(part, spans[-1].end if spans else begin, piece.end)
            if place is None:
                break
            spans.append(place)
        if spans and len(spans) == len(given.content):
            return tuple(spans)
    return None


def _build_statement(
    article: Article, text: AnnotatedText, finder: Finder, given: ModelStatement, content: tuple[Span, ...]
) -> Statement | None:
    speaker = finder.find(given.speaker)
    if speaker is None:
        return None
    units = text.unit_at(content[0].start).span, text.unit_at(content[-1].end - 1).span
    surroundings = Span(max(0, units[0].start - 1), units[1].end)
    mention = finder.find_nearest(given.mention, content[0], surroundings) if given.mention else None
    cue = finder.find_nearest(given.cue, content[0], surroundings) if given.cue else None
    name = " ".join(speaker.of(article.text).split())
    if name.lower() in PRONOUNS:
        return None
    when, role = (finder.wording_in_text(words) for words in (given.when, given.role))
    alias = mention.of(article.text) if mention else name
    return Statement(
        article_id=article.id,
        version=article.version,
        speaker=name,
        kind=kind_of(text, content, Sort.THOUGHT if given.kind == "mental" else Sort.SPEECH),
        content=content,
        context=context_of(text, content, cue),
        mention=mention,
        cue=cue,
        aliases=() if alias.lower() in PRONOUNS or alias == name else (alias,),
        role=role,
        addressee=finder.wording_in_text(given.addressee),
        when=when,
        said_on=day_of(when, article.published.date() if article.published else None),
    )

"""A model's claims, each proved before anybody sees it. Read `Writer.claims` first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from retrieval.errors import ModelUnavailable, OverBudget
from retrieval.generation.prompts import CLAIMS, RETRY, REWRITE, STANDALONE, WRITE, document, passage_json, turns_json
from retrieval.generation.stream_parser import ClaimParser, parse_question
from retrieval.llm.chat import Chat, Message
from retrieval.llm.ledger import Cost
from retrieval.proof import verify
from retrieval.proof.evidence import Evidence
from retrieval.proof.injection import unsafe_reason
from retrieval.proof.verifier import ClaimRefused, ProposedClaim, ProvenClaim
from retrieval.search.query import MAX_QUESTION_CHARACTERS, Turn
from retrieval.text.token_count import count_last_within
from retrieval.types import DroppedClaim, Query

log = logging.getLogger(__name__)

MAX_CLAIMS = 12
"""Maximum number of claims read of one answer."""

_MAX_PIECES_AFTER_END = 20
"""Maximum number of pieces read after the end of the claims, to learn the cost: some models write blanks for ever."""

_MIN_SECONDS_FOR_RETRY = 1.5
"""Minimum number of seconds left for the model to be asked a second time."""

_MAX_REWRITE_SECONDS = 6.0
"""Maximum number of seconds for rewriting a follow-up as a question of its own."""


@dataclass(slots=True)
class Progress:
    """The state of an answer: how many claims held, which were dropped, and what it cost.

    `closed`: the model finished its reply.
    """

    held: int = 0
    dropped: list[DroppedClaim] = field(default_factory=list)
    closed: bool = False
    cost: Cost = field(default_factory=Cost)

    def spend(self, cost: Cost) -> None:
        """Add what a call cost."""
        self.cost = self.cost.add(cost)


class ClaimWriter:
    """Writes with one chat model. `history_tokens`: maximum number of tokens of the conversation that it is shown."""

    def __init__(
        self,
        chat: Chat,
        history_tokens: int = 1_000,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self.chat = chat
        self._history_tokens = history_tokens
        self._today = today

    async def write_claims(
        self, asked: Query, offer: Evidence, history: Sequence[Turn], until: float, progress: Progress
    ) -> AsyncGenerator[ProvenClaim, None]:
        """Yield the claims that hold as the model writes them; a refused claim is retried once and then dropped.

        `until`: the deadline on the event loop's clock. Raises ModelUnavailable, KeyRefused, OverBudget; claims yielded
        before stay valid.
        """
        request = document(
            question=asked.text,
            today=self._day_asked(asked),
            evidence=[passage_json(item) for item in offer.passages],
            conversation=turns_json(self._recent_turns(history)),
        )
        messages: list[Message] = [("system", WRITE), ("user", request)]
        scope = asked.scopes[-1]
        shown: set[str] = set()
        refused: list[tuple[ProposedClaim, ClaimRefused]] = []
        try:
            async with aclosing(self._judge_claims(messages, offer, scope, until, progress)) as judged:
                async for draft, outcome in judged:
                    if isinstance(outcome, ClaimRefused):
                        refused.append((draft, outcome))
                    elif _count_new(outcome, shown, progress):
                        yield outcome
            if refused and until - asyncio.get_running_loop().time() > _MIN_SECONDS_FOR_RETRY:
                again = [*messages, ("user", _retry_message(refused))]
                async with aclosing(self._retry_refused(again, offer, scope, until, progress, refused)) as repaired:
                    async for item in repaired:
                        if _count_new(item, shown, progress):
                            yield item
        finally:
            progress.dropped += [DroppedClaim(draft.text, why.kind, why.reason) for draft, why in refused]

    async def _retry_refused(
        self,
        messages: Sequence[Message],
        offer: Evidence,
        scope: str,
        until: float,
        progress: Progress,
        refused: list[tuple[ProposedClaim, ClaimRefused]],
    ) -> AsyncGenerator[ProvenClaim, None]:
        """Yield the claims that hold at the second try and take them out of `refused`; a failed try changes nothing."""
        try:
            async with aclosing(self._judge_claims(messages, offer, scope, until, progress)) as judged:
                async for draft, outcome in judged:
                    first = _index_of_closest(draft, refused)
                    refused[first : first + 1] = [(draft, outcome)] if isinstance(outcome, ClaimRefused) else []
                    if isinstance(outcome, ProvenClaim):
                        yield outcome
        except (ModelUnavailable, OverBudget) as error:
            log.info("refused claims were not tried again: %s", error)

    async def rewrite_question(
        self, asked: Query, history: Sequence[Turn], until: float, progress: Progress
    ) -> str | None:
        """The last question of a conversation, rewritten to be understood alone; None where the model gives none.

        Raises ModelUnavailable, KeyRefused, OverBudget.
        """
        recent = self._recent_turns(history)
        if not recent:
            return None
        data = document(conversation=turns_json(recent), question=asked.text, today=self._day_asked(asked))
        by = min(until, asyncio.get_running_loop().time() + _MAX_REWRITE_SECONDS)
        reply = ""
        messages = [("system", REWRITE), ("user", data)]
        async with aclosing(
            self.chat.stream_reply(asked.scopes[-1], messages, STANDALONE, by, progress.spend)
        ) as pieces:
            async for piece in pieces:
                reply += piece
        written = " ".join((parse_question(reply) or "").split())
        if not any(char.isalnum() for char in written) or len(written) > min(
            MAX_QUESTION_CHARACTERS, 4 * len(asked.text) + 400
        ):
            return None
        return None if unsafe_reason(written) or written == asked.text else written

    async def _judge_claims(
        self, messages: Sequence[Message], offer: Evidence, scope: str, until: float, progress: Progress
    ) -> AsyncGenerator[tuple[ProposedClaim, ProvenClaim | ClaimRefused], None]:
        drafts = ClaimParser()
        number = after = 0
        try:
            async with aclosing(self.chat.stream_reply(scope, messages, CLAIMS, until, progress.spend)) as pieces:
                async for piece in pieces:
                    after += drafts.complete
                    if after > _MAX_PIECES_AFTER_END or number >= MAX_CLAIMS:
                        break
                    for draft in drafts.feed(piece):
                        number += 1
                        if number <= MAX_CLAIMS:
                            yield draft, _judge(draft, offer)
        except ModelUnavailable as error:
            if not drafts.complete:
                raise
            log.info("the list of claims was whole when the model failed: %s", error)
        progress.closed |= drafts.complete or number >= MAX_CLAIMS
        if not drafts.complete and not number:
            raise ModelUnavailable("the model's reply is not what was asked for")

    def _day_asked(self, asked: Query) -> str:
        """The day on which a question is asked."""
        return (asked.now or self._today()).isoformat()

    def _recent_turns(self, history: Sequence[Turn]) -> list[tuple[str, str]]:
        """The last turns that fit, oldest first."""
        kept = count_last_within(
            [f"{turn.question} {turn.answer}" for turn in history], self._history_tokens, self.chat.server.count
        )
        return [(turn.question, turn.answer) for turn in history[len(history) - kept :]]


def _count_new(proven: ProvenClaim, shown: set[str], progress: Progress) -> bool:
    """Count a claim that holds; False where it was shown before."""
    if proven.text in shown:
        return False
    shown.add(proven.text)
    progress.held += 1
    return True


def _index_of_closest(draft: ProposedClaim, refused: Sequence[tuple[ProposedClaim, ClaimRefused]]) -> int:
    """The index of the refused claim that shares most words with this new version."""
    words = set(draft.text.lower().split())
    shared = [len(words & set(claim.text.lower().split())) for claim, _ in refused]
    return shared.index(max(shared)) if shared else 0


def _judge(draft: ProposedClaim, offer: Evidence) -> ProvenClaim | ClaimRefused:
    try:
        return verify(draft, offer)
    except ClaimRefused as refused:
        return refused


def _retry_message(refused: Sequence[tuple[ProposedClaim, ClaimRefused]]) -> str:
    """The message that asks for better versions of the refused claims, which stand in it as data."""
    claims_and_reasons = [{"claim": draft.text[:600], "reason": why.reason} for draft, why in refused]
    return f"{RETRY}\n{document(refused=claims_and_reasons)}"

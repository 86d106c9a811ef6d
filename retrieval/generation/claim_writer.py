"""A model's claims, each proved before anybody sees it. Read `Writer.claims` first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from retrieval.errors import ModelUnavailable, OverBudget
from retrieval.generation.prompts import AGAIN, CLAIMS, REWRITE, STANDALONE, WRITE, document, passage, turns
from retrieval.generation.stream_parser import Drafts, question_in
from retrieval.llm.chat import Chat, Message
from retrieval.llm.ledger import Cost
from retrieval.proof import verify
from retrieval.proof.evidence import Offer
from retrieval.proof.injection import is_unsafe
from retrieval.proof.verifier import Draft, Proven, Refused
from retrieval.search.query import LONGEST, Turn
from retrieval.text.token_count import last_within
from retrieval.types import Dropped, Query

log = logging.getLogger(__name__)

MOST = 12
"""Claims of one answer that are read."""

_AFTER = 20
"""Pieces after the end of the claims that are waited for, for what they cost: some models write blanks without end."""

_WORTH_ASKING = 1.5
"""Seconds that must be left for the model to be asked again."""

_REWRITING = 6.0
"""Seconds that putting a follow-up into a question of its own may take."""


@dataclass(slots=True)
class Progress:
    """How an answer fares: claims that held, those that did not, and what it cost.

    `closed`: the model said all that it had to say.
    """

    held: int = 0
    dropped: list[Dropped] = field(default_factory=list)
    closed: bool = False
    cost: Cost = field(default_factory=Cost)

    def spend(self, cost: Cost) -> None:
        """Add what a call cost."""
        self.cost = self.cost.plus(cost)


class Writer:
    """Writes with one chat model. `history_tokens`: of the conversation, what the model gets to see at most."""

    def __init__(
        self,
        chat: Chat,
        history_tokens: int = 1_000,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self.chat = chat
        self._history_tokens = history_tokens
        self._today = today

    async def claims(
        self, asked: Query, offer: Offer, history: Sequence[Turn], until: float, progress: Progress
    ) -> AsyncGenerator[Proven, None]:
        """The claims that hold, as the model writes them; those that do not are tried again once and then dropped.

        `until`: when the event loop's clock says that it must be through. Raises ModelUnavailable, KeyRefused,
        OverBudget; what was given until then holds.
        """
        told = document(
            question=asked.text,
            today=self._day(asked),
            evidence=[passage(one) for one in offer.passages],
            conversation=turns(self._recent(history)),
        )
        messages: list[Message] = [("system", WRITE), ("user", told)]
        scope = asked.scopes[-1]
        shown: set[str] = set()
        refused: list[tuple[Draft, Refused]] = []
        try:
            async with aclosing(self._judged(messages, offer, scope, until, progress)) as judged:
                async for draft, outcome in judged:
                    if isinstance(outcome, Refused):
                        refused.append((draft, outcome))
                    elif _new(outcome, shown, progress):
                        yield outcome
            if refused and until - asyncio.get_running_loop().time() > _WORTH_ASKING:
                again = [*messages, ("user", _reasons(refused))]
                async with aclosing(self._again(again, offer, scope, until, progress, refused)) as repaired:
                    async for one in repaired:
                        if _new(one, shown, progress):
                            yield one
        finally:
            progress.dropped += [Dropped(draft.text, why.kind, why.reason) for draft, why in refused]

    async def _again(
        self,
        messages: Sequence[Message],
        offer: Offer,
        scope: str,
        until: float,
        progress: Progress,
        refused: list[tuple[Draft, Refused]],
    ) -> AsyncGenerator[Proven, None]:
        """What holds of a second try, taken out of `refused`. A try that fails changes nothing."""
        try:
            async with aclosing(self._judged(messages, offer, scope, until, progress)) as judged:
                async for draft, outcome in judged:
                    first = _closest(draft, refused)
                    refused[first : first + 1] = [(draft, outcome)] if isinstance(outcome, Refused) else []
                    if isinstance(outcome, Proven):
                        yield outcome
        except (ModelUnavailable, OverBudget) as error:
            log.info("refused claims were not tried again: %s", error)

    async def standalone(self, asked: Query, history: Sequence[Turn], until: float, progress: Progress) -> str | None:
        """The last question of a conversation as one that can be understood alone; None where the model gives none.

        Raises ModelUnavailable, KeyRefused, OverBudget.
        """
        recent = self._recent(history)
        if not recent:
            return None
        data = document(conversation=turns(recent), question=asked.text, today=self._day(asked))
        by = min(until, asyncio.get_running_loop().time() + _REWRITING)
        said = ""
        told = [("system", REWRITE), ("user", data)]
        async with aclosing(self.chat.pieces(asked.scopes[-1], told, STANDALONE, by, progress.spend)) as pieces:
            async for piece in pieces:
                said += piece
        written = " ".join((question_in(said) or "").split())
        if not any(char.isalnum() for char in written) or len(written) > min(LONGEST, 4 * len(asked.text) + 400):
            return None
        return None if is_unsafe(written) or written == asked.text else written

    async def _judged(
        self, messages: Sequence[Message], offer: Offer, scope: str, until: float, progress: Progress
    ) -> AsyncGenerator[tuple[Draft, Proven | Refused], None]:
        drafts = Drafts()
        number = after = 0
        try:
            async with aclosing(self.chat.pieces(scope, messages, CLAIMS, until, progress.spend)) as pieces:
                async for piece in pieces:
                    after += drafts.complete
                    if after > _AFTER or number >= MOST:
                        break
                    for draft in drafts.feed(piece):
                        number += 1
                        if number <= MOST:
                            yield draft, _judge(draft, offer)
        except ModelUnavailable as error:
            if not drafts.complete:
                raise
            log.info("the list of claims was whole when the model failed: %s", error)
        progress.closed |= drafts.complete or number >= MOST
        if not drafts.complete and not number:
            raise ModelUnavailable("the model's reply is not what was asked for")

    def _day(self, asked: Query) -> str:
        """The day on which a question is asked."""
        return (asked.now or self._today()).isoformat()

    def _recent(self, history: Sequence[Turn]) -> list[tuple[str, str]]:
        """The last turns that fit, oldest first."""
        kept = last_within(
            [f"{turn.question} {turn.answer}" for turn in history], self._history_tokens, self.chat.server.count
        )
        return [(turn.question, turn.answer) for turn in history[len(history) - kept :]]


def _new(proven: Proven, shown: set[str], progress: Progress) -> bool:
    """Count a claim that holds, unless it was shown before."""
    if proven.text in shown:
        return False
    shown.add(proven.text)
    progress.held += 1
    return True


def _closest(draft: Draft, refused: Sequence[tuple[Draft, Refused]]) -> int:
    """Which of the refused claims was written anew as this one, by its words."""
    words = set(draft.text.lower().split())
    shared = [len(words & set(one.text.lower().split())) for one, _ in refused]
    return shared.index(max(shared)) if shared else 0


def _judge(draft: Draft, offer: Offer) -> Proven | Refused:
    try:
        return verify(draft, offer)
    except Refused as refused:
        return refused


def _reasons(refused: Sequence[tuple[Draft, Refused]]) -> str:
    """What to do about the claims that were refused, as data after an instruction of ours."""
    told = [{"claim": draft.text[:600], "reason": why.reason} for draft, why in refused]
    return f"{AGAIN}\n{document(refused=told)}"

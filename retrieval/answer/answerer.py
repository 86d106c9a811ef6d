"""The one door for questions: `Answerer`. It quotes, or lets a model write what then is proved.

Whatever goes wrong with a model (no time, no money, no connection, no sense), the answer is the one that quotes, with a
notice that says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from retrieval.answer.quoting import ABSTAINED, NEAREST, answer_question, corrections
from retrieval.errors import KeyRefused, ModelUnavailable, OverBudget, StorageFull
from retrieval.generation.claim_writer import Progress, Writer
from retrieval.generation.context import Gathered, Gathering
from retrieval.library import Library
from retrieval.llm.ledger import Ledger
from retrieval.proof import cite
from retrieval.proof.injection import is_unsafe
from retrieval.proof.verifier import Proven
from retrieval.search.query import Turn
from retrieval.search.words_only import BY_WORDS
from retrieval.text import stems
from retrieval.types import Answer, Citation, Claim, Dropped, Query, Span, Status, Written

log = logging.getLogger(__name__)

_ON_TOPIC = 0.6
"""Share of a question's terms that a claim must have with its proofs where quoting found no answer."""

_FALLEN_BACK = {
    "late": "fallback: the model that writes answers did not answer in time or not with what holds; this is quoted",
    "spent": "fallback: what may be spent on written answers today is spent; this is quoted",
    "refused": "fallback: nothing that the model wrote could be proved; this is quoted",
}
_CUT = "cut: the model did not finish; what it wrote until then is proved"


@dataclass(frozen=True, slots=True)
class Piece:
    """A claim that holds, and the citations that come in with it."""

    claim: Claim
    citations: tuple[Citation, ...]


class Answerer:
    """Answers questions from a library: by quoting, or, with a writer, in a model's words. For one event loop.

    `seconds`: the most that an answer may take a model. `threads`: where articles are searched.
    """

    def __init__(
        self,
        library: Library,
        writer: Writer | None = None,
        ledger: Ledger | None = None,
        seconds: float = 15,
        threads: Executor | None = None,
    ) -> None:
        self._library = library
        self._writer = writer
        self._ledger = ledger
        self._seconds = seconds
        self._threads = threads
        self.trouble: str | None = None
        """What is wrong with the model, for admins: from its last call, None where that went well."""

    @property
    def writes(self) -> bool:
        """Whether a model writes answers."""
        return self._writer is not None

    async def answer(self, base: Query, history: Sequence[Turn] = (), *, admin: bool = False) -> Answer:
        """The answer to `base.text`. Raises QuestionError for a question that cannot be asked.

        `admin`: whether who asks may be told what is wrong with the model's key.
        """
        async with aclosing(self.stream(base, history, admin=admin)) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    return part
        raise AssertionError("a stream ends with its answer")

    async def stream(
        self, base: Query, history: Sequence[Turn] = (), *, admin: bool = False
    ) -> AsyncGenerator[Piece | Answer, None]:
        """Claims as they are proved, and at the end, always, the whole answer; a quoted answer comes at once.

        Where the whole answer is a quoted one after all, no piece came before it.
        """
        if self._writer is None:
            yield await self.quoted(base, history)
            return
        async with aclosing(_Asking(self, self._writer, base, history, admin).parts()) as parts:
            async for part in parts:
                yield part

    def answer_now(self, base: Query, history: Sequence[Turn] = ()) -> Answer:
        """The same for who has no event loop and may be told everything, such as the command line."""

        async def once() -> Answer:
            try:
                return await self.answer(base, history, admin=True)
            finally:
                await self.close()

        return asyncio.run(once())

    async def close(self) -> None:
        """End the connections to the model."""
        if self._writer is not None:
            await self._writer.chat.close()

    async def quoted(self, base: Query, history: Sequence[Turn], watch: Gathering | None = None) -> Answer:
        """The answer that quotes, what was found for it going to `watch`."""
        job = partial(answer_question, self._library, base, history, watch)
        return await asyncio.get_running_loop().run_in_executor(self._threads, job)

    def until(self) -> float:
        """When the event loop's clock says that an answer asked for now must be there."""
        return asyncio.get_running_loop().time() + self._seconds

    async def note(self, scope: str, question: str, written: Written) -> None:
        """Keep the record of what was dropped; an answer does not fail for it."""
        if self._ledger is None or not written.dropped:
            return
        try:
            await asyncio.to_thread(self._ledger.note, scope, written.model, question, written.dropped)
        except StorageFull as error:
            log.warning("what was dropped is not recorded: %s", error)


class _Asking:
    """One question on its way to an answer in a model's words."""

    def __init__(self, answerer: Answerer, writer: Writer, base: Query, history: Sequence[Turn], admin: bool) -> None:
        self._door, self._writer, self._base, self._history, self._admin = answerer, writer, base, history, admin
        self._scope = base.scopes[-1]
        self._progress = Progress()
        self._claims: list[Claim] = []
        self._citations: dict[tuple[str, Span], Citation] = {}
        self._numbers: dict[str, int] = {}
        self._timings: dict[str, float] = {}
        self._rewritten: str | None = None

    async def parts(self) -> AsyncGenerator[Piece | Answer, None]:
        until = self._door.until()
        begun = time.perf_counter()
        base, history = await self._standalone(until)
        found = Gathering(self._writer.chat.server.count)
        # What the model needs is loaded while the articles are searched.
        warming = asyncio.create_task(asyncio.to_thread(self._writer.chat.warm))
        quoted = await self._door.quoted(base, history, found)
        await warming
        self._timings |= dict(quoted.timings_ms)
        quoted = replace(quoted, question=self._base.text, rewritten=self._rewritten)
        gathered = found.gathered
        if gathered is None or not gathered.offer.passages:
            yield quoted
            return
        writing, failed = time.perf_counter(), None
        try:
            proven = self._writer.claims(base, gathered.offer, history, until, self._progress)
            async with aclosing(proven) as claims:
                async for one in claims:
                    if quoted.status is Status.ANSWERED or self._on_topic(one, gathered):
                        self._timings.setdefault("first_claim", _ms(writing))
                        yield self._shown(one)
        except (ModelUnavailable, OverBudget, KeyRefused, StorageFull) as error:
            log.warning("an answer is quoted: %s", error)
            failed = error
        self._timings |= {"write": _ms(writing), "total": _ms(begun)}
        self._door.trouble = str(failed) if failed else None
        answer = self._whole(quoted, gathered, failed)
        if answer.written is not None:
            await self._door.note(self._scope, self._base.text, answer.written)
        yield answer

    async def _standalone(self, until: float) -> tuple[Query, Sequence[Turn]]:
        """The question put into one that stands alone, where the model does that; else with its conversation."""
        if not self._history:
            return self._base, ()
        begun = time.perf_counter()
        try:
            self._rewritten = await self._writer.standalone(self._base, self._history, until, self._progress)
        except (ModelUnavailable, OverBudget, KeyRefused, StorageFull) as error:
            log.warning("a follow-up is understood without the model: %s", error)
            return self._base, self._history
        self._timings["rewrite"] = _ms(begun)
        if self._rewritten is None:
            return self._base, self._history
        return replace(self._base, text=self._rewritten), ()

    def _on_topic(self, one: Proven, gathered: Gathered) -> bool:
        """Whether a claim is about the question, where quoting found that the articles do not answer it."""
        texts = [one.text, *(f"{proof.place.text} {proof.place.article.title}" for proof in one.proofs)]
        if gathered.terms.coverage({stem for text in texts for stem in stems.stems(text)}) >= _ON_TOPIC:
            return True
        self._progress.held -= 1
        self._progress.dropped.append(Dropped(one.text, "question", "it is not about the question"))
        return False

    def _shown(self, one: Proven) -> Piece:
        """A claim with numbers for its articles, in the order in which they appear."""
        new: list[Citation] = []
        numbers: list[int] = []
        for proof in one.proofs:
            article, span = proof.place.article, proof.place.span
            number = self._numbers.setdefault(article.id, len(self._numbers) + 1)
            numbers.append(number)
            if (article.id, span) not in self._citations:
                new.append(cite(article, span, number, proof.speaker))
                self._citations[article.id, span] = new[-1]
        self._claims.append(Claim(one.text, tuple(sorted(set(numbers)))))
        return Piece(self._claims[-1], tuple(new))

    def _whole(self, quoted: Answer, gathered: Gathered, failed: Exception | None) -> Answer:
        progress, model = self._progress, self._writer.chat.server.model
        cost = progress.cost
        written = Written(model, progress.held, tuple(progress.dropped), cost.tokens, cost.micros)
        if not self._claims:
            return replace(self._without(quoted, gathered, failed), written=written, timings_ms=self._timings)
        citations = tuple(sorted(self._citations.values(), key=lambda one: one.number))
        kept = tuple(one for one in quoted.notices if not one.startswith("corrected:"))
        corrected = corrections(gathered.history, [(one.article, one.span) for one in citations])
        return Answer(
            self._base.text,
            Status.ANSWERED,
            "\n".join(f"{one.text} {''.join(f'[{n}]' for n in one.citations)}" for one in self._claims),
            tuple(self._claims),
            citations,
            notices=kept + corrected + ((_CUT,) if failed or not progress.closed else ()) + self._for_admin(failed),
            answerer=f"write:{model}",
            timings_ms=self._timings,
            rewritten=self._rewritten,
            written=written,
        )

    def _without(self, quoted: Answer, gathered: Gathered, failed: Exception | None) -> Answer:
        """The answer where no claim of the model is left."""
        progress = self._progress
        if failed is None and progress.closed and not progress.dropped and not progress.held:
            # The model looked at the evidence and says that it does not answer.
            return Answer(
                self._base.text,
                Status.ABSTAINED,
                ABSTAINED,
                nearest=quoted.nearest or gathered.articles[:NEAREST],
                notices=tuple(one for one in quoted.notices if quoted.status is Status.ABSTAINED or one == BY_WORDS),
                answerer=f"write:{self._writer.chat.server.model}",
                rewritten=self._rewritten,
            )
        quoted = _harmless(quoted)
        reason = "refused" if failed is None else "spent" if isinstance(failed, OverBudget) else "late"
        notices = (*quoted.notices, _FALLEN_BACK[reason], *self._for_admin(failed))
        return replace(quoted, answerer="fallback", notices=notices)

    def _for_admin(self, failed: Exception | None) -> tuple[str, ...]:
        return (f"admin: {failed}",) if self._admin and failed is not None else ()


def _harmless(quoted: Answer) -> Answer:
    """A quoted answer without sentences that are orders to a model: whoever wrote those has been tried already."""
    bad = {one.number for one in quoted.citations if is_unsafe(one.excerpt)}
    if not bad:
        return quoted
    kept = tuple(one for one in quoted.claims if not bad & set(one.citations))
    if not kept:
        nearest = tuple({one.article.id: one.article for one in quoted.citations}.values())
        return Answer(quoted.question, Status.ABSTAINED, ABSTAINED, nearest=nearest, notices=quoted.notices)
    numbers = {number for one in kept for number in one.citations}
    lines = [line for line in quoted.text.split("\n") if not any(f"[{number}]" in line for number in bad)]
    citations = tuple(one for one in quoted.citations if one.number in numbers)
    return replace(quoted, text="\n".join(lines), claims=kept, citations=citations)


def _ms(since: float) -> float:
    return round((time.perf_counter() - since) * 1000, 2)

"""`Answerer`, which every question goes through. It answers by quoting, or in a model's words, which are verified.

Whatever goes wrong with the model (out of time, over budget, no connection, nothing that holds), the answer is a quoted
one with a notice that says so.
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

from retrieval.answer.answer_limits import MIN_CLAIM_COVERAGE, NEAREST_ARTICLES_SHOWN
from retrieval.answer.quoting import ABSTAINED, EvidenceCallback, answer_question, correction_notices
from retrieval.errors import KeyRefused, ModelUnavailable, OverBudget, StorageFull
from retrieval.generation.claim_writer import ClaimWriter, Progress
from retrieval.generation.context import CollectedEvidence, EvidenceCollector
from retrieval.library import Library
from retrieval.llm.ledger import Ledger
from retrieval.proof import cite
from retrieval.proof.injection import unsafe_reason
from retrieval.proof.verifier import ProvenClaim
from retrieval.search.query import Turn
from retrieval.search.words_only import BY_WORDS
from retrieval.text import stems
from retrieval.types import Answer, Citation, Claim, DroppedClaim, GenerationStats, Query, Span, Status

log = logging.getLogger(__name__)

_FALLBACK_NOTICES = {
    "late": "fallback: the model that writes answers did not answer in time or not with what holds; this is quoted",
    "spent": "fallback: what may be spent on written answers today is spent; this is quoted",
    "refused": "fallback: nothing that the model wrote could be proved; this is quoted",
}
_CUT_NOTICE = "cut: the model did not finish; what it wrote until then is proved"


@dataclass(frozen=True, slots=True)
class CitedClaim:
    """A claim that was proved, and the citations that are new with it."""

    claim: Claim
    citations: tuple[Citation, ...]


class Answerer:
    """Answers questions from a library: by quoting or, with a writer, in a model's words. For one event loop.

    `seconds`: maximum time for an answer in a model's words. `threads`: the executor that searches run in.
    """

    def __init__(
        self,
        library: Library,
        writer: ClaimWriter | None = None,
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
        """What went wrong with the model's last call, for admins; None where it succeeded."""

    @property
    def writes(self) -> bool:
        """Whether a model writes answers."""
        return self._writer is not None

    async def answer(self, base: Query, history: Sequence[Turn] = (), *, admin: bool = False) -> Answer:
        """The answer to `base.text`. Raises QuestionError for a question that cannot be asked.

        `admin`: whether the notices may say what is wrong with the model, such as its key.
        """
        async with aclosing(self.stream(base, history, admin=admin)) as parts:
            async for part in parts:
                if isinstance(part, Answer):
                    return part
        raise AssertionError("a stream ends with its answer")

    async def stream(
        self, base: Query, history: Sequence[Turn] = (), *, admin: bool = False
    ) -> AsyncGenerator[CitedClaim | Answer, None]:
        """Claims as they are proved, and at the end always the whole answer. A quoted answer comes in one piece.

        Where the whole answer turns out to be a quoted one, no claim came before it.
        """
        if self._writer is None:
            yield await self.quote(base, history)
            return
        async with aclosing(_ModelAnswer(self, self._writer, base, history, admin).parts()) as parts:
            async for part in parts:
                yield part

    def answer_now(self, base: Query, history: Sequence[Turn] = ()) -> Answer:
        """Blocking variant for callers without an event loop; includes notices meant for admins."""

        async def answer_and_close() -> Answer:
            try:
                return await self.answer(base, history, admin=True)
            finally:
                await self.close()

        return asyncio.run(answer_and_close())

    async def close(self) -> None:
        """Close the connections to the model."""
        if self._writer is not None:
            await self._writer.chat.close()

    async def quote(self, base: Query, history: Sequence[Turn], on_evidence: EvidenceCallback | None = None) -> Answer:
        """The answer that quotes; its evidence is handed to `on_evidence`."""
        job = partial(answer_question, self._library, base, history, on_evidence)
        return await asyncio.get_running_loop().run_in_executor(self._threads, job)

    def deadline(self) -> float:
        """The time, by the event loop's clock, at which an answer asked for now must be complete."""
        return asyncio.get_running_loop().time() + self._seconds

    async def record_dropped(self, scope: str, question: str, stats: GenerationStats) -> None:
        """Record the claims that were dropped; a failure to do so does not fail the answer."""
        if self._ledger is None or not stats.dropped:
            return
        try:
            await asyncio.to_thread(self._ledger.record_dropped, scope, stats.model, question, stats.dropped)
        except StorageFull as error:
            log.warning("what was dropped is not recorded: %s", error)


class _ModelAnswer:
    """The making of one answer in a model's words."""

    def __init__(
        self, answerer: Answerer, writer: ClaimWriter, base: Query, history: Sequence[Turn], admin: bool
    ) -> None:
        self._answerer, self._writer, self._base, self._history = answerer, writer, base, history
        self._admin = admin
        self._scope = base.scopes[-1]
        self._progress = Progress()
        self._claims: list[Claim] = []
        self._citations: dict[tuple[str, Span], Citation] = {}
        self._numbers: dict[str, int] = {}
        self._timings: dict[str, float] = {}
        self._rewritten: str | None = None

    async def parts(self) -> AsyncGenerator[CitedClaim | Answer, None]:
        """The proved claims, then the answer."""
        deadline = self._answerer.deadline()
        begun = time.perf_counter()
        base, history = await self._standalone(deadline)
        gathering = EvidenceCollector(self._writer.chat.server.count)
        # What the model needs is loaded while the articles are searched.
        warming = asyncio.create_task(asyncio.to_thread(self._writer.chat.warm))
        quoted = await self._answerer.quote(base, history, gathering)
        await warming
        self._timings |= dict(quoted.timings_ms)
        quoted = replace(quoted, question=self._base.text, rewritten=self._rewritten)
        gathered = gathering.collected
        if gathered is None or not gathered.offer.passages:
            yield quoted
            return
        writing_begun, failure = time.perf_counter(), None
        try:
            proven_claims = self._writer.write_claims(base, gathered.offer, history, deadline, self._progress)
            async with aclosing(proven_claims) as claims:
                async for claim in claims:
                    if quoted.status is Status.ANSWERED or self._is_on_topic(claim, gathered):
                        self._timings.setdefault("first_claim", _milliseconds_since(writing_begun))
                        yield self._cite(claim)
        except (ModelUnavailable, OverBudget, KeyRefused, StorageFull) as error:
            log.warning("an answer is quoted: %s", error)
            failure = error
        self._timings |= {"write": _milliseconds_since(writing_begun), "total": _milliseconds_since(begun)}
        self._answerer.trouble = str(failure) if failure else None
        answer = self._compose(quoted, gathered, failure)
        if answer.written is not None:
            await self._answerer.record_dropped(self._scope, self._base.text, answer.written)
        yield answer

    async def _standalone(self, deadline: float) -> tuple[Query, Sequence[Turn]]:
        """(the question, its conversation): a follow-up as a question that stands alone where the model can say so."""
        if not self._history:
            return self._base, ()
        begun = time.perf_counter()
        try:
            self._rewritten = await self._writer.rewrite_question(self._base, self._history, deadline, self._progress)
        except (ModelUnavailable, OverBudget, KeyRefused, StorageFull) as error:
            log.warning("a follow-up is understood without the model: %s", error)
            return self._base, self._history
        self._timings["rewrite"] = _milliseconds_since(begun)
        if self._rewritten is None:
            return self._base, self._history
        return replace(self._base, text=self._rewritten), ()

    def _is_on_topic(self, claim: ProvenClaim, gathered: CollectedEvidence) -> bool:
        """Whether a claim is about the question, where quoting found no answer; otherwise count it as dropped."""
        texts = [claim.text, *(f"{proof.place.text} {proof.place.article.title}" for proof in claim.proofs)]
        if gathered.terms.coverage({stem for text in texts for stem in stems.stems(text)}) >= MIN_CLAIM_COVERAGE:
            return True
        self._progress.held -= 1
        self._progress.dropped.append(DroppedClaim(claim.text, "question", "it is not about the question"))
        return False

    def _cite(self, claim: ProvenClaim) -> CitedClaim:
        """A claim with its citations. Articles are numbered in the order in which they appear."""
        new: list[Citation] = []
        numbers: list[int] = []
        for proof in claim.proofs:
            article, span = proof.place.article, proof.place.span
            number = self._numbers.setdefault(article.id, len(self._numbers) + 1)
            numbers.append(number)
            if (article.id, span) not in self._citations:
                new.append(cite(article, span, number, proof.speaker))
                self._citations[article.id, span] = new[-1]
        self._claims.append(Claim(claim.text, tuple(sorted(set(numbers)))))
        return CitedClaim(self._claims[-1], tuple(new))

    def _compose(self, quoted: Answer, gathered: CollectedEvidence, failure: Exception | None) -> Answer:
        """The whole answer: the model's claims, or without any the quoted answer or an abstention."""
        progress, model = self._progress, self._writer.chat.server.model
        cost = progress.cost
        stats = GenerationStats(model, progress.held, tuple(progress.dropped), cost.tokens, cost.micros)
        if not self._claims:
            answer = self._compose_without_claims(quoted, gathered, failure)
            return replace(answer, written=stats, timings_ms=self._timings)
        citations = tuple(sorted(self._citations.values(), key=lambda citation: citation.number))
        kept = tuple(notice for notice in quoted.notices if not notice.startswith("corrected:"))
        corrected = correction_notices(gathered.history, [(citation.article, citation.span) for citation in citations])
        cut = (_CUT_NOTICE,) if failure or not progress.closed else ()
        return Answer(
            self._base.text,
            Status.ANSWERED,
            "\n".join(f"{claim.text} {''.join(f'[{n}]' for n in claim.citations)}" for claim in self._claims),
            tuple(self._claims),
            citations,
            notices=kept + corrected + cut + self._admin_notices(failure),
            answerer=f"write:{model}",
            timings_ms=self._timings,
            rewritten=self._rewritten,
            written=stats,
        )

    def _compose_without_claims(self, quoted: Answer, gathered: CollectedEvidence, failure: Exception | None) -> Answer:
        """The answer where no claim of the model is left."""
        progress = self._progress
        if failure is None and progress.closed and not progress.dropped and not progress.held:
            # The model has read the evidence and says that it does not answer the question.
            abstained = quoted.status is Status.ABSTAINED
            return Answer(
                self._base.text,
                Status.ABSTAINED,
                ABSTAINED,
                nearest=quoted.nearest or gathered.articles[:NEAREST_ARTICLES_SHOWN],
                notices=tuple(notice for notice in quoted.notices if abstained or notice == BY_WORDS),
                answerer=f"write:{self._writer.chat.server.model}",
                rewritten=self._rewritten,
            )
        quoted = _without_instructions(quoted)
        reason = "refused" if failure is None else "spent" if isinstance(failure, OverBudget) else "late"
        notices = (*quoted.notices, _FALLBACK_NOTICES[reason], *self._admin_notices(failure))
        return replace(quoted, answerer="fallback", notices=notices)

    def _admin_notices(self, failure: Exception | None) -> tuple[str, ...]:
        return (f"admin: {failure}",) if self._admin and failure is not None else ()


def _without_instructions(quoted: Answer) -> Answer:
    """A quoted answer without sentences that are instructions to a model.

    Such sentences may be why the model's answer was refused, so they are not shown either.
    """
    unsafe = {citation.number for citation in quoted.citations if unsafe_reason(citation.excerpt)}
    if not unsafe:
        return quoted
    kept = tuple(claim for claim in quoted.claims if not unsafe & set(claim.citations))
    if not kept:
        nearest = tuple({citation.article.id: citation.article for citation in quoted.citations}.values())
        return Answer(quoted.question, Status.ABSTAINED, ABSTAINED, nearest=nearest, notices=quoted.notices)
    numbers = {number for claim in kept for number in claim.citations}
    lines = [line for line in quoted.text.split("\n") if not any(f"[{number}]" in line for number in unsafe)]
    citations = tuple(citation for citation in quoted.citations if citation.number in numbers)
    return replace(quoted, text="\n".join(lines), claims=kept, citations=citations)


def _milliseconds_since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 2)

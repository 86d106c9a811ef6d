"""Requests to processes that may die, and guilds in turn at the one that reads articles."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.workers.ingest_worker import IngestWorker
from bot.workers.process import WorkerDied
from bot.workers.protocol import AnswerQuestion, IngestArticles, Question, SavedFile, ShowArticle, SuggestSpeakers
from bot.workers.query_pool import QueryPool
from bot.workers.replies import AnswerSoFar
from ingest.readers.sandbox import Readers
from retrieval.errors import QuestionError
from retrieval.library import Library
from retrieval.settings import Settings
from tests.loopback.dying import DIE, REFUSE, TELL

WAIT = AnswerQuestion(question=Question(text="wait", guild=None))


def play(scene: Callable[[QueryPool], Awaitable[None]], processes: int = 1, per_process: int = 4) -> None:
    async def whole() -> None:
        pool = QueryPool(processes, per_process, "tests.loopback.dying")
        try:
            await pool.start()
            await scene(pool)
        finally:
            await pool.close()
        assert pool.pids == []

    asyncio.run(whole())


async def told(pool: QueryPool) -> tuple[int, int]:
    """How many requests wait in the process that is asked, and its id."""
    return parsed((await pool.ask(ask(TELL))).outcome)


async def told_quickly(pool: QueryPool) -> tuple[int, int]:
    """The same, past the requests that wait for their turn."""
    return parsed((await pool.ask(SuggestSpeakers(guild=None, typed=TELL))).suggestions[0].value)


def ask(what: str) -> ShowArticle:
    return ShowArticle(guild=None, title=what)


def parsed(text: str) -> tuple[int, int]:
    waiting, pid = text.split()
    return int(waiting), int(pid)


async def begun(pool: QueryPool) -> "asyncio.Task[object]":
    """A request that waits for ever, and has reported so."""
    reported: asyncio.Queue[AnswerSoFar] = asyncio.Queue()
    task = asyncio.create_task(pool.stream(WAIT, reported.put))
    assert (await reported.get()).text == "waiting"
    return task


async def cancel(task: "asyncio.Task[object]") -> None:
    task.cancel()
    await asyncio.wait({task})


def test_a_request_that_ends_its_process_is_reported_and_others_are_carried_out() -> None:
    """What was beside it is carried out by the process that takes its place."""

    async def scene(pool: QueryPool) -> None:
        (first,) = pool.pids
        beside = [asyncio.create_task(told(pool)) for _ in range(3)]
        with pytest.raises(WorkerDied, match="twice"):
            await pool.ask(ask(DIE))
        assert len(await asyncio.gather(*beside)) == 3
        waiting, pid = await told(pool)
        assert (waiting, pid == first) == (0, False)
        with pytest.raises(QuestionError, match="not this"):
            await pool.ask(ask(REFUSE))

    play(scene)


def test_a_request_that_nobody_waits_for_is_cancelled_and_quick_ones_pass() -> None:
    """It makes room for the next; what takes milliseconds does not wait for room."""

    async def scene(pool: QueryPool) -> None:
        waiting = await begun(pool)
        assert (await told_quickly(pool))[0] == 1
        await cancel(waiting)
        assert (await told(pool))[0] == 0

    play(scene, per_process=1)


def test_requests_go_to_the_least_busy() -> None:
    """Two processes share them."""

    async def scene(pool: QueryPool) -> None:
        waiting = await begun(pool)
        assert (await told(pool))[0] == 0
        assert len(pool.pids) == 2
        await cancel(waiting)

    play(scene, processes=2)


def test_guilds_take_turns(library: Library, tmp_path: Path) -> None:
    """One article of a guild is read while another's forty are; a second ingest of a guild waits for its first."""
    rows = "".join(f'{{"title": "Ship {n}", "text": "Ship {n} came in at noon."}}\n' for n in range(40))
    (tmp_path / "ships.jsonl").write_text(rows)
    file = SavedFile(path=str(tmp_path / "ships.jsonl"), name="ships.jsonl")
    told: list[str] = []

    async def whole() -> None:
        with Readers() as readers:
            worker = IngestWorker(library, Settings(), readers, None, turn_seconds=0.0)  # type: ignore[arg-type]
            texts = [IngestArticles(scope=guild, text=f"Crane falls in {guild}\n\nIt fell.") for guild in "12"]

            async def ingest(name: str, request: IngestArticles) -> None:
                await worker.handle(request, lambda _: told.append(name))

            many = IngestArticles(scope="1", files=(file,))
            await asyncio.gather(ingest("many", many), ingest("same", texts[0]), ingest("other", texts[1]))

    asyncio.run(whole())
    assert (told.count("many"), told.count("same"), told.count("other")) == (40, 1, 1)
    assert (told.index("other") < 39, told[-1]) == (True, "same")

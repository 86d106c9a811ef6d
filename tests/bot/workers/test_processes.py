"""Orders to processes that may die, and guilds in turn at the one that reads articles."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from bot.discord_app.live_edit import Showing
from bot.workers.ingest_worker import Clerk
from bot.workers.process import Gone
from bot.workers.query_pool import Librarians
from ingest.readers.sandbox import Readers
from retrieval.errors import QuestionError
from retrieval.library import Library
from retrieval.settings import Settings


def play(scene: Callable[[Librarians], Awaitable[None]], processes: int = 1, each: int = 4) -> None:
    async def whole() -> None:
        librarians = Librarians(processes, each, "tests.loopback.dying")
        try:
            await librarians.start()
            await scene(librarians)
        finally:
            await librarians.close()
        assert librarians.pids == []

    asyncio.run(whole())


def test_an_order_that_ends_its_process_is_told_of_and_others_are_carried_out() -> None:
    """What was beside it is carried out by the process that takes its place."""

    async def scene(librarians: Librarians) -> None:
        (first,) = librarians.pids
        beside = [asyncio.create_task(librarians.end("tell")) for _ in range(3)]
        with pytest.raises(Gone, match="twice"):
            await librarians.end("die")
        assert len(await asyncio.gather(*beside)) == 3
        after = await librarians.end("tell")
        assert (after["waiting"], after["pid"] == first) == (0, False)
        with pytest.raises(QuestionError, match="not this"):
            await librarians.end("refuse")

    play(scene)


def test_an_order_that_nobody_waits_for_is_cancelled_and_small_ones_pass() -> None:
    """It makes room for the next; what takes milliseconds does not wait for room."""

    async def scene(librarians: Librarians) -> None:
        async with aclosing(librarians.run("wait")) as told:
            assert await anext(told) == {"id": 1, "so_far": "waiting"}
            assert (await librarians.quick("tell"))["waiting"] == 1
        assert (await librarians.end("tell"))["waiting"] == 0

    play(scene, each=1)


def test_orders_go_to_who_has_fewest() -> None:
    """Two processes share them."""

    async def scene(librarians: Librarians) -> None:
        async with aclosing(librarians.run("wait")) as told:
            await anext(told)
            assert (await librarians.end("tell"))["waiting"] == 0
            assert len(librarians.pids) == 2

    play(scene, processes=2)


def test_guilds_take_turns(library: Library, tmp_path: Path) -> None:
    """One article of a guild is read while another's forty are; a second order of a guild waits for its first."""
    rows = "".join(f'{{"title": "Ship {n}", "text": "Ship {n} came in at noon."}}\n' for n in range(40))
    (tmp_path / "ships.jsonl").write_text(rows)
    many = {"do": "ingest", "scope": "1", "files": [{"path": str(tmp_path / "ships.jsonl"), "name": "ships.jsonl"}]}
    told: list[str] = []

    async def whole() -> None:
        with Readers() as readers:
            clerk = Clerk(library, Settings(), readers, None, turn=0.0)  # type: ignore[arg-type]
            texts = [{"do": "ingest", "scope": guild, "text": f"Crane falls in {guild}\n\nIt fell."} for guild in "12"]

            async def order(name: str, what: Mapping[str, Any]) -> None:
                await clerk.carry_out(what, lambda said: told.append(name))

            await asyncio.gather(order("many", many), order("same", texts[0]), order("other", texts[1]))

    asyncio.run(whole())
    assert (told.count("many"), told.count("same"), told.count("other")) == (40, 1, 1)
    assert (told.index("other") < 39, told[-1]) == (True, "same")


def test_what_is_shown_is_the_newest_and_nothing_comes_after_the_end() -> None:
    """While an edit is under way others are left out; the end waits for it."""

    async def scene() -> None:
        shown: list[str] = []
        begun, go = asyncio.Event(), asyncio.Event()

        async def edit(text: str) -> None:
            begun.set()
            await go.wait()
            shown.append(text)

        showing = Showing(edit, pause=0.0)
        showing.show("one")
        await begun.wait()
        showing.show("two")
        ending = asyncio.create_task(showing.end())
        await asyncio.sleep(0)
        assert not ending.done()
        go.set()
        await ending
        assert shown == ["one"]
        await Showing(edit).end()

    asyncio.run(scene())

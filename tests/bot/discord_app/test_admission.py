import asyncio
import json
from collections.abc import Callable

from bot.conversations import NOTHING, Talk, Talks
from bot.discord_app.admission import Desk, Refusal, Rules
from retrieval.search.query import Turn

ADA, BEN, GUILD = 1, 2, 10


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def refused(desk: Desk, member: int, guild: int | None = GUILD) -> str | None:
    try:
        with desk.place(member, guild):
            return None
    except Refusal as refusal:
        return str(refusal)


def test_a_member_who_asks_too_often_is_told_when_to_come_back() -> None:
    """The time is the one at which a question is taken again; others are not held up."""
    clock = Clock()
    desk = Desk(Rules(seconds=60, member=2, guild=100), clock=clock)
    assert [refused(desk, ADA), refused(desk, ADA), refused(desk, BEN)] == [None, None, None]
    assert "<t:1061:R>" in (refused(desk, ADA) or "")
    clock.now = 1061
    assert refused(desk, ADA) is None


def test_a_guild_has_a_limit_of_its_own() -> None:
    """Its members share it; a direct message is no part of it, and what was refused does not count."""
    desk = Desk(Rules(member=100, guild=2), clock=Clock())
    assert [refused(desk, ADA), refused(desk, BEN)] == [None, None]
    assert "This server" in (refused(desk, ADA) or "")
    assert refused(desk, ADA, None) is None
    assert refused(desk, ADA, GUILD + 1) is None


def test_the_queue_is_bounded() -> None:
    """For each member and in all; a place is given back when the answer is out."""
    desk = Desk(Rules(under_way=2, waiting=3))
    with desk.place(ADA, GUILD), desk.place(ADA, GUILD) as before:
        assert before == 1
        assert "of your questions" in (refused(desk, ADA) or "")
        with desk.place(BEN, GUILD):
            assert "are waiting" in (refused(desk, 3) or "")
    assert (desk.waiting, refused(desk, ADA)) == (0, None)


def run(scene: Callable[[Desk], object]) -> None:
    async def play() -> None:
        await scene(Desk())  # type: ignore[misc]

    asyncio.run(play())


def test_a_members_questions_are_answered_one_after_another() -> None:
    """While another member's is answered beside them."""

    async def scene(desk: Desk) -> None:
        begun, go = [], asyncio.Event()

        async def job(name: str) -> str:
            begun.append(name)
            await go.wait()
            return name

        async def ask(member: int, name: str) -> str:
            with desk.place(member, GUILD):
                return await desk.work(member, lambda: job(name))

        both = asyncio.gather(ask(ADA, "first"), ask(ADA, "second"))

        async def last() -> str:
            begun.append("other")
            go.set()
            return "other"

        await asyncio.sleep(0)
        with desk.place(BEN, GUILD):
            await desk.work(BEN, last)
        assert await both == ["first", "second"]
        assert begun.index("other") < begun.index("second")

    run(scene)


def test_finishing_waits_for_what_is_under_way() -> None:
    """And takes nothing new; what is not in time is counted."""

    async def scene(desk: Desk) -> None:
        with desk.place(ADA, GUILD):
            assert await desk.finish(0.01) == 1
            finishing = asyncio.create_task(desk.finish(30))
            await asyncio.sleep(0)
            assert "restart" in (refused(desk, BEN) or "")
        assert await finishing == 0

    run(scene)


def test_a_conversation_stays_in_its_guild_and_is_bounded() -> None:
    """Found by a message that answered in it; the last turns, of the last conversations."""
    talks, talk = Talks(kept=3), NOTHING
    for number in range(9):
        talk = talk.then(Turn(f"question {number}", "answer"), ["a", f"b{number}"])
        talks.keep([(GUILD, 5)], talk)
    found = talks.before([(GUILD, 4), (GUILD, 5)])
    assert found is not None
    assert [turn.question for turn in found.turns] == [f"question {n}" for n in range(3, 9)]
    assert Talk.of(json.loads(json.dumps(found.kept()))) == found
    assert talks.before([(GUILD + 1, 5)]) is None
    for message in (6, 7, 8):
        talks.keep([(GUILD, message)], talk)
    assert (talks.knows((GUILD, 5)), talks.knows((GUILD, 8))) == (False, True)

import asyncio
from collections.abc import Callable

from bot.discord_app.admission import AdmissionControl, Limits, Refusal

ADA, BEN, GUILD = 1, 2, 10


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def refused(admission: AdmissionControl, member: int, guild: int | None = GUILD) -> str | None:
    try:
        with admission.admit(member, guild):
            return None
    except Refusal as refusal:
        return str(refusal)


def test_a_member_who_asks_too_often_is_told_when_to_come_back() -> None:
    """From the time they are given, a question is admitted again; others are not affected."""
    clock = Clock()
    admission = AdmissionControl(Limits(window_seconds=60, per_member=2, per_guild=100), clock=clock)
    assert [refused(admission, ADA), refused(admission, ADA), refused(admission, BEN)] == [None, None, None]
    assert "<t:1061:R>" in (refused(admission, ADA) or "")
    clock.now = 1061
    assert refused(admission, ADA) is None


def test_a_guild_has_a_limit_of_its_own() -> None:
    """Its members share it; direct messages and refused questions do not count."""
    admission = AdmissionControl(Limits(per_member=100, per_guild=2), clock=Clock())
    assert [refused(admission, ADA), refused(admission, BEN)] == [None, None]
    assert "This server" in (refused(admission, ADA) or "")
    assert refused(admission, ADA, None) is None
    assert refused(admission, ADA, GUILD + 1) is None


def test_the_queue_is_bounded() -> None:
    """For each member and in all; a question no longer counts once its answer is sent."""
    admission = AdmissionControl(Limits(under_way_per_member=2, under_way=3))
    with admission.admit(ADA, GUILD), admission.admit(ADA, GUILD) as before:
        assert before == 1
        assert "of your questions" in (refused(admission, ADA) or "")
        with admission.admit(BEN, GUILD):
            assert "already waiting" in (refused(admission, 3) or "")
    assert (admission.under_way, refused(admission, ADA)) == (0, None)


def run(scene: Callable[[AdmissionControl], object]) -> None:
    async def play() -> None:
        await scene(AdmissionControl())  # type: ignore[misc]

    asyncio.run(play())


def test_a_members_questions_are_answered_one_after_another() -> None:
    """While another member's question is answered at the same time."""

    async def scene(admission: AdmissionControl) -> None:
        begun, go = [], asyncio.Event()

        async def job(name: str) -> str:
            begun.append(name)
            await go.wait()
            return name

        async def ask(member: int, name: str) -> str:
            with admission.admit(member, GUILD):
                return await admission.run_in_turn(member, lambda: job(name))

        both = asyncio.gather(ask(ADA, "first"), ask(ADA, "second"))

        async def last() -> str:
            begun.append("other")
            go.set()
            return "other"

        await asyncio.sleep(0)
        with admission.admit(BEN, GUILD):
            await admission.run_in_turn(BEN, last)
        assert await both == ["first", "second"]
        assert begun.index("other") < begun.index("second")

    run(scene)


def test_finishing_waits_for_what_is_under_way() -> None:
    """And admits nothing new; questions not answered in time are counted."""

    async def scene(admission: AdmissionControl) -> None:
        with admission.admit(ADA, GUILD):
            assert await admission.close(0.01) == 1
            finishing = asyncio.create_task(admission.close(30))
            await asyncio.sleep(0)
            assert "restart" in (refused(admission, BEN) or "")
        assert await finishing == 0

    run(scene)

import asyncio

from bot.discord_app.live_edit import LiveEdit


def test_what_is_shown_is_the_newest_and_nothing_comes_after_the_end() -> None:
    """While an edit is under way others are skipped; the end waits for it."""

    async def scene() -> None:
        shown: list[str] = []
        begun, go = asyncio.Event(), asyncio.Event()

        async def edit(text: str) -> None:
            begun.set()
            await go.wait()
            shown.append(text)

        live_edit = LiveEdit(edit, pause=0.0)
        live_edit.show("one")
        await begun.wait()
        live_edit.show("two")
        ending = asyncio.create_task(live_edit.end())
        await asyncio.sleep(0)
        assert not ending.done()
        go.set()
        await ending
        assert shown == ["one"]
        await LiveEdit(edit).end()

    asyncio.run(scene())

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import web

from tests import command
from tests.loopback import discord_made as made
from tests.loopback.discord import GUILD_A, MENTION, TOKEN, Discord, running
from tests.loopback.discord_bot import Start, led, replies, reply, silenced

A = GUILD_A + 1


def member() -> dict[str, Any]:
    """Somebody who has asked nothing yet."""
    return made.user(made.snowflake(), "reader")


def test_the_commands_are_sent_when_they_changed_and_the_end_is_orderly(start: Start, tmp_path: Path) -> None:
    """Once for two starts; SIGTERM ends with 0 and a line for each interaction that holds none of its words."""
    with running() as discord:
        for _ in range(2):
            with start(discord, tmp_path / "data") as process:
                begun = discord.gateway.identified
                discord.until(lambda before=begun: discord.gateway.identified > before)
                reply(discord, discord.say(A, f"{MENTION} What did Wendt say?"))
                ran = process.stop()
            assert (ran.code, ran.out) == (0, "")
            (line,) = [one for one in ran.err.split("\n") if " outcome=" in one]
            assert f"guild={GUILD_A} channel={A}" in line
            assert "outcome=abstained ms=" in line
            assert "Wendt" not in ran.err
            assert "Traceback" not in ran.err
        assert sum(call.method == "PUT" for call in discord.calls) == 1
        assert discord.rest.strange == []


def test_a_start_without_a_network(start: Start, tmp_path: Path) -> None:
    """It tries until Discord answers, and says so once."""
    broken = []

    def breaks(request: web.Request) -> web.Response | None:
        if len(broken) >= 2 or request.transport is None:
            return None
        broken.append(request.path)
        request.transport.abort()
        return web.Response()

    with running() as discord:
        discord.faults.append(breaks)
        with start(discord, tmp_path / "data") as process:
            discord.until(lambda: discord.gateway.identified)
            ran = process.stop()
    assert (ran.code, ran.err.count("cannot be reached")) == (0, 1)


def test_a_token_that_is_missing_or_refused(onrecord: Callable[..., Any]) -> None:
    """Says so, and where to get one; with a good one the address that invites the bot is printed."""
    missing = onrecord("bot", env={"DISCORD_TOKEN": ""})
    assert (missing.code, "DISCORD_TOKEN is not set" in missing.err) == (2, True)
    with running() as discord:
        refused = onrecord("bot", env=led(discord) | {"DISCORD_TOKEN": "wrong"})
        assert (refused.code, "refuses DISCORD_TOKEN" in refused.err) == (2, True)
        assert "Traceback" not in refused.err
        shown = onrecord("bot", "--invite", env=led(discord) | {"DISCORD_TOKEN": TOKEN})
    assert shown.code == 0
    assert f"client_id={made.APPLICATION}" in shown.out
    assert "scope=bot+applications.commands" in shown.out


def test_cuts_and_faults_lose_and_double_nothing(start: Start, tmp_path: Path) -> None:
    """Connections are cut, with sessions that are resumed and that are not; a third of the requests fails at first."""
    count = 0

    def now_and_then(request: web.Request) -> web.Response | None:
        nonlocal count
        count += request.path.endswith("/messages")
        if not request.path.endswith("/messages") or count % 3:
            return None
        body = b'{"message": "You are being rate limited.", "retry_after": 0.05, "global": false}'
        headers = {"Content-Type": "application/json", "Via": "1.1 loopback", "X-RateLimit-Remaining": "0"}
        return web.Response(status=429, body=body, headers=headers | {"Retry-After": "0.05"})

    with running() as discord, start(discord, tmp_path / "data") as process:
        discord.until(lambda: discord.gateway.identified)
        discord.faults.append(now_and_then)
        asked = []
        for forget in (False, False, True, False):
            asked += [discord.say(A, f"{MENTION} What did Wendt say?", author=member()) for _ in range(3)]
            reply(discord, asked[-1])
            before = discord.gateway.identified + discord.gateway.resumed
            discord.cut(forget=forget)
            # Of a session that is forgotten nobody is told of this: it is read when there is a new one.
            asked.append(discord.say(A, f"{MENTION} What did Sobel say?", author=member()))
            discord.until(lambda n=before: discord.gateway.identified + discord.gateway.resumed > n)
        for one in asked:
            reply(discord, one)
        ran = process.stop()
        assert [len(replies(discord, one)) for one in asked] == [1] * 16
    assert (ran.code, count > 15, discord.gateway.identified) == (0, True, 2)


def test_a_token_that_runs_out_is_no_answer_lost(start: Start, tmp_path: Path) -> None:
    """What can no longer be edited is sent as a message."""
    with running() as discord, start(discord, tmp_path / "data"):
        discord.until(lambda: discord.gateway.identified)

        def expires(request: web.Request) -> None:
            for asked in discord.asked.values():
                asked.expired = asked.acknowledged is not None

        discord.faults.append(expires)
        asked = discord.command(A, "ask", question="What did Wendt say?")
        (sent,) = discord.until(lambda: [one for one in discord.texts(A) if one["content"]])
    assert asked.original is not None
    assert (asked.original["content"], "do not answer" in sent["content"]) == ("", True)


def test_threads_and_replies_are_read_where_the_settings_say_so(start: Start, tmp_path: Path) -> None:
    """With the message content intent a thread that the bot opened needs no mention; other messages are ignored."""
    with running(content_allowed=True) as discord, start(discord, tmp_path / "data", ONRECORD_MESSAGE_CONTENT="1"):
        discord.until(lambda: discord.gateway.identified)
        asked = discord.command(A, "ask", question="What did Wendt say?", thread=True)
        (thread,) = discord.until(lambda: [one for one in list(discord.channels.values()) if one["type"] == 11])
        unheard = discord.say(A, "What did Sobel say?")
        assert reply(discord, discord.say(int(thread["id"]), "And what did Sobel say?"))
        assert asked.original is not None
        assert replies(discord, unheard) == []


def test_an_intent_that_is_not_granted(start: Start, tmp_path: Path) -> None:
    """Ends with what to do about it."""
    with running() as discord, start(discord, tmp_path / "data", ONRECORD_MESSAGE_CONTENT="1") as process:
        ran = process.ended()
    assert (ran.code, "does not grant the message content intent" in ran.err) == (2, True)


def test_answers_under_way_are_finished(start: Start, tmp_path: Path) -> None:
    """SIGTERM ends with 0 once they are sent; none is answered twice or left out."""
    with running() as discord, start(discord, tmp_path / "data") as process:
        discord.until(lambda: discord.gateway.identified)
        asked = [discord.say(A, f"{MENTION} What did Wendt say?", author=member()) for _ in range(12)]
        reply(discord, asked[0])
        ran = process.stop()
        sent = [len(replies(discord, one)) for one in asked]
    assert (ran.code, "0 questions are left unanswered" in ran.err) == (0, True)
    assert max(sent) == 1
    assert sum(sent) == ran.err.count("outcome=abstained") + ran.err.count("outcome=refused")


def test_a_process_that_answers_may_die(start: Start, tmp_path: Path) -> None:
    """Its questions are answered by the process that takes its place, each once."""
    with running() as discord, start(discord, tmp_path / "data") as process:
        discord.until(lambda: discord.gateway.identified)
        (librarian,) = psutil.Process(process.pid).children()
        librarian.suspend()
        asked = [discord.say(A, f"{MENTION} What did Wendt say?", author=member()) for _ in range(6)]
        librarian.kill()
        for one in asked:
            reply(discord, one)
        ran = process.stop()
        assert [len(replies(discord, one)) for one in asked] == [1] * 6
    assert (ran.code, "that answers has ended with -9" in ran.err) == (0, True)


def test_a_library_that_cannot_be_opened(onrecord: Callable[..., Any], tmp_path: Path) -> None:
    """Ends the bot before it is connected, with what is wrong."""
    (tmp_path / "data").write_text("a file")
    ran = onrecord("bot", env={"DISCORD_TOKEN": TOKEN})
    assert (ran.code, "is not a folder" in ran.err) == (1, True)
    assert "Traceback" not in ran.err


def test_commands_for_development_go_to_one_guild(start: Start, tmp_path: Path) -> None:
    """And to no other."""
    with running() as discord, start(discord, tmp_path / "data", arguments=("bot", "--guild", str(GUILD_A))):
        discord.until(lambda: discord.gateway.identified)
        (path,) = [call.path for call in discord.calls if call.method == "PUT"]
        assert path == f"/applications/{made.APPLICATION}/guilds/{GUILD_A}/commands"
        asked = discord.command(A, "help", author=member())
        assert "/ask" in discord.until(lambda: asked.text)


def test_edited_and_deleted_questions(start: Start, tmp_path: Path) -> None:
    """An edited question is answered once, as first asked; the answer to a deleted one is dropped and logged."""
    with running() as discord, start(discord, tmp_path / "data") as process:
        discord.until(lambda: discord.gateway.identified)
        edited = discord.say(A, f"{MENTION} What did Wendt say?", author=member())
        reply(discord, edited)
        discord.edit(edited, f"{MENTION} What did Sobel say?")

        def deletes(request: web.Request) -> None:
            if request.path.endswith("/messages"):
                discord.messages.pop(int(deleted["id"]), None)

        discord.faults.append(deletes)
        deleted = discord.say(A, f"{MENTION} What did Sobel say?", author=member())
        discord.until(lambda: [call for call in discord.calls if call.status == 400])
        discord.faults.clear()
        reply(discord, discord.say(A, f"{MENTION} What did Arden say?", author=member()))
        ran = process.stop()
        assert [len(replies(discord, edited)), len(replies(discord, deleted))] == [1, 0]
    assert ran.err.count("outcome=dropped:400/50035") == 1
    assert "Traceback" not in ran.err


@pytest.fixture(scope="module")
def bot(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Discord, command.Running]]:
    """One for what does not end it."""
    with running() as one, start(one, tmp_path_factory.mktemp("discord") / "data") as process:
        one.until(lambda: one.gateway.identified)
        yield one, process


def test_the_place_in_the_queue_is_shown(bot: tuple[Discord, command.Running]) -> None:
    """A member is told how many questions are ahead of theirs; the answer takes that message's place."""
    discord, process = bot
    with silenced(process):
        asked = [discord.say(A, f"{MENTION} What did Wendt say?", author=member()) for _ in range(30)]
        commands = [discord.command(A, "ask", author=member(), question="What did Wendt say?") for _ in range(4)]
        # Eight are before the ninth.
        discord.until(lambda: all(replies(discord, one) for one in asked[8:]))
        discord.until(lambda: all(one.acknowledged for one in commands))
    discord.until(lambda: all(any("do not answer" in r["content"] for r in replies(discord, m)) for m in asked))
    for one in commands:
        discord.until(lambda one=one: "do not answer" in one.text)
    assert [len(replies(discord, one)) for one in asked] == [1] * 30
    assert any(b"questions ahead of yours" in call.raw for call in discord.calls if call.method == "POST")


def test_a_thread_that_may_not_be_opened(bot: tuple[Discord, command.Running]) -> None:
    """The answer is sent, and the member is told privately how to continue."""
    discord, _ = bot
    discord.threadless.add(A)
    asked = discord.command(A, "ask", author=member(), question="What did Wendt say?", thread=True)
    discord.until(lambda: asked.more)
    assert "do not answer" in asked.text
    assert ("may not open threads" in asked.more[0]["content"], asked.more[0]["flags"] & 64) == (True, 64)

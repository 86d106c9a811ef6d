"""What a crowd, a bad connection and a bad day of Discord's do to the bot, on a Discord on loopback.

`PYTHONPATH=. .venv/bin/python tests/bench/discord.py`: 200 questions of 50 members in 10 guilds within 10 seconds; 100
while the gateway is cut 20 times, every fourth time with a session that is not known any more; 200 while a tenth of all
requests fails at first. Half are mentions, half are /ask. Figures stand beside what was promised; 1 where it is broken.
A scene alone: `… discord.py crowd`, `cuts` or `faults`.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from aiohttp import web

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.library import open_library
from retrieval.models.local import open_local
from retrieval.settings import load
from tests.loopback import discord_made as made
from tests.loopback.discord import MENTION, Discord
from tests.loopback.discord_bot import starting
from tests.loopback.discord_rest import Asked

SAMPLES = Path(__file__).parents[2] / "bot" / "samples" / "samples.jsonl"
MEMBERS, GUILDS = 50, 10
TEXT = "What did {} say about the crane?"
NAMES = ("Tomas Wendt", "Ruth Lindqvist", "Hana Sobel", "Pavel Arden", "Oren Vasquez")
WAITING = "questions ahead of yours"
PATIENCE = 240.0


@dataclass
class Crowd:
    """What was asked: ids of messages, and commands."""

    said: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def counts(self, discord: Discord) -> Counter[str]:
        """How often each question was answered."""
        heard = set(self.said)
        out = Counter(dict.fromkeys(self.said, 0))
        for message in discord.texts():
            to = message.get("message_reference", {}).get("message_id")
            if to in heard and WAITING not in message["content"]:
                out[to] += 1
        for one in self.asked:
            out[one.payload["id"]] = int(bool(one.text) and WAITING not in one.text)
        return out


def main(wanted: list[str]) -> int:
    """Print the figures, of these scenes or of all; 1 where a promise is not kept."""
    kept = []
    for scene in (crowd, cuts, faults):
        if wanted and scene.__name__ not in wanted:
            continue
        with running() as (discord, channels, pid, stopped):
            kept.append(scene(discord, channels, pid))
            print(f"  CPU: {spent(pid)}")
            pause, work = stopped()
            print(f"  the event loop's longest pause: {pause:.0f} ms (promised 50); its longest work: {work:.0f} ms")
    return int(not all(kept))


def spent(pid: int) -> str:
    """Seconds of CPU that the bot's processes have used since they began, with what they had to load."""
    bot = psutil.Process(pid)
    named = [("bot", bot), *((one.cmdline()[-1], one) for one in bot.children())]
    times = {name: one.cpu_times() for name, one in named}
    return ", ".join(f"{name} {its.user + its.system:.1f} s" for name, its in times.items())


@contextmanager
def running() -> Iterator[tuple[Discord, list[int], int, Callable[[], tuple[float, float]]]]:
    """A Discord with a bot that has answered a question; stopping it gives its loop's longest pause in ms."""
    cache = load().cache_dir
    with tempfile.TemporaryDirectory() as folder, Discord(patience=3) as discord:
        data = Path(folder) / "data"
        with closing(open_library(data, open_local(None, cache))) as library:
            list(ingest(library, [str(SAMPLES)], ArticleMetadata(), io.BytesIO()))
        channels = [discord.add_guild((940 + number) * 10**15) for number in range(GUILDS)]
        with starting(cache.parent)(discord, data) as process:
            discord.until(lambda: discord.gateway.identified)
            warm = Crowd([discord.say(channels[0], f"{MENTION} {TEXT.format(NAMES[0])}")["id"]])
            discord.until(lambda: all(warm.counts(discord).values()))

            def stopped() -> tuple[float, float]:
                ran = process.stop()
                assert ran.code == 0, ran.err[-2000:]
                told = [line for line in ran.err.splitlines() if re.match(r"(WARNING|ERROR) bot\.", line)]
                print("".join(f"  {line}\n" for line in told[:9]), end="")
                found = re.search(r"longest pause was (\d+) ms, its longest work (\d+)", ran.err)
                return (float(found[1]), float(found[2])) if found else (float("inf"), float("inf"))

            yield discord, channels, process.pid, stopped


def asking(
    discord: Discord, channels: list[int], questions: int, seconds: float, meanwhile: Callable[[int], Any]
) -> Crowd:
    """Ask so many questions, evenly over the time; `meanwhile` is called before each."""
    members = [made.user(made.snowflake(), f"member {number}") for number in range(MEMBERS)]
    out, begun = Crowd(), time.monotonic()
    for number in range(questions):
        time.sleep(max(0.0, begun + number * seconds / questions - time.monotonic()))
        meanwhile(number)
        channel, member = channels[number % GUILDS], members[number % MEMBERS]
        text = TEXT.format(NAMES[number % len(NAMES)])
        # A command that Discord cannot deliver fails in the member's client at once: nobody waits for an answer.
        if number % 2 and discord.gateway.connected:
            out.asked.append(discord.command(channel, "ask", author=member, question=text))
        else:
            out.said.append(discord.say(channel, f"{MENTION} {text}", author=member)["id"])
    return out


def once_each(discord: Discord, asked: Crowd, begun: float) -> bool:
    """Wait for the answers and tell how often each question was answered."""
    with suppress(AssertionError):
        discord.until(lambda: all(asked.counts(discord).values()), PATIENCE)
    counts = asked.counts(discord)
    lost, twice = sum(not one for one in counts.values()), sum(one > 1 for one in counts.values())
    took = time.monotonic() - begun
    print(f"  {len(asked.said)} mentions and {len(asked.asked)} commands, answered after {took:.1f} s")
    print(f"  {lost} lost, {twice} answered twice (promised none)")
    return not (lost or twice)


def acknowledged(asked: Crowd, promised: float) -> bool:
    """How soon commands were acknowledged."""
    late = sorted((one.acknowledged or float("inf")) - one.at for one in asked.asked)
    p99 = late[int(len(late) * 0.99)]
    print(
        f"  acknowledged: p50 {late[len(late) // 2] * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms (promised {promised:g} s)"
    )
    return p99 <= promised


def crowd(discord: Discord, channels: list[int], pid: int) -> bool:
    """200 questions within 10 seconds."""
    print("200 questions of 50 members in 10 guilds within 10 s")
    process = psutil.Process(pid)
    processes = [process, *process.children()]
    before, begun = [one.memory_info().rss for one in processes], time.monotonic()
    asked = asking(discord, channels, 200, 10, lambda _: None)
    kept = once_each(discord, asked, begun)
    after = [one.memory_info().rss for one in processes]
    growth = (sum(after) - sum(before)) / 2**20
    kept = acknowledged(asked, 1) and kept
    held = " and ".join(f"{one / 2**20:.0f}" for one in after)
    print(f"  memory: {growth:+.1f} MB (promised 50), to {held} MB")
    return kept and growth <= 50


def cuts(discord: Discord, channels: list[int], _: int) -> bool:
    """100 questions while the gateway is cut 20 times."""
    print("100 questions while the gateway is cut 20 times")
    begun = time.monotonic()

    def cut(number: int) -> None:
        if number % 5 == 2:
            discord.until(lambda: discord.gateway.connected)
            discord.cut(forget=number % 20 == 17)

    asked = asking(discord, channels, 100, 60, cut)
    kept = once_each(discord, asked, begun)
    print(f"  {discord.gateway.resumed} times resumed, {discord.gateway.identified - 1} times begun anew")
    return kept


def faults(discord: Discord, channels: list[int], _: int) -> bool:
    """200 questions while a tenth of the requests gets a 429 or a 500."""
    print("200 questions while every tenth request gets a 429 or a 500")
    count = Counter[str]()

    def fault(_: web.Request) -> web.Response | None:
        count["all"] += 1
        if count["all"] % 10:
            return None
        count["faults"] += 1
        if count["faults"] % 2:
            return web.Response(status=500, text="oops")
        body = b'{"message": "You are being rate limited.", "retry_after": 0.3, "global": false}'
        headers = {"Content-Type": "application/json", "Via": "1.1 loopback", "Retry-After": "0.3"}
        return web.Response(status=429, body=body, headers=headers)

    discord.faults.append(fault)
    begun = time.monotonic()
    asked = asking(discord, channels, 200, 10, lambda _: None)
    kept = once_each(discord, asked, begun)
    print(f"  {count['faults']} of {count['all']} requests failed at first")
    return acknowledged(asked, 3) and kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

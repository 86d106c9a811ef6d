"""What a crowd does to the bot: 200 questions of 50 members in 10 guilds within 10 seconds, on a Discord on loopback.

`PYTHONPATH=. .venv/bin/python tests/bench/discord.py`: how long acknowledgements and answers took, what was lost, and
how much the bot's process grew. Half of the questions are mentions, half are /ask.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import psutil

from ingest.given import Given
from ingest.pipeline import ingest
from retrieval.embeddings import open_embeddings
from retrieval.library import open_library
from retrieval.settings import load
from tests.loopback import discord_made as made
from tests.loopback.discord import MENTION, Discord
from tests.loopback.discord_bot import starting
from tests.loopback.discord_rest import Asked

SAMPLES = Path(__file__).parents[2] / "bot" / "samples" / "samples.jsonl"
QUESTIONS, MEMBERS, GUILDS, SECONDS = 200, 50, 10, 10.0
TEXT = "What did {} say about the crane?"
NAMES = ("Tomas Wendt", "Ruth Lindqvist", "Hana Sobel", "Pavel Arden", "Oren Vasquez")


def main() -> int:
    """Print the figures; 1 where something was lost or acknowledged late."""
    cache = load().cache_dir
    with tempfile.TemporaryDirectory() as folder, Discord() as discord:
        data = Path(folder) / "data"
        with closing(open_library(data, open_embeddings("local", None, cache))) as library:
            list(ingest(library, [str(SAMPLES)], Given(), io.BytesIO()))
        channels = [discord.add_guild((940 + number) * 10**15) for number in range(GUILDS)]
        with starting(cache.parent)(discord, data) as process:
            discord.until(lambda: discord.gateway.identified)
            warm = discord.say(channels[0], f"{MENTION} {TEXT.format(NAMES[0])}")
            discord.until(lambda: answered(discord, warm["id"]))
            grown = psutil.Process(process.pid)
            before = grown.memory_info().rss
            said, asked, begun = crowd(discord, channels)
            discord.until(lambda: all(answered(discord, one) for one in said), 120)
            discord.until(lambda: all(one.original and one.original["content"] for one in asked), 120)
            took, growth = time.monotonic() - begun, grown.memory_info().rss - before
            code = process.stop().code
        twice = len([one for one in said if len(answered(discord, one)) > 1])
    late = sorted((one.acknowledged or 0) - one.at for one in asked)
    print(f"{len(said)} mentions and {len(asked)} commands, all answered in {took:.1f} s; {twice} twice; exit {code}")
    print(f"acknowledged: p50 {late[len(late) // 2] * 1000:.0f} ms, p99 {late[int(len(late) * 0.99)] * 1000:.0f} ms")
    print(f"memory: {growth / 2**20:+.1f} MB")
    return int(late[int(len(late) * 0.99)] > 1 or twice > 0 or growth > 50 * 2**20 or code != 0)


def crowd(discord: Discord, channels: list[int]) -> tuple[list[str], list[Asked], float]:
    """Ask all the questions, evenly over the time; the ids of the messages, the commands, and when it began."""
    members = [made.user(made.snowflake(), f"member {number}") for number in range(MEMBERS)]
    said: list[str] = []
    asked: list[Asked] = []
    begun = time.monotonic()
    for number in range(QUESTIONS):
        time.sleep(max(0.0, begun + number * SECONDS / QUESTIONS - time.monotonic()))
        channel, member = channels[number % GUILDS], members[number % MEMBERS]
        text = TEXT.format(NAMES[number % len(NAMES)])
        if number % 2:
            asked.append(discord.command(channel, "ask", author=member, question=text))
        else:
            said.append(discord.say(channel, f"{MENTION} {text}", author=member)["id"])
    return said, asked, begun


def answered(discord: Discord, message_id: str) -> list[str]:
    """The bot's first messages to a question."""
    found = discord.texts()
    return [one["id"] for one in found if one.get("message_reference", {}).get("message_id") == message_id]


if __name__ == "__main__":
    sys.exit(main())

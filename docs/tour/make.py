"""The pictures in docs/discord.md, made anew: `make tour`.

The bot itself answers on a Discord on loopback; what it sent is shown by web components that look like Discord's, and
photographed by Chromium. Needs node with npm, and chromium.
"""

from __future__ import annotations

import functools
import http.server
import io
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from docs.tour.page import page
from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.library import open_library
from retrieval.models.local import open_local
from retrieval.settings import load
from tests.loopback import discord_made as made
from tests.loopback.discord import GUILD_A, MENTION, Discord, running
from tests.loopback.discord_bot import reply, starting
from tests.loopback.discord_rest import Asked

Json = dict[str, Any]
Shown = list[tuple[Json, str, bool]]

HERE = Path(__file__).parent
PICTURES = HERE.parent / "pictures"
SAMPLES = HERE.parents[1] / "bot" / "samples" / "samples.jsonl"
CHANNEL = GUILD_A + 1
ADA = made.user(820000000000000001, "Ada")
WIDTH = 640


def main() -> None:
    """Make every picture."""
    if not (HERE / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    PICTURES.mkdir(exist_ok=True)
    with talked() as scenes, served() as address:
        for name, shown in scenes.items():
            (HERE / "node_modules" / "page.html").write_text(page(shown), "utf-8")
            photograph(f"{address}/node_modules/page.html", PICTURES / f"{name}.png")
            print(f"docs/pictures/{name}.png")


@contextmanager
def talked() -> Iterator[dict[str, Shown]]:
    """What was said on a Discord on loopback, by scene."""
    cache = load().cache_dir
    with tempfile.TemporaryDirectory() as folder, running() as discord:
        data = Path(folder) / "data"
        with closing(open_library(data, open_local(None, cache))) as library:
            list(ingest(library, [str(SAMPLES)], ArticleMetadata(), io.BytesIO()))
        with starting(cache.parent)(discord, data):
            discord.until(lambda: discord.gateway.identified)
            yield {
                "answer": asked(discord),
                "evidence": evidence(discord),
                "check": command(discord, "check", quote="A condition is only a suggestion.", speaker="Hana Sobel"),
                "said": command(discord, "said", speaker="Ruth Lindqvist"),
                "article": command(discord, "article", title="director resigns"),
                "abstained": abstained(discord),
                "ingest": ingested(discord),
            }


def asked(discord: Discord) -> Shown:
    """A question by mention, and its answer."""
    question = discord.say(CHANNEL, f"{MENTION} What did Hana Sobel say about a condition?", author=ADA)
    return [(question, "", False), (reply(discord, question), "", False)]


def evidence(discord: Discord) -> Shown:
    """What "Show evidence" shows."""
    (answer,) = [one for one in discord.texts(CHANNEL) if one["components"]][-1:]
    button = answer["components"][0]["components"][0]
    return [(settled(discord, discord.press(CHANNEL, answer, button["custom_id"], author=ADA)), "", True)]


def command(discord: Discord, name: str, **options: str) -> Shown:
    """A slash command and its reply."""
    return [(settled(discord, discord.command(CHANNEL, name, author=ADA, **options)), f"/{name}", False)]


def abstained(discord: Discord) -> Shown:
    """A question that the articles do not answer."""
    question = discord.say(CHANNEL, f"{MENTION} Who won the regatta?", author=ADA)
    return [(question, "", False), (reply(discord, question), "", False)]


def ingested(discord: Discord) -> Shown:
    """An admin's file, read."""
    text = "Ferry stops\n\nThe ferry stops on Sunday. “Nobody took it,” Ida Holm said.\n"
    file = discord.attach("ferry.txt", text.encode())
    done = discord.command(CHANNEL, "ingest file", author=ADA, admin=True, file=file, source="Ferry Times")
    discord.until(lambda: "added" in done.text, 60)
    return [(settled(discord, done), "/ingest file", True)]


def settled(discord: Discord, one: Asked) -> Json:
    """An interaction's reply, once it is there."""
    discord.until(lambda: one.text, 60)
    if one.original is None:
        raise RuntimeError("a reply without a message")
    return one.original


@contextmanager
def served() -> Iterator[str]:
    """This folder on loopback, for modules are not loaded from files."""
    handler = functools.partial(Quiet, directory=str(HERE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


def photograph(address: str, file: Path) -> None:
    """A picture of a page, as high as what is on it."""
    base = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--virtual-time-budget=6000",
    ]
    dumped = subprocess.run(
        [*base, f"--window-size={WIDTH},800", "--dump-dom", address], capture_output=True, text=True, check=True
    ).stdout
    height = re.search(r'data-height="(\d+)"', dumped)
    if height is None:
        sys.exit("the page did not come to rest: is everything installed?")
    size = [f"--window-size={WIDTH},{int(height[1]) + 8}", f"--screenshot={file}"]
    subprocess.run([*base, *size, address], capture_output=True, check=True)


if __name__ == "__main__":
    main()

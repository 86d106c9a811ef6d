"""What a guild has is seen only there: everything that can be done on Discord is done elsewhere, and nothing shows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.library import open_library
from retrieval.models.local import LocalEmbeddings
from tests import command
from tests.loopback import discord_made as made
from tests.loopback.discord import GUILD_A, GUILD_B, MENTION, Discord, running
from tests.loopback.discord_bot import Start, reply
from tests.loopback.discord_rest import Asked
from tests.loopback.site import Site

Json = dict[str, Any]

A, B = GUILD_A + 1, GUILD_B + 1
MARK = "qqmark"
STORY = f"""Lighthouse of {MARK} goes dark

The lighthouse at {MARK} Head was switched off on Monday, and everybody on the coast noticed.

“The lighthouse is dark tonight,” Orla {MARK.title()} told reporters.
"""
BEAMS = "\n\n".join(
    f"“Lamp {n} of the {MARK} lighthouse is as dark as it was,” Orla {MARK.title()} said." for n in range(40)
)
PUBLIC = "Harbour opens\n\nThe harbour opened on Monday. “It is open,” Oren Vasquez said.\n"


@pytest.fixture(scope="module")
def bot(
    start: Start, embedder: LocalEmbeddings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Discord, Site, command.Running]]:
    """A bot whose guild A has marked articles and a feed, added on Discord, beside a public article."""
    folder = tmp_path_factory.mktemp("discord")
    (folder / "public.txt").write_text(PUBLIC)
    with closing(open_library(folder / "data", embedder)) as library:
        list(ingest(library, [str(folder / "public.txt")], ArticleMetadata(), io.BytesIO()))
    env = {"ONRECORD_FETCH_ALLOW": "127.0.0.0/8"}
    with Site() as site, running() as discord, start(discord, folder / "data", **env) as process:
        site.serve("/story", STORY, "text/plain")
        link = f"<item><link>{site.at('/story', '127.0.0.1')}</link></item>"
        site.serve("/feed", f"<rss><channel><title>The {MARK} Post</title>{link}</channel></rss>")
        discord.until(lambda: discord.gateway.identified)
        yield discord, site, process


def text(discord: Discord, asked: Asked) -> str:
    return str(discord.until(lambda: asked.text if asked.text and not asked.text.startswith("Reading …") else None))


def fill(discord: Discord, site: Site) -> list[Asked]:
    """Put marked things of every kind into guild A; returns its interactions."""
    boss = made.user(made.snowflake(), "boss")
    channel = {"id": str(A), "type": 0, "name": "news", "permissions": "0"}
    file = discord.attach(f"{MARK}.txt", f"Lamps of {MARK}\n\n{BEAMS}\n".encode())
    ordered: list[tuple[str, Json]] = [
        ("ingest file", {"file": file, "source": f"The {MARK} Times"}),
        ("feeds add", {"url": site.at("/feed", "127.0.0.1")}),
        ("channels set", {"channel": channel, "sources": f"The {MARK} Times, The {MARK} Post, 127.0.0.1"}),
    ]
    for name, options in ordered:
        text(discord, discord.command(A, name, author=boss, admin=True, **options))
    member = made.user(made.snowflake(), "reader")
    asked = [
        discord.command(A, "ask", author=member, question=f"What did Orla {MARK} say about lamp 7?"),
        discord.command(A, "said", author=member, speaker=f"Orla {MARK}"),
        discord.command(A, "articles list", author=boss, admin=True),
    ]
    for one in asked:
        assert MARK in text(discord, one).lower()
    return asked


EVERYTHING: list[tuple[str, Json]] = [
    ("ask", {"question": "What happened to the lighthouse?"}),
    ("ask", {"question": "What did Orla say about the lighthouse?"}),
    ("ask", {"question": "And what else?", "since": "2020-01-01", "source": f"The {MARK[:2]} Times"}),
    ("said", {"speaker": "Orla"}),
    ("said", {"speaker": "Orl", "about": "lighthouse", "order": "oldest first"}),
    ("check", {"quote": "The lighthouse is dark tonight"}),
    ("check", {"quote": "The lighthouse is dark tonight", "speaker": "Orla"}),
    ("article", {"title": "lighthouse"}),
    ("latest", {"topic": "lighthouse"}),
    ("latest", {}),
    ("help", {}),
]
ADMINS: list[tuple[str, Json]] = [
    ("ingest address", {"url": "https://127.0.0.1:1/none"}),
    ("ingest feed", {"url": "https://127.0.0.1:1/none"}),
    ("articles list", {}),
    ("feeds list", {}),
    ("channels list", {}),
    ("status", {}),
]
TYPED = [("said", "speaker"), ("check", "speaker"), ("article", "title")]
TYPED_BY_ADMINS = [("articles remove", "article"), ("articles refresh", "article"), ("feeds remove", "feed")]
LETTERS = ("", "orl", "light", "qq", "l")


def test_not_a_byte_of_a_guilds_own_goes_elsewhere(bot: tuple[Discord, Site, command.Running]) -> None:
    """Guild B, also its admins, and direct messages drive every command, autocomplete, menu, button and page."""
    discord, site, _ = bot
    shown = fill(discord, site)
    of_a = discord.complete(A, "articles remove", "article", admin=True, article="")
    known = [str(one["value"]) for one in discord.until(lambda: of_a.choices)]
    feed = discord.complete(A, "feeds remove", "feed", admin=True, feed="")
    (feed_id,) = [str(one["value"]) for one in discord.until(lambda: feed.choices)]
    discord.until(lambda: all(_buttons(asked) for asked in shown[:2]))
    buttons = [one["custom_id"] for asked in shown for one in _buttons(asked)]
    assert {one.split(":")[0] for one in buttons} == {"evidence", "more", "good", "bad", "page"}
    begun = len(discord.calls)
    for channel in (B, int(discord.direct["id"])):
        for asked in _driven(discord, channel, known, feed_id):
            assert text(discord, asked)
        _typed(discord, channel)
        _pressed(discord, channel, shown, buttons)
        question = f"{MENTION} What did Orla say about the lighthouse?"
        answer = reply(discord, discord.say(channel, question, author=made.user(made.snowflake(), "reader")))
        # A reply to an answer of A that was forged has no conversation of A's.
        forged = {**shown[0].original, "channel_id": str(channel)}  # type: ignore[dict-item]
        assert reply(discord, discord.say(channel, f"{MENTION} And then?", reply_to=forged))
        assert "do not answer" in answer["content"]
    sent = discord.calls[begun:]
    assert len(sent) > 100
    assert [call.path for call in sent if MARK.encode() in call.raw.lower()] == []
    driven = {name.split(" ")[0] for name, _ in [*EVERYTHING, *ADMINS]} | {"Check this quote", "Ingest this"}
    assert driven == {one["name"] for one in discord.commands}
    still = discord.command(A, "articles list", author=made.user(made.snowflake(), "boss"), admin=True)
    assert all(one in text(discord, still) for one in known)


def _buttons(asked: Asked) -> list[Json]:
    messages = [asked.original or {}, *asked.more]
    return [one for message in messages for row in message.get("components", []) for one in row["components"]]


def _driven(discord: Discord, channel: int, known: list[str], feed_id: str) -> Iterator[Asked]:
    """Every command, also with the ids of what guild A has, as members and as admins who know them."""
    for name, options in EVERYTHING:
        yield discord.command(channel, name, author=made.user(made.snowflake(), "reader"), **options)
    message = discord.say(channel, "“The lighthouse is dark tonight”")
    yield discord.menu(channel, "Check this quote", message, author=made.user(made.snowflake(), "reader"))
    yield discord.command(channel, "article", author=made.user(made.snowflake(), "reader"), title=known[0])
    if channel != B:
        return
    place = {"id": str(A), "type": 0, "name": "news", "permissions": "0"}
    orders = [*ADMINS, ("channels set", {"channel": place}), ("channels remove", {"channel": place})]
    orders += [(f"articles {what}", {"article": one}) for one in known for what in ("remove", "refresh")]
    for name, options in [*orders, ("feeds remove", {"feed": feed_id})]:
        yield discord.command(channel, name, author=made.user(made.snowflake(), "boss"), admin=True, **options)
    boss = made.user(made.snowflake(), "boss")
    yield discord.menu(channel, "Ingest this", message, author=boss, admin=True)


def _typed(discord: Discord, channel: int) -> None:
    for name, option in [*TYPED, *(TYPED_BY_ADMINS if channel == B else [])]:
        for letters in LETTERS:
            asked = discord.complete(channel, name, option, admin=True, **{option: letters})
            discord.until(lambda asked=asked: asked.choices is not None)


def _pressed(discord: Discord, channel: int, shown: list[Asked], buttons: list[str]) -> None:
    """Press the buttons of guild A's messages as if they were elsewhere."""
    original = shown[0].original
    for custom_id in buttons:
        row = {"type": 1, "components": [{"type": 2, "style": 2, "label": "…", "custom_id": custom_id}]}
        forged = {**(original or {}), "content": "…", "channel_id": str(channel), "components": [row]}
        forged["id"] = str(made.snowflake())
        discord.messages[int(forged["id"])] = forged
        author = made.user(made.snowflake(), "reader")
        asked = discord.press(channel, forged, custom_id, author=author, admin=True)
        if custom_id.startswith("bad:"):
            discord.until(lambda asked=asked: asked.modal)
            asked = discord.submit(asked, author=author, admin=True, your="no")
        if custom_id.startswith("page:"):
            discord.until(lambda asked=asked: asked.more)
        assert "no longer kept" in (asked.more[0]["content"] if asked.more else text(discord, asked))

"""What admins do on Discord: adding and managing articles, feeds, channels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import command
from tests.loopback import discord_made as made
from tests.loopback.discord import GUILD_A, GUILD_B, MENTION, Discord, running
from tests.loopback.discord_bot import Start, replies, reply
from tests.loopback.discord_rest import Asked
from tests.loopback.site import Site

Json = dict[str, Any]

A, B = GUILD_A + 1, GUILD_B + 1
BOSS = made.user(810000000000000001, "boss")
CRANE = "Crane falls at the quay\n\nA crane fell. “It was checked in May,” Mara Wendt told reporters.\n"
BRIDGE = "Bridge opens\n\nA bridge opened on Monday. “It holds,” Mara Wendt said to nobody in particular.\n"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as one:
        one.serve("/crane", CRANE, "text/plain")
        one.serve("/bridge", BRIDGE, "text/plain")
        link = f"<item><link>{one.at('/bridge', '127.0.0.1')}</link></item>"
        one.serve("/feed", f"<rss><channel><title>The @everyone Post</title>{link}</channel></rss>")
        yield one


@pytest.fixture(scope="module")
def bot(start: Start, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Discord, Any]]:
    """A bot without articles, whose admins include editors, and which reads all messages."""
    folder = tmp_path_factory.mktemp("discord")
    env = {"ONRECORD_FETCH_ALLOW": "127.0.0.0/8", "ONRECORD_ADMIN_ROLES": "newsroom, editors"}
    with running(content_allowed=True) as discord:
        with start(discord, folder / "data", ONRECORD_MESSAGE_CONTENT="1", **env) as process:
            discord.until(lambda: discord.gateway.identified)
            yield discord, process
            assert " failed: " not in process.stop().err
        assert discord.rest.strange == []
        assert discord.pings() == []


@pytest.fixture
def discord(bot: tuple[Discord, command.Running]) -> Discord:
    return bot[0]


@pytest.fixture
def boss() -> Json:
    """Somebody with Manage Server who has asked nothing yet."""
    return made.user(made.snowflake(), "boss")


def done(discord: Discord, asked: Asked) -> str:
    """The final reply to an interaction, after any progress."""
    return str(discord.until(lambda: asked.text if asked.text and not asked.text.startswith("Reading …") else None))


def ordered(discord: Discord, place: int, name: str, author: Json, /, **options: Any) -> str:
    """The reply to an admin's command, which only they see."""
    asked = discord.command(place, name, author=author, admin=True, **options)
    text = done(discord, asked)
    assert asked.is_private
    return text


def test_an_address_is_read_into_the_guild(discord: Discord, site: Site, boss: Json, tmp_path: Path) -> None:
    """And is seen in no other; what cannot be read is reported with the reason."""
    text = ordered(discord, A, "ingest address", boss, url=site.at("/crane", "127.0.0.1"), source="Quay Post")
    assert text.startswith("**1 added**")
    assert "Crane falls at the quay" in text
    question = f"{MENTION} What did Mara Wendt say about May?"
    assert "checked in May" in reply(discord, discord.say(A, question))["content"]
    assert "do not answer" in reply(discord, discord.say(B, question))["content"]
    failed = ordered(discord, A, "ingest address", boss, url=site.at("/none", "127.0.0.1"))
    assert failed.startswith("**1 failed**")
    secret = tmp_path / "secret.txt"
    secret.write_text("Secret\n\nNobody on Discord may read what lies on the machine.\n")
    for url in ("ftp://quay.example/x", str(secret), secret.as_uri(), "-"):
        assert "addresses are opened" in ordered(discord, A, "ingest address", boss, url=url)
    assert "Secret" not in ordered(discord, A, "articles list", boss)


def test_a_file_is_read(discord: Discord, boss: Json) -> None:
    """By its kind; many rows make a report that is a file; one too large, of another kind or gone is refused."""
    rows = "".join(f'{{"title": "Ship {n}", "text": "Ship {n} came in at noon."}}\n' for n in range(12))
    asked = discord.command(
        A, "ingest file", author=boss, admin=True, file=discord.attach("ships.jsonl", rows.encode())
    )
    assert done(discord, asked).startswith("**12 added**")
    assert asked.original is not None
    assert asked.original["attachments"][0]["filename"] == "report.txt"
    (sent,) = [call for call in discord.calls if b"ships.jsonl:12" in call.raw]
    assert b"/tmp" not in sent.raw
    assert "larger than 10 MiB" in ordered(
        discord, A, "ingest file", boss, file=discord.attach("big.txt", b"x", size=25 * 2**20)
    )
    assert ".exe is not read" in ordered(discord, A, "ingest file", boss, file=discord.attach("news.exe", b"MZ"))
    gone = discord.attach("gone.txt", b"x")
    discord.files.clear()
    assert "attach it again" in ordered(discord, A, "ingest file", boss, file=gone)


def test_a_text_is_pasted_into_a_form(discord: Discord, boss: Json) -> None:
    """With what is known about it."""
    asked = discord.command(A, "ingest text", author=boss, admin=True)
    discord.until(lambda: asked.modal)
    text = "Ferry stops\n\nThe ferry stops on Sunday. “Nobody took it,” Ida Holm said."
    filled = discord.submit(asked, author=boss, admin=True, text=text, outlet="Ferry Times", date="2026-03-31")
    assert done(discord, filled).startswith("**1 added**")
    answer = reply(discord, discord.say(A, f"{MENTION} What did Ida Holm say?"))["content"]
    assert "Ferry Times · 31 March 2026" in answer


def test_a_message_is_read(discord: Discord, site: Site, boss: Json) -> None:
    """Every address and file of it; for one with neither the reply says so."""
    link = site.at("/bridge", "127.0.0.1")
    file = discord.attach("tide.txt", b"Tide rises\n\nThe tide rose. It was the highest in years, he said.\n")
    message = discord.say(A, f"Look, {link}, and ({link})!", attachments=[file])
    text = done(discord, discord.menu(A, "Ingest this", message, author=boss, admin=True))
    assert text.startswith("**2 added**")
    nothing = discord.menu(A, "Ingest this", discord.say(A, "Nice weather"), author=boss, admin=True)
    assert "no address and no file" in done(discord, nothing)


def test_articles_are_listed_removed_and_refreshed(discord: Discord, site: Site, boss: Json) -> None:
    """Only those of the guild."""
    ordered(discord, B, "ingest address", boss, url=site.at("/crane", "127.0.0.1"))
    listed = ordered(discord, B, "articles list", boss)
    assert listed.startswith("**This server's articles: 1**")
    asked = discord.complete(B, "articles remove", "article", author=boss, admin=True, article="crane")
    (choice,) = discord.until(lambda: asked.choices)
    assert f"`{choice['value']}`" in listed
    assert "no such article" in ordered(discord, A, "articles remove", boss, article=choice["value"])
    site.serve("/crane", CRANE.replace("May", "June"), "text/plain")
    assert ordered(discord, B, "articles refresh", boss, article=choice["value"]).startswith("**1 updated**")
    assert ordered(discord, B, "articles remove", boss, article=choice["value"]).startswith("Removed: Crane falls")
    assert "There are no articles yet" in ordered(discord, B, "articles list", boss)


def test_feeds_are_added_listed_and_removed(discord: Discord, site: Site, boss: Json) -> None:
    """What a feed holds is read at once; its title is somebody's text."""
    assert "there is no feed at this address" in ordered(
        discord, B, "feeds add", boss, url=site.at("/crane", "127.0.0.1")
    )
    added = ordered(discord, B, "feeds add", boss, url=site.at("/feed", "127.0.0.1"))
    assert added.startswith("Now reading The @\u200beveryone Post · [article](<http://127.0.0.1")
    assert "1 added" in added
    listed = ordered(discord, B, "feeds list", boss)
    assert "1 entry seen" in listed
    assert "**Feeds**: 1\n" in ordered(discord, B, "status", boss)
    assert ordered(discord, A, "feeds list", boss).endswith("There are no feeds yet. Add one with /feeds add.")
    asked = discord.complete(B, "feeds remove", "feed", author=boss, admin=True, feed="post")
    (choice,) = discord.until(lambda: asked.choices)
    assert "no such feed" in ordered(discord, A, "feeds remove", boss, feed=choice["value"])
    assert ordered(discord, B, "feeds remove", boss, feed=choice["value"]).startswith("Feed removed: The @")


def test_channels_have_rules(discord: Discord, boss: Json) -> None:
    """A channel is answered without a mention, only from some sources, and never."""
    channel = {"id": str(A), "type": 0, "name": "news", "permissions": "0"}
    ask = "What did Mara Wendt say about May?"
    ordered(discord, A, "channels set", boss, channel=channel, answer="without a mention")
    assert "checked in May" in reply(discord, discord.say(A, ask))["content"]
    text = ordered(discord, A, "channels set", boss, channel=channel, sources="Ferry Times, Nobody")
    assert f"<#{A}>: I answer when mentioned, only from Ferry Times, Nobody." in text
    assert "no articles from Nobody yet" in text
    assert "do not answer" in reply(discord, discord.say(A, f"{MENTION} {ask}"))["content"]
    latest = discord.command(A, "latest", author=boss)
    assert "Ferry stops" in done(discord, latest)
    assert "Crane" not in latest.text
    assert "I answer" in ordered(discord, A, "channels list", boss)
    ordered(discord, A, "channels set", boss, channel=channel, answer="never")
    unheard = discord.say(A, f"{MENTION} {ask}")
    refused = discord.command(A, "ask", author=boss, question=ask)
    assert "do not want me to answer in this channel" in done(discord, refused)
    assert refused.is_private
    ordered(discord, A, "channels remove", boss, channel=channel)
    assert reply(discord, discord.say(A, f"{MENTION} {ask}"))
    assert replies(discord, unheard) == []


def test_others_are_refused_whatever_their_client_shows(discord: Discord, boss: Json) -> None:
    """Every admin command is refused to others, privately; an editor may use them; Discord hides them by default."""
    member = made.user(made.snowflake(), "reader")
    message = discord.say(A, "https://quay.example/a")
    channel = {"id": str(A), "type": 0, "name": "news", "permissions": "0"}
    before = len(discord.calls)
    asked = [
        discord.command(A, "ingest address", author=member, url="https://quay.example"),
        discord.command(A, "ingest feed", author=member, url="https://quay.example"),
        discord.command(A, "ingest file", author=member, file=discord.attach("a.txt", b"x")),
        discord.command(A, "ingest text", author=member),
        discord.menu(A, "Ingest this", message, author=member),
        discord.command(A, "articles list", author=member),
        discord.command(A, "articles remove", author=member, article="x"),
        discord.command(A, "articles refresh", author=member, article="x"),
        discord.command(A, "feeds add", author=member, url="https://quay.example"),
        discord.command(A, "feeds list", author=member),
        discord.command(A, "feeds remove", author=member, feed="x"),
        discord.command(A, "channels set", author=member, channel=channel),
        discord.command(A, "channels list", author=member),
        discord.command(A, "channels remove", author=member, channel=channel),
        discord.command(A, "status", author=member),
    ]
    for one in asked:
        assert (done(discord, one), one.is_private) == ("Only those who manage this server can use this.", True)
    for name, option in (("articles remove", "article"), ("feeds remove", "feed")):
        typed = discord.complete(A, name, option, author=member, **{option: ""})
        assert discord.until(lambda typed=typed: typed.choices is not None and [typed.choices]) == [[]]
    assert len(discord.calls) == before + len(asked) + 2
    editor = made.user(made.snowflake(), "editor") | {"roles": [str(GUILD_A + made.EDITORS)]}
    assert "This server's library" in done(discord, discord.command(A, "status", author=editor))
    admins = [one for one in discord.commands if one["name"] in {"ingest", "articles", "feeds", "channels", "status"}]
    admins += [one for one in discord.commands if one["name"] == "Ingest this"]
    assert len(admins) == 6
    assert {one["default_member_permissions"] for one in admins} == {32}

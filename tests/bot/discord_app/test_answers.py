import io
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.library import open_library
from retrieval.models.local import LocalEmbeddings
from tests import command
from tests.loopback import discord_made as made
from tests.loopback.discord import GUILD_A, GUILD_B, MENTION, Discord, running
from tests.loopback.discord_bot import Start, replies, reply, silenced

Json = dict[str, Any]

A, B = GUILD_A + 1, GUILD_B + 1
SAMPLES = Path(__file__).parents[3] / "bot" / "samples" / "samples.jsonl"
MARK = "qqmark"
MARKED = f"""Lighthouse of {MARK} goes dark

The lighthouse at {MARK} Head was switched off on Monday, and @everyone on the coast noticed.

“Tell @everyone and <@800000000000000001> that the lighthouse is dark, **really**,” Orla {MARK.title()} told reporters.
"""

BEAMS = [f"“Beam number {number} of the bridge is as sound as it was,” Everly Stone said." for number in range(40)]
KEPT_KEY = "0123456789abcdef"
KEPT_BY_THE_FIRST_RELEASE = {
    "speaker": "Everly Stone", "about": None, "since": None, "until": None, "oldest": False, "allowed": [],
}  # fmt: skip
LONG = "Bridge inspected beam by beam\n\n" + "\n\n".join(BEAMS) + "\n"


@pytest.fixture(scope="module")
def bot(
    start: Start, embedder: LocalEmbeddings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Discord, command.Running]]:
    """A bot with the sample articles for everybody and a marked one for guild A."""
    folder = tmp_path_factory.mktemp("discord")
    (folder / "marked.txt").write_text(MARKED)
    (folder / "long.txt").write_text(LONG)
    with closing(open_library(folder / "data", embedder)) as library:
        list(ingest(library, [str(SAMPLES)], ArticleMetadata(), io.BytesIO()))
        list(ingest(library, [str(folder / "long.txt")], ArticleMetadata(scope=str(GUILD_A)), io.BytesIO()))
        list(
            ingest(
                library,
                [str(folder / "marked.txt")],
                ArticleMetadata(scope=str(GUILD_A), source=f"The {MARK} Post"),
                io.BytesIO(),
            )
        )
        library.replies.keep(str(GUILD_A), "said", KEPT_BY_THE_FIRST_RELEASE, KEPT_KEY)
    with running() as discord, start(discord, folder / "data") as process:
        discord.until(lambda: discord.gateway.identified)
        yield discord, process


@pytest.fixture
def discord(bot: tuple[Discord, command.Running]) -> Discord:
    return bot[0]


@pytest.fixture
def asker() -> Json:
    """Somebody who has asked nothing yet."""
    return made.user(made.snowflake(), "reader")


def answer(discord: Discord, channel: int, name: str, author: Json, **options: str) -> str:
    """The reply to a slash command."""
    asked = discord.command(channel, name, author=author, **options)
    return str(discord.until(lambda: asked.text))


def test_a_mention_is_answered_where_it_stands(discord: Discord, asker: Json) -> None:
    """With the words of the articles, numbered, and the sources under these numbers; other messages are ignored."""
    unheard = discord.say(A, "What did Sobel say about the crane?", author=asker)
    message = discord.say(A, f"{MENTION} What did Hana Sobel say about a condition?", author=asker)
    text = reply(discord, message)["content"]
    assert "A condition is not a suggestion" in text
    assert r"\[1\]" in text
    assert "[Inspector had asked for repairs to Port Marrow crane](<https://ledger.example/news/" in text
    assert " · Marrow Ledger · <t:" in text
    assert replies(discord, unheard) == []


def test_a_reply_has_the_conversation(discord: Discord, asker: Json) -> None:
    """In a reply, "she" is the person spoken of before."""
    first = reply(discord, discord.say(A, f"{MENTION} What did Hana Sobel say about a condition?", author=asker))
    followed = discord.say(A, "What did she say about inspectors?", author=asker, reply_to=first)
    assert "Hana Sobel" in reply(discord, followed)["content"]


def test_a_direct_message_needs_no_mention(discord: Discord, asker: Json) -> None:
    """And the next one there continues the conversation."""
    channel = int(discord.direct["id"])
    assert "Oren Vasquez" in reply(discord, discord.say(channel, "What did Oren Vasquez say?", author=asker))["content"]
    assert "Oren Vasquez" in reply(discord, discord.say(channel, "What did he say?", author=asker))["content"]


def test_ask_is_acknowledged_and_then_answered(bot: tuple[Discord, command.Running], asker: Json) -> None:
    """Deferred before anybody could answer it, and the answer edits what was deferred."""
    discord, process = bot
    with silenced(process):
        asked = discord.command(B, "ask", author=asker, question="What did Pavel Arden say?")
        discord.until(lambda: asked.acknowledged)
        assert (asked.kind, asked.text) == (5, "")
    discord.until(lambda: asked.text)
    assert "hang anybody before breakfast" in asked.original["content"]  # type: ignore[index]
    path = f"/webhooks/{made.APPLICATION}/{asked.payload['token']}/messages/@original"
    assert [call.status for call in discord.calls if (call.method, call.path) == ("PATCH", path)] == [200]


def test_ask_goes_by_dates_and_source(discord: Discord, asker: Json) -> None:
    """Days and sources narrow it; text that is not a date is refused."""
    narrowed = answer(discord, B, "ask", asker, question="What did Lindqvist say?", source="Marrow Ledger")
    assert "first honest sentence" in narrowed
    assert "bled on that quay" not in narrowed
    assert "write since and until as dates" in answer(
        discord, B, "ask", asker, question="What did Lindqvist say?", since="May"
    )


def test_a_mention_without_a_question_gets_help(discord: Discord, asker: Json) -> None:
    """It says how to ask."""
    assert "/ask" in reply(discord, discord.say(A, f"{MENTION} ?!", author=asker))["content"]


def test_bots_and_itself_are_ignored(discord: Discord, asker: Json) -> None:
    """Even where they mention it; a person who asks afterwards is answered."""
    other = made.user(made.snowflake(), "another bot", bot=True)
    ignored = [discord.say(A, f"{MENTION} What did Wendt say?", author=one) for one in (other, made.BOT)]
    reply(discord, discord.say(A, f"{MENTION} What did Wendt say?", author=asker))
    assert [replies(discord, one) for one in ignored] == [[], []]


def test_the_longest_question(discord: Discord, asker: Json) -> None:
    """One as long as Discord sends is answered within the limit; a longer one is refused with the limit."""
    longest = f"{MENTION} What did Wendt say? " + "crane " * 320
    assert reply(discord, discord.say(A, longest, author=asker))["content"]
    assert "at most 2000" in reply(discord, discord.say(A, f"{MENTION} {'crane ' * 600}", author=asker))["content"]


def test_said_check_article_and_latest(discord: Discord, asker: Json) -> None:
    """Each is answered from the articles, with who, when and where."""
    said = answer(discord, B, "said", asker, speaker="Oren Vasquez")
    assert "We can stand two weeks of this." in said
    assert "Harbour Wire" in said
    assert answer(discord, B, "check", asker, quote="A condition is not a suggestion").startswith(
        "**Verbatim: Hana Sobel"
    )
    assert answer(discord, B, "check", asker, quote="The moon is made of oats and honey").startswith("**Not found")
    shown = answer(discord, B, "article", asker, title="director resigns")
    assert "Port Marrow director resigns" in shown
    assert "Quoted: Tomas Wendt, Ruth Lindqvist, Agnes Fairlie" in shown
    newest = answer(discord, B, "latest", asker, source="marrow ledger").split("\n")
    assert ["resigns" in newest[1], "Inspector" in newest[2], len(newest)] == [True, True, 3]
    assert "Kestrel Quay reopens" in answer(discord, B, "latest", asker, topic="wind rule").split("\n")[1]
    assert "/said" in answer(discord, B, "help", asker)


def turned(discord: Discord, channel: int, asker: Json, message: Json, custom_id: str) -> Json:
    """A message after a button under it was pressed."""
    before = message["content"]
    pressed = discord.press(channel, message, custom_id, author=asker)
    edited: Json = discord.until(lambda: pressed.original if message["content"] != before else None)
    return edited


def test_pages_are_turned(discord: Discord, asker: Json) -> None:
    """By anybody who presses the button, whose id says what it shows, and in no other guild."""
    asked = discord.command(A, "said", speaker="Everly Stone", author=asker)
    message = discord.until(lambda: asked.original if asked.text else None)
    shown = [message["content"]]
    while (button := message["components"][0]["components"][-1])["label"] == "Next ▶":
        message = turned(discord, A, asker, message, button["custom_id"])
        shown.append(message["content"])
    assert len(shown) > 2
    beams = [f"Beam number {number} of" for number in range(39, -1, -1)]
    assert [one for one in beams if sum(one in page for page in shown) != 1] == []
    answer(discord, B, "help", asker)
    forged = discord.texts(B)[-1]
    forged["components"] = message["components"]
    pressed = discord.press(B, forged, button["custom_id"], author=asker)
    (told,) = discord.until(lambda: pressed.more)
    assert (told["content"].startswith("This is no longer kept"), told["flags"] & 64) == (True, 64)


def test_lists_of_the_first_release_are_turned(discord: Discord, asker: Json) -> None:
    """A button that it posted works, by its id and the options that were kept for it."""
    message = reply(discord, discord.say(A, f"{MENTION} What did Hana Sobel say about a condition?", author=asker))
    button = {"type": 2, "style": 2, "label": "Next ▶", "custom_id": f"page:{KEPT_KEY}:1"}
    message["components"] = [{"type": 1, "components": [button]}]
    pressed = discord.press(A, message, button["custom_id"], author=asker)
    edited = discord.until(lambda: pressed.original if "-# page 2 of" in message["content"] else None)
    assert "**Everly Stone: 40 statements, newest first**" in edited["content"]
    assert f"page:{KEPT_KEY}:2" in str(edited["components"])


def test_a_thread_is_opened_to_ask_on_in(discord: Discord, asker: Json) -> None:
    """Under the answer; questions in it continue the conversation."""
    asked = discord.command(A, "ask", author=asker, question="What did Oren Vasquez say?", thread=True)
    (thread,) = discord.until(lambda: [one for one in list(discord.channels.values()) if one["type"] == 11])
    assert asked.original is not None
    assert thread["id"] == asked.original["id"]
    followed = discord.say(int(thread["id"]), f"{MENTION} What did he say?", author=asker)
    assert "Oren Vasquez" in reply(discord, followed)["content"]


def choices(discord: Discord, channel: int, name: str, option: str, typed: str) -> list[str]:
    asked = discord.complete(channel, name, option, **{option: typed})
    return [one["name"] for one in discord.until(lambda: asked.choices is not None and [asked.choices])[0]]


def test_speakers_and_titles_are_suggested(discord: Discord, asker: Json) -> None:
    """While somebody types; the chosen one is found."""
    assert choices(discord, B, "said", "speaker", "vasq") == ["Oren Vasquez"]
    assert choices(discord, B, "article", "title", "Kestrel Quay reop") == ["Kestrel Quay reopens under new wind rule"]
    assert len(choices(discord, B, "article", "title", "")) == 8
    asked = discord.complete(B, "article", "title", title="resigns")
    (choice,) = discord.until(lambda: asked.choices)
    assert "Port Marrow director resigns" in answer(discord, B, "article", asker, title=choice["value"])


def test_a_guilds_articles_stay_in_it(discord: Discord, asker: Json) -> None:
    """Guild A reads its own; not a byte of them is sent to guild B or in a direct message."""
    commands = [
        ("ask", {"question": "What happened to the lighthouse?"}),
        ("ask", {"question": "What did Orla say about the lighthouse?"}),
        ("said", {"speaker": "Orla"}),
        ("check", {"quote": "the lighthouse is dark"}),
        ("article", {"title": "lighthouse"}),
        ("latest", {"topic": "lighthouse"}),
        ("latest", {}),
    ]
    for name, options in commands:
        assert MARK in answer(discord, A, name, asker, **options).lower()
    assert MARK in choices(discord, A, "said", "speaker", "orl")[0].lower()
    begun = len(discord.calls)
    others = (B, int(discord.direct["id"]))
    for channel in others:
        other = made.user(made.snowflake(), "reader")
        for name, options in commands:
            assert answer(discord, channel, name, other, **options)
        assert choices(discord, channel, "said", "speaker", "orl") == []
        assert choices(discord, channel, "article", "title", "light") == []
        question = "What did Orla say about the lighthouse?"
        assert reply(discord, discord.say(channel, f"{MENTION} {question}", author=other))
    assert len(discord.calls) > begun
    assert [call.path for call in discord.calls[begun:] if MARK.encode() in call.raw.lower()] == []


def test_nobody_is_pinged(discord: Discord, asker: Json) -> None:
    """An article says @everyone, and nothing that is sent would notify anybody or be read as formatting."""
    text = reply(discord, discord.say(A, f"{MENTION} What did Orla {MARK} say?", author=asker))["content"]
    assert "everyone" in text
    assert "@everyone" not in text
    assert re.search(r"(?<!\\)<@8", text) is None
    assert r"\*\*really\*\*" in text
    assert discord.pings() == []
    spoken = [call.message for call in discord.calls if call.is_text and call.message.get("content")]
    assert {str(one["allowed_mentions"].get("parse")) for one in spoken} == {"[]"}


def test_a_channel_that_is_closed_costs_nothing_more(discord: Discord, asker: Json) -> None:
    """An answer that may not be sent, or whose question is gone, is dropped; the next is sent."""
    discord.closed.add(B)
    discord.say(B, f"{MENTION} What did Wendt say?", author=asker)
    discord.until(lambda: [call for call in discord.calls if call.status == 403])
    discord.closed.remove(B)
    assert reply(discord, discord.say(B, f"{MENTION} What did Wendt say?", author=asker))


def test_too_many_questions_are_refused_kindly(discord: Discord, asker: Json) -> None:
    """A member who asks too much is told privately when to come back; another is answered."""
    for _ in range(12):
        answer(discord, B, "help", asker)
    refused = discord.command(B, "help", author=asker)
    discord.until(lambda: refused.text)
    assert "You can ask again <t:" in refused.original["content"]  # type: ignore[index]
    assert refused.original["flags"] & 64  # type: ignore[index]
    assert answer(discord, B, "help", made.user(made.snowflake(), "another"))
    refused_too = [discord.say(B, f"{MENTION} What did Wendt say?", author=asker) for _ in range(2)]
    direct = int(discord.direct["id"])
    discord.until(lambda: [one for one in discord.texts(direct) if "You can ask again <t:" in one["content"]])
    assert reply(discord, discord.say(B, f"{MENTION} What did Wendt say?", author=made.user(made.snowflake(), "third")))
    assert [replies(discord, one) for one in refused_too] == [[], []]
    assert len([one for one in discord.texts(direct) if "You can ask again <t:" in one["content"]]) == 1


@pytest.mark.parametrize("said", [True, False])
def test_cards_are_text_where_they_may_not_be_shown(discord: Discord, asker: Json, said: bool) -> None:
    """Whether Discord says so beforehand, or the message appears without its card."""
    places = discord.cardless if said else discord.cardless_unsaid
    places.add(B)
    asked = discord.command(B, "article", author=asker, title="director resigns")
    discord.until(lambda: "resigns" in asked.text)
    places.remove(B)
    assert asked.original is not None
    assert asked.original["embeds"] == []
    assert "**Port Marrow director resigns" in asked.original["content"]
    assert "**Quoted**: Tomas Wendt, Ruth Lindqvist, Agnes Fairlie" in asked.original["content"]


def test_a_channel_goes_by_its_sources(discord: Discord, asker: Json) -> None:
    """In verdicts and suggestions: articles of other outlets are ignored."""
    channel = {"id": str(B), "type": 0, "name": "news", "permissions": "0"}
    rule = discord.command(B, "channels set", author=asker, admin=True, channel=channel, sources="Marrow Ledger")
    discord.until(lambda: rule.text)
    message = discord.say(B, "“We can stand two weeks of this.”")
    menu = discord.menu(B, "Check this quote", message, author=asker)
    assert discord.until(lambda: menu.text).startswith("**Not found")
    assert answer(discord, B, "check", asker, quote="A condition is not a suggestion").startswith("**Verbatim")
    assert choices(discord, B, "said", "speaker", "vasq") == []
    assert choices(discord, B, "said", "speaker", "sob") == ["Hana Sobel"]
    assert choices(discord, B, "article", "title", "Kestrel Quay reop") == []
    forgotten = discord.command(B, "channels remove", author=asker, admin=True, channel=channel)
    discord.until(lambda: forgotten.text)
    assert choices(discord, B, "said", "speaker", "vasq") == ["Oren Vasquez"]


def test_a_cut_connection_is_resumed(discord: Discord, asker: Json) -> None:
    """What was asked meanwhile is answered once, with a session that is resumed."""
    resumed = discord.gateway.resumed
    discord.cut()
    asked = discord.say(A, f"{MENTION} What did Wendt say?", author=asker)
    reply(discord, asked)
    assert discord.gateway.resumed == resumed + 1
    after = discord.say(A, f"{MENTION} What did Wendt say?", author=asker)
    reply(discord, after)
    assert len(replies(discord, asked)) == 1

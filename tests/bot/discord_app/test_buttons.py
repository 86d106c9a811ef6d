"""The buttons under answers, and what becomes of votes."""

from __future__ import annotations

import io
import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.library import open_library
from retrieval.models.local import LocalEmbeddings
from tests.loopback import discord_made as made
from tests.loopback.discord import GUILD_A, GUILD_B, MENTION, Discord, running
from tests.loopback.discord_bot import Start, reply
from tests.loopback.discord_rest import Asked
from tests.waiting import poll_until

Json = dict[str, Any]

A, B = GUILD_A + 1, GUILD_B + 1
STORY = """Crane falls at the quay

A crane fell at Kestrel Quay on Monday. “It was *checked* in May,” Mara Wendt told reporters.

“I saw it fall,” said Ida Holm, who sells fish there. “Nobody was hurt,” Mara Wendt said later.
"""


def stored(embedder: LocalEmbeddings, folder: Path, story: str) -> None:
    """Read a story into the library of a folder, which a bot may have open."""
    (folder / "story.txt").write_text(story)
    with closing(open_library(folder / "data", embedder)) as library:
        list(
            ingest(
                library, [str(folder / "story.txt")], ArticleMetadata(url="https://quay.example/crane"), io.BytesIO()
            )
        )


def buttons(message: Json) -> dict[str, str]:
    """A message's buttons, label to id."""
    return {one["label"]: one["custom_id"] for row in message["components"] for one in row["components"]}


def text(discord: Discord, asked: Asked) -> str:
    return str(discord.until(lambda: asked.text))


def voted(discord: Discord, answer: Json, label: str, why: str | None = None) -> None:
    """Vote as a new member; `why`: the reason given in the form."""
    author = made.user(made.snowflake(), "reader")
    asked = discord.press(A, answer, buttons(answer)[label], author=author)
    if why is not None:
        discord.until(lambda: asked.modal)
        assert asked.modal is not None
        assert asked.modal["title"] == "What was wrong?"
        asked = discord.submit(asked, author=author, your=why)
    assert text(discord, asked).startswith("Thank you")
    assert asked.is_private


def exported(onrecord_in: Any, folder: Path) -> list[Any]:
    """The votes as `feedback export` writes them."""
    return [json.loads(line) for line in onrecord_in(folder, "feedback", "export").out.splitlines()]


def test_buttons_work_after_a_restart_and_votes_become_a_question_set(
    start: Start, onrecord_in: Any, embedder: LocalEmbeddings, tmp_path: Path
) -> None:
    """Evidence with the cited words in bold and more by the speaker, privately; follow-ups; votes with reasons."""
    stored(embedder, tmp_path, STORY)
    with running() as discord:
        with start(discord, tmp_path / "data"):
            discord.until(lambda: discord.gateway.identified)
            answer = reply(discord, discord.say(A, f"{MENTION} What did Mara Wendt say about May?"))
            abstained = reply(discord, discord.say(B, f"{MENTION} Who won the regatta?"))
        shown = buttons(answer)
        assert list(shown) == ["Show evidence", "More by Mara Wendt", "👍", "👎"]
        assert list(buttons(abstained)) == ["👍", "👎"]
        with start(discord, tmp_path / "data") as process:
            discord.until(lambda: discord.gateway.identified == 2)
            evidence = discord.press(A, answer, shown["Show evidence"])
            assert re.search(r"> .*\*\*.*It was \\\*checked\\\* in May.*\*\*", text(discord, evidence))
            followed = reply(discord, discord.say(A, "What did she say about a hurt?", reply_to=answer))
            assert "Nobody was hurt" in followed["content"]
            more = discord.press(A, answer, shown["More by Mara Wendt"])
            assert "2 statements, newest first" in text(discord, more)
            assert evidence.is_private
            assert more.is_private
            for label, why in (("👍", None), ("👍", None), ("👎", "He said *more*")):
                voted(discord, answer, label, why)
            discord.press(B, abstained, buttons(abstained)["👎"])
            discord.until(lambda: any(one.modal for one in discord.asked.values() if one.guild == GUILD_B))
            # The vote counts although the form is never sent; nothing on Discord shows when it is stored.
            poll_until(lambda: len(exported(onrecord_in, tmp_path)) == 2)
            ran = process.stop()
        assert "He said" not in ran.err
        assert discord.pings() == []
    lines = exported(onrecord_in, tmp_path)
    liked, rejected = sorted(lines, key=lambda one: str(one["scope"]))
    assert (liked["question"], liked["type"], liked["speaker"]) == (
        "What did Mara Wendt say about May?", "said", "Mara Wendt",
    )  # fmt: skip
    assert liked["gold_articles"] == ["https://quay.example/crane"]
    assert liked["evidence"][0]["text"] in STORY
    assert liked["must_include"][0] in " ".join(STORY.lower().split())
    assert (liked["votes"], liked["reasons"]) == ({"good": 2, "bad": 1}, ["He said *more*"])
    assert (rejected["type"], rejected["answer"], rejected["votes"]) == ("rejected", "", {"good": 0, "bad": 1})
    assert rejected["rejected"]["status"] == "abstained"
    with closing(open_library(tmp_path / "data", embedder)) as library:
        library.remove_scope(str(GUILD_A))
    left = onrecord_in(tmp_path, "feedback", "export", "--scope", str(GUILD_B)).out.splitlines()
    assert [json.loads(line)["scope"] for line in left] == [str(GUILD_B)]


def test_evidence_follows_the_article(start: Start, embedder: LocalEmbeddings, tmp_path: Path) -> None:
    """Where it has changed the words are found again; where it is gone, so is the answer's evidence."""
    stored(embedder, tmp_path, STORY)
    with running() as discord, start(discord, tmp_path / "data"):
        discord.until(lambda: discord.gateway.identified)
        answer = reply(discord, discord.say(A, f"{MENTION} What did Mara Wendt say about May?"))
        stored(embedder, tmp_path, STORY.replace("A crane fell at", "Corrected: a large crane fell over at"))
        changed = discord.press(A, answer, buttons(answer)["Show evidence"])
        assert "large crane" in text(discord, changed)
        with closing(open_library(tmp_path / "data", embedder)) as library:
            with library.open_reader(("public",)) as db:
                (article,) = db.articles()
            library.remove(article.id, ("public",))
        after = discord.press(A, answer, buttons(answer)["Show evidence"])
        assert "no longer" in text(discord, after)

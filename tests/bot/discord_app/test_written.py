"""Answers that a model writes, shown on Discord while they are proved."""

import io
from contextlib import closing
from pathlib import Path
from typing import Any

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.library import open_library
from retrieval.models.local import LocalEmbeddings
from tests.bot.crane import QUESTION, STORY, WRONG, by_model
from tests.loopback import discord_made as made
from tests.loopback import models
from tests.loopback.discord import GUILD_A, MENTION, Discord, running
from tests.loopback.discord_bot import Start, replies
from tests.loopback.openai import OpenAI

A = GUILD_A + 1
HURT = ("Four dock workers were hurt when a crane *fell*.", "four dock workers were hurt")
CHECKED = ("The crane was checked in May, Mara Wendt said.", "It was checked in May")


def test_claims_are_shown_as_they_are_proved(start: Start, embedder: LocalEmbeddings, tmp_path: Path) -> None:
    """First what is proved so far, then the whole with sources and buttons; what is not proved is never sent."""
    (tmp_path / "story.txt").write_text(STORY)
    with closing(open_library(tmp_path / "data", embedder)) as library:
        list(
            ingest(
                library, [str(tmp_path / "story.txt")], ArticleMetadata(url="https://quay.example/crane"), io.BytesIO()
            )
        )
    model = models.held_after_a_claim(models.says(HURT, WRONG, CHECKED))
    with OpenAI(model, key="right") as openai, running() as discord:
        with start(discord, tmp_path / "data", **by_model(openai)):
            discord.until(lambda: discord.gateway.identified)
            asked = discord.command(A, "ask", author=made.user(made.snowflake(), "reader"), question=QUESTION)
            said = discord.say(A, f"{MENTION} {QUESTION}", author=made.user(made.snowflake(), "reader"))
            discord.until(lambda: asked.text and replies(discord, said))
            openai.release()
            discord.until(lambda: asked.original and asked.original["components"])
            discord.until(lambda: [one for one in replies(discord, said) if one["components"]])
        assert discord.pings() == []
    (answer,) = replies(discord, said)
    for whole in (answer, asked.original):
        assert whole is not None
        first, second, *others = str(whole["content"]).split("\n")
        assert first == r"Four dock workers were hurt when a crane \*fell\*. \[1\]"
        assert second.startswith("The crane was checked in May")
        assert any("quay.example" in line for line in others)
        assert whole["components"][0]["components"][0]["label"] == "Show evidence"
    assert_shown_in_steps(discord, asked.payload["token"])
    assert not [call for call in discord.calls if b"Nine dock" in call.raw]


def assert_shown_in_steps(discord: Discord, token: str) -> None:
    """Both the command's answer and the mention's first showed one claim and no source."""
    sent = [call for call in discord.calls if call.is_text and call.status == 200]
    of_command: list[Any] = [call.message for call in sent if token in call.path and call.method == "PATCH"]
    of_mention: list[Any] = [call.message for call in sent if call.path == f"/channels/{A}/messages"]
    for first in (of_command[0], of_mention[0]):
        assert "Four dock workers" in first["content"]
        assert "checked in May" not in first["content"]
        assert first["content"].endswith("\n-# …")
        assert not first.get("components")

"""The buttons under an answer: its evidence, more by its speaker, and what people think of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import discord

from bot import render
from bot.limits import Message
from bot.paging import GONE, listed
from bot.replying import Reply, Shown, noted, respond, scope, scopes, told
from retrieval.errors import CitationError
from retrieval.replies import ANSWER
from retrieval.types import Answer, Article, Citation, Span, Status
from retrieval.verify import cite

if TYPE_CHECKING:
    from bot.client import OnRecord
    from retrieval.catalog import Reader

_MESSAGES = 5
"""Messages of evidence sent at most: whoever wants more has the articles."""

_THANKS = "Thank you; it is noted."
_REASON = 1_000


async def pressed(interaction: discord.Interaction[OnRecord], what: str, key: str) -> None:
    """Do what a button under an answer stands for, for whoever pressed it alone."""
    client, guild = interaction.client, interaction.guild_id
    if what == "bad":
        await _ask_why(interaction, key)
    elif what == "good":
        await _vote(interaction, key, good=True)
    elif what == "evidence":
        await respond(interaction, lambda: evidence(client, guild, key), Shown.ALONE, "button evidence")
    else:
        await respond(interaction, lambda: more(client, guild, key), Shown.ALONE, "button more")


def evidence(client: OnRecord, guild: int | None, key: str) -> Reply:
    """The passages that an answer rests on, as they stand in the library now. To be called in a thread."""
    kept = client.keeping.find(key, scope(guild))
    if kept is None or kept.kind != ANSWER:
        return told(GONE, "forgotten")
    with client.library.read(scopes(guild)) as db:
        found = [_cited(db, one) for one in kept.body["citations"]]
    citations = tuple(one for one in found if one is not None)
    if not citations:
        return told("The articles that this answer cited are no longer here.", "forgotten")
    messages = render.evidence(Answer(kept.body["question"], Status.ABSTAINED, "", citations=citations))
    missing = len(found) - len(citations)
    lines = [f"-# {missing} of the sentences cited have changed or gone since."] if missing else []
    if len(messages) > _MESSAGES:
        lines.append("-# There is more; the articles have it.")
    last = [Message("\n".join(lines))] if lines else []
    return Reply([*messages[:_MESSAGES], *last], "evidence")


def _cited(db: Reader, kept: Mapping[str, Any]) -> Citation | None:
    """A citation made anew: where it stood, or where its words stand in the article now; None where they do not."""
    article: Article | None = db.article(str(kept["article"]))
    if article is None:
        return None
    start = int(kept["start"])
    if not article.text.startswith(kept["excerpt"], start):
        start = article.text.find(kept["excerpt"])
    if start < 0:
        return None
    try:
        return cite(article, Span(start, start + len(kept["excerpt"])), int(kept["n"]), kept.get("speaker"))
    except CitationError:
        return None


def more(client: OnRecord, guild: int | None, key: str) -> Reply:
    """What else the speaker of an answer said, newest first. To be called in a thread."""
    kept = client.keeping.find(key, scope(guild))
    speakers = [one["speaker"] for one in kept.body.get("citations", ()) if one["speaker"]] if kept else []
    if kept is None or not speakers:
        return told(GONE, "forgotten")
    return listed(client, guild, "said", {"speaker": speakers[0], "allowed": kept.body["sources"]})


async def _vote(interaction: discord.Interaction[OnRecord], key: str, *, good: bool, reason: str | None = None) -> None:
    client, guild, member = interaction.client, interaction.guild_id, str(interaction.user.id)

    def job() -> Reply:
        # What was kept a moment ago may still be on its way to the disk.
        client.keeping.written()
        known = client.library.replies.vote(key, scope(guild), member, good=good, reason=reason)
        return told(_THANKS, "voted") if known else told(GONE, "forgotten")

    await respond(interaction, job, Shown.ALONE, "button good" if good else "modal reason")


async def _ask_why(interaction: discord.Interaction[OnRecord], key: str) -> None:
    ids = {"id": interaction.id, "guild": interaction.guild_id, "user": interaction.user.id}
    with noted("button bad", **ids) as note:
        await interaction.response.send_modal(Why(key))
        note.outcome = "asked why"
    client, guild, member = interaction.client, interaction.guild_id, str(interaction.user.id)

    def job() -> bool:
        client.keeping.written()
        return client.library.replies.vote(key, scope(guild), member, good=False)

    # Whoever closes the modal has voted all the same.
    await client.desk.offer(job)


class Why(discord.ui.Modal, title="What was wrong?"):
    """Asks whoever does not like an answer for the reason, which may be left out."""

    reason: discord.ui.TextInput[Why] = discord.ui.TextInput(
        label="In your own words, if you like",
        style=discord.TextStyle.paragraph,
        required=False,
        max_length=_REASON,
    )

    def __init__(self, key: str) -> None:
        super().__init__(timeout=3600)
        self._key = key

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Keep the reason."""
        await _vote(interaction, self._key, good=False, reason=str(self.reason).strip() or None)

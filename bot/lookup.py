"""Looking things up: /said, /check, /article, /latest and /help, with what they offer while somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import discord
from discord import app_commands

from bot import checking, render
from bot.admitting import heard_here
from bot.escaping import choice, clipped, escape, line
from bot.helping import HELP
from bot.limits import CHOICE, CHOICES
from bot.narrowing import allowed, narrowed
from bot.paging import Kind, Listed, Options, listed
from bot.render import notice
from bot.replying import Reply, Shown, offering, respond, scopes, told
from bot.splitting import text_block
from retrieval import words
from retrieval.check import Verdict
from retrieval.check import check as checked
from retrieval.directory import which
from retrieval.errors import QuestionError
from retrieval.outage import searched
from retrieval.question import LONGEST
from retrieval.said import statements_by
from retrieval.search import search, weigh
from retrieval.titles import titled

if TYPE_CHECKING:
    from bot.client import OnRecord
    from retrieval.library import Library
    from retrieval.types import Article, Query

_LATEST = 60
_PASSAGES = 40
_ON_TOPIC = 0.55
"""Share of a topic's terms, by weight, that an article has for it to be on the topic; as for statements."""

_SHOWN = 60
"""Characters of what somebody asked for that a heading or a sentence of ours repeats."""


@app_commands.command(description="What somebody said, word for word, with where and when.")
@app_commands.describe(
    speaker="A name or a role",
    about="Only on this topic",
    since="From this day on, such as 2026-03-01",
    until="Up to this day, such as 2026-03-31",
    order="Which come first",
)
async def said(
    interaction: discord.Interaction[OnRecord],
    speaker: app_commands.Range[str, 1, 200],
    about: app_commands.Range[str, 1, 200] | None = None,
    since: str | None = None,
    until: str | None = None,
    order: Literal["newest first", "oldest first"] = "newest first",
) -> None:
    """List statements of a speaker."""
    asked = {"speaker": speaker, "about": about, "since": since, "until": until, "oldest": order == "oldest first"}
    await _listed_here(interaction, "said", asked)


async def _listed_here(interaction: discord.Interaction[OnRecord], kind: str, asked: Options) -> None:
    """Reply with a list, from the sources that the channel may use."""
    rule = await heard_here(interaction)
    if rule is not None:
        options = {**asked, "allowed": list(rule.sources)}
        await respond(interaction, partial(listed, interaction.client, interaction.guild_id, kind, options))


def statements(client: OnRecord, guild: int | None, options: Options) -> Listed:
    """What somebody said. To be called in a thread."""
    speaker, about = str(options["speaker"]), options.get("about")
    _something(speaker)
    query = narrowed(speaker, guild, options.get("since"), options.get("until"), None, options.get("allowed") or ())
    persons, found = statements_by(client.library, query, speaker, about)
    called, on = line(speaker, _SHOWN), f" on {line(about, _SHOWN)}" if about else ""
    if not found:
        if persons and not about:
            return Listed("", [text_block(f"Nobody is called {called}: {which(called, persons)}")], "abstained")
        return Listed("", [text_block(f"The articles have no statement of {called}{on} there.")], "abstained")
    several = [notice(which(called, persons))] if len(persons) > 1 else []
    order = "oldest first" if options.get("oldest") else "newest first"
    number = f"{len(found)} statement{'s' * (len(found) != 1)}"
    blocks = render.statements(speaker, found if options.get("oldest") else found[::-1])
    return Listed(f"{persons[0].name}: {number}{on}, {order}", [*several, *blocks])


@app_commands.command(description="Whether a quotation is real: word for word, altered, somebody else's, or not found.")
@app_commands.describe(quote="The words as they were quoted", speaker="Who is said to have said them")
async def check(
    interaction: discord.Interaction[OnRecord],
    quote: app_commands.Range[str, 1, LONGEST],
    speaker: app_commands.Range[str, 1, 200] | None = None,
) -> None:
    """Check a quotation."""
    await _listed_here(interaction, "check", {"quote": quote, "speaker": speaker})


def verdict(client: OnRecord, guild: int | None, options: Options) -> Listed:
    """What a quotation is by the articles, and where it stands or what comes nearest. To be called in a thread."""
    found = checked(client.library, str(options["quote"]), scopes(guild), options.get("speaker"))
    may = tuple(one for one in found.matches if allowed(one.citation.article, options.get("allowed") or ()))
    if found.matches and not may:
        found = replace(found, verdict=Verdict.NOT_FOUND)
    found = replace(found, matches=may)
    return Listed("", render.checked(found, checking.meaning(found)), found.verdict.value)


@app_commands.command(description="An article: its date and source, what was corrected, and who is quoted in it.")
@app_commands.describe(title="Words of its title, or one of those offered")
async def article(interaction: discord.Interaction[OnRecord], title: app_commands.Range[str, 1, 200]) -> None:
    """Show an article."""
    client, guild = interaction.client, interaction.guild_id
    rule = await heard_here(interaction)
    if rule is not None:
        await respond(interaction, partial(described, client.library, scopes(guild), title, rule.sources))


def described(library: Library, seen: tuple[str, ...], title: str, sources: Sequence[str] = ()) -> Reply:
    """An article by its id or words of its title. To be called in a thread."""
    with library.read(seen) as db:
        by_id = db.article(title.strip())
        found = [by_id] if by_id else titled(db, title, 6) if words.stems(title) else []
        found = [one for one in found if allowed(one, sources)]
        if not found:
            return told(f"No article here is called {escape(line(title, _SHOWN))}.", "abstained")
        one, *others = found
        statements = db.statements_in([one.id]).get(one.id, [])
        versions = db.history([one.id])[one.id]
    said_by = list(dict.fromkeys(statement.speaker for statement in statements))
    changed = f"version {len(versions)}, stored {versions[-1].stored[:10]}" if len(versions) > 1 else ""
    return Reply([render.card(one, said_by, changed, others)])


@app_commands.command(description="The newest articles, on a topic or of a source.")
@app_commands.describe(topic="Only articles on this topic", source="Only articles of this source, by its whole name")
async def latest(
    interaction: discord.Interaction[OnRecord],
    topic: app_commands.Range[str, 1, 200] | None = None,
    source: app_commands.Range[str, 1, 200] | None = None,
) -> None:
    """List the newest articles."""
    await _listed_here(interaction, "latest", {"topic": topic, "source": source})


def newest(client: OnRecord, guild: int | None, options: Options) -> Listed:
    """The newest articles, of a source, on a topic. To be called in a thread."""
    topic, source = options.get("topic"), options.get("source")
    query = narrowed(topic or "", guild, None, None, source, options.get("allowed") or ())
    if query.text:
        _something(query.text)
        found = searched(client.library, lambda there: _on_the_topic(there, query))[0]
    else:
        with client.library.read(query.scopes) as db:
            found = db.articles(_LATEST, sources=query.sources)
    if not found:
        return Listed("", [text_block("There is no such article here.")], "abstained")
    on = f" on {line(topic, _SHOWN)}" if topic else ""
    return Listed(f"The newest{on}{f' of {line(source, _SHOWN)}' if source else ''}:", render.articles(found))


def _on_the_topic(library: Library, query: Query) -> list[Article]:
    """Articles that have most of a topic's words or nearly as many as the best, newest first, undated ones last."""
    vector = library.embedder.embed_array([query.text])[0]
    with library.read(query.scopes) as db:
        passages = search(library, db, query, _PASSAGES, vector)
        terms = weigh(db, words.content(query.text), db.counts()["chunks"])
    found = {passage.article.id: passage.article for passage in passages}
    near = [one for one in found.values() if terms.coverage(set(words.stems(f"{one.title} {one.text}"))) >= _ON_TOPIC]
    return sorted(near, key=lambda one: one.published.timestamp() if one.published else float("-inf"), reverse=True)


@app_commands.command(name="help", description="What I can do, and how to ask.")
async def show_help(interaction: discord.Interaction[OnRecord]) -> None:
    """Tell how to ask, to whoever wants to know."""
    await respond(interaction, lambda: told(HELP, "help"), Shown.ALONE)


@said.autocomplete("speaker")
@check.autocomplete("speaker")
async def _speakers(interaction: discord.Interaction[OnRecord], typed: str) -> list[app_commands.Choice[str]]:
    client, seen = interaction.client, scopes(interaction.guild_id)

    def found() -> list[str]:
        with client.library.read(seen) as db:
            return [one.name for one in db.speakers(typed, CHOICES)]

    with offering(interaction) as note:
        names = await client.desk.offer(found)
        note.outcome = f"offered:{len(names)}"
    return [app_commands.Choice(name=choice(name), value=name) for name in names if 0 < len(name) <= CHOICE]


@article.autocomplete("title")
async def _titles(interaction: discord.Interaction[OnRecord], typed: str) -> list[app_commands.Choice[str]]:
    client, seen = interaction.client, scopes(interaction.guild_id)
    rule = client.places.rule(interaction.guild_id, interaction.channel)

    def found() -> list[tuple[str, str]]:
        with client.library.read(seen) as db:
            return [(one.title, one.id) for one in titled(db, typed, CHOICES) if allowed(one, rule.sources)]

    with offering(interaction) as note:
        titles = await client.desk.offer(found)
        note.outcome = f"offered:{len(titles)}"
    return [app_commands.Choice(name=choice(title.strip() or one), value=one) for title, one in titles]


@app_commands.context_menu(name="Check this quote")
async def check_this(interaction: discord.Interaction[OnRecord], message: discord.Message) -> None:
    """Check what a message quotes, or the message itself, for whoever asks alone."""
    quote = quoted(message.content)
    options: dict[str, Any] = {"quote": quote, "speaker": None, "allowed": []}
    client, guild = interaction.client, interaction.guild_id

    def job() -> Reply:
        if not quote:
            raise QuestionError("there are no words in that message")
        return listed(client, guild, "check", options)

    await respond(interaction, job, Shown.ALONE)


def quoted(text: str) -> str:
    """The longest quotation in a message, its marks left on; the whole of it where there is none."""
    return clipped(checking.longest_quotation(text) or text.strip(), LONGEST)


def _something(text: str) -> None:
    if not any(char.isalnum() for char in text):
        raise QuestionError("there is no word in that")


COMMANDS: tuple[app_commands.Command[Any, ..., None] | app_commands.ContextMenu, ...] = (
    said,
    check,
    article,
    latest,
    show_help,
    check_this,
)
LISTS = {"said": Kind(statements), "check": Kind(verdict), "latest": Kind(newest)}

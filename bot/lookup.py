"""Looking things up: /said, /check, /article, /latest and /help, with what they offer while somebody types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot import checking
from bot.ask import narrowed
from bot.messages import HELP, cited, harmless, paged
from bot.paging import Page
from bot.replying import Reply, offering, respond, scopes
from retrieval import words
from retrieval.check import Match
from retrieval.check import check as checked
from retrieval.directory import which
from retrieval.errors import QuestionError
from retrieval.question import LONGEST
from retrieval.said import Found, statements_by
from retrieval.search import search, weigh
from retrieval.titles import titled

if TYPE_CHECKING:
    from bot.client import OnRecord
    from retrieval.library import Library
    from retrieval.types import Article, Query

_OFFERED = 25
"""Choices while somebody types (Discord's limit)."""

_NAME = 100
"""Characters of a choice (Discord's limit)."""

_LATEST = 10
_PASSAGES = 40
_ON_TOPIC = 0.55
"""Share of a topic's terms, by weight, that an article has for it to be on the topic; as for statements."""

_PAGE = 1_900
"""Characters of a page, which leaves room for a line below it."""

_QUOTE = 600
"""Characters of a quotation or a sentence shown in a list."""


@app_commands.command(description="What somebody said, word for word, the newest first.")
@app_commands.describe(
    speaker="A name or a role", about="Only on this topic", since="From this day on", until="Up to this day"
)
async def said(
    interaction: discord.Interaction[OnRecord],
    speaker: app_commands.Range[str, 1, 200],
    about: app_commands.Range[str, 1, 200] | None = None,
    since: str | None = None,
    until: str | None = None,
) -> None:
    """List statements of a speaker."""
    client, guild = interaction.client, interaction.guild_id
    await respond(
        interaction,
        client.desk,
        lambda: statements(client.library, guild, Page(speaker, about, since, until)),
    )


def statements(library: Library, guild: int | None, page: Page) -> Reply:
    """A page of what somebody said, with what turns it; where it is too long for a button, how much more there is."""
    speaker, about = page.speaker, page.about
    _something(speaker)
    query = narrowed(speaker, guild, page.since, page.until, None)
    persons, found = statements_by(library, query, speaker, about)
    if not found:
        if persons and not about:
            return Reply([f"Nobody is called {harmless(speaker)}. {harmless(which(speaker, persons))}"], "abstained")
        return Reply([f"The articles have no statement of {harmless(speaker)}{_on(about)} there."], "abstained")
    several = [f"-# {harmless(which(speaker, persons))}"] if len(persons) > 1 else []
    head = "\n".join(
        [f"**{harmless(persons[0].name)}**: {_counted(len(found))}{_on(about)}, the newest first", *several]
    )
    blocks = [_statement(one) for one in reversed(found)]
    if not page.fits:
        return _listed(head[:1000], blocks, "narrow it with about, since and until")
    pages = paged(head[:1000], blocks, _PAGE)
    number = min(page.number, len(pages) - 1)
    place = f"\n-# page {number + 1} of {len(pages)}" if len(pages) > 1 else ""
    return Reply([pages[number] + place], page=replace(page, number=number), pages=len(pages))


def _statement(found: Found) -> str:
    one, article = found
    quote = harmless(_short(one.quote(article.text)))
    facts = [one.speaker, one.role, f"to {one.addressee}" if one.addressee else None, one.kind.value]
    who = ", ".join(harmless(fact) for fact in facts if fact)
    return f"> {quote}\n— {who} · {cited(article)}"


@app_commands.command(description="Whether a quotation is real: word for word, altered, somebody else's, or not found.")
@app_commands.describe(quote="The words as they were quoted", speaker="Who is said to have said them")
async def check(
    interaction: discord.Interaction[OnRecord],
    quote: app_commands.Range[str, 1, LONGEST],
    speaker: app_commands.Range[str, 1, 200] | None = None,
) -> None:
    """Check a quotation."""
    client, guild = interaction.client, interaction.guild_id
    await respond(interaction, client.desk, lambda: verdict(client.library, quote, scopes(guild), speaker))


def verdict(library: Library, quote: str, seen: tuple[str, ...], speaker: str | None) -> Reply:
    """What a quotation is by the articles, and where it stands or what comes nearest."""
    found = checked(library, quote, seen, speaker)
    head = f"**{harmless(checking.meaning(found))}**"
    return replace(
        _listed(head, [_match(one) for one in found.matches], "they are less near"), outcome=found.verdict.value
    )


def _match(one: Match) -> str:
    who = f"— {harmless(one.statement.speaker)} · " if one.statement else "— "
    differs = f"\nDiffers: {harmless(_short(one.difference))}" if one.difference else ""
    return f"> {harmless(_short(one.citation.excerpt))}{differs}\n{who}{cited(one.citation.article)}"


@app_commands.command(description="An article: its date and source, what was corrected, and who is quoted in it.")
@app_commands.describe(title="Words of its title, or one of those offered")
async def article(interaction: discord.Interaction[OnRecord], title: app_commands.Range[str, 1, 200]) -> None:
    """Show an article."""
    client, guild = interaction.client, interaction.guild_id
    await respond(interaction, client.desk, lambda: described(client.library, scopes(guild), title))


def described(library: Library, seen: tuple[str, ...], title: str) -> Reply:
    """An article by its id or words of its title."""
    with library.read(seen) as db:
        by_id = db.article(title.strip())
        found = [by_id] if by_id else titled(db, title, 6) if words.stems(title) else []
        if not found:
            return Reply([f"No article here is called {harmless(title)}."], "abstained")
        one, *others = found
        statements = db.statements_in([one.id]).get(one.id, [])
        versions = db.history([one.id])[one.id]
    said_by = list(dict.fromkeys(statement.speaker for statement in statements))
    blocks = [f"By {harmless(', '.join(one.authors))}"] if one.authors else []
    if said_by:
        blocks.append(f"Quoted: {harmless(_short(', '.join(said_by)))}")
    blocks += [f"Correction: {harmless(_short(text))}" for text in one.corrections]
    if len(versions) > 1:
        blocks.append(f"Changed since it was first stored: version {len(versions)}, {versions[-1].stored[:10]}")
    blocks += [f"-# also: {cited(other)}" for other in others]
    return _listed(cited(one), blocks, "")


@app_commands.command(description="The newest articles, on a topic or of a source.")
@app_commands.describe(topic="Only articles on this topic", source="Only articles of this source, by its whole name")
async def latest(
    interaction: discord.Interaction[OnRecord],
    topic: app_commands.Range[str, 1, 200] | None = None,
    source: app_commands.Range[str, 1, 200] | None = None,
) -> None:
    """List the newest articles."""
    client, guild = interaction.client, interaction.guild_id
    await respond(
        interaction, client.desk, lambda: newest(client.library, narrowed(topic or "", guild, None, None, source))
    )


def newest(library: Library, query: Query) -> Reply:
    """The newest articles of a query's sources, on its text where it has one."""
    if query.text:
        _something(query.text)
        found = _on_the_topic(library, query)
    else:
        with library.read(query.scopes) as db:
            found = db.articles(_LATEST, sources=query.sources)
    if not found:
        return Reply(["There is no such article here."], "abstained")
    head = f"The newest{_on(query.text or None)}{' of ' + harmless(query.sources[0]) if query.sources else ''}:"
    return _listed(head, [f"- {cited(one)}" for one in found], "ask for a topic or a source")


def _on_the_topic(library: Library, query: Query) -> list[Article]:
    """Articles that have most of a topic's words or nearly as many as the best, newest first, undated ones last."""
    vector = library.embedder.embed_array([query.text])[0]
    with library.read(query.scopes) as db:
        passages = search(library, db, query, _PASSAGES, vector)
        terms = weigh(db, words.content(query.text), db.counts()["chunks"])
    found = {passage.article.id: passage.article for passage in passages}
    near = [one for one in found.values() if terms.coverage(set(words.stems(f"{one.title} {one.text}"))) >= _ON_TOPIC]
    near.sort(key=lambda one: one.published.timestamp() if one.published else float("-inf"), reverse=True)
    return near[:_LATEST]


@app_commands.command(name="help", description="What I can do, and how to ask.")
async def show_help(interaction: discord.Interaction[OnRecord]) -> None:
    """Tell how to ask."""
    await respond(interaction, interaction.client.desk, lambda: Reply([HELP], "help"))


@said.autocomplete("speaker")
@check.autocomplete("speaker")
async def _speakers(interaction: discord.Interaction[OnRecord], typed: str) -> list[app_commands.Choice[str]]:
    client, seen = interaction.client, scopes(interaction.guild_id)

    def found() -> list[str]:
        with client.library.read(seen) as db:
            return [one.name for one in db.speakers(typed, _OFFERED)]

    with offering(interaction) as note:
        names = await client.desk.offer(found)
        note.outcome = f"offered:{len(names)}"
    return [app_commands.Choice(name=name, value=name) for name in names if 0 < len(name) <= _NAME]


@article.autocomplete("title")
async def _titles(interaction: discord.Interaction[OnRecord], typed: str) -> list[app_commands.Choice[str]]:
    client, seen = interaction.client, scopes(interaction.guild_id)

    def found() -> list[tuple[str, str]]:
        with client.library.read(seen) as db:
            return [(one.title, one.id) for one in titled(db, typed, _OFFERED)]

    with offering(interaction) as note:
        titles = await client.desk.offer(found)
        note.outcome = f"offered:{len(titles)}"
    return [app_commands.Choice(name=_short(title.strip() or one, _NAME), value=one) for title, one in titles]


def _listed(head: str, blocks: list[str], advice: str) -> Reply:
    """A head and as many blocks as one message holds, with how many pages are left."""
    first, *others = paged(head, blocks, _PAGE)
    return Reply([f"{first}\n-# and {_pages(len(others))} more: {advice}" if others else first])


def _something(text: str) -> None:
    if not any(char.isalnum() for char in text):
        raise QuestionError("there is no word in that")


def _pages(number: int) -> str:
    return f"{number} page{'s' * (number != 1)}"


def _counted(number: int) -> str:
    return f"{number} statement{'s' * (number != 1)}"


def _on(topic: str | None) -> str:
    return f" on {harmless(topic)}" if topic else ""


def _short(text: str, most: int = _QUOTE) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


COMMANDS: tuple[app_commands.Command[Any, ..., None], ...] = (said, check, article, latest, show_help)

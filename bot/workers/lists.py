"""Lists, by what they are asked for: statements, verdicts, newest articles, and what a guild has of its own.

No Discord in it: a list is made where the library is, and made anew for every page of it that somebody turns to, as the
guild of whoever turns it sees it; so pages work after a restart and show nothing of another guild.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.messages import render, verdicts
from bot.messages.button_ids import button
from bot.messages.markdown import escape, line
from bot.messages.message import Button
from bot.messages.pack import Block, text_block
from bot.messages.render import notice, pages
from bot.messages.reply import Keep, Reply, scopes, told
from bot.workers import server_data
from bot.workers.query import allowed, narrowed
from retrieval.answer.statements import statements_by
from retrieval.errors import QuestionError
from retrieval.library import Library
from retrieval.quotes import check
from retrieval.search import search
from retrieval.search.hybrid import distinct
from retrieval.search.term_weights import weigh
from retrieval.search.titles import titled
from retrieval.search.words_only import searched
from retrieval.text import stems
from retrieval.text.person_names import which
from retrieval.types import Article, Query

Options = Mapping[str, Any]

_LATEST = 60
_PASSAGES = 40
_ON_TOPIC = 0.55
"""Share of a topic's terms, by weight, that an article has for it to be on the topic; as for statements."""

_SHOWN = 60
"""Characters of what somebody asked for that a heading or a sentence of ours repeats."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list's heading, in plain text, and its entries."""

    heading: str
    blocks: Sequence[Block]
    outcome: str = "answered"


def listed(
    library: Library, guild: int | None, kind: str, options: Options, number: int = 0, key: str | None = None
) -> Reply:
    """A page of a list, with the buttons that turn it. `key`: what the list is kept under already."""
    one = LISTS[kind](library, guild, options)
    made = pages(one.heading, one.blocks)
    if len(made) == 1:
        return Reply(made, one.outcome)
    keep = Keep.of(kind, options) if key is None else None
    number = min(number, len(made) - 1)
    buttons = _turning(keep.key if keep else str(key), number, len(made))
    return Reply([replace(made[number], buttons=buttons)], one.outcome, keep=keep)


def _turning(key: str, number: int, of: int) -> tuple[Button, ...]:
    back = [button("◀ Back", "page", key, number - 1)] if number > 0 else []
    on = [button("Next ▶", "page", key, number + 1)] if number + 1 < of else []
    return (*back, *on)


def statements(library: Library, guild: int | None, options: Options) -> Listed:
    """What somebody said. Raises QuestionError."""
    speaker, about = str(options["speaker"]), options.get("about")
    _something(speaker)
    query = narrowed(speaker, guild, options.get("since"), options.get("until"), None, options.get("allowed") or ())
    persons, found = statements_by(library, query, speaker, about)
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


def verdict(library: Library, guild: int | None, options: Options) -> Listed:
    """What a quotation is by the articles that may be used, and where it stands or what comes nearest.

    Raises QuestionError.
    """
    may = options.get("allowed") or ()
    found = check(library, str(options["quote"]), scopes(guild), options.get("speaker"), may)
    return Listed("", render.checked(found, verdicts.verdict_sentence(found)), found.verdict.value)


def newest(library: Library, guild: int | None, options: Options) -> Listed:
    """The newest articles, of a source, on a topic. Raises QuestionError."""
    topic, source = options.get("topic"), options.get("source")
    query = narrowed(topic or "", guild, None, None, source, options.get("allowed") or ())
    if query.text:
        _something(query.text)
        found = searched(library, lambda there: _on_the_topic(there, query))[0]
    else:
        with library.read(query.scopes) as db:
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
        terms = weigh(db, stems.content(query.text), db.counts()["chunks"])
    found = distinct(passages)
    near = [one for one in found if terms.coverage(set(stems.stems(f"{one.title} {one.text}"))) >= _ON_TOPIC]
    return sorted(near, key=lambda one: one.published.timestamp() if one.published else float("-inf"), reverse=True)


def _owned(make: Callable[[Library, int | None], tuple[str, list[Block]]]) -> Callable[..., Listed]:
    return lambda library, guild, _: Listed(*make(library, guild))


def described(library: Library, guild: int | None, title: str, sources: Sequence[str] = ()) -> Reply:
    """An article, by its id or words of its title."""
    with library.read(scopes(guild)) as db:
        by_id = db.article(title.strip())
        found = [by_id] if by_id else titled(db, title, 6, sources) if stems.stems(title) else []
        found = [one for one in found if allowed(one, sources)]
        if not found:
            return told(f"No article here is called {escape(line(title, _SHOWN))}.", "abstained")
        one, *others = found
        said = db.statements_in([one.id]).get(one.id, [])
        versions = db.history([one.id])[one.id]
    said_by = list(dict.fromkeys(statement.speaker for statement in said))
    changed = f"version {len(versions)}, stored {versions[-1].stored[:10]}" if len(versions) > 1 else ""
    return Reply([render.card(one, said_by, changed, others)])


def _something(text: str) -> None:
    if not any(char.isalnum() for char in text):
        raise QuestionError("there is no word in that")


LISTS: Mapping[str, Callable[[Library, int | None, Options], Listed]] = {
    "said": statements,
    "check": verdict,
    "latest": newest,
    "articles": _owned(server_data.articles),
    "feeds": _owned(server_data.feeds),
    "channels": _owned(server_data.channels),
}

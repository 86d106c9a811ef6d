"""What is offered while somebody types: speakers and titles, of what may be used where he types. No Discord in it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages.message import CHOICES
from bot.messages.reply import scope, scopes
from retrieval.library import Library
from retrieval.search.titles import titled
from retrieval.types import Query

_AMONG = 8
"""Times as many speakers looked at where only some sources may be used: others may have more to say."""


def speakers(library: Library, guild: int | None, typed: str, sources: Sequence[str]) -> list[str]:
    """Names of speakers whose statements these sources have, or any source where none are named."""
    with library.read(scopes(guild)) as db:
        found = db.speakers(typed, CHOICES * _AMONG if sources else CHOICES)
        if sources:
            names = [name for one in found for name in one.names]
            heard = db.speaking(names, Query(typed, db.scopes, sources=tuple(sources)))
            found = [one for one in found if heard & one.names.keys()]
    return [one.name for one in found[:CHOICES]]


def titles(library: Library, guild: int | None, typed: str, sources: Sequence[str]) -> list[tuple[str, str]]:
    """Articles of these sources, or any where none are named, as (title, id)."""
    with library.read(scopes(guild)) as db:
        return [(one.title, one.id) for one in titled(db, typed, CHOICES, sources)]


def own_titles(library: Library, guild: int | None, typed: str) -> list[tuple[str, str]]:
    """A guild's own articles, as (title, id)."""
    with library.read((scope(guild),)) as db:
        return [(one.title, one.id) for one in titled(db, typed, CHOICES)]

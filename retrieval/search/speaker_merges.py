"""Merging and splitting speakers: an admin's word on who is who, kept whatever is ingested.

It holds in one scope, the last of those that are read: what a guild says changes nothing for anybody else.
"""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.errors import QuestionError
from retrieval.library import Library
from retrieval.search.speakers import speakers_called
from retrieval.store.reader import Reader
from retrieval.text.person_names import Person, which


def the_one(db: Reader, name: str) -> Person:
    """The person who goes by a name. Raises QuestionError where it is nobody, or several, whom it then lists."""
    found = db.persons(speakers_called(name, db) or [name])
    exact = [one for one in found if one.name == name]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise QuestionError(which(name, found))
    near = ", ".join(one.name for one in db.speakers(name, 5))
    raise QuestionError(
        f"nobody called {name[:60]} speaks in the articles" + (f": did you mean {near}?" if near else "")
    )


def merge(library: Library, scopes: Sequence[str], name: str, into: str) -> Person:
    """Give every name of one person to another, in the last of the scopes. Returns who they are now.

    Raises QuestionError where either is nobody, or several, or both are the same.
    """
    with library.read(scopes) as db:
        one, other = the_one(db, name), the_one(db, into)
        if one.name == other.name:
            raise QuestionError(f"{name} and {into} are one already")
    library.identify(scopes[-1], dict.fromkeys(one.names, other.name))
    return _named(library, scopes, other.name)


def split(library: Library, scopes: Sequence[str], name: str) -> Person:
    """Let a name, exactly as articles give it, stand for somebody of its own. Raises QuestionError where none does."""
    with library.read(scopes) as db:
        if not any(name in one.names for one in db.persons([name])):
            raise QuestionError(f"no article calls a speaker {name[:60]}: onrecord speakers show lists the names")
    library.identify(scopes[-1], {name: name})
    return _named(library, scopes, name)


def _named(library: Library, scopes: Sequence[str], name: str) -> Person:
    with library.read(scopes) as db:
        return next(one for one in db.persons([name]) if one.name == name)

"""Merges and splits speakers: an admin's decision on who is who, which later ingests do not change.

A decision holds in one scope, the last of those that are read: what one guild decides changes nothing for others.
"""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.errors import QuestionError
from retrieval.library import Library
from retrieval.search.search_limits import MAX_SPEAKERS_SUGGESTED
from retrieval.search.speakers import find_speakers
from retrieval.store.reader import CatalogReader
from retrieval.text.person_names import Person, ambiguity_question


def find_person(db: CatalogReader, name: str) -> Person:
    """The person who goes by a name. Raises QuestionError where nobody does, or several do, whom it then lists."""
    persons = db.persons(find_speakers(name, db) or [name])
    exact = [person for person in persons if person.name == name]
    if len(exact or persons) == 1:
        return (exact or persons)[0]
    if persons:
        raise QuestionError(ambiguity_question(name, persons))
    similar = ", ".join(person.name for person in db.speakers(name, MAX_SPEAKERS_SUGGESTED))
    raise QuestionError(
        f"nobody called {name[:60]} speaks in the articles" + (f": did you mean {similar}?" if similar else "")
    )


def merge_persons(library: Library, scopes: Sequence[str], name: str, into: str) -> Person:
    """Give every name of one person to another, in the last of the scopes. Returns the joined person.

    Raises QuestionError where either name is nobody's or several persons', or both are one person's.
    """
    with library.open_reader(scopes) as db:
        merged, target = find_person(db, name), find_person(db, into)
        if merged.name == target.name:
            raise QuestionError(f"{name} and {into} are one already")
    library.put_identities(scopes[-1], dict.fromkeys(merged.names, target.name))
    return _person(library, scopes, target.name)


def split_person(library: Library, scopes: Sequence[str], name: str) -> Person:
    """Make a name, exactly as articles give it, a person of its own. Raises QuestionError where no article has it."""
    with library.open_reader(scopes) as db:
        if not any(name in person.names for person in db.persons([name])):
            raise QuestionError(f"no article calls a speaker {name[:60]}: onrecord speakers show lists the names")
    library.put_identities(scopes[-1], {name: name})
    return _person(library, scopes, name)


def _person(library: Library, scopes: Sequence[str], name: str) -> Person:
    with library.open_reader(scopes) as db:
        return next(person for person in db.persons([name]) if person.name == name)

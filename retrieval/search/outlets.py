"""Whose reports a question asks for: "according to Reuters", "the Guardian's leader column", "in the Sun?"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.search.speakers import speakers_called
from retrieval.store.reader import Reader

_LONGEST = 5
"""Words of a source's name as a question has it."""

_LEAST = 4
"""Letters from which on the beginning of a name stands for the whole of it ("The Real Deal" of New York)."""

_PIECE = r"(?:leader|editorial|column|columnist|report|reports|reporting|article|story|coverage|piece|review|headline)"
_PLAIN = (
    re.compile(r"\baccording to (?:(?:an?|the) \w+ (?:by|in|from|on|of) )?(?P<source>.{2,80})", re.I),
    re.compile(r"\b(?:reported|published|written|carried|printed|covered) (?:by|in|on) (?P<source>.{2,80})", re.I),
    re.compile(r"\b(?:in|from|on) (?P<source>(?:[Tt]he )?[A-Z][\w.&-]*(?: [A-Z][\w.&-]*){0,3})\W*$"),
)
_OWNED = re.compile(rf"\b(?P<source>[\w.&-]+(?: [\w.&-]+){{0,4}})['’]s {_PIECE}\b", re.I)
_SAYING = re.compile(r"\b(?:do|does|did) (?P<source>.{2,60}?) (?:say|report|write|make of|have on)\b", re.I)
"""What may as well ask for somebody's words: a source is meant where nobody who speaks goes by the name."""


def outlets(text: str, db: Reader) -> tuple[str, ...]:
    """The sources, as the library names them, that a question wants to hear; none where it names none that it has."""
    for form in _PLAIN:
        if (found := form.search(text)) and (named := _named(found["source"], db)):
            return named
    if found := _OWNED.search(text):
        words = found["source"].split()
        for at in range(len(words)):
            if named := _named(" ".join(words[at:]), db, whole=True):
                return named
    found = _SAYING.search(text)
    if found and (named := _named(found["source"], db, whole=True)) and not speakers_called(found["source"], db):
        return named
    return ()


def _named(phrase: str, db: Reader, *, whole: bool = False) -> tuple[str, ...]:
    """The sources that a phrase names, or that its first words do where not the `whole` has to."""
    words = re.findall(r"[\w.&-]+", phrase)[: _LONGEST + whole]
    for length in range(min(len(words), _LONGEST), 0, -1):
        if whole and length < len(words):
            return ()
        for name in _forms(" ".join(words[:length]).strip(".").lower()):
            if found := [one for one in db.sources_from(name) if _is(one, name)]:
                return tuple(found)
    return ()


def _forms(name: str) -> Iterator[str]:
    bare = name.removeprefix("the ")
    if len(bare) > 1:
        yield bare
        yield f"the {bare}"


def _is(source: str, name: str) -> bool:
    """Whether a source is called so, or so and then something more: an edition, "News", an address' ending."""
    if source == name:
        return True
    return len(name.removeprefix("the ")) >= _LEAST and source.startswith((f"{name} ", f"{name}."))

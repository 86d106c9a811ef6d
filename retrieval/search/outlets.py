"""Finds the sources whose reports a question asks for: "according to Reuters", "the Guardian's leader column"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.search.speakers import find_speakers
from retrieval.store.reader import CatalogReader

_MAX_NAME_WORDS = 5
"""Maximum number of words of a source's name in a question."""

_MIN_BEGINNING_LETTERS = 4
"""Minimum number of letters for the beginning of a name to stand for the whole ("The Real Deal" of New York)."""

_PIECE = r"(?:leader|editorial|column|columnist|report|reports|reporting|article|story|coverage|piece|review|headline)"
_PLAIN = (
    re.compile(r"\baccording to (?:(?:an?|the) \w+ (?:by|in|from|on|of) )?(?P<source>.{2,80})", re.I),
    re.compile(r"\b(?:reported|published|written|carried|printed|covered) (?:by|in|on) (?P<source>.{2,80})", re.I),
    re.compile(r"\b(?:in|from|on) (?P<source>(?:[Tt]he )?[A-Z][\w.&-]*(?: [A-Z][\w.&-]*){0,3})\W*$"),
)
_OWNED = re.compile(rf"\b(?P<source>[\w.&-]+(?: [\w.&-]+){{0,4}})['’]s {_PIECE}\b", re.I)
_SAYING = re.compile(r"\b(?:do|does|did) (?P<source>.{2,60}?) (?:say|report|write|make of|have on)\b", re.I)
"""A form that may ask for a speaker's words as well: a source is meant only where no speaker has the name."""


def outlets(text: str, db: CatalogReader) -> tuple[str, ...]:
    """The sources that a question names, as the library names them; none where it names none that the library has."""
    for form in _PLAIN:
        if (match := form.search(text)) and (sources := _find_sources(match["source"], db)):
            return sources
    if match := _OWNED.search(text):
        words = match["source"].split()
        for at in range(len(words)):
            if sources := _find_sources(" ".join(words[at:]), db, whole=True):
                return sources
    match = _SAYING.search(text)
    if match and (sources := _find_sources(match["source"], db, whole=True)) and not find_speakers(match["source"], db):
        return sources
    return ()


def _find_sources(phrase: str, db: CatalogReader, *, whole: bool = False) -> tuple[str, ...]:
    """The sources named by a phrase or, unless it must be the `whole` phrase, by its first words."""
    words = re.findall(r"[\w.&-]+", phrase)[: _MAX_NAME_WORDS + whole]
    for length in range(min(len(words), _MAX_NAME_WORDS), 0, -1):
        if whole and length < len(words):
            return ()
        for name in _variants(" ".join(words[:length]).strip(".").lower()):
            if sources := [source for source in db.sources_from(name) if _is_called(source, name)]:
                return tuple(sources)
    return ()


def _variants(name: str) -> Iterator[str]:
    """A name without "the" and with it."""
    bare = name.removeprefix("the ")
    if len(bare) > 1:
        yield bare
        yield f"the {bare}"


def _is_called(source: str, name: str) -> bool:
    """Whether a source has this name, alone or followed by an edition, "News", or the end of an address."""
    if source == name:
        return True
    return len(name.removeprefix("the ")) >= _MIN_BEGINNING_LETTERS and source.startswith((f"{name} ", f"{name}."))

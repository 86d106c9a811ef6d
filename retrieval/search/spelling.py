"""Typing errors in a question: a word that no article has, read as one that articles have.

Read so is a word that differs by one letter left out, put in, exchanged for another or for its neighbour, but not at
its beginning, and at its end only where a double letter was typed once: those are other words more often than errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from retrieval.store.reader import Reader
from retrieval.text import stems as words

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"[A-Za-z]{4,24}")
_MOST = 4
"""Words of one question that are looked into."""

_LEAST = {"left out": 5, "put in": 6, "swapped": 5, "wrong": 6}
"""Letters of a word from which on an error of each sort is believed."""


def mended(text: str, db: Reader, is_word: Callable[[str], bool]) -> tuple[str, dict[str, str]]:
    """(the text with typing errors put right, what was read for what). No word that `is_word` knows is changed."""
    found = {word.lower(): word for word in _WORD.findall(text) if word.lower() not in words.STOPWORDS}
    known = db.frequencies({words.stem(word) for word in found})
    unknown = [word for word in found if not known.get(words.stem(word)) and not is_word(word)][:_MOST]
    meant: dict[str, str] = {}
    for word in unknown:
        if best := _best(word, db):
            meant[found[word]] = best.capitalize() if found[word][0].isupper() else best
    return _replaced(text, meant), meant


def _best(word: str, db: Reader) -> str | None:
    """The commonest word of the articles that it may be, by the likelier sorts of errors first."""
    for variants in (_shortened(word), _altered(word)):
        stems: dict[str, str] = {}
        for other in variants:
            stems.setdefault(words.stem(other), other)
        known = db.frequencies(stems)
        if known:
            return stems[max(known, key=lambda stem: (known[stem], stem))]
    return None


def _shortened(word: str) -> Iterator[str]:
    """What it is if a letter was left out, or two were swapped."""
    length = len(word)
    if length >= _LEAST["left out"]:
        yield from (word[:at] + letter + word[at:] for at in range(1, length) for letter in _LETTERS)
    yield word + word[-1]
    if length >= _LEAST["swapped"]:
        yield from (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, length - 1))


def _altered(word: str) -> Iterator[str]:
    """What it is if a letter was put in, or is wrong."""
    inner = range(1, len(word) - 1)
    if len(word) >= _LEAST["put in"]:
        yield from (word[:at] + word[at + 1 :] for at in inner)
    if len(word) >= _LEAST["wrong"]:
        yield from (word[:at] + letter + word[at + 1 :] for at in inner for letter in _LETTERS)


def _replaced(text: str, meant: Mapping[str, str]) -> str:
    return _WORD.sub(lambda found: meant.get(found[0], found[0]), text) if meant else text

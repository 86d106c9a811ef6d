"""Corrects typing errors in a question: a word that no article has is read as one that articles have.

The two must differ by one letter that was left out, added or replaced, or by two neighbouring letters that were
swapped. The first letter must be the same, and the last may only be a double letter typed once: other differences there
are more often another word than an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from retrieval.search.search_limits import MAX_WORDS_CORRECTED
from retrieval.store.reader import CatalogReader
from retrieval.text import stems as words

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"(?<![^\W_])[A-Za-z]{4,24}(?![^\W_])")
_MIN_LETTERS = {"left out": 5, "put in": 6, "swapped": 5, "wrong": 6}
"""Minimum number of letters of a word for each kind of error to be assumed."""


def correct_spelling(text: str, db: CatalogReader, is_word: Callable[[str], bool]) -> tuple[str, dict[str, str]]:
    """(the text with typing errors corrected, the corrections). No word that `is_word` knows is changed."""
    typed = {word.lower(): word for word in _WORD.findall(text) if word.lower() not in words.STOPWORDS}
    frequencies = db.chunk_frequencies({words.stem(word) for word in typed})
    unknown = [word for word in typed if not frequencies.get(words.stem(word)) and not is_word(word)]
    corrections: dict[str, str] = {}
    for word in unknown[:MAX_WORDS_CORRECTED]:
        if correction := _best_correction(word, db):
            corrections[typed[word]] = correction.capitalize() if typed[word][0].isupper() else correction
    return _replace_words(text, corrections), corrections


def _best_correction(word: str, db: CatalogReader) -> str | None:
    """The commonest word of the articles that may be meant; the more likely kinds of errors come first."""
    for variants in (_likelier_variants(word), _other_variants(word)):
        stems: dict[str, str] = {}
        for variant in variants:
            stems.setdefault(words.stem(variant), variant)
        frequencies = db.chunk_frequencies(stems)
        if frequencies:
            return stems[max(frequencies, key=lambda stem: (frequencies[stem], stem))]
    return None


def _likelier_variants(word: str) -> Iterator[str]:
    """The words that may be meant if a letter was left out, or two were swapped."""
    length = len(word)
    if length >= _MIN_LETTERS["left out"]:
        yield from (word[:at] + letter + word[at:] for at in range(1, length) for letter in _LETTERS)
    yield word + word[-1]
    if length >= _MIN_LETTERS["swapped"]:
        yield from (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, length - 1))


def _other_variants(word: str) -> Iterator[str]:
    """The words that may be meant if a letter was added, or is wrong."""
    inner = range(1, len(word) - 1)
    if len(word) >= _MIN_LETTERS["put in"]:
        yield from (word[:at] + word[at + 1 :] for at in inner)
    if len(word) >= _MIN_LETTERS["wrong"]:
        yield from (word[:at] + letter + word[at + 1 :] for at in inner for letter in _LETTERS)


def _replace_words(text: str, corrections: Mapping[str, str]) -> str:
    return _WORD.sub(lambda match: corrections.get(match[0], match[0]), text) if corrections else text

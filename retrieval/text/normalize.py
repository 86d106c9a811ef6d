"""Normalizes a text to a sequence of comparable words, without differences of typesetting, copying and keyboards.

Ignored are case, quotation marks, dashes, ellipses, white space, all other punctuation, invisible characters and
Unicode composition. Everything that changes the meaning is kept: each word, number, currency or per cent sign, and a
minus before a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.english.normal_form import INVISIBLE, without_accents
from retrieval.english.number_words import COUNTING
from retrieval.english.quotation_marks import APOSTROPHES
from retrieval.types import Span

_BREAKS = (
    r"\s\x00-\x1f\x7f\ud800-\udfff!-/:-@\[-`{-~\u00a1\u00a3\u00a5\u00a6-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf"
    r"\u2000-\u200a\u200e-\u205f\u2061-\u206f\u20ac\u20b9\u2212\u3000-\u303f＇"
)
"""White space and punctuation. Everything else belongs to words, including the combining marks of some scripts."""

_TOKEN = re.compile(
    rf"""[^{_BREAKS}\d][^{_BREAKS}]*(?:[{APOSTROPHES}][^{_BREAKS}]+|(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)[^\W\d_])*
    |(?:(?<![^\s(\["“‘£$€])[-−])?\d+(?:[.,]\d+)*   # a number, with its minus
    |[%‰$£€¥₹&+=<>]                                    # signs that are read as words""",
    re.VERBOSE,
)
_THOUSANDS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$")
_FOLDED = str.maketrans({**dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(INVISIBLE, ""), "−": "-"})


@dataclass(frozen=True, slots=True)
class Wording:
    """The normalized words of a text, and where each begins and ends in the text."""

    words: Sequence[str]
    starts: Sequence[int]
    ends: Sequence[int]

    def select(self, numbers: Sequence[int]) -> Wording:
        """Only the words with these indices."""
        return Wording(
            [self.words[at] for at in numbers], [self.starts[at] for at in numbers], [self.ends[at] for at in numbers]
        )

    def span(self, first: int, last: int) -> Span:
        """The span from one word to another (by index), both included."""
        return Span(self.starts[first], self.ends[last])


def normalized_words(text: str, start: int, end: int) -> list[str]:
    """The normalized words of a part of a text without their offsets, in less than half the time."""
    return [word for found in _TOKEN.findall(text, start, end) if (word := fold_word(found))]


def find_words(text: str, start: int = 0, end: int | None = None) -> Wording:
    """The normalized words of a text, or of its part from `start` to `end`, in linear time."""
    if end is None:
        end = len(text)
    found = [
        (word, match.start(), match.end())
        for match in _TOKEN.finditer(text, start, end)
        if (word := fold_word(match[0]))
    ]
    words, starts, ends = zip(*found, strict=True) if found else ((), (), ())
    return Wording(words, starts, ends)


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> str:
    """The normalized form of a word; empty if the word has no visible character."""
    if word.isascii():
        plain = word.lower().replace("`", "'")
    else:
        plain = without_accents(unicodedata.normalize("NFKC", word).casefold()).translate(_FOLDED)
    if _THOUSANDS.match(plain):
        return plain.replace(",", "")
    return plain if plain[:1].isdigit() or plain[:1] == "-" else plain.replace(".", "")


def is_number_word(word: str) -> bool:
    """Whether a normalized word is a number or a part of one."""
    return word in COUNTING or any(char.isdigit() for char in word)


def ends_sentence(between: str) -> bool:
    """Whether the text between two words ends a sentence."""
    return any(char in ".!?\n" for char in between)


def occurrences(words: Sequence[str], sought: Sequence[str]) -> Iterator[int]:
    """The indices in `words` where the run `sought` begins, in order; runs may overlap."""
    first, length = sought[0], len(sought)
    wanted = tuple(sought)
    for at in range(len(words) - length + 1):
        if words[at] == first and tuple(words[at : at + length]) == wanted:
            yield at

"""Language detection: whether a text is English, by its function words."""

from __future__ import annotations

from collections.abc import Sequence

_ENGLISH = frozenset(
    """the of and to that for it with he she said his her by at from have has had who not but they were are this which
    would will been their there about when what as is was be on i you we my your its out up into over after says than
    could should did does how why our more no all one if or so""".split()
)
"""Frequent English function words, without those that other languages use as often ("a", "in", "an")."""

_MIN_ENGLISH_SHARE = 0.14
"""Share of these words from which a text is English: in English news a third or more, in other languages a tenth."""

_MIN_WORDS_TO_JUDGE = 12
"""Words from which the share is judged; a shorter text in Latin script counts as English, as headlines do."""


def is_english(words: Sequence[str]) -> bool:
    """Whether the lower-case words of a text are English."""
    alphabetic = [word for word in words if word[0].isalpha()]
    if not alphabetic:
        return True
    if sum(word.isascii() for word in alphabetic) < len(alphabetic) / 2:
        return False
    english = sum(word in _ENGLISH for word in alphabetic)
    return len(alphabetic) < _MIN_WORDS_TO_JUDGE or english >= _MIN_ENGLISH_SHARE * len(alphabetic)

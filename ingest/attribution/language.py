"""Whether a text is English, by its small words."""

from __future__ import annotations

from collections.abc import Sequence

_ENGLISH = frozenset(
    """the of and to that for it with he she said his her by at from have has had who not but they were are this which
    would will been their there about when what as is was be on i you we my your its out up into over after says than
    could should did does how why our more no all one if or so""".split()
)
"""Words that English texts are full of; those that are as common in other languages ("a", "in", "an") left out."""

_SHARE = 0.14
"""English news has these as a third of its words or more; other languages in Latin script a tenth or less."""

_FEW = 12
"""Words below which a text in Latin script is taken to be English: a headline has few small words."""


def is_english(words: Sequence[str]) -> bool:
    """Whether the lower-case words of a text are English."""
    own = [word for word in words if word[0].isalpha()]
    if not own:
        return True
    if sum(word.isascii() for word in own) < len(own) / 2:
        return False
    known = sum(word in _ENGLISH for word in own)
    return len(own) < _FEW or known >= _SHARE * len(own)

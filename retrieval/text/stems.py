"""Words as in the full-text index: lower case, without diacritics, stemmed by Porter's algorithm.

SQLite's FTS5 stems with Porter 1980 (tokenizer `porter unicode61 remove_diacritics 2`), and so does Snowball's
"porter": stems made here equal the terms of the index.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from threading import Lock

import snowballstemmer

_WORD = re.compile(r"[^\W_]+")
_stemmer = snowballstemmer.stemmer("porter")
_stemmer_lock = Lock()
"""The stemmer keeps its current word as state: two threads at once would get wrong stems, which would be cached."""

STOPWORDS = frozenset(
    """a about above after again against all am an and any are aren as at be because been before being below between
    both but by can could couldn d did didn do does doesn doing don down during each few for from further get gets
    give given go goes going got had hadn has hasn have haven having he her here hers herself him himself his how i if
    in into is isn it its itself just ll m make made many may me might more most much must my myself no nor not now of
    off on once one only onto or other our ours out over own per re s said same say saying says shall she should
    shouldn so some such t tell than that the their theirs them themselves then there these they this those through
    to too told under until up upon us ve very was wasn way we were weren what when where which while who whom whose
    why will with won would wouldn yes yet you your yours yourself anything anyone something someone does please
    know called call thing things happen happened article articles news report reports according whats whos""".split()
)
"""Words that say nothing about the topic of a text."""


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The index's term for a word."""
    bare = "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))
    with _stemmer_lock:
        return str(_stemmer.stemWord(bare))


def split_words(text: str) -> list[str]:
    """The words of a text as the full-text index splits it."""
    return _WORD.findall(text)


def stems(text: str) -> list[str]:
    """The terms of a text in order."""
    return [stem(word) for word in _WORD.findall(text)]


def content_stems(text: str) -> dict[str, str]:
    """The stems of a text's content words in order, each with the first word it comes from (in lower case)."""
    words = (word.lower() for word in _WORD.findall(text) if len(word) > 1 or word.isdigit())
    out: dict[str, str] = {}
    for word in words:
        if word not in STOPWORDS:
            out.setdefault(stem(word), word)
    return out

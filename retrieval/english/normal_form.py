"""One normal form for comparing names and words: what is the same although it is typed differently."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from retrieval.english.quotation_marks import APOSTROPHES, DASHES

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Characters without width: soft hyphens, joiners, byte order marks."""

_MARKS = str.maketrans(
    {**dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(DASHES, "-"), **dict.fromkeys(INVISIBLE, "")}
)
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
"""Letters with marks that Unicode does not decompose, as they are typed without them."""

_HYPHENS = str.maketrans(
    {**dict.fromkeys("ʼ`´＇", "'"), **dict.fromkeys("‐‑﹣－", "-"), **dict.fromkeys(INVISIBLE, "")}
)

_SPACE = re.compile(r"\s+")


def plain_marks(text: str) -> str:
    """The text with one kind of apostrophe, dash and space, and without invisible characters; letters stay."""
    return _SPACE.sub(" ", text.translate(_MARKS)).strip()


def plain_hyphens(text: str) -> str:
    """The text with one kind of hyphen and without invisible characters; dashes between words and spaces stay."""
    return text.translate(_HYPHENS)


@lru_cache(maxsize=50_000)
def normal_form(text: str) -> str:
    """The text as names and words are compared: besides `plain_marks`, case and accents are folded.

    "Renée O’Brien" and "RENEE O'BRIEN" have one normal form. Letters are decomposed by Unicode's NFKD, and the
    combining marks of Latin, Greek and Cyrillic letters dropped; those of other scripts are part of the letter.
    """
    if not text.isascii():
        text = without_accents(unicodedata.normalize("NFKC", text).casefold())
    return plain_marks(text).casefold()


def without_accents(text: str) -> str:
    """A casefolded text without the accents of its letters."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    kept = (char for char in decomposed if not "\u0300" <= char <= "\u036f")
    return unicodedata.normalize("NFC", "".join(kept))

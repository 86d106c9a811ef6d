"""Exact search in a text, in which only white space and the form of quotation marks and dashes may differ."""

from __future__ import annotations

import re

from retrieval.types import Span

_MARKS = {mark: f"[{marks}]" for marks in ('"“”„«»', "'‘’`´", "–—―-") for mark in marks}
_MAX_SOUGHT_CHARS = 20_000
"""Characters of the words that are sought at most; longer ones are not found."""


class Finder:
    """Searches one text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, words: str | None, begin: int = 0, end: int | None = None) -> Span | None:
        """The first occurrence of the words, as whole words; None if there is none."""
        pattern = _pattern(words)
        match = pattern.search(self._text, begin, len(self._text) if end is None else end) if pattern else None
        return Span(match.start(), match.end()) if match else None

    def find_nearest(self, words: str, to: Span, within: Span) -> Span | None:
        """The occurrence of the words in `within` nearest to the span `to`, preferably outside it."""
        pattern = _pattern(words)
        places = (
            [Span(*match.span()) for match in pattern.finditer(self._text, within.start, within.end)] if pattern else []
        )
        return min(places, key=lambda place: (place.overlaps(to), abs(place.start - to.start)), default=None)

    def wording_in_text(self, words: str | None) -> str | None:
        """The words as the text spells them, on one line; None if they do not occur."""
        place = self.find(words)
        return " ".join(place.of(self._text).split()) if place else None


def _pattern(words: str | None) -> re.Pattern[str] | None:
    parts = (words or "").split()
    if not parts or len(words or "") > _MAX_SOUGHT_CHARS or not any(char.isalnum() for char in words or ""):
        return None
    inner = r"\s+".join("".join(_MARKS.get(char, re.escape(char)) for char in part) for part in parts)
    # Whole words only: "ally" is not found in "totally".
    before, after = (r"(?<![^\W_])", r"(?![^\W_])")
    return re.compile(before * parts[0][0].isalnum() + inner + after * parts[-1][-1].isalnum())

"""Words looked up in a text: character by character, but for white space and the form of marks."""

from __future__ import annotations

import re

from retrieval.types import Span

_MARKS = {mark: f"[{marks}]" for marks in ('"“”„«»', "'‘’`´", "–—―-") for mark in marks}
_LONGEST = 20_000
"""Characters of what is looked up at most."""


class Finder:
    """Finds words in one text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, words: str | None, begin: int = 0, end: int | None = None) -> Span | None:
        """The first place of the words, a whole word at both ends; None where they do not stand there."""
        pattern = _pattern(words)
        match = pattern.search(self._text, begin, len(self._text) if end is None else end) if pattern else None
        return Span(match.start(), match.end()) if match else None

    def nearest(self, words: str, to: Span, within: Span) -> Span | None:
        """The place of the words within a stretch that is nearest to a span and outside it, else inside it."""
        pattern = _pattern(words)
        found = (
            [Span(*match.span()) for match in pattern.finditer(self._text, within.start, within.end)] if pattern else []
        )
        return min(found, key=lambda one: (one.overlaps(to), abs(one.start - to.start)), default=None)

    def given(self, words: str | None) -> str | None:
        """The words as the text has them, in one line; None where it does not."""
        found = self.find(words)
        return " ".join(found.of(self._text).split()) if found else None


def _pattern(words: str | None) -> re.Pattern[str] | None:
    parts = (words or "").split()
    if not parts or len(words or "") > _LONGEST or not any(char.isalnum() for char in words or ""):
        return None
    inner = r"\s+".join("".join(_MARKS.get(char, re.escape(char)) for char in part) for part in parts)
    # A word is found whole: "ally" does not stand in "totally".
    before, after = (r"(?<![^\W_])", r"(?![^\W_])")
    return re.compile(before * parts[0][0].isalnum() + inner + after * parts[-1][-1].isalnum())

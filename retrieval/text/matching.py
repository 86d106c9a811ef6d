"""Finds words in a text although their quotation marks, dashes and white space differ.

Nothing else is ignored: other case, an accent, a comma or a missing word means no match.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from retrieval.english.normal_form import INVISIBLE
from retrieval.english.quotation_marks import DASHES, MARKS
from retrieval.types import Span

_SAME = str.maketrans({**dict.fromkeys(MARKS, "'"), **dict.fromkeys(DASHES, "-")})
_FOLDED = re.compile(rf"[\s{INVISIBLE}]{{2,}}|[^\S ]|--+|[{INVISIBLE}]")
"""Runs that are not yet a single space or dash; every other character stays as it is."""


class FoldedText:
    """A text in normalized form, with the offsets of its characters in the original text."""

    def __init__(self, text: str) -> None:
        plain = text.translate(_SAME)
        parts: list[str] = []
        # From character `_at[n]` of the folded text on, offsets in the original are larger by `_ahead[n]`.
        self._at, self._ahead = [0], [0]
        last = length = 0
        for match in _FOLDED.finditer(plain):
            stands = _fold_run(match[0])
            parts += [plain[last : match.start()], stands]
            length += match.start() - last + len(stands)
            last = match.end()
            self._at.append(length)
            self._ahead.append(last - length)
        self.text = "".join([*parts, plain[last:]])

    def find(self, words: str, within: Span | None = None) -> Iterator[Span]:
        """The spans of the original text (or of its part `within`) where `words` occur as whole words.

        Blank words occur nowhere.
        """
        sought = FoldedText(words).text.strip() if words.strip() else ""
        at = self.text.find(sought) if sought else -1
        while at >= 0:
            end = at + len(sought)
            if _is_word_boundary(self.text, at) and _is_word_boundary(self.text, end):
                span = Span(self._original_offset(at), self._original_offset(end - 1) + 1)
                if within is None or within.holds(span):
                    yield span
            at = self.text.find(sought, at + 1)

    def _original_offset(self, at: int) -> int:
        return at + self._ahead[bisect_right(self._at, at) - 1]


def _fold_run(run: str) -> str:
    if run[0] == "-":
        return "-"
    return " " if any(char.isspace() for char in run) else ""


def _is_word_boundary(text: str, at: int) -> bool:
    """Whether this offset is not inside a word."""
    return at == 0 or at == len(text) or not (text[at - 1].isalnum() and text[at].isalnum())

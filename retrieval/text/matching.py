"""Words found again in a text although their quotation marks, dashes and white space are set otherwise.

Nothing else is folded: a letter's case, an accent, a comma, a word left out make other words of them.
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
"""What is not one space or one dash already: every other character stands for itself."""


class Folded:
    """A text as it is compared, and where each of its characters stands in the text itself."""

    def __init__(self, text: str) -> None:
        plain = text.translate(_SAME)
        parts: list[str] = []
        # From the character `_at[n]` of the folded text on, the text is `_ahead[n]` characters further.
        self._at, self._ahead = [0], [0]
        last = length = 0
        for match in _FOLDED.finditer(plain):
            stands = _stands_for(match[0])
            parts += [plain[last : match.start()], stands]
            length += match.start() - last + len(stands)
            last = match.end()
            self._at.append(length)
            self._ahead.append(last - length)
        self.text = "".join([*parts, plain[last:]])

    def find(self, words: str, within: Span | None = None) -> Iterator[Span]:
        """Where `words` stand, as spans of the text itself (of a part of it), never beginning or ending inside a word.

        Blank words stand nowhere.
        """
        sought = Folded(words).text.strip() if words.strip() else ""
        at = self.text.find(sought) if sought else -1
        while at >= 0:
            end = at + len(sought)
            if _apart(self.text, at) and _apart(self.text, end):
                span = Span(self._place(at), self._place(end - 1) + 1)
                if within is None or within.holds(span):
                    yield span
            at = self.text.find(sought, at + 1)

    def _place(self, at: int) -> int:
        return at + self._ahead[bisect_right(self._at, at) - 1]


def _stands_for(run: str) -> str:
    if run[0] == "-":
        return "-"
    return " " if any(char.isspace() for char in run) else ""


def _apart(text: str, at: int) -> bool:
    """Whether no word runs over this place."""
    return at == 0 or at == len(text) or not (text[at - 1].isalnum() and text[at].isalnum())

"""Patterns out of the tables of words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from retrieval.text.furniture import foot, labels, notices
from retrieval.text.furniture.kinds import FurnitureKind
from retrieval.text.furniture.words import TERMS

_TERMS = {**TERMS, **labels.TEASER_TERMS, **notices.NOTICE_TERMS, **foot.FOOT_TERMS}
_CONTINUED = re.compile(r"\\\n\s*")
_TERM = re.compile(r"<(Cap|[a-z]\w*)>")


def either(lines: str) -> str:
    """One pattern for the patterns of a text, one or more a line, with the terms put in that they name.

    A line that ends in a backslash goes on in the next.
    """
    joined = "|".join(line.strip() for line in _CONTINUED.sub("", lines).strip().split("\n"))
    while _TERM.search(joined):
        joined = _TERM.sub(lambda term: _TERMS[term[1]], joined)
    return f"(?:{joined})"


@dataclass(frozen=True, slots=True)
class Table:
    """The patterns of several kinds: one for all of them, and that of each."""

    any_kind: re.Pattern[str]
    kinds: tuple[tuple[FurnitureKind, re.Pattern[str]], ...]

    @classmethod
    def of(cls, patterns: Mapping[FurnitureKind, str], before: str = "") -> Table:
        """A table out of texts; `before` stands before each pattern."""
        each = {kind: before + either(lines) for kind, lines in patterns.items()}
        kinds = tuple((kind, re.compile(f"(?i){pattern}")) for kind, pattern in each.items())
        return cls(re.compile(f"(?i)(?:{'|'.join(each.values())})"), kinds)

    def kind_of_start(self, text: str) -> FurnitureKind | None:
        """The kind of a text that begins as one of the patterns."""
        if not self.any_kind.match(text):
            return None
        return next(kind for kind, pattern in self.kinds if pattern.match(text))

    def kind_of_whole(self, text: str) -> FurnitureKind | None:
        """The kind of a text that is one of the patterns."""
        if not self.any_kind.fullmatch(text):
            return None
        return next(kind for kind, pattern in self.kinds if pattern.fullmatch(text))

    def kind_within(self, text: str) -> FurnitureKind | None:
        """The kind of a text that holds one of the patterns."""
        if not self.any_kind.search(text):
            return None
        return next(kind for kind, pattern in self.kinds if pattern.search(text))

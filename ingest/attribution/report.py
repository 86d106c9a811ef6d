"""A cue with what it reports, in tokens of its sentence's tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.attribution.grammar import Tree
from retrieval.english.verbs import Sort

Run = tuple[int, int]
"""First and last token."""


@dataclass(slots=True)
class Report:
    """A cue (token `at`, words `cue`), the head token of its source, and what it reports."""

    tree: Tree
    at: int
    cue: Run
    base: str
    sort: Sort
    source: int | None
    content: list[Run] = field(default_factory=list)
    addressee: Run | None = None
    rule: str = ""
    takes_quotation: bool = True
    via: int | None = None
    """The relative pronoun that stands for the source: "the mayor, who said"."""

    @property
    def first(self) -> int:
        """The first token of cue and content."""
        return min([self.cue[0], *(run[0] for run in self.content)])

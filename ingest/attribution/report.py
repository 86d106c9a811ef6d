"""Reported speech as it is found in the parse tree of a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.attribution.grammar import Tree
from retrieval.english.verbs import Sort

TokenRun = tuple[int, int]
"""The first and last token of a stretch of a `Tree`."""


@dataclass(slots=True)
class ReportedSpeech:
    """A cue (head token `cue_head`, all its tokens `cue`), the head token of its source, and its content.

    `base` is the dictionary form of the cue, `rule` the name of the rule that found the content. `takes_quotation`:
    a quotation next to the cue belongs to it.
    """

    tree: Tree
    cue_head: int
    cue: TokenRun
    base: str
    sort: Sort
    source: int | None
    content: list[TokenRun] = field(default_factory=list)
    addressee: TokenRun | None = None
    rule: str = ""
    takes_quotation: bool = True
    relative: int | None = None
    """The relative pronoun that refers to the source: "the mayor, who said"."""

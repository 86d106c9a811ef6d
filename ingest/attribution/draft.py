"""Drafts of statements, whose speakers are not resolved yet. Positions are words of the `AnnotatedText`."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.attribution.document import AnnotatedText
from ingest.attribution.phrases import Phrase
from ingest.attribution.report import ReportedSpeech
from retrieval.english.verbs import Sort
from retrieval.types import Span

WordRun = tuple[int, int]
"""The first and last word of a stretch of an `AnnotatedText`."""

MARKS = frozenset(",;:.!?-–—()[]…'\"“”‘’")


@dataclass(slots=True, eq=False)
class Draft:
    """A statement before its speaker is resolved.

    `anchor` is the word it is ordered by: its cue, or the first word of a quotation without one. `continues` is the
    draft whose speaker goes on here. `reporting_clause` runs over cue, source and addressee. `rule` tells how it
    was found.
    """

    anchor: int
    sort: Sort
    content: list[WordRun] = field(default_factory=list)
    cue: Span | None = None
    mention: Span | None = None
    phrase: Phrase | None = None
    addressee: str | None = None
    continues: Draft | None = None
    takes_quotation: bool = True
    reporting_clause: WordRun = (0, 0)
    rule: str = ""

    @property
    def first(self) -> int:
        """The first word of the cue or the content."""
        return min([self.anchor, *(run[0] for run in self.content)])

    @property
    def last(self) -> int:
        """The last word of the cue or the content."""
        return max([self.anchor, *(run[1] for run in self.content)])


@dataclass(slots=True, eq=False, kw_only=True)
class CuedDraft(Draft):
    """A draft made from reported speech, with the words of its cue."""

    report: ReportedSpeech
    cue_run: WordRun


def trim(text: AnnotatedText, first: int, last: int) -> WordRun | None:
    """The run without unquoted punctuation at both ends and a final "and" or "but"; None if nothing is left."""
    while first <= last and text.word[first] in MARKS and text.quoted[first] < 0:
        first += 1
    while last >= first and (
        (text.word[last] in MARKS or text.lower[last] in ("and", "but")) and text.quoted[last] < 0
    ):
        last -= 1
    return (first, last) if first <= last else None


def is_in_content(at: int, draft: Draft) -> bool:
    """Whether a word is part of the content of a draft."""
    return any(first <= at <= last for first, last in draft.content)


def cut_at(text: AnnotatedText, run: WordRun, comma: int) -> WordRun | None:
    """The part of a run before the comma at word `comma`; the whole run if the comma is not in it."""
    return run if not run[0] <= comma <= run[1] else trim(text, run[0], comma - 1)

"""Statements in the making. A draft counts in words of the `Reading`."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.attribution.document import Reading
from ingest.attribution.phrases import Phrase
from ingest.attribution.report import Report
from retrieval.english.verbs import Sort
from retrieval.types import Span

Run = tuple[int, int]
"""First and last word."""

MARKS = frozenset(",;:.!?-–—()[]…'\"“”‘’")


@dataclass(slots=True, eq=False)
class Draft:
    """A statement before its speaker is known."""

    at: int
    sort: Sort
    content: list[Run] = field(default_factory=list)
    cue: Span | None = None
    mention: Span | None = None
    phrase: Phrase | None = None
    addressee: str | None = None
    goes_on_from: Draft | None = None
    takes_quotation: bool = True
    reach: Run = (0, 0)
    rule: str = ""

    @property
    def first(self) -> int:
        """The first word of cue or content."""
        return min([self.at, *(run[0] for run in self.content)])


@dataclass(slots=True, eq=False, kw_only=True)
class Reported(Draft):
    """A draft made from the report of a cue, whose words are `cue_run`."""

    report: Report
    cue_run: Run


def trimmed(reading: Reading, first: int, last: int) -> Run | None:
    """Without the marks at both ends that are not the speaker's."""
    while first <= last and reading.word[first] in MARKS and reading.quoted[first] < 0:
        first += 1
    while last >= first and (
        (reading.word[last] in MARKS or reading.low[last] in ("and", "but")) and reading.quoted[last] < 0
    ):
        last -= 1
    return (first, last) if first <= last else None


def is_inside(at: int, draft: Draft) -> bool:
    """Whether a word stands in what a draft reports."""
    return any(first <= at <= last for first, last in draft.content)


def cut(reading: Reading, run: Run, comma: int) -> Run | None:
    """A run up to the comma where something else begins."""
    return run if not run[0] <= comma <= run[1] else trimmed(reading, run[0], comma - 1)

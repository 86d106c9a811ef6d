"""The reports of every sentence as drafts, untangled: which of them stands inside which."""

from __future__ import annotations

from ingest.attribution.clauses import verb_reports
from ingest.attribution.document import Reading
from ingest.attribution.draft import Draft, Reported, Run, cut, is_inside, trimmed
from ingest.attribution.extents import complete
from ingest.attribution.grammar import Tree, Unparsed
from ingest.attribution.mentions import name, with_whom, words_of
from ingest.attribution.nouns import nominal_reports
from ingest.attribution.prefilter import may_report
from ingest.attribution.report import Report
from retrieval.english.verb_sets import ADDS_ON
from retrieval.english.verbs import Sort
from retrieval.types import Span

_SHORT = 12
_LONG = 120


def unparsed(reading: Reading) -> Unparsed:
    """The sentences of a text that may report anything."""
    lines = [line for line in reading.lines if may_report(reading, line)]
    return Unparsed(reading.text, lines, _hidden(reading))


def _hidden(reading: Reading) -> list[Span]:
    """The insides of quotations that are sentences of their own, parted by the sentences they reach over."""
    out = []
    for quote in reading.quotes:
        text = quote.span.of(reading.text)
        inner = text.strip("“”\"'‘’`«»„ \n\t\xa0")
        if len(inner) < _SHORT:
            continue
        before = reading.text[max(0, quote.span.start - 3) : quote.span.start].rstrip(" \xa0")
        opens = not before or before[-1] in ',:.\n?!”"' or inner[0].isupper()
        if opens and (inner[-1] in ".,?!…—-" or len(inner) > _LONG):
            start = quote.span.start + text.index(inner)
            # The mark before the closing one stays: it parts the quotation from what follows.
            out.append(Span(start, start + len(inner) - (inner[-1] in ".,?!…")))
    return out


class Reports:
    """`drafts` of a text in order of its sentences, and the `trees` they are read from."""

    def __init__(self, reading: Reading, trees: list[tuple[Span, Tree]]) -> None:
        self._reading = reading
        self.drafts: list[Draft] = []
        self.trees = trees
        self._read()

    def _read(self) -> None:
        reading = self._reading
        for _, tree in self.trees:
            reports = [*verb_reports(tree), *nominal_reports(tree)]
            found = [draft for report in reports if (draft := draft_of(reading, report)) is not None]
            found.sort(key=lambda draft: draft.at)
            found = self._untangled(found)
            for draft in found:
                complete(reading, draft, found)
            self.drafts += self._added_up(found)

    def _added_up(self, found: list[Reported]) -> list[Reported]:
        """ "told …, but added: …" is one statement with both parts."""
        out: list[Reported] = []
        for draft in found:
            report, before = draft.report, out[-1] if out else None
            adds = report.base in ADDS_ON and report.tree.dep[report.at] == "conj"
            if adds and before and before.content and before.report and before.report.source == report.source:
                before.content += draft.content
                before.reach = (before.reach[0], draft.reach[1])
            else:
                out.append(draft)
        return out

    def _untangled(self, found: list[Reported]) -> list[Reported]:
        """Reports inside what another reports are part of it, but for those that only hang on at its end."""
        self._part(found)
        out = []
        for draft in found:
            outer = next(
                (
                    one
                    for one in found
                    if one is not draft
                    and one.mention is not None
                    and one.report.base != "according"
                    and is_inside(draft.at, one)
                    and not is_inside(one.at, draft)
                ),
                None,
            )
            if outer is not None and not self._hangs_on(draft, outer):
                continue
            out.append(draft)
        return out

    def _part(self, found: list[Reported]) -> None:
        """Give "…, with an official calling it absurd" to the official."""
        reading = self._reading
        for draft in found:
            report = draft.report
            if report.tree.tag[report.at] != "VBG":
                continue
            if (found_with := with_whom(reading, draft)) is not None:
                begin, phrase = found_with
                draft.phrase, draft.mention = phrase, reading.span(phrase.first, phrase.last)
                for one in found:
                    if one is not draft:
                        one.content = [run for had in one.content if (run := cut(reading, had, begin)) is not None]

    def _hangs_on(self, draft: Reported, outer: Reported) -> bool:
        reading, report = self._reading, draft.report
        before = draft.cue_run[0] - 1
        if report.base == "according":
            return True
        tag, own = report.tree.tag[report.at], report.tree.child(report.at, "nsubj")
        participle = tag == "VBG" and reading.word[before - (reading.quoted[before] >= 0)] == ","
        other = outer.report.tree.tag[outer.report.at]
        joined = (
            reading.low[before] in ("and", "but")
            and tag == other
            and tag in ("VBD", "VBZ")
            and report.sort is Sort.SPEECH
            and report.tree.dep[report.at] == "conj"
        )
        if own is None and (participle or joined):
            outer.content = [run for one in outer.content if (run := cut(self._reading, one, before)) is not None]
            draft.phrase, draft.mention = outer.phrase, outer.mention
            return True
        return False


def draft_of(reading: Reading, report: Report) -> Reported | None:
    """A report in words of the reading; None for a cue inside a quotation, which is the speaker's own."""
    tree = report.tree
    at = reading.word_at(tree.start[report.at])
    if reading.quoted[at] >= 0:
        return None
    first, last = words_of(reading, tree, report.cue)
    while first < at and reading.capital(first) and first > reading.unit_of(at).first:
        first += 1
    draft = Reported(at, report.sort, report=report, cue_run=(first, last), rule=report.rule)
    draft.takes_quotation, draft.cue = report.takes_quotation, reading.span(first, last)
    name(reading, draft, report)
    for run in report.content:
        if (part := trimmed(reading, *words_of(reading, tree, run))) is not None:
            draft.content.append(part)
    if report.addressee is not None:
        draft.addressee = reading.words(*words_of(reading, tree, report.addressee))
    draft.reach = _reach(reading, draft, report)
    return draft


def _reach(reading: Reading, draft: Reported, report: Report) -> Run:
    """The words of cue, source and addressee: a quotation stands before or after them."""
    tree, (lo, hi) = report.tree, draft.cue_run
    if draft.phrase is not None:
        lo, hi = min(lo, draft.phrase.first), max(hi, draft.phrase.last)
        if report.source is not None:
            end = words_of(reading, tree, (report.source, tree.right[report.source]))[1]
            # What more is told of the source ends where a quotation begins: “…,” said Ole Lindqvist, “and …”.
            opened = (at for at in range(hi + 1, end + 1) if reading.quoted[at] >= 0 and reading.word[at - 1] == ",")
            hi = max(hi, next(opened, end + 1) - 1)
    if report.addressee is not None:
        hi = max(hi, words_of(reading, tree, report.addressee)[1])
    return lo, hi

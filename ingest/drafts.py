"""Statements in the making: the reports of every sentence and the quotations, brought together.

A draft counts in words of the `Reading`. Quotations are kept whole, and one that no cue has claimed goes to the cue
beside it, to the statement it goes on with, or to the verb that governs it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from ingest.clauses import Report, subject, verb_reports
from ingest.cues import ADDS_ON, PRONOUNS
from ingest.grammar import Tree, parsed
from ingest.lexicon import NOUNS, ADJECTIVES, Sort, verbs
from ingest.nominal import nominal_reports
from ingest.phrases import Phrase, described, opening_name, phrase_after, phrase_before
from ingest.reading import Reading, Unit
from retrieval.types import Span

Run = tuple[int, int]

_SHORT = 12
_LONG = 120
"""Characters of a quotation that is part of the sentence around it at least and at most."""

_POSSESSIVE = {"his": "he", "her": "she", "their": "they", "its": "it", "him": "he", "them": "they"}
_MEDIA = frozenset("in on at during to".split())
_FINDINGS = frozenset("show find suggest indicate reveal conclude".split())
_PLAIN_CUES = frozenset("say tell report write note argue claim add warn".split())
_NO_CLAUSE = frozenset(
    "and but or in on at by for from with about of after before during as when while while to so no nothing".split()
)
_STAGE = frozenset("on in at during after before when while by amid".split())
_CARRY_ON = frozenset("because since if unless which who whose including especially particularly or nor even so".split())
_MEDIUMS = frozenset(
    """tweet tweets twitter facebook interview interviews statement speech article show channel debate rally email
    conference post blog radio television tv program programme briefing memo letter op-ed column podcast hearing
    instagram youtube text message broadcast editorial essay press""".split()
)
"""Words for where something is said."""
_LONG_DASHES = frozenset(("–", "—", "―", "--"))
_DASHES = frozenset("-–—―")
_WITNESSES = frozenset(
    "poll polls report reports study source sources police insiders expert experts survey officials official analyst "
    "analysts camp campaign lawyer lawyers aide aides minister spokesman spokeswoman scientists".split()
)
_NO_LABEL = frozenset(
    "update updated photo photos video videos watch read more related note editor live breaking exclusive opinion "
    "analysis review correction source by q a email subject date time where when what who why how".split()
)
_NOBODY = frozenset("it that this which there what these those one i we you".split())
_MARKS = frozenset(",;:.!?-–—()[]…'\"“”‘’")


@dataclass(slots=True, eq=False)
class Draft:
    """A statement before its speaker is known."""

    at: int
    sort: Sort
    content: list[Run] = field(default_factory=list)
    cue: Span | None = None
    cue_run: Run | None = None
    mention: Span | None = None
    phrase: Phrase | None = None
    addressee: str | None = None
    goes_on_from: Draft | None = None
    takes_quotation: bool = True
    report: Report | None = None
    reach: Run = (0, 0)
    rule: str = ""

    @property
    def first(self) -> int:
        """The first word of cue or content."""
        return min([self.at, *(run[0] for run in self.content)])


def drafts_of(reading: Reading) -> list[Draft]:
    """Every statement of a text, in order of its words."""
    made = _Drafts(reading)
    made.read_sentences()
    made.read_labels()
    made.place_quotations()
    out = [draft for draft in made.drafts if draft.content and made.is_told(draft)]
    return sorted(out, key=lambda draft: draft.first)


def _trimmed(reading: Reading, first: int, last: int) -> Run | None:
    """Without the marks at both ends that are not the speaker's."""
    while first <= last and reading.word[first] in _MARKS and reading.quoted[first] < 0:
        first += 1
    while last >= first and (
        (reading.word[last] in _MARKS or reading.low[last] in ("and", "but")) and reading.quoted[last] < 0
    ):
        last -= 1
    return (first, last) if first <= last else None


class _Drafts:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.drafts: list[Draft] = []
        self._trees: list[tuple[Span, Tree]] = []

    def read_sentences(self) -> None:
        reading = self._reading
        lines = [line for line in reading.lines if self._is_worth(line)]
        for line, tree in parsed(reading.text, lines, self._hidden()):
            self._trees.append((line, tree))
            reports = [*verb_reports(tree), *nominal_reports(tree)]
            found = [draft for report in reports if (draft := self._draft(report)) is not None]
            found.sort(key=lambda draft: draft.at)
            found = self._untangled(found)
            for draft in found:
                self._complete(draft, found)
            self.drafts += self._added_up(found)

    def _hidden(self) -> list[Span]:
        """The insides of quotations that are sentences of their own, parted by the sentences they reach over."""
        reading = self._reading
        out = []
        for quote in reading.quotes:
            text = quote.span.of(reading.text)
            inner = text.strip("“”\"'‘’`«»„ \n\t\xa0")
            if len(inner) < _SHORT:
                continue
            before = reading.text[max(0, quote.span.start - 3) : quote.span.start].rstrip(" \xa0")
            opens = not before or before[-1] in ",:.\n?!”\"" or inner[0].isupper()
            if opens and (inner[-1] in ".,?!…—-" or len(inner) > _LONG):
                start = quote.span.start + text.index(inner)
                # The mark before the closing one stays: it parts the quotation from what follows.
                out.append(Span(start, start + len(inner) - (inner[-1] in ".,?!…")))
        return out

    def _is_worth(self, line: Span) -> bool:
        """Whether a sentence may report anything: it holds a cue's word or a part of a quotation."""
        reading = self._reading
        first, last = reading.word_at(line.start), reading.word_at(line.end - 1)
        last = min(last, len(reading.word) - 1)
        outside = [at for at in range(first, last + 1) if reading.quoted[at] < 0 and reading.is_word(at)]
        if not outside:
            return False
        known = verbs()
        return len(outside) <= last - first - 1 or any(
            reading.low[at] in known
            or reading.low[at] in NOUNS
            or reading.low[at] in ADJECTIVES
            or reading.low[at] == "according"
            for at in outside
        )

    def _words(self, tree: Tree, run: Run) -> Run:
        reading = self._reading
        return reading.word_at(tree.start[run[0]]), reading.word_at(tree.end[run[1]] - 1)

    def _draft(self, report: Report) -> Draft | None:
        reading, tree = self._reading, report.tree
        at = reading.word_at(tree.start[report.at])
        if reading.quoted[at] >= 0:
            return None
        draft = Draft(at, report.sort, report=report, takes_quotation=report.takes_quotation, rule=report.rule)
        draft.cue = Span(tree.start[report.cue[0]], tree.end[report.cue[1]])
        draft.cue_run = self._words(tree, report.cue)
        if report.source is not None:
            self._name(draft, report)
        for run in report.content:
            trimmed = _trimmed(reading, *self._words(tree, run))
            if trimmed is not None:
                draft.content.append(trimmed)
        if report.addressee is not None:
            draft.addressee = reading.words(*self._words(tree, report.addressee))
        first, last = draft.cue_run
        while first < at and reading.capital(first) and first > reading.unit_of(at).first:
            first += 1
        draft.cue_run, draft.cue = (first, last), reading.span(first, last)
        if draft.mention is None and report.rule.split(":")[0] in ("bare", "fronted", "that", "object", "according"):
            self._name_by_place(draft, report)
        lo, hi = draft.cue_run
        if draft.phrase is not None:
            lo, hi = min(lo, draft.phrase.first), max(hi, draft.phrase.last)
            if report.source is not None and tree.right[report.source] < len(tree.low):
                hi = max(hi, self._words(tree, (report.source, tree.right[report.source]))[1])
        if report.addressee is not None:
            hi = max(hi, self._words(tree, report.addressee)[1])
        draft.reach = (lo, hi)
        return draft

    def _name(self, draft: Draft, report: Report) -> None:
        reading, tree, source = self._reading, report.tree, report.source
        assert source is not None
        first, last = _core(tree, source)
        head = reading.word_at(tree.start[source])
        if reading.quoted[head] >= 0 and reading.quotes[reading.quoted[head]].span.end - reading.quotes[reading.quoted[head]].span.start > 40:
            return
        low = _POSSESSIVE.get(tree.low[source], tree.low[source])
        end = tree.end[last]
        if report.via is not None and report.via > last:
            end = tree.end[report.via]
        draft.mention = Span(tree.start[first], end)
        if low in PRONOUNS:
            draft.phrase = Phrase(head, head, head, pronoun=low)
        elif low in ("i", "we", "you", "that", "this", "which", "there", "what", "one"):
            draft.phrase = None
        else:
            begin, stop = self._words(tree, (first, last))
            draft.phrase = described(reading, begin, stop, head, None)

    def _name_by_place(self, draft: Draft, report: Report) -> None:
        """The name beside the cue, where grammar shows none."""
        reading = self._reading
        assert draft.cue_run is not None
        first, last = draft.cue_run
        unit = reading.unit_of(first)
        before = first - 1
        inverted = before < unit.first or reading.quoted[before] >= 0 or reading.word[before] in (",", "—", "–")
        if report.tree.tag[report.at] in ("VBG", "VB"):
            return
        phrase = phrase_after(reading, last + 1, unit.last) if inverted else phrase_before(reading, before, unit.first)
        if phrase is not None:
            draft.phrase, draft.mention = phrase, reading.span(phrase.first, phrase.last)

    def is_told(self, draft: Draft) -> bool:
        """Whether a draft is somebody's statement: it has a source, and does not only say where another was printed."""
        if draft.report is not None and draft.report.base == "according":
            inside = [one for one in self.drafts if one is not draft and one.content and _inside(one.at, draft)]
            if any(self._reading.quoted[one.content[0][0]] >= 0 and one.phrase for one in inside):
                return False
        if draft.phrase is not None or draft.goes_on_from is not None:
            return True
        return draft.mention is not None and draft.mention.of(self._reading.text).lower() in ("i", "we", "my", "our")

    def _added_up(self, found: list[Draft]) -> list[Draft]:
        """ "told …, but added: …" is one statement with both parts."""
        out: list[Draft] = []
        for draft in found:
            report, before = draft.report, out[-1] if out else None
            assert report is not None
            adds = report.base in ADDS_ON and report.tree.dep[report.at] == "conj"
            if adds and before and before.content and before.report and before.report.source == report.source:
                before.content += draft.content
                before.reach = (before.reach[0], draft.reach[1])
            else:
                out.append(draft)
        return out

    def _complete(self, draft: Draft, found: list[Draft]) -> None:
        """Carry content to where it ends: grammar may lose the rest of a long sentence, or find a day in a quotation."""
        reading, report = self._reading, draft.report
        assert report is not None and draft.cue_run is not None
        unit = reading.unit_of(draft.at)
        rule = report.rule.split(":")[0]
        if rule == "bare" and not draft.content:
            self._rest(draft, unit.last)
            if not draft.content:
                self._before_cue(draft, unit)
        elif rule == "that" and draft.content:
            first, last = draft.content[-1]
            cues = [one.at for one in found if one is not draft and one.at > last]
            after = last + 1 + (last + 1 < unit.last and reading.word[last + 1] == ",")
            colon = reading.word[after] == ":" and after < unit.last and reading.quoted[after + 1] < 0
            goes_on = colon or (reading.quoted[after] < 0 and self._carries_on(after))
            if not cues and after < unit.last and goes_on:
                if (run := _trimmed(reading, first, unit.last)) is not None:
                    draft.content[-1] = run
        elif rule in ("object", "prep", "governs", "fronted") and draft.content:
            draft.content[-1] = self._without_stage(draft.content[-1])
        if rule in ("object", "prep", "that", "to", "rest") and draft.content:
            draft.content[-1] = self._before_dash(draft.content[-1])
            draft.content[-1] = self._without_medium(draft.content[-1])

    def _carries_on(self, at: int) -> bool:
        low = self._reading.low
        return low[at] in _CARRY_ON or (low[at] in ("and", "but") and low[min(at + 1, len(low) - 1)] in ("that", "whether", "not"))

    def _rest(self, draft: Draft, end: int) -> None:
        """ "Obama said the words lump …": where grammar fails, what follows the cue is what it reports."""
        reading, report = self._reading, draft.report
        assert report is not None and draft.cue_run is not None
        known = report.base in _PLAIN_CUES or (report.base in _FINDINGS and not draft.phrase.pronoun if draft.phrase else False)
        if not known or draft.phrase is None or draft.phrase.first > draft.at:
            return
        before = draft.reach[0] - 1
        if before >= reading.unit_of(draft.at).first and reading.quoted[before] >= 0:
            return
        at = max(draft.cue_run[1], draft.reach[1] if draft.addressee else 0) + 1
        while at in reading.time_starting:
            at = reading.time_starting[at] + 1
        if at + 2 <= end and reading.low[at] in _MEDIA:
            at = next((k for k in range(at + 1, min(end, at + 25)) if reading.low[k] in ("that", ":")), end)
        if at + 2 > end or not reading.is_word(at) or reading.low[at] in _NO_CLAUSE:
            return
        if any(reading.word[k] == ":" for k in range(at, min(end, at + 12))):
            return
        if (run := _trimmed(reading, at, end)) is not None:
            draft.content = [run]
            draft.rule = "rest"

    def _before_cue(self, draft: Draft, unit: Unit) -> None:
        """ "…, a new poll indicates.": where grammar fails, what stands before the comma is what the cue reports."""
        reading = self._reading
        lo, hi = draft.reach
        if draft.report is None or draft.report.base not in _PLAIN_CUES | _FINDINGS | {"think", "believe"}:
            return
        if draft.phrase is None or lo - 4 < unit.first or reading.word[lo - 1] != "," or reading.quoted[lo - 2] >= 0:
            return
        tail = [k for k in range(hi + 1, unit.last + 1) if reading.is_word(k) and k not in reading.time_starting]
        if len(tail) > 6 or any(reading.word[k] == "," for k in range(hi + 1, unit.last)):
            return
        if (run := _trimmed(reading, unit.first, lo - 2)) is not None and run[1] - run[0] >= 3:
            draft.content = [run]
            draft.rule = "before"

    def _before_dash(self, run: Run) -> Run:
        """Up to a dash that no other closes: what follows it is the reporter's."""
        reading = self._reading
        first, last = run
        dashes = [
            at
            for at in range(first + 3, last)
            if (reading.word[at] in _LONG_DASHES or (reading.word[at] == "-" and reading.end[at - 1] < reading.start[at] < reading.end[at] < reading.start[at + 1]))
            and reading.quoted[at] < 0
        ]
        if len(dashes) == 1 and reading.low[dashes[0] + 1] not in ("and", "or"):
            return first, dashes[0] - 1
        return run

    def _without_medium(self, run: Run) -> Run:
        """Without "in a tweet", "on the show" at the end: that is where it was said."""
        reading = self._reading
        first, last = run
        for at in range(last - 1, max(first + 1, last - 8), -1):
            if reading.quoted[at] >= 0 or reading.word[at] in _MARKS:
                return run
            if reading.low[at] in ("in", "on", "at", "during", "via", "through"):
                return (first, at - 1) if any(reading.low[k] in _MEDIUMS for k in range(at, last + 1)) else run
        return run

    def _without_stage(self, run: Run) -> Run:
        """Without the day and place that follow a closing quotation mark."""
        reading = self._reading
        for at in range(run[0], run[1]):
            if reading.quoted[at] >= 0 and reading.quoted[at + 1] < 0:
                after = at + 1
                if after in reading.time_starting or reading.low[after] in _STAGE:
                    return run[0], at
        return run

    def _untangled(self, found: list[Draft]) -> list[Draft]:
        """Reports inside what another reports are part of it, but for those that only hang on at its end."""
        reading = self._reading
        out = []
        for draft in found:
            outer = next(
                (
                    one
                    for one in found
                    if one is not draft
                    and one.mention is not None
                    and _inside(draft.at, one)
                    and not _inside(one.at, draft)
                ),
                None,
            )
            if outer is not None and not self._hangs_on(draft, outer):
                continue
            out.append(draft)
        return out

    def _hangs_on(self, draft: Draft, outer: Draft) -> bool:
        reading, report = self._reading, draft.report
        assert report is not None
        before = draft.cue_run[0] - 1 if draft.cue_run else draft.at - 1
        if report.base == "according":
            return True
        tag, own = report.tree.tag[report.at], report.tree.child(report.at, "nsubj")
        if tag == "VBG" and (with_whom := self._with_whom(draft)) is not None:
            begin, phrase = with_whom
            outer.content = [run for one in outer.content if (run := _cut(self._reading, one, begin)) is not None]
            draft.phrase, draft.mention = phrase, reading.span(phrase.first, phrase.last)
            return True
        participle = tag == "VBG" and reading.word[before - (reading.quoted[before] >= 0)] == ","
        other = outer.report.tree.tag[outer.report.at] if outer.report else ""
        joined = (
            reading.low[before] in ("and", "but")
            and tag == other
            and tag in ("VBD", "VBZ")
            and report.sort is Sort.SPEECH
            and report.tree.dep[report.at] == "conj"
        )
        if own is None and (participle or joined):
            outer.content = [run for one in outer.content if (run := _cut(self._reading, one, before)) is not None]
            draft.phrase, draft.mention = outer.phrase, outer.mention
            return True
        return False

    def _with_whom(self, draft: Draft) -> tuple[int, Phrase] | None:
        """(where it begins, who) of "…, with an official calling it absurd"."""
        reading = self._reading
        before = draft.at - 1
        if before in reading.time_ending:
            before = reading.time_ending[before] - 1
        phrase = phrase_before(reading, before, reading.unit_of(draft.at).first)
        if phrase is None or phrase.first < 2 or reading.low[phrase.first - 1] != "with":
            return None
        return phrase.first - 1, phrase

    def place_quotations(self) -> None:
        """Give every quotation to a draft, whole; see the module's docstring."""
        reading = self._reading
        placed = sorted(self.drafts, key=lambda draft: draft.at)
        for number in range(len(reading.quotes)):
            run = reading.quote_run(number)
            if run is None:
                continue
            waiting = self._waiting(placed, run)
            if waiting is not None:
                waiting.content.append(run)
            elif not self._extend(placed, run):
                self._place(placed, run)

    def _extend(self, placed: list[Draft], quote: Run) -> bool:
        first, last = quote
        best, size = None, 0
        for draft in self._near(placed, quote):
            for number, (begin, end) in enumerate(draft.content):
                overlap = min(end, last) - max(begin, first) + 1
                if overlap > size and not (first <= draft.at <= last):
                    best, size = (draft, number), overlap
        if best is None:
            return False
        draft, number = best
        begin, end = draft.content[number]
        draft.content[number] = (min(begin, first), max(end, last))
        return True

    def _near(self, placed: list[Draft], quote: Run) -> list[Draft]:
        # Drafts are sorted by cue; a quotation's own stands within a few hundred words of it.
        lo = bisect_right(placed, quote[0] - 300, key=lambda draft: draft.at)
        hi = bisect_right(placed, quote[1] + 300, key=lambda draft: draft.at)
        return placed[lo:hi]

    def _place(self, placed: list[Draft], quote: Run) -> None:
        draft = self._beside(placed, quote) or self._before_it(placed, quote) or self._announced(placed, quote)
        if draft is not None:
            draft.content.append(quote)
            return
        going_on = self._signed(quote) or self._goes_on(placed, quote) or self._governed(quote)
        if going_on is not None:
            placed.insert(bisect_right(placed, going_on.at, key=lambda draft: draft.at), going_on)
            self.drafts.append(going_on)

    def _beside(self, placed: list[Draft], quote: Run) -> Draft | None:
        """The cue right before the quotation."""
        reading = self._reading
        first, _ = quote
        for draft in reversed(self._near(placed, quote)):
            if not draft.takes_quotation:
                continue
            lo, hi = draft.reach
            gap = first - hi - 1
            if 0 <= gap <= (40 if not draft.content else 2) and all(
                reading.word[k] not in ".;!?" for k in range(hi + 1, first)
            ):
                if reading.paragraph_of(hi) == reading.paragraph_of(first) or reading.word[first - 1] == ":":
                    return draft
        return None

    def _waiting(self, placed: list[Draft], quote: Run) -> Draft | None:
        """The cue right after the quotation that has nothing to report yet."""
        reading, last = self._reading, quote[1]
        for draft in self._near(placed, quote):
            if draft.content or not draft.takes_quotation or draft.sort is Sort.THOUGHT:
                continue
            lo = draft.reach[0]
            beside = lo == last + 1 or (lo == last + 2 and reading.word[last + 1] in _MARKS)
            if beside and reading.paragraph_of(lo) == reading.paragraph_of(last) and not self._is_closed(last):
                return draft
        return None

    def _is_closed(self, last: int) -> bool:
        """Whether a quotation ends with a full stop, so that no cue after it is its own."""
        reading = self._reading
        return last > 1 and reading.word[last - 1] == "." and reading.word[last - 2] != "." and not (
            reading.is_word(last)
        )

    def _before_it(self, placed: list[Draft], quote: Run) -> Draft | None:
        """The statement whose quotation this one takes up, sentence after sentence of a paragraph."""
        reading = self._reading
        first, _ = quote
        unit = reading.unit_of(first)
        opens = unit.first == first or (first - unit.first <= 3 and self._is_bare(unit))
        if not opens or unit.first == 0 or reading.paragraph_of(unit.first - 1) != reading.paragraph_of(first):
            return None
        last = self._last_spoken(placed, first)
        if last is not None:
            ends = max([last.at, *(run[1] for run in last.content)])
            if reading.unit_of(ends).last == unit.first - 1:
                return last
        return self._last_cued(placed, unit.first) if self._is_bare(unit) else None

    def _is_bare(self, unit: Unit) -> bool:
        """Whether a unit is a quotation and nothing else."""
        reading = self._reading
        own = [at for at in range(unit.first, unit.last + 1) if reading.quoted[at] < 0 and reading.is_word(at)]
        return not own or (len(own) <= 2 and own[-1] < unit.first + 2 and len(own) < (unit.last - unit.first) / 3)

    def _announced(self, placed: list[Draft], quote: Run) -> Draft | None:
        """ "Howard went on." and a quotation after it."""
        reading = self._reading
        unit = reading.unit_of(quote[0])
        if unit.first != quote[0] or not unit.first or not self._is_bare(unit):
            return None
        before = reading.unit_of(unit.first - 1)
        near = [one for one in self._near(placed, quote) if before.first <= one.at <= before.last]
        if near and not any(one.content for one in near) and near[-1].takes_quotation and near[-1].mention:
            return near[-1] if near[-1].sort is Sort.SPEECH else None
        return None

    def _last_spoken(self, placed: list[Draft], first: int) -> Draft | None:
        reading = self._reading
        near = self._near(placed, (first, first))
        spoken = [
            draft
            for draft in near
            if draft.content
            and max([draft.at, *(run[1] for run in draft.content)]) < first
            and any(reading.quoted[run[0]] >= 0 or reading.quoted[run[1]] >= 0 for run in draft.content)
        ]
        return max(spoken, key=lambda draft: max([draft.at, *(run[1] for run in draft.content)]), default=None)

    def _goes_on(self, placed: list[Draft], quote: Run) -> Draft | None:
        reading = self._reading
        first, _ = quote
        unit = reading.unit_of(first)
        if unit.first != first or not self._is_bare(unit):
            return None
        last = self._last_spoken(placed, first) or self._last_cued(placed, first)
        if last is None:
            return None
        ends = max([last.at, *(run[1] for run in last.content)])
        if reading.paragraph_of(first) - reading.paragraph_of(ends) > 1 or reading.unit_of(ends).last != first - 1:
            return None
        begin = last.goes_on_from or last
        return Draft(first, Sort.SPEECH, [quote], mention=last.mention, goes_on_from=begin, rule="goes on")

    def _last_cued(self, placed: list[Draft], first: int) -> Draft | None:
        """The statement in the reporter's words that the sentence before ends with."""
        before = self._reading.unit_of(first - 1)
        near = [draft for draft in self._near(placed, (first, first)) if draft.content]
        near = [draft for draft in near if before.first <= draft.at <= before.last and draft.mention is not None]
        return max(near, key=lambda draft: max([draft.reach[1], *(run[1] for run in draft.content)]), default=None)

    def _signed(self, quote: Run) -> Draft | None:
        """ "“…” — Mara Wendt": a quotation with its speaker's name after a dash, to the end of the line."""
        reading = self._reading
        at = quote[1] + 1
        if at + 1 >= len(reading.word) or reading.word[at] not in _DASHES or reading.quoted[at] >= 0:
            return None
        unit = reading.unit_of(at)
        end = min(unit.last, at + 12)
        if unit.last > end or reading.paragraph_of(at) - reading.paragraph_of(quote[1]) > 1:
            return None
        phrase = opening_name(reading, at + 1)
        if phrase is None or any(reading.low[k] in verbs() for k in range(phrase.last + 1, unit.last)):
            return None
        mention = reading.span(phrase.first, phrase.last)
        return Draft(at + 1, Sort.SPEECH, [quote], mention=mention, phrase=phrase, rule="signed")

    def read_labels(self) -> None:
        """ "WENDT: The crane is safe.": transcripts, interviews, and headlines that open with who speaks."""
        reading = self._reading
        labels: list[tuple[Phrase, Unit, int]] = []
        seen = -1
        for unit in reading.units:
            opens, seen = unit.paragraph != seen, unit.paragraph
            first = unit.first + (reading.word[unit.first] in _MARKS)
            if not opens or first >= unit.last:
                continue
            colon = next((k for k in range(first + 1, min(unit.last, first + 9)) if reading.word[k] == ":"), None)
            phrase = self._label(first, colon - 1) if colon is not None else None
            if phrase is not None and colon is not None:
                labels.append((phrase, unit, colon))
        names = [reading.words(phrase.first, phrase.last) for phrase, _, _ in labels]
        for (phrase, unit, colon), name in zip(labels, names, strict=True):
            headline = unit.paragraph == 0
            shouted = name.isupper() and len(name) > 2
            if headline or shouted or names.count(name) > 1:
                end = unit.last if headline else self._paragraph_end(unit)
                run = _trimmed(reading, colon + 1, end)
                if run is not None and run[1] > run[0] + 1:
                    self._take_label(phrase, run)

    def _take_label(self, phrase: Phrase, run: Run) -> None:
        reading = self._reading
        self.drafts = [one for one in self.drafts if not run[0] <= one.at <= run[1]]
        mention = reading.span(phrase.first, phrase.last)
        cue = reading.span(phrase.last + 1, phrase.last + 1)
        self.drafts.append(
            Draft(phrase.last + 1, Sort.SPEECH, [run], cue, mention=mention, phrase=phrase, rule="label", takes_quotation=False)
        )

    def _label(self, first: int, last: int) -> Phrase | None:
        reading = self._reading
        if any(reading.quoted[k] >= 0 and not reading.word[k].isupper() for k in range(first, last + 1)):
            return None
        words = [reading.word[k] for k in range(first, last + 1)]
        named = all(word[0].isupper() or word in (".", "of", "the", "for") for word in words)
        if not named and reading.low[last] not in _WITNESSES:
            return None
        if reading.low[last] in _NO_LABEL or reading.low[first] in _NO_LABEL:
            return None
        return described(reading, first, last, last, None)

    def _paragraph_end(self, unit: Unit) -> int:
        units = self._reading.units
        number = bisect_right(units, unit.first, key=lambda one: one.first)
        while number < len(units) and units[number].paragraph == unit.paragraph:
            number += 1
        return units[number - 1].last

    def _governed(self, quote: Run) -> Draft | None:
        """The verb that governs a quotation, whatever verb it is, with its subject as the source."""
        reading = self._reading
        first, last = quote
        words = [at for at in range(first, last + 1) if reading.is_word(at)]
        if len(words) < 3 or sum(reading.capital(at) for at in words) > 0.6 * len(words):
            return None
        found = self._verb_of(quote)
        if found is None:
            return None
        tree, verb, begin = found
        source, via = _source_of(tree, verb)
        if source is None or tree.low[source] in _NOBODY:
            return None
        at = reading.word_at(tree.start[verb])
        if reading.quoted[at] >= 0:
            return None
        report = Report(tree, verb, (verb, verb), tree.low[verb], Sort.SPEECH, source, via=via, rule="governs")
        draft = self._draft(report)
        if draft is None or draft.mention is None:
            return None
        begin = first if begin is None else min(first, reading.word_at(tree.start[begin]))
        if draft.reach[1] >= begin > draft.reach[0]:
            begin = first
        draft.content = [(begin, last)]
        return draft

    def _verb_of(self, quote: Run) -> tuple[Tree, int, int | None] | None:
        """(tree, verb, first token of the part that holds the quotation) of the sentence a quotation stands in."""
        reading = self._reading
        start, end = reading.start[quote[0]], reading.end[quote[1]]
        colon = quote[0] > 0 and reading.word[quote[0] - 1] == ":"
        number = bisect_right(self._trees, reading.start[quote[0] - colon], key=lambda one: one[0].start) - 1
        if number < 0 or self._trees[number][0].end <= reading.start[quote[0] - colon]:
            return None
        tree = self._trees[number][1]
        inside = [k for k in range(len(tree.low)) if tree.start[k] >= start and tree.end[k] <= end]
        tops = [k for k in inside if tree.head[k] not in inside and tree.dep[k] != "punct"]
        if colon or not tops:
            before = [k for k in range(len(tree.low)) if tree.end[k] <= start and tree.tag[k].startswith("VB")]
            roots = [k for k in before if tree.head[k] == k or tree.dep[k] in ("conj", "ccomp")]
            return (tree, roots[-1], None) if roots else None
        part = tops[0]
        while tree.head[part] != part and not tree.tag[tree.head[part]].startswith("VB"):
            part = tree.head[part]
        verb = tree.head[part]
        if verb == part or tree.dep[part] in ("nsubj", "nsubjpass", "advcl"):
            return None
        if tree.dep[part] == "prep" and tree.low[part] in ("in", "on", "at", "during", "after", "by", "before"):
            return None
        return tree, verb, tree.left[part]


def _source_of(tree: Tree, verb: int) -> tuple[int | None, int | None]:
    """Who does what a verb says; of "his answer was" the one who answers."""
    source, via = subject(tree, verb)
    if tree.low[verb] in ("is", "was", "be", "were", "are", "been"):
        if source is None or tree.low[source] not in NOUNS:
            return None, None
        return tree.child(source, "poss"), None
    return source, via


def _inside(at: int, draft: Draft) -> bool:
    return any(first <= at <= last for first, last in draft.content)


def _cut(reading: Reading, run: Run, comma: int) -> Run | None:
    return run if not run[0] <= comma <= run[1] else _trimmed(reading, run[0], comma - 1)


def _core(tree: Tree, source: int) -> Run:
    """The words of a name or description without what is set off by commas or tells more of it in a clause."""
    first = last = source
    dash = max((k for k in range(source) if tree.low[k] in ("–", "—", "--", ":", '"')), default=-1)
    for k in tree.below[source]:
        if k < source and tree.dep[k] not in ("punct", "prep", "advmod", "cc", "relcl", "mark", "appos"):
            first = min(first, max(tree.left[k], dash + 1))
        elif k > source:
            if tree.dep[k] in ("appos", "relcl", "acl", "punct", "advcl", "case"):
                break
            last = max(last, tree.right[k])
    return first, last

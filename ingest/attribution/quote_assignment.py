"""Which statement a quotation belongs to.

Quotations are kept whole, and one that no cue has claimed goes to the cue beside it, to the statement it goes on with,
or to the verb that governs it.
"""

from __future__ import annotations

from bisect import bisect_right

from ingest.attribution.document import Reading, Unit
from ingest.attribution.draft import Draft, Run
from ingest.attribution.layout import signed
from ingest.attribution.quote_verbs import Trees, governed
from retrieval.english.verbs import Sort

_PARTED = frozenset(",–—-")
"""Marks that may part a quotation from its cue: "“No”, she said"."""
_BRIDGE = 6
"""Words between two quotations of one statement at most."""
_LEAD = 10
_LEADS = frozenset("but and with if because instead so although though when".split())
_FAR = 40
"""Words between a cue and the quotation it waits for at most: "said on Monday, in reference to her child, “…”"."""


class Quotations:
    """Places the quotations of a text in its `drafts`, of which some are made for it."""

    def __init__(self, reading: Reading, trees: Trees, drafts: list[Draft]) -> None:
        self._reading = reading
        self._trees = trees
        self.drafts = drafts
        self._place_all()

    def _place_all(self) -> None:
        reading = self._reading
        placed = sorted(self.drafts, key=lambda draft: draft.at)
        for number in range(len(reading.quotes)):
            run = reading.quote_run(number)
            if run is None:
                continue
            waiting = None if self._is_title(run) else self._waiting(placed, run)
            if waiting is not None:
                waiting.content.append((self._lead(run), run[1]))
            elif not self._extend(placed, run) and not self._bridge(placed, run):
                self._place(placed, run)

    def _is_title(self, quote: Run) -> bool:
        """Whether a quotation is a title: several words, most with capitals, and no mark that ends what is said."""
        reading, (first, last) = self._reading, quote
        words = [at for at in range(first, last + 1) if reading.is_word(at)]
        capital = [at for at in words if reading.capital(at) and not reading.word[at].isupper()]
        ends = reading.word[max(first, last - 1)]
        return len(words) > 2 and len(capital) >= len(words) / 2 and len(capital) > 1 and ends not in ",.!?…"

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

    def _lead(self, quote: Run) -> int:
        """Where the sentence of a quotation begins, if its own words before the marks lead into it: "But “…”"."""
        reading, first = self._reading, quote[0]
        unit = reading.unit_of(first)
        short = 0 < first - unit.first <= _LEAD and reading.low[unit.first] in _LEADS
        free = all(reading.quoted[k] < 0 for k in range(unit.first, first))
        return unit.first if short and free else first

    def _bridge(self, placed: list[Draft], quote: Run) -> bool:
        """ "called it “absurd” and “a trick”": the quotation goes on with what ended a few words before it."""
        reading, (first, last) = self._reading, quote
        unit = reading.unit_of(first)
        for draft in reversed(self._near(placed, quote)):
            if not draft.content or draft.at < unit.first:
                continue
            begin, end = draft.content[-1]
            between = range(end + 1, first)
            if not (draft.at < first and end < first and len(between) <= _BRIDGE and end >= unit.first):
                continue
            apart = any(reading.word[k] in ".;:!?,–—()" for k in between)
            if not apart and not any(one.at in between for one in self._near(placed, quote)):
                draft.content[-1] = (begin, last)
                return True
        return False

    def _near(self, placed: list[Draft], quote: Run) -> list[Draft]:
        # Drafts are sorted by cue; a quotation's own stands within a few hundred words of it.
        lo = bisect_right(placed, quote[0] - 300, key=lambda draft: draft.at)
        hi = bisect_right(placed, quote[1] + 300, key=lambda draft: draft.at)
        return placed[lo:hi]

    def _place(self, placed: list[Draft], quote: Run) -> None:
        reading = self._reading
        draft = self._beside(placed, quote) or self._before_it(placed, quote) or self._announced(placed, quote)
        if draft is not None:
            draft.content.append(quote)
            return
        going_on = signed(reading, quote) or self._goes_on(placed, quote) or governed(reading, self._trees, quote)
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
            hi = draft.reach[1]
            gap = first - hi - 1
            near = 0 <= gap <= (_FAR if not draft.content else 2)
            if not near or any(reading.word[k] in ".;!?" for k in range(hi + 1, first)):
                continue
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
            beside = lo == last + 1 or (lo == last + 2 and reading.word[last + 1] in _PARTED)
            if beside and reading.paragraph_of(lo) == reading.paragraph_of(last) and not self._is_closed(last):
                return draft
        return None

    def _is_closed(self, last: int) -> bool:
        """Whether a quotation ends with a full stop, so that no cue after it is its own."""
        reading = self._reading
        return (
            last > 1 and reading.word[last - 1] == "." and reading.word[last - 2] != "." and not (reading.is_word(last))
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
        for last in (self._last_spoken(placed, first), self._last_cued(placed, first)):
            if last is not None and self._is_right_before(last, first):
                break
        else:
            return None
        begin = last.goes_on_from or last
        return Draft(first, Sort.SPEECH, [quote], mention=last.mention, goes_on_from=begin, rule="goes on")

    def _is_right_before(self, last: Draft, first: int) -> bool:
        """Whether nothing stands between a statement and a quotation, and one paragraph's end at most."""
        reading = self._reading
        ends = max([last.at, *(run[1] for run in last.content)])
        near = reading.paragraph_of(first) - reading.paragraph_of(ends) <= 1
        return near and reading.unit_of(ends).last == first - 1

    def _last_cued(self, placed: list[Draft], first: int) -> Draft | None:
        """The statement in the reporter's words that the sentence before ends with."""
        before = self._reading.unit_of(first - 1)
        near = [draft for draft in self._near(placed, (first, first)) if draft.content]
        near = [draft for draft in near if before.first <= draft.at <= before.last and draft.mention is not None]
        return max(near, key=lambda draft: max([draft.reach[1], *(run[1] for run in draft.content)]), default=None)

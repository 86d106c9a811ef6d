"""Assigns each quotation of a text to the draft statement that it belongs to.

Quotations are kept whole. One that is not part of any content yet goes to the cue next to it, to the statement that
it continues, or to the verb that governs it.
"""

from __future__ import annotations

from bisect import bisect_right

from ingest.attribution.document import AnnotatedText, Unit
from ingest.attribution.draft import Draft, WordRun
from ingest.attribution.layout import signature_draft
from ingest.attribution.quote_verbs import Trees, governing_verb_draft
from retrieval.english.verbs import Sort

_SEPARATORS = frozenset(",–—-")
"""Punctuation that may separate a quotation from its cue: "“No”, she said"."""
_MAX_WORDS_BETWEEN_QUOTES = 6
"""Words between two quotations of one statement at most: "called it “absurd” and “a trick”"."""
_MAX_LEAD_IN_WORDS = 10
"""Words of its own sentence that lead into a quotation at most: "But “…”"."""
_LEADS = frozenset("but and with if because instead so although though when".split())
_MAX_WORDS_CUE_TO_QUOTE = 40
"""Words between a cue and its quotation at most: "said on Monday, in reference to her child, “…”"."""
_MAX_WORDS_TO_ANCHOR = 300
"""Words between a quotation and the anchor of the draft that it belongs to at most."""


class QuoteAssigner:
    """Assigns the quotations of a text to its `drafts`, and adds new ones for those that continue a statement."""

    def __init__(self, text: AnnotatedText, trees: Trees, drafts: list[Draft]) -> None:
        self._text = text
        self._trees = trees
        self.drafts = drafts
        self._assign_all()

    def _assign_all(self) -> None:
        text = self._text
        ordered = sorted(self.drafts, key=lambda draft: draft.anchor)
        for index in range(len(text.quotes)):
            quote = text.quote_run(index)
            if quote is None:
                continue
            cue = None if self._is_title(quote) else self._cue_after(ordered, quote)
            if cue is not None:
                cue.content.append((self._lead_in_start(quote), quote[1]))
            elif not self._extend_overlapping(ordered, quote) and not self._join_to_previous(ordered, quote):
                self._assign(ordered, quote)

    def _is_title(self, quote: WordRun) -> bool:
        """Whether a quotation is a title: several words, most of them capitalized, without punctuation at the end."""
        text, (first, last) = self._text, quote
        words = [at for at in range(first, last + 1) if text.is_word(at)]
        capitalized = [at for at in words if text.is_capitalized(at) and not text.word[at].isupper()]
        last_mark = text.word[max(first, last - 1)]
        return (
            len(words) > 2 and len(capitalized) >= len(words) / 2 and len(capitalized) > 1 and last_mark not in ",.!?…"
        )

    def _extend_overlapping(self, ordered: list[Draft], quote: WordRun) -> bool:
        """Extend the content that overlaps the quotation most to all of it; False if none does."""
        first, last = quote
        best, size = None, 0
        for draft in self._drafts_near(ordered, quote):
            for index, (begin, end) in enumerate(draft.content):
                overlap = min(end, last) - max(begin, first) + 1
                if overlap > size and not (first <= draft.anchor <= last):
                    best, size = (draft, index), overlap
        if best is None:
            return False
        draft, index = best
        begin, end = draft.content[index]
        draft.content[index] = (min(begin, first), max(end, last))
        return True

    def _lead_in_start(self, quote: WordRun) -> int:
        """The first word of the quotation or, if its sentence leads into it ("But “…”"), of the sentence."""
        text, first = self._text, quote[0]
        unit = text.unit_of(first)
        is_lead_in = 0 < first - unit.first <= _MAX_LEAD_IN_WORDS and text.lower[unit.first] in _LEADS
        is_unquoted = all(text.quoted[k] < 0 for k in range(unit.first, first))
        return unit.first if is_lead_in and is_unquoted else first

    def _join_to_previous(self, ordered: list[Draft], quote: WordRun) -> bool:
        """Extend content that ended a few words before the quotation to it: "called it “absurd” and “a trick”"."""
        text, (first, last) = self._text, quote
        unit = text.unit_of(first)
        for draft in reversed(self._drafts_near(ordered, quote)):
            if not draft.content or draft.anchor < unit.first:
                continue
            begin, end = draft.content[-1]
            between = range(end + 1, first)
            if not (
                draft.anchor < first and end < first and len(between) <= _MAX_WORDS_BETWEEN_QUOTES and end >= unit.first
            ):
                continue
            is_separated = any(text.word[k] in ".;:!?,–—()" for k in between)
            if not is_separated and not any(other.anchor in between for other in self._drafts_near(ordered, quote)):
                draft.content[-1] = (begin, last)
                return True
        return False

    def _drafts_near(self, ordered: list[Draft], quote: WordRun) -> list[Draft]:
        """The drafts whose anchors are near enough for the quotation to belong to them."""
        begin = bisect_right(ordered, quote[0] - _MAX_WORDS_TO_ANCHOR, key=lambda draft: draft.anchor)
        end = bisect_right(ordered, quote[1] + _MAX_WORDS_TO_ANCHOR, key=lambda draft: draft.anchor)
        return ordered[begin:end]

    def _assign(self, ordered: list[Draft], quote: WordRun) -> None:
        """Assign a quotation that no draft's content touches; one for which nothing fits is left out."""
        text = self._text
        draft = (
            self._cue_before(ordered, quote)
            or self._statement_before(ordered, quote)
            or self._announcing_cue(ordered, quote)
        )
        if draft is not None:
            draft.content.append(quote)
            return
        new_draft = (
            signature_draft(text, quote)
            or self._continuation(ordered, quote)
            or governing_verb_draft(text, self._trees, quote)
        )
        if new_draft is not None:
            ordered.insert(bisect_right(ordered, new_draft.anchor, key=lambda draft: draft.anchor), new_draft)
            self.drafts.append(new_draft)

    def _cue_before(self, ordered: list[Draft], quote: WordRun) -> Draft | None:
        """The draft whose cue stands right before the quotation."""
        text = self._text
        first, _ = quote
        for draft in reversed(self._drafts_near(ordered, quote)):
            if not draft.takes_quotation:
                continue
            clause_end = draft.reporting_clause[1]
            gap = first - clause_end - 1
            is_near = 0 <= gap <= (_MAX_WORDS_CUE_TO_QUOTE if not draft.content else 2)
            if not is_near or any(text.word[k] in ".;!?" for k in range(clause_end + 1, first)):
                continue
            if text.paragraph_of(clause_end) == text.paragraph_of(first) or text.word[first - 1] == ":":
                return draft
        return None

    def _cue_after(self, ordered: list[Draft], quote: WordRun) -> Draft | None:
        """The draft without content whose cue stands right after the quotation."""
        text, last = self._text, quote[1]
        for draft in self._drafts_near(ordered, quote):
            if draft.content or not draft.takes_quotation or draft.sort is Sort.THOUGHT:
                continue
            clause_start = draft.reporting_clause[0]
            is_adjacent = clause_start == last + 1 or (clause_start == last + 2 and text.word[last + 1] in _SEPARATORS)
            if (
                is_adjacent
                and text.paragraph_of(clause_start) == text.paragraph_of(last)
                and not self._ends_with_full_stop(last)
            ):
                return draft
        return None

    def _ends_with_full_stop(self, last: int) -> bool:
        """Whether a quotation ends with a full stop, so that a cue after it is not its cue."""
        text = self._text
        return last > 1 and text.word[last - 1] == "." and text.word[last - 2] != "." and not (text.is_word(last))

    def _statement_before(self, ordered: list[Draft], quote: WordRun) -> Draft | None:
        """The draft of the sentence before, if the quotation opens the next sentence of the same paragraph."""
        text = self._text
        first, _ = quote
        unit = text.unit_of(first)
        opens_unit = unit.first == first or (first - unit.first <= 3 and self._is_only_quotation(unit))
        if not opens_unit or unit.first == 0 or text.paragraph_of(unit.first - 1) != text.paragraph_of(first):
            return None
        previous = self._last_quoting_draft(ordered, first)
        if previous is not None:
            end = previous.last
            if text.unit_of(end).last == unit.first - 1:
                return previous
        return self._last_draft_of_sentence_before(ordered, unit.first) if self._is_only_quotation(unit) else None

    def _is_only_quotation(self, unit: Unit) -> bool:
        """Whether a unit is a quotation with two words before it at most."""
        text = self._text
        unquoted = [at for at in range(unit.first, unit.last + 1) if text.quoted[at] < 0 and text.is_word(at)]
        return not unquoted or (
            len(unquoted) <= 2 and unquoted[-1] < unit.first + 2 and len(unquoted) < (unit.last - unit.first) / 3
        )

    def _announcing_cue(self, ordered: list[Draft], quote: WordRun) -> Draft | None:
        """The draft without content of the sentence before that announces the quotation: "Howard went on."."""
        text = self._text
        unit = text.unit_of(quote[0])
        if unit.first != quote[0] or not unit.first or not self._is_only_quotation(unit):
            return None
        before = text.unit_of(unit.first - 1)
        drafts = [draft for draft in self._drafts_near(ordered, quote) if before.first <= draft.anchor <= before.last]
        if drafts and not any(draft.content for draft in drafts) and drafts[-1].takes_quotation and drafts[-1].mention:
            return drafts[-1] if drafts[-1].sort is Sort.SPEECH else None
        return None

    def _last_quoting_draft(self, ordered: list[Draft], first: int) -> Draft | None:
        """The last draft before word `first` whose content begins or ends in quotation marks."""
        text = self._text
        near = self._drafts_near(ordered, (first, first))
        quoting = [
            draft
            for draft in near
            if draft.content
            and draft.last < first
            and any(text.quoted[run[0]] >= 0 or text.quoted[run[1]] >= 0 for run in draft.content)
        ]
        return max(quoting, key=lambda draft: draft.last, default=None)

    def _continuation(self, ordered: list[Draft], quote: WordRun) -> Draft | None:
        """A new draft that continues the statement right before the quotation with the same speaker."""
        text = self._text
        first, _ = quote
        unit = text.unit_of(first)
        if unit.first != first or not self._is_only_quotation(unit):
            return None
        for previous in (self._last_quoting_draft(ordered, first), self._last_draft_of_sentence_before(ordered, first)):
            if previous is not None and self._is_right_before(previous, first):
                break
        else:
            return None
        beginning = previous.continues or previous
        return Draft(first, Sort.SPEECH, [quote], mention=previous.mention, continues=beginning, rule="goes on")

    def _is_right_before(self, previous: Draft, first: int) -> bool:
        """Whether nothing but the end of a paragraph stands between a statement and word `first`."""
        text = self._text
        end = previous.last
        is_close = text.paragraph_of(first) - text.paragraph_of(end) <= 1
        return is_close and text.unit_of(end).last == first - 1

    def _last_draft_of_sentence_before(self, ordered: list[Draft], first: int) -> Draft | None:
        """The draft with the last words of the sentence before word `first`, if it names a speaker."""
        before = self._text.unit_of(first - 1)
        near = [draft for draft in self._drafts_near(ordered, (first, first)) if draft.content]
        near = [draft for draft in near if before.first <= draft.anchor <= before.last and draft.mention is not None]
        return max(
            near, key=lambda draft: max([draft.reporting_clause[1], *(run[1] for run in draft.content)]), default=None
        )

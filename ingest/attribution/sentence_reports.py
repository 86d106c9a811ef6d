"""Drafts from the reports of every sentence, without reports that are part of the content of others."""

from __future__ import annotations

from ingest.attribution.clauses import verb_reports
from ingest.attribution.document import AnnotatedText
from ingest.attribution.draft import CuedDraft, Draft, WordRun, cut_at, is_in_content, trim
from ingest.attribution.extents import complete_content
from ingest.attribution.grammar import ParseRequest, Tree
from ingest.attribution.mentions import name_source, speaker_after_with, word_run
from ingest.attribution.nouns import nominal_reports
from ingest.attribution.prefilter import may_report
from ingest.attribution.report import ReportedSpeech
from retrieval.english.verb_sets import ADDS_ON
from retrieval.english.verbs import Sort
from retrieval.types import Span

_MIN_HIDDEN_CHARS = 12
"""Characters of a quotation that is hidden from the parser, at least."""

_MIN_LONG_QUOTE_CHARS = 120
"""Characters from which a quotation is hidden even if it does not end as a sentence does."""


def parse_request(text: AnnotatedText) -> ParseRequest:
    """The sentences of a text to be parsed: those that may report anything."""
    sentences = [sentence for sentence in text.sentences if may_report(text, sentence)]
    return ParseRequest(text.string, sentences, _quotations_to_hide(text))


def _quotations_to_hide(text: AnnotatedText) -> list[Span]:
    """The insides of quotations that are sentences of their own: their grammar is not that of the sentence around."""
    to_hide = []
    for quote in text.quotes:
        quotation = quote.span.of(text.string)
        inner = quotation.strip("“”\"'‘’`«»„ \n\t\xa0")
        if len(inner) < _MIN_HIDDEN_CHARS:
            continue
        before = text.string[max(0, quote.span.start - 3) : quote.span.start].rstrip(" \xa0")
        opens_sentence = not before or before[-1] in ',:.\n?!”"' or inner[0].isupper()
        if opens_sentence and (inner[-1] in ".,?!…—-" or len(inner) > _MIN_LONG_QUOTE_CHARS):
            start = quote.span.start + quotation.index(inner)
            # The punctuation before the closing mark stays: it separates the quotation from what follows.
            to_hide.append(Span(start, start + len(inner) - (inner[-1] in ".,?!…")))
    return to_hide


class SentenceReports:
    """The `drafts` of a text in the order of its sentences, and the parse `trees` they are made from."""

    def __init__(self, text: AnnotatedText, trees: list[tuple[Span, Tree]]) -> None:
        self._text = text
        self.drafts: list[Draft] = []
        self.trees = trees
        self._collect_drafts()

    def _collect_drafts(self) -> None:
        text = self._text
        for _, tree in self.trees:
            reports = [*verb_reports(tree), *nominal_reports(tree)]
            drafts = [draft for report in reports if (draft := draft_of(text, report)) is not None]
            drafts.sort(key=lambda draft: draft.anchor)
            drafts = self._drop_nested(drafts)
            for draft in drafts:
                complete_content(text, draft, drafts)
            self.drafts += self._merge_additions(drafts)

    def _merge_additions(self, drafts: list[CuedDraft]) -> list[CuedDraft]:
        """Join "told …, but added: …" into one statement with both parts."""
        merged: list[CuedDraft] = []
        for draft in drafts:
            report, before = draft.report, merged[-1] if merged else None
            is_addition = report.base in ADDS_ON and report.tree.dep[report.cue_head] == "conj"
            if is_addition and before and before.content and before.report and before.report.source == report.source:
                before.content += draft.content
                before.reporting_clause = (before.reporting_clause[0], draft.reporting_clause[1])
            else:
                merged.append(draft)
        return merged

    def _drop_nested(self, drafts: list[CuedDraft]) -> list[CuedDraft]:
        """Drop drafts whose cue is in the content of another draft, unless they are statements of their own."""
        self._reassign_with_phrases(drafts)
        kept = []
        for draft in drafts:
            outer = next(
                (
                    other
                    for other in drafts
                    if other is not draft
                    and other.mention is not None
                    and other.report.base != "according"
                    and is_in_content(draft.anchor, other)
                    and not is_in_content(other.anchor, draft)
                ),
                None,
            )
            if outer is not None and not self._separate_from(draft, outer):
                continue
            kept.append(draft)
        return kept

    def _reassign_with_phrases(self, drafts: list[CuedDraft]) -> None:
        """Attribute "…, with an official calling it absurd" to the official."""
        text = self._text
        for draft in drafts:
            report = draft.report
            if report.tree.tag[report.cue_head] != "VBG":
                continue
            if (with_phrase := speaker_after_with(text, draft)) is not None:
                begin, phrase = with_phrase
                draft.phrase, draft.mention = phrase, text.span(phrase.first, phrase.last)
                for other in drafts:
                    if other is not draft:
                        other.content = [cut for run in other.content if (cut := cut_at(text, run, begin)) is not None]

    def _separate_from(self, draft: CuedDraft, outer: CuedDraft) -> bool:
        """Whether a draft at the end of another's content is its own statement; if so, cut it off the other."""
        text, report = self._text, draft.report
        before = draft.cue_run[0] - 1
        if report.base == "according":
            return True
        tag, own_subject = report.tree.tag[report.cue_head], report.tree.child(report.cue_head, "nsubj")
        is_participle = tag == "VBG" and text.word[before - (text.quoted[before] >= 0)] == ","
        outer_tag = outer.report.tree.tag[outer.report.cue_head]
        is_coordinated = (
            text.lower[before] in ("and", "but")
            and tag == outer_tag
            and tag in ("VBD", "VBZ")
            and report.sort is Sort.SPEECH
            and report.tree.dep[report.cue_head] == "conj"
        )
        if own_subject is None and (is_participle or is_coordinated):
            outer.content = [cut for run in outer.content if (cut := cut_at(text, run, before)) is not None]
            draft.phrase, draft.mention = outer.phrase, outer.mention
            return True
        return False


def draft_of(text: AnnotatedText, report: ReportedSpeech) -> CuedDraft | None:
    """The draft of a report; None for a cue inside a quotation, whose words are the speaker's own."""
    tree = report.tree
    at = text.word_at(tree.start[report.cue_head])
    if text.quoted[at] >= 0:
        return None
    first, last = word_run(text, tree, report.cue)
    while first < at and text.is_capitalized(first) and first > text.unit_of(at).first:
        first += 1
    draft = CuedDraft(at, report.sort, report=report, cue_run=(first, last), rule=report.rule)
    draft.takes_quotation, draft.cue = report.takes_quotation, text.span(first, last)
    name_source(text, draft, report)
    for run in report.content:
        if (content_run := trim(text, *word_run(text, tree, run))) is not None:
            draft.content.append(content_run)
    if report.addressee is not None:
        draft.addressee = text.substring(*word_run(text, tree, report.addressee))
    draft.reporting_clause = _reporting_clause(text, draft, report)
    return draft


def _reporting_clause(text: AnnotatedText, draft: CuedDraft, report: ReportedSpeech) -> WordRun:
    """The words of cue, source and addressee; a quotation stands before or after them."""
    tree, (first, last) = report.tree, draft.cue_run
    if draft.phrase is not None:
        first, last = min(first, draft.phrase.first), max(last, draft.phrase.last)
        if report.source is not None:
            source_end = word_run(text, tree, (report.source, tree.right[report.source]))[1]
            # Descriptions of the source end where a quotation begins: “…,” said Ole Lindqvist, “and …”.
            quote_starts = (
                at for at in range(last + 1, source_end + 1) if text.quoted[at] >= 0 and text.word[at - 1] == ","
            )
            last = max(last, next(quote_starts, source_end + 1) - 1)
    if report.addressee is not None:
        last = max(last, word_run(text, tree, report.addressee)[1])
    return first, last

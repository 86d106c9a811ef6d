"""Attribution by rules: finds the statements of an article, each with its speaker resolved.

The rules work on parse trees and quotation marks, so that every statement can be traced to the word that reports it.
Every span is a slice of the text. The terms source, cue and content are those of Pareti 2012 and PolNeAR (Newell,
Margolin and Ruths 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from ingest.attribution.coreference import Speaker, SpeakerResolver
from ingest.attribution.document import AnnotatedText, Unit, annotate
from ingest.attribution.draft import CuedDraft, Draft, is_in_content
from ingest.attribution.grammar import Tree, batches, parse_texts
from ingest.attribution.language import is_english
from ingest.attribution.layout import label_drafts
from ingest.attribution.phrases import opening_name, phrase_after
from ingest.attribution.quote_assignment import QuoteAssigner
from ingest.attribution.sentence_reports import SentenceReports, parse_request
from retrieval.english.function_words import OPENERS
from retrieval.english.name_words import is_thing
from retrieval.english.time_phrases import day_of
from retrieval.english.verbs import Sort
from retrieval.types import Article, Kind, Span, Statement

Attribute = Callable[[Sequence[Article]], Iterator[tuple[Statement, ...]]]
"""Finds the statements of articles, one result per article: `attribute_all`, or a `ModelAttribution`."""

_MIN_SENTENCE_WORDS = 4
"""Words of a quotation that is kept without a speaker, at least; a shorter one may be a title or a term."""

_TIME_WORDS_BEFORE_CUE, _TIME_WORDS_AFTER_CUE = 6, 10
"""Words before and after the cue that are searched for a time expression."""

_WRITER = frozenset("i we my our".split())
"""Pronouns by which a text refers to its own writer."""


def attribute(article: Article) -> tuple[Statement, ...]:
    """Every statement of the article in the order of its text. Time grows linearly with the text.

    The speaker of "I" in a column is its author, or "the writer". A statement is left out if its pronoun cannot be
    resolved. In a text that is not English only quotations in marks are found, and their speaker is "", unknown.
    """
    return next(attribute_all([article]))


def attribute_all(articles: Iterable[Article]) -> Iterator[tuple[Statement, ...]]:
    """The statements of each article as `attribute` gives them, in less time: short articles are parsed together."""
    for batch in batches(articles, lambda article: len(article.text)):
        texts = [annotate(article.text) for article in batch]
        english = [is_english(text.lower) for text in texts]
        trees = iter(
            parse_texts(parse_request(text) for text, in_english in zip(texts, english, strict=True) if in_english)
        )
        for article, text, in_english in zip(batch, texts, english, strict=True):
            if in_english:
                yield _StatementBuilder(article, text, next(trees)).build_all()
            else:
                yield tuple(_unattributed_quotations(article, text))


def _unattributed_quotations(article: Article, text: AnnotatedText) -> Iterator[Statement]:
    """The quotations of a text as statements without a speaker."""
    for number, quotation in enumerate(text.quotes):
        run = text.quote_run(number)
        if run is not None and sum(map(text.is_word, range(run[0], run[1] + 1))) >= _MIN_SENTENCE_WORDS:
            span = quotation.span
            context = Span(min(span.start, text.unit_at(span.start).span.start), span.end)
            yield Statement(article.id, article.version, "", Kind.DIRECT, (span,), context)


def _drafts(text: AnnotatedText, trees: list[tuple[Span, Tree]]) -> list[Draft]:
    """The drafts of all statements of an English text, in order."""
    reports = SentenceReports(text, trees)
    from_labels = label_drafts(text)
    runs = [run for draft in from_labels for run in draft.content]
    drafts = [draft for draft in reports.drafts if not any(first <= draft.anchor <= last for first, last in runs)]
    drafts = QuoteAssigner(text, reports.trees, [*drafts, *from_labels]).drafts
    statements = [draft for draft in drafts if draft.content and _is_statement(text, draft, drafts)]
    return sorted(statements, key=lambda draft: draft.first)


def _is_statement(text: AnnotatedText, draft: Draft, drafts: list[Draft]) -> bool:
    """Whether a draft is somebody's statement: it has a source and does not only tell where something was printed."""
    if isinstance(draft, CuedDraft) and draft.report.base == "according":
        inner = [
            other for other in drafts if other is not draft and other.content and is_in_content(other.anchor, draft)
        ]
        if any(text.quoted[other.content[0][0]] >= 0 and other.phrase for other in inner):
            return False
    if draft.phrase is not None and draft.phrase.name is None and not draft.phrase.pronoun:
        return text.lower[draft.phrase.first] != "no" and not is_thing(text.lower[draft.phrase.head])
    if draft.phrase is not None or draft.continues is not None:
        return True
    if draft.mention is None or draft.mention.of(text.string).lower() not in _WRITER:
        return False
    # In the title "I Want You Back" a capitalized word follows.
    after = text.word_at(draft.mention.end)
    return after >= len(text.word) or not text.is_capitalized(after)


class _StatementBuilder:
    """Resolves the speakers of one article's drafts in the order of the text and makes statements of them."""

    def __init__(self, article: Article, text: AnnotatedText, trees: list[tuple[Span, Tree]]) -> None:
        self._article = article
        self._text = text
        self._trees = trees
        self._resolver = SpeakerResolver(self._text)
        self._writer = Speaker(article.authors[0] if article.authors else "the writer")

    def build_all(self) -> tuple[Statement, ...]:
        text = self._text
        drafts = _drafts(text, self._trees)
        speakers: dict[int, Speaker] = {}
        statements = []
        next_draft = 0
        for unit in text.units:
            while next_draft < len(drafts) and drafts[next_draft].first <= unit.last:
                draft = drafts[next_draft]
                next_draft += 1
                speaker = self._speaker(draft, speakers)
                if speaker is not None:
                    speakers[id(draft)] = speaker
                    statements.append(self._statement(draft, speaker))
            self._note_subject(unit)
        return tuple(statements)

    def _speaker(self, draft: Draft, speakers: dict[int, Speaker]) -> Speaker | None:
        if draft.continues is not None:
            return speakers.get(id(draft.continues))
        if draft.phrase is None:
            return self._writer
        speaker = self._resolver.resolve(draft.phrase, draft.anchor)
        if speaker is not None:
            self._resolver.mark_salient(speaker, min(draft.anchor, draft.phrase.first))
        return speaker

    def _statement(self, draft: Draft, speaker: Speaker) -> Statement:
        text = self._text
        content = _merge_overlapping(sorted(text.span(*run) for run in draft.content))
        when = self._when(draft)
        return Statement(
            article_id=self._article.id,
            version=self._article.version,
            speaker=speaker.name,
            kind=kind_of(text, content, draft.sort),
            content=content,
            context=context_of(text, content, draft.cue),
            mention=draft.mention,
            cue=draft.cue,
            aliases=tuple(alias for alias in speaker.aliases if alias != speaker.name),
            role=speaker.role,
            addressee=draft.addressee,
            when=when,
            said_on=day_of(when, self._publication_date()),
        )

    def _publication_date(self) -> date | None:
        return self._article.published.date() if self._article.published else None

    def _when(self, draft: Draft) -> str | None:
        """The time expression near the cue and outside the content, in the article's words."""
        text = self._text
        for at in range(draft.anchor - _TIME_WORDS_BEFORE_CUE, draft.anchor + _TIME_WORDS_AFTER_CUE + 1):
            is_outside = at in text.time_starting and not is_in_content(at, draft)
            if is_outside and text.paragraph_of(at) == text.paragraph_of(draft.anchor):
                return text.substring(at, text.time_starting[at])
        return None

    def _note_subject(self, unit: Unit) -> None:
        """Mark whoever opens a sentence as salient: the next pronoun most likely means them."""
        text = self._text
        at = unit.first
        if text.quoted[at] >= 0:
            return
        phrase = phrase_after(text, at, min(unit.last, at + 14))
        if phrase is None or phrase.name is None:
            phrase = opening_name(text, at)
        if phrase is None or phrase.name is None or text.lower[phrase.name[0]] in OPENERS:
            return
        speaker = self._resolver.resolve(phrase, at)
        if speaker is not None:
            self._resolver.mark_salient(speaker, at)


def kind_of(text: AnnotatedText, content: tuple[Span, ...], sort: Sort) -> Kind:
    """The kind of a statement by whether its content is in quotation marks; only outside them can it be mental."""
    inside, outside = False, False
    for span in content:
        for at in range(text.word_at(span.start), text.word_at(span.end - 1) + 1):
            if text.is_word(at):
                inside, outside = inside or text.quoted[at] >= 0, outside or text.quoted[at] < 0
    if inside:
        return Kind.MIXED if outside else Kind.DIRECT
    return Kind.MENTAL if sort is Sort.THOUGHT else Kind.INDIRECT


def context_of(text: AnnotatedText, content: tuple[Span, ...], cue: Span | None) -> Span:
    """The whole sentences that contain content and cue."""
    start, end = content[0].start, content[-1].end
    if cue is not None:
        start, end = min(start, cue.start), max(end, cue.end)
    first, last = text.unit_at(start), text.unit_at(end - 1)
    return Span(min(start, first.span.start), max(end, last.span.end))


def _merge_overlapping(spans: list[Span]) -> tuple[Span, ...]:
    """Sorted spans with those that overlap or touch merged."""
    merged: list[Span] = []
    for span in spans:
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(span.end, merged[-1].end))
        else:
            merged.append(span)
    return tuple(merged)

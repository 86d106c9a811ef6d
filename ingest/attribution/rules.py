"""Who said what: the statements of an article, each with its speaker resolved.

By rules over grammar and quotation marks: every statement can be traced to the word that reports it, and every span is
a slice of the text. Terms (source, cue, content) after Pareti 2012 and PolNeAR (Newell, Margolin and Ruths 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from ingest.attribution.coreference import Cast, Speaker
from ingest.attribution.document import Reading, Unit, read
from ingest.attribution.draft import Draft, Reported, is_inside
from ingest.attribution.grammar import Tree, parsed, together
from ingest.attribution.language import is_english
from ingest.attribution.layout import labels
from ingest.attribution.phrases import opening_name, phrase_after
from ingest.attribution.quote_assignment import Quotations
from ingest.attribution.sentence_reports import Reports, unparsed
from retrieval.english.time_phrases import day_of
from retrieval.english.function_words import OPENERS
from retrieval.english.name_words import is_thing
from retrieval.english.verbs import Sort
from retrieval.types import Article, Kind, Span, Statement

Attribute = Callable[[Sequence[Article]], Iterator[tuple[Statement, ...]]]
"""A way to find the statements of articles, one after another: `attribute_all`, or one that asks a model."""

_SENTENCE = 4
"""Words of a quotation that is not a title or a single term."""

_WRITER = frozenset("i we my our".split())
"""Words by which a text speaks of its own writer."""


def attribute(article: Article) -> tuple[Statement, ...]:
    """Every statement of the article in the order of its text. Time grows linearly with the text.

    The "I" of a column is its author, or "the writer"; a statement of a "he" who is nobody named is left out. Of a text
    that is not English only quotations in marks are taken, and no claim is made about who speaks: the speaker is "".
    """
    return next(attribute_all([article]))


def attribute_all(articles: Iterable[Article]) -> Iterator[tuple[Statement, ...]]:
    """The statements of each article, as `attribute` gives them: in less time, short articles being read together."""
    for batch in together(articles, lambda article: len(article.text)):
        readings = [read(article.text) for article in batch]
        english = [is_english(reading.low) for reading in readings]
        trees = iter(parsed(unparsed(one) for one, is_it in zip(readings, english, strict=True) if is_it))
        for article, reading, is_it in zip(batch, readings, english, strict=True):
            yield _Statements(article, reading, next(trees)).all() if is_it else tuple(_unclaimed(article, reading))


def _unclaimed(article: Article, reading: Reading) -> Iterator[Statement]:
    for number, quotation in enumerate(reading.quotes):
        run = reading.quote_run(number)
        if run is not None and sum(map(reading.is_word, range(run[0], run[1] + 1))) >= _SENTENCE:
            span = quotation.span
            context = Span(min(span.start, reading.unit_at(span.start).span.start), span.end)
            yield Statement(article.id, article.version, "", Kind.DIRECT, (span,), context)


def _drafts(reading: Reading, trees: list[tuple[Span, Tree]]) -> list[Draft]:
    """Every statement of an English text before its speaker is known, in order."""
    reports = Reports(reading, trees)
    labelled = labels(reading)
    runs = [run for draft in labelled for run in draft.content]
    drafts = [draft for draft in reports.drafts if not any(first <= draft.at <= last for first, last in runs)]
    drafts = Quotations(reading, reports.trees, [*drafts, *labelled]).drafts
    told = [draft for draft in drafts if draft.content and _is_told(reading, draft, drafts)]
    return sorted(told, key=lambda draft: draft.first)


def _is_told(reading: Reading, draft: Draft, drafts: list[Draft]) -> bool:
    """Whether a draft is somebody's statement: it has a source, and does not only say where another was printed."""
    if isinstance(draft, Reported) and draft.report.base == "according":
        inside = [one for one in drafts if one is not draft and one.content and is_inside(one.at, draft)]
        if any(reading.quoted[one.content[0][0]] >= 0 and one.phrase for one in inside):
            return False
    if draft.phrase is not None and draft.phrase.name is None and not draft.phrase.pronoun:
        return reading.low[draft.phrase.first] != "no" and not is_thing(reading.low[draft.phrase.head])
    if draft.phrase is not None or draft.goes_on_from is not None:
        return True
    if draft.mention is None or draft.mention.of(reading.text).lower() not in _WRITER:
        return False
    # "I Want You Back" is a title.
    after = reading.word_at(draft.mention.end)
    return after >= len(reading.word) or not reading.capital(after)


class _Statements:
    def __init__(self, article: Article, reading: Reading, trees: list[tuple[Span, Tree]]) -> None:
        self._article = article
        self._reading = reading
        self._trees = trees
        self._cast = Cast(self._reading)
        self._writer = Speaker(article.authors[0] if article.authors else "the writer")

    def all(self) -> tuple[Statement, ...]:
        reading = self._reading
        drafts = _drafts(reading, self._trees)
        speakers: dict[int, Speaker] = {}
        out = []
        number = 0
        for unit in reading.units:
            while number < len(drafts) and drafts[number].first <= unit.last:
                draft = drafts[number]
                number += 1
                speaker = self._speaker(draft, speakers)
                if speaker is not None:
                    speakers[id(draft)] = speaker
                    out.append(self._statement(draft, speaker))
            self._note_subject(unit)
        return tuple(out)

    def _speaker(self, draft: Draft, speakers: dict[int, Speaker]) -> Speaker | None:
        if draft.goes_on_from is not None:
            return speakers.get(id(draft.goes_on_from))
        if draft.phrase is None:
            return self._writer
        speaker = self._cast.of(draft.phrase, draft.at)
        if speaker is not None:
            self._cast.act(speaker, min(draft.at, draft.phrase.first))
        return speaker

    def _statement(self, draft: Draft, speaker: Speaker) -> Statement:
        reading = self._reading
        content = _joined(sorted(reading.span(*run) for run in draft.content))
        when = self._when(draft)
        return Statement(
            article_id=self._article.id,
            version=self._article.version,
            speaker=speaker.name,
            kind=kind_of(reading, content, draft.sort),
            content=content,
            context=context_of(reading, content, draft.cue),
            mention=draft.mention,
            cue=draft.cue,
            aliases=tuple(alias for alias in speaker.aliases if alias != speaker.name),
            role=speaker.role,
            addressee=draft.addressee,
            when=when,
            said_on=day_of(when, self._published()),
        )

    def _published(self) -> date | None:
        return self._article.published.date() if self._article.published else None

    def _when(self, draft: Draft) -> str | None:
        """The article's words for the time, where they stand beside the cue and outside what is reported."""
        reading = self._reading
        for at in range(draft.at - 6, draft.at + 11):
            outside = at in reading.time_starting and not is_inside(at, draft)
            if outside and reading.paragraph_of(at) == reading.paragraph_of(draft.at):
                return reading.words(at, reading.time_starting[at])
        return None

    def _note_subject(self, unit: Unit) -> None:
        """Whoever opens a sentence is the likeliest to be meant by the next pronoun."""
        reading = self._reading
        at = unit.first
        if reading.quoted[at] >= 0:
            return
        phrase = phrase_after(reading, at, min(unit.last, at + 14))
        if phrase is None or phrase.name is None:
            phrase = opening_name(reading, at)
        if phrase is None or phrase.name is None or reading.low[phrase.name[0]] in OPENERS:
            return
        speaker = self._cast.of(phrase, at)
        if speaker is not None:
            self._cast.act(speaker, at)


def kind_of(reading: Reading, content: tuple[Span, ...], sort: Sort) -> Kind:
    """Whether content stands in quotation marks, outside them, or both; outside them a thought is told from words."""
    inside, outside = False, False
    for span in content:
        for at in range(reading.word_at(span.start), reading.word_at(span.end - 1) + 1):
            if reading.is_word(at):
                inside, outside = inside or reading.quoted[at] >= 0, outside or reading.quoted[at] < 0
    if inside:
        return Kind.MIXED if outside else Kind.DIRECT
    return Kind.MENTAL if sort is Sort.THOUGHT else Kind.INDIRECT


def context_of(reading: Reading, content: tuple[Span, ...], cue: Span | None) -> Span:
    """The whole sentences that hold content and cue."""
    start, end = content[0].start, content[-1].end
    if cue is not None:
        start, end = min(start, cue.start), max(end, cue.end)
    first, last = reading.unit_at(start), reading.unit_at(end - 1)
    return Span(min(start, first.span.start), max(end, last.span.end))


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    out: list[Span] = []
    for span in spans:
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(span.end, out[-1].end))
        else:
            out.append(span)
    return tuple(out)

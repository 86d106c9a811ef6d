"""Who said what: the statements of an article, each with its speaker resolved.

By rules over grammar and quotation marks: every statement can be traced to the word that reports it, and every span is
a slice of the text. Terms (source, cue, content) after Pareti 2012 and PolNeAR (Newell, Margolin and Ruths 2018).
"""

from __future__ import annotations

from datetime import date

from ingest.days import day_of
from ingest.drafts import Draft, drafts_of
from ingest.lexicon import Sort
from ingest.phrases import opening_name, phrase_after
from ingest.reading import Reading, Unit, read
from ingest.speakers import Cast, Speaker
from retrieval.types import Article, Kind, Span, Statement


def attribute(article: Article) -> tuple[Statement, ...]:
    """Every statement of the article in the order of its text. Time grows linearly with the text."""
    return _Statements(article).all()


class _Statements:
    def __init__(self, article: Article) -> None:
        self._article = article
        self._reading = read(article.text)
        self._cast = Cast(self._reading)

    def all(self) -> tuple[Statement, ...]:
        reading = self._reading
        drafts = drafts_of(reading)
        speakers: dict[int, Speaker | None] = {}
        out = []
        number = 0
        for unit in reading.units:
            while number < len(drafts) and drafts[number].first <= unit.last:
                draft = drafts[number]
                number += 1
                speaker = speakers[id(draft)] = self._speaker(draft, speakers)
                out.append(self._statement(draft, speaker))
            self._note_subject(unit)
        return tuple(out)

    def _speaker(self, draft: Draft, speakers: dict[int, Speaker | None]) -> Speaker | None:
        if draft.goes_on_from is not None:
            return speakers.get(id(draft.goes_on_from))
        if draft.phrase is None:
            return None
        at = draft.at
        speaker = self._cast.of(draft.phrase, at)
        if speaker is not None:
            self._cast.act(speaker, min(at, draft.phrase.first))
        return speaker

    def _statement(self, draft: Draft, speaker: Speaker | None) -> Statement:
        reading = self._reading
        content = _joined(sorted(reading.span(*run) for run in draft.content))
        when = self._when(draft)
        return Statement(
            article_id=self._article.id,
            version=self._article.version,
            speaker=speaker.name if speaker else "",
            kind=_kind(reading, content, draft.sort),
            content=content,
            context=_context(reading, content, draft),
            mention=draft.mention,
            cue=draft.cue,
            aliases=tuple(alias for alias in speaker.aliases if alias != speaker.name) if speaker else (),
            role=speaker.role if speaker else None,
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
            if at in reading.time_starting and not any(first <= at <= last for first, last in draft.content):
                if reading.paragraph_of(at) == reading.paragraph_of(draft.at):
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
        if phrase is None or phrase.name is None:
            return
        speaker = self._cast.of(phrase, at)
        if speaker is not None:
            self._cast.act(speaker, at)


def _kind(reading: Reading, content: tuple[Span, ...], sort: Sort) -> Kind:
    inside, outside = False, False
    for span in content:
        for at in range(reading.word_at(span.start), reading.word_at(span.end - 1) + 1):
            if reading.is_word(at):
                inside, outside = inside or reading.quoted[at] >= 0, outside or reading.quoted[at] < 0
    if inside:
        return Kind.MIXED if outside else Kind.DIRECT
    return Kind.MENTAL if sort is Sort.THOUGHT else Kind.INDIRECT


def _context(reading: Reading, content: tuple[Span, ...], draft: Draft) -> Span:
    """The whole sentences that hold content and cue."""
    start, end = content[0].start, content[-1].end
    if draft.cue is not None:
        start, end = min(start, draft.cue.start), max(end, draft.cue.end)
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

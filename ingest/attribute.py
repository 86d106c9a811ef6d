"""Who said what: the statements of an article, each with its speaker resolved.

By rules over words and quotation marks: every statement can be traced to the verb that reports it, and every span is a
slice of the text. Terms (source, cue, content) after Pareti 2012 and PolNeAR (Newell, Margolin and Ruths 2018).
"""

from __future__ import annotations

from datetime import date

from ingest.clauses import Cue, cues_of
from ingest.cues import Takes, Verb
from ingest.days import day_of
from ingest.phrases import opening_name, phrase_after
from ingest.reading import Unit, read
from ingest.speakers import Cast, Speaker
from retrieval.types import Article, Kind, Span, Statement

_GOES_ON = 2
"""How many quotations without a cue of their own are taken as going on with the speaker before them."""


def attribute(article: Article) -> tuple[Statement, ...]:
    """Every statement of the article in the order of its text. Time grows linearly with the text."""
    return _Statements(article).all()


class _Statements:
    def __init__(self, article: Article) -> None:
        self._article = article
        self._reading = read(article.text)
        self._cast = Cast(self._reading)
        self._out: list[Statement] = []
        self._gone_on = 0
        self._last_unit = -2
        self._last_speaker: Speaker | None = None

    def all(self) -> tuple[Statement, ...]:
        for number, unit in enumerate(self._reading.units):
            made = self._by_cues(unit)
            if made:
                self._last_unit, self._gone_on = number, 0
            elif self._is_bare_quotation(unit) and self._follows(number):
                self._go_on(unit)
                self._last_unit = number
            self._note_subject(unit)
        return tuple(self._out)

    def _by_cues(self, unit: Unit) -> bool:
        groups: list[tuple[Speaker, list[Cue]]] = []
        for cue in cues_of(self._reading, unit):
            if cue.shares and groups:
                groups[-1][1].append(cue)
                continue
            speaker = self._cast.of(cue.phrase, cue.first) if cue.phrase else None
            if speaker is None:
                continue
            self._cast.act(speaker, cue.phrase.first if cue.phrase else cue.first)
            groups.append((speaker, [cue]))
        for speaker, cues in groups:
            self._out.append(self._statement(unit, speaker, cues))
            self._last_speaker = speaker
        return bool(groups)

    def _statement(self, unit: Unit, speaker: Speaker, cues: list[Cue]) -> Statement:
        reading, cue = self._reading, cues[0]
        content = _joined(sorted(reading.span(*run) for one in cues for run in one.content))
        when = self._when(unit, cue)
        phrase = cue.phrase
        addressee = next((reading.words(*one.addressee) for one in cues if one.addressee), None)
        return Statement(
            article_id=self._article.id,
            version=self._article.version,
            speaker=speaker.name,
            kind=self._kind(content, cue.verb),
            content=content,
            context=unit.span,
            mention=reading.span(phrase.first, phrase.last) if phrase else None,
            cue=reading.span(cue.first, cue.last),
            aliases=tuple(alias for alias in speaker.aliases if alias != speaker.name),
            role=speaker.role,
            addressee=addressee,
            when=when,
            said_on=day_of(when, self._published()),
        )

    def _published(self) -> date | None:
        return self._article.published.date() if self._article.published else None

    def _kind(self, content: tuple[Span, ...], verb: Verb) -> Kind:
        reading = self._reading
        inside, outside = False, False
        for span in content:
            for at in range(reading.word_at(span.start), reading.word_at(span.end - 1) + 1):
                if reading.is_word(at):
                    inside, outside = inside or reading.quoted[at] >= 0, outside or reading.quoted[at] < 0
        if inside:
            return Kind.MIXED if outside else Kind.DIRECT
        return Kind.MENTAL if verb.takes is Takes.THOUGHT else Kind.INDIRECT

    def _when(self, unit: Unit, cue: Cue) -> str | None:
        """The article's words for the time, where they stand beside the cue and outside what is reported."""
        reading = self._reading
        for first, last in reading.time_starting.items():
            inside = unit.first <= first and last <= unit.last
            beside = cue.begins - 4 <= first <= cue.ends + 8
            if inside and beside and not any(cue.ends < begin <= first <= end for begin, end in cue.content):
                return reading.words(first, last)
        return None

    def _is_bare_quotation(self, unit: Unit) -> bool:
        reading = self._reading
        return all(reading.quoted[at] >= 0 or not reading.is_word(at) for at in range(unit.first, unit.last + 1))

    def _follows(self, number: int) -> bool:
        """Whether the unit comes right after a statement in somebody's own words."""
        if number != self._last_unit + 1 or not self._out or self._gone_on >= _GOES_ON:
            return False
        same = self._reading.units[number].paragraph == self._reading.units[number - 1].paragraph
        return same or self._out[-1].kind in (Kind.DIRECT, Kind.MIXED)

    def _go_on(self, unit: Unit) -> None:
        before = self._out[-1]
        self._gone_on += 1
        self._out.append(
            Statement(
                article_id=before.article_id,
                version=before.version,
                speaker=before.speaker,
                kind=Kind.DIRECT,
                content=(unit.span,),
                context=unit.span,
                mention=before.mention,
                aliases=before.aliases,
                role=before.role,
                addressee=before.addressee,
                when=before.when,
                said_on=before.said_on,
            )
        )

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


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    out: list[Span] = []
    for span in spans:
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(span.end, out[-1].end))
        else:
            out.append(span)
    return tuple(out)

"""Is this quotation real? Read `check` first.

Passages that may hold it are looked up by its words (`lookup`), each is compared word by word (`comparing`), and what
is shown is a citation, as everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from retrieval.catalog import Reader
from retrieval.comparing import Passage, Standing, nearest, verbatim
from retrieval.library import Library
from retrieval.lookup import Window, by_phrases, by_words
from retrieval.question import speakers_called
from retrieval.quotation import Quotation, quotation
from retrieval.types import Citation, Span, Statement
from retrieval.verify import cite
from retrieval.wording import Wording, worded

_NEAR = 0.6
"""Likeness from which a passage is what a quotation was made from; calibrated by `tests/bench/check.py`."""

_APART = 200
"""Characters between two statements of a speaker, up to which they are read as running on: '“…,” he said. “…”'."""

_HIS = 0.8
"""Share of a quotation's words that must stand in somebody's statements for it to be that person's."""

_MATCHES = 10


class Verdict(StrEnum):
    """What a quotation is, by the articles stored."""

    VERBATIM = "verbatim"
    ALTERED = "altered"
    MISATTRIBUTED = "misattributed"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quotation stands, or what comes nearest to it.

    `statement`: whose words they are by the article, None where nobody is said to have said them. `difference` and
    `likeness`: see `Standing`.
    """

    citation: Citation
    statement: Statement | None
    difference: str | None
    likeness: float


@dataclass(frozen=True, slots=True)
class Checked:
    """The verdict, the speaker asked for in the words of whoever asked, and the matches that carry it, best first."""

    verdict: Verdict
    speaker: str | None
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    window: Window
    span: Span
    standing: Standing
    statement: Statement | None

    @property
    def speaker(self) -> str | None:
        return self.statement.speaker if self.statement else None


def check(library: Library, given: str, scopes: Sequence[str], speaker: str | None = None) -> Checked:
    """Check a quotation against all current text of the scopes.

    `speaker`: who is said to have said it; None: whoever the quotation itself names, if anybody. Raises QuestionError
    for a quotation without words or one that is too long.
    """
    with library.read(scopes) as db:
        quote = quotation(given, lambda name: bool(speakers_called(name, db, names_only=True)))
        named = speaker or quote.speaker
        names = frozenset(speakers_called(named, db)) if named else None
        found = _found(db, quote, names or ())
    verdict, kept = _judged(found, names)
    proved = (_proved(one, number) for number, one in enumerate(kept[:_MATCHES], 1))
    return Checked(verdict, named, tuple(proved))


def _found(db: Reader, quote: Quotation, names: Collection[str]) -> list[_Found]:
    """Every place where the quotation stands word for word; where there is none, the places that come nearest."""
    windows = by_phrases(db, quote)
    said = db.statements_in({window.article.id for window in windows})
    found = [one for window in windows for one in _verbatim(quote, window, said.get(window.article.id, ()), names)]
    if any(one.standing.difference is None for one in found):
        return [one for one in found if one.standing.difference is None]
    more = by_words(db, quote)
    said |= db.statements_in({window.article.id for window in more} - said.keys())
    for window in more:
        found += _verbatim(quote, window, said.get(window.article.id, ()), names)
    if any(one.standing.difference is None for one in found):
        return [one for one in found if one.standing.difference is None]
    if not found:
        for window in [*windows, *more]:
            found += _nearest(quote, window, said.get(window.article.id, ()), names)
    found.sort(key=lambda one: (-one.standing.likeness, one.speaker not in names, one.window.article.id, one.span))
    best = found[0].standing.likeness if found else 0.0
    return [one for one in found if one.standing.likeness >= max(_NEAR, best - 0.1)]


def _judged(found: list[_Found], names: Collection[str] | None) -> tuple[Verdict, list[_Found]]:
    """The verdict over places all of which are word for word, or none; `names`: of the speaker asked for."""
    if not found:
        return Verdict.NOT_FOUND, []
    if found[0].standing.difference is not None:
        return Verdict.ALTERED, found
    if names is None:
        return Verdict.VERBATIM, sorted(found, key=lambda one: one.statement is None)
    his = [one for one in found if one.speaker in names]
    if his:
        return Verdict.VERBATIM, his
    others = [one for one in found if one.statement is not None]
    return (Verdict.MISATTRIBUTED, others) if others else (Verdict.VERBATIM, found)


def _verbatim(
    quote: Quotation, window: Window, statements: Sequence[Statement], names: Collection[str]
) -> Iterator[_Found]:
    """Where the words stand in the text, or else in what somebody said, the words that report it left out."""
    passages = _passages(window, statements)
    found = False
    for passage in passages:
        if found:
            return
        for standing in verbatim(quote, passage):
            found = found or standing.difference is None
            yield _placed(window, passage, standing, statements, names)


def _nearest(
    quote: Quotation, window: Window, statements: Sequence[Statement], names: Collection[str]
) -> Iterator[_Found]:
    best: tuple[Passage, Standing] | None = None
    for passage in _passages(window, statements):
        standing = nearest(quote, passage)
        if standing and standing.likeness >= _NEAR and (best is None or standing.likeness > best[1].likeness):
            best = passage, standing
    if best:
        yield _placed(window, *best, statements, names)


def _passages(window: Window, statements: Sequence[Statement]) -> Iterator[Passage]:
    """What is compared of a window: its text, then what each speaker says in it without a break."""
    text = window.article.text
    whole = worded(text, window.span.start, window.span.end)
    opening = {span.start for one in statements for span in one.content}
    starts = [at for at, start in enumerate(whole.starts) if start in opening]
    yield Passage(text, whole, frozenset(starts))
    speeches: dict[str, list[list[Span]]] = {}
    for one in statements:
        if one.context.overlaps(window.span):
            speech = speeches.setdefault(one.speaker, [[]])
            if speech[-1] and one.content[0].start - speech[-1][-1].end > _APART:
                speech.append([])
            speech[-1].extend(one.content)
    for spans in (spans for speech in speeches.values() for spans in speech if len(spans) > 1):
        inside = _inside(whole, spans)
        if inside:
            yield Passage(text, whole.picked(inside), frozenset({0}))


def _inside(wording: Wording, spans: Sequence[Span]) -> list[int]:
    """Numbers of the words that lie in spans."""
    begin, end = spans[0].start, max(span.end for span in spans)
    near = [at for at, start in enumerate(wording.starts) if begin <= start < end]
    return [at for at in near if any(span.start <= wording.starts[at] < span.end for span in spans)]


def _placed(
    window: Window, passage: Passage, standing: Standing, statements: Sequence[Statement], names: Collection[str]
) -> _Found:
    wording = passage.wording.picked(range(standing.first, standing.last + 1))
    span = Span(wording.starts[0], wording.ends[-1])
    return _Found(window, span, standing, _whose(wording, span, statements, names))


def _whose(wording: Wording, span: Span, statements: Sequence[Statement], names: Collection[str]) -> Statement | None:
    """The statement that the words belong to: one by the speaker asked for, else the one that holds least besides."""
    near = [one for one in statements if one.context.overlaps(span)]
    by_speaker: dict[str, list[Statement]] = {}
    for one in near:
        by_speaker.setdefault(one.speaker, []).append(one)
    holding: list[tuple[bool, int, int, Statement]] = []
    for speaker, his in by_speaker.items():
        inside = _inside(wording, sorted(content for one in his for content in one.content))
        if len(inside) >= _HIS * len(wording.words):
            size = sum(content.end - content.start for one in his for content in one.content)
            holding.append((speaker not in names, size, his[0].context.start, _fullest(his, span)))
    return min(holding, key=lambda one: one[:3])[3] if holding else None


def _fullest(statements: Sequence[Statement], span: Span) -> Statement:
    """The statement that shares most with a span."""

    def shared(one: Statement) -> int:
        return sum(max(0, min(span.end, part.end) - max(span.start, part.start)) for part in one.content)

    return max(statements, key=shared)


def _proved(one: _Found, number: int) -> Match:
    citation = cite(one.window.article, one.span, number, one.speaker)
    return Match(citation, one.statement, one.standing.difference, one.standing.likeness)

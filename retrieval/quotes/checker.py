"""Is this quotation real? Read `check` first.

Passages that may hold it are looked up by its words (`lookup`), each is compared word by word (`comparing`), and what
is shown is a citation, as everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from retrieval.library import Library
from retrieval.proof import cite
from retrieval.quotes.candidates import Places, Window
from retrieval.quotes.compare import Passage, Standing, in_line, nearest, stands_in, verbatim
from retrieval.quotes.parse import Quotation, quotation
from retrieval.search.speakers import speakers_called
from retrieval.store.reader import Reader
from retrieval.text.normalize import Wording, worded
from retrieval.types import Citation, Span, Statement
from retrieval.util import grouped

_NEAR = 0.6
"""Likeness from which a passage is what a quotation was made from; calibrated by `tests/bench/check.py`."""

_APART = 200
"""Characters between two statements of a speaker, up to which they are read as running on: '“…,” he said. “…”'."""

_HIS = 0.8
"""Share of a quotation's words that must stand in somebody's statements for it to be that person's."""

_CLOSEST = 6
"""Windows compared most closely, and whose statements are loaded for it, where the words do not simply stand there."""

_PLAIN = 0.8
"""Share of a quotation's telling words in line from which a passage found by phrases is its source: no other is sought
by single words."""

_BESIDE = 0.1
"""How much less near than the best a passage may be that is shown beside it."""

_MATCHES = 10


Said = Mapping[str, Sequence[Statement]]


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
class _Compared:
    """A window with the words of it that are compared."""

    window: Window
    passage: Passage


@dataclass(frozen=True, slots=True)
class _Found:
    window: Window
    span: Span
    standing: Standing
    statement: Statement | None

    @property
    def speaker(self) -> str | None:
        return self.statement.speaker if self.statement else None


def check(
    library: Library, given: str, scopes: Sequence[str], speaker: str | None = None, sources: Sequence[str] = ()
) -> Checked:
    """Check a quotation against all current text of the scopes, or that of these sources alone.

    `speaker`: who is said to have said it; None: whoever the quotation itself names, if anybody. Raises QuestionError
    for a quotation without words or one that is too long.
    """
    with library.read(scopes) as db:
        quote = quotation(given, lambda name: bool(speakers_called(name, db, names_only=True)))
        named = speaker or quote.speaker
        # By the very name, too: somebody of whom only thoughts are told is no speaker of the directory.
        names = frozenset({named, *speakers_called(named, db)}) if named else None
        found = _found(db, quote, names or (), sources)
    verdict, kept = _judged(found, names)
    proved = (_proved(one, number) for number, one in enumerate(kept[:_MATCHES], 1))
    return Checked(verdict, named, tuple(proved))


def _found(db: Reader, quote: Quotation, names: Collection[str], sources: Sequence[str]) -> list[_Found]:
    """Every place where the quotation stands word for word; where there is none, the places that come nearest."""
    places = Places(db, quote, names, sources)
    ranked: list[tuple[float, Window]] = []
    # Where the source is known, another passage is only of interest that has every piece of the quotation.
    for first in (True, False):
        windows = places.by_rarest() if first else places.by_others(whole=_nearest_yet(ranked) >= _PLAIN)
        read = [(window, window.words()) for window in windows]
        if found := _clean(quote, [_whole(window) for window in _deciding(quote, read)]):
            said = _said(db, ((one.window.article.id, one.passage.span(standing)) for one, standing in found))
            return _placed_all(quote, found, said, names)
        ranked += [(in_line(quote, words)[0], window) for window, words in read]
    if _nearest_yet(ranked) < _PLAIN:
        ranked += [(in_line(quote, window.words())[0], window) for window in places.by_words()]
    ranked.sort(key=lambda one: -one[0])
    closest = [_whole(window) for _, window in ranked[:_CLOSEST]]
    # Perhaps the words run on only where those that report them are left out: “…,” he said, “…”.
    said = _said(db, ((one.window.article.id, one.window.span) for one in closest))
    closest += _speeches(said, closest)
    return _placed_all(quote, _clean(quote, closest) or _nearest(quote, closest), said, names)


def _nearest_yet(ranked: Sequence[tuple[float, Window]]) -> float:
    """The largest share of the quotation that stands in line anywhere."""
    return max((share for share, _ in ranked), default=0)


def _deciding(quote: Quotation, read: Sequence[tuple[Window, list[str]]]) -> list[Window]:
    """Of windows (with their words) that hold the quotation, those where the speaker asked for speaks, and the first
    few others."""
    holding = [window for window, words in read if stands_in(quote, words)]
    his = [window for window in holding if window.his]
    return his + [window for window in holding if not window.his][:_MATCHES]


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


def _clean(quote: Quotation, among: Sequence[_Compared]) -> list[tuple[_Compared, Standing]]:
    """Where the quotation stands word for word and says the same."""
    return [
        (one, standing) for one in among for standing in verbatim(quote, one.passage) if standing.difference is None
    ]


def _nearest(quote: Quotation, among: Sequence[_Compared]) -> list[tuple[_Compared, Standing]]:
    """The nearest place of each article, where it is near, and not much less so than the best."""
    best: dict[str, tuple[_Compared, Standing]] = {}
    for one in among:
        turned = next(verbatim(quote, one.passage), None)
        standing = turned or nearest(quote, one.passage)
        known = best.get(one.window.article.id)
        if standing and (known is None or standing.likeness > known[1].likeness):
            best[one.window.article.id] = one, standing
    least = max([_NEAR, *(standing.likeness - _BESIDE for _, standing in best.values())])
    return [(one, standing) for one, standing in best.values() if standing.likeness >= least]


def _whole(window: Window) -> _Compared:
    """All that a window holds."""
    text = window.article.text
    return _Compared(window, Passage(text, worded(text, window.span.start, window.span.end)))


def _said(db: Reader, parts_of: Iterable[tuple[str, Span]]) -> Said:
    """The statements in these parts of articles, by article, but for those that nobody is claimed to have made."""
    found = db.statements_within(parts_of)
    return {article_id: [one for one in said if one.speaker] for article_id, said in found.items()}


def _speeches(said: Said, among: Sequence[_Compared]) -> list[_Compared]:
    """What each speaker says in these without a break, the words that report it left out."""
    out = []
    for one in among:
        speeches: dict[str, list[list[Span]]] = {}
        for statement in said.get(one.window.article.id, ()):
            if statement.context.overlaps(one.window.span):
                speech = speeches.setdefault(statement.speaker, [[]])
                if speech[-1] and statement.content[0].start - speech[-1][-1].end > _APART:
                    speech.append([])
                speech[-1].extend(statement.content)
        for spans in (spans for speech in speeches.values() for spans in speech):
            if inside := _inside(one.passage.wording, spans):
                passage = Passage(one.passage.text, one.passage.wording.picked(inside))
                out.append(_Compared(one.window, passage))
    return out


def _inside(wording: Wording, spans: Sequence[Span]) -> list[int]:
    """Numbers of the words that lie in spans."""
    begin, end = spans[0].start, max(span.end for span in spans)
    near = [at for at, start in enumerate(wording.starts) if begin <= start < end]
    return [at for at in near if any(span.start <= wording.starts[at] < span.end for span in spans)]


def _placed_all(
    quote: Quotation, found: Sequence[tuple[_Compared, Standing]], said: Said, names: Collection[str]
) -> list[_Found]:
    """The places with whose words they are: the nearest first, then those of the speaker asked for."""
    placed = []
    for one, standing in found:
        wording, span = one.passage.wording.picked(range(standing.first, standing.last + 1)), one.passage.span(standing)
        # An ellipsis may stand for the words that report it: those are nobody's, and are not asked for.
        least = _HIS * min(len(wording.words), len(quote.wording.words))
        statement = _whose(wording, least, said.get(one.window.article.id, ()), names)
        placed.append(_Found(one.window, span, standing, statement))
    placed.sort(key=lambda one: (-one.standing.likeness, one.speaker not in names, one.statement is None))
    return placed


def _whose(wording: Wording, least: float, statements: Sequence[Statement], names: Collection[str]) -> Statement | None:
    """The statement that `least` of the words belong to: one by the speaker asked for, else the one that holds least
    besides."""
    span = wording.span(0, len(wording.words) - 1)
    near = [one for one in statements if one.context.overlaps(span)]
    holding: list[tuple[bool, int, int, Statement]] = []
    for speaker, his in grouped((one.speaker, one) for one in near).items():
        inside = _inside(wording, sorted(content for one in his for content in one.content))
        if len(inside) >= least:
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

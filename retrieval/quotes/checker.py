"""Checks whether a quotation is real. Start reading at `check`.

Passages that may contain it are looked up by its words (`candidates`), each is compared word by word (`compare`), and
the results are shown as citations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from retrieval.library import Library
from retrieval.proof import cite
from retrieval.quotes.candidates import CandidateSearch, Window
from retrieval.quotes.compare import (
    Alignment,
    ComparedText,
    contains_quotation,
    find_nearest,
    find_verbatim,
    score_lines,
)
from retrieval.quotes.parse import Quotation, parse_quotation
from retrieval.search.speakers import find_speakers
from retrieval.store.reader import CatalogReader
from retrieval.text.normalize import Wording, find_words
from retrieval.types import Citation, Span, Statement
from retrieval.util import group_pairs

_MIN_LIKENESS = 0.6
"""Minimum likeness of the source of an altered quotation; calibrated by `tests/bench/check.py`."""

_MAX_SPEECH_GAP = 200
"""Maximum number of characters between two statements that are read as one speech: '“…,” he said. “…”'."""

_MIN_SPEAKER_SHARE = 0.8
"""Minimum share of a quotation's words that must be in a speaker's statements for the quotation to be theirs."""

_MAX_ALIGNED_WINDOWS = 6
"""Maximum number of windows that are aligned with the quotation, and whose statements are loaded, if it is nowhere
word for word."""

_SOURCE_FOUND_SHARE = 0.8
"""Share of a quotation's content words in line (see `score_lines`) from which a passage found by phrases counts as its
source, so that no other is looked up by single words."""

_MAX_LIKENESS_GAP = 0.1
"""How much less alike than the best passage another one may be and still be shown with it."""

_MAX_MATCHES = 10
"""Maximum number of matches shown."""

StatementsByArticle = Mapping[str, Sequence[Statement]]


class Verdict(StrEnum):
    """What the stored articles say about a quotation."""

    VERBATIM = "verbatim"
    ALTERED = "altered"
    MISATTRIBUTED = "misattributed"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that contains a quotation, or that is most like it.

    `statement`: the statement that the words belong to; None if the article attributes them to nobody. `difference`
    and `likeness`: see `Alignment`.
    """

    citation: Citation
    statement: Statement | None
    difference: str | None
    likeness: float


@dataclass(frozen=True, slots=True)
class CheckedQuotation:
    """The verdict, the requested speaker as the user or the quotation names them, and the matches, best first."""

    verdict: Verdict
    speaker: str | None
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class _ComparedWindow:
    """A window with those of its words that are compared."""

    window: Window
    passage: ComparedText


_AlignedWindow = tuple[_ComparedWindow, Alignment]


@dataclass(frozen=True, slots=True)
class _FoundPlace:
    """Where a quotation was found, and the statement that it belongs to."""

    window: Window
    span: Span
    alignment: Alignment
    statement: Statement | None

    @property
    def speaker(self) -> str | None:
        return self.statement.speaker if self.statement else None


def check(
    library: Library, given: str, scopes: Sequence[str], speaker: str | None = None, sources: Sequence[str] = ()
) -> CheckedQuotation:
    """Check a quotation against the current articles of the scopes, or only those of `sources` if any are given.

    `speaker`: who is claimed to have said it; None: whoever the quotation itself names, if anybody. Raises
    QuestionError for a quotation without words or one that is too long.
    """
    with library.open_reader(scopes) as db:
        quote = parse_quotation(given, lambda name: bool(find_speakers(name, db, names_only=True)))
        named = speaker or quote.speaker
        # The name as given is included: a person of whom only thoughts are reported is not in the speaker directory.
        names = frozenset({named, *find_speakers(named, db)}) if named else None
        found = _find_places(db, quote, names or (), sources)
    verdict, kept = _judge(found, names)
    matches = (_make_match(place, number) for number, place in enumerate(kept[:_MAX_MATCHES], 1))
    return CheckedQuotation(verdict, named, tuple(matches))


def _find_places(
    db: CatalogReader, quote: Quotation, names: Collection[str], sources: Sequence[str]
) -> list[_FoundPlace]:
    """All places with the quotation word for word; if there is none, the places most like it."""
    places = CandidateSearch(db, quote, names, sources)
    ranked: list[tuple[float, Window]] = []
    # Once a likely source is known, only passages with every piece of the quotation are of interest.
    for first in (True, False):
        if first:
            windows = places.find_by_rarest_pieces()
        else:
            windows = places.find_by_other_pieces(whole=_best_share(ranked) >= _SOURCE_FOUND_SHARE)
        read = [(window, window.words()) for window in windows]
        if found := _find_unchanged(quote, [_compare_whole(window) for window in _deciding_windows(quote, read)]):
            said = _load_statements(
                db, ((compared.window.article.id, compared.passage.span(alignment)) for compared, alignment in found)
            )
            return _attribute_places(quote, found, said, names)
        ranked += [(score_lines(quote, words)[0], window) for window, words in read]
    if _best_share(ranked) < _SOURCE_FOUND_SHARE:
        ranked += [(score_lines(quote, window.words())[0], window) for window in places.find_by_words()]
    ranked.sort(key=lambda scored: -scored[0])
    closest = [_compare_whole(window) for _, window in ranked[:_MAX_ALIGNED_WINDOWS]]
    # The quotation may run on only if the reporting words are left out: “…,” he said, “…”.
    said = _load_statements(db, ((compared.window.article.id, compared.window.span) for compared in closest))
    closest += _speeches(said, closest)
    return _attribute_places(quote, _find_unchanged(quote, closest) or _find_nearest(quote, closest), said, names)


def _best_share(ranked: Sequence[tuple[float, Window]]) -> float:
    """The largest share of the quotation that is in line in any window."""
    return max((share for share, _ in ranked), default=0)


def _deciding_windows(quote: Quotation, read: Sequence[tuple[Window, list[str]]]) -> list[Window]:
    """Of the windows (with their words) that contain the quotation: all in which the requested speaker speaks, and the
    first few others."""
    holding = [window for window, words in read if contains_quotation(quote, words)]
    by_speaker = [window for window in holding if window.by_speaker]
    return by_speaker + [window for window in holding if not window.by_speaker][:_MAX_MATCHES]


def _judge(found: list[_FoundPlace], names: Collection[str] | None) -> tuple[Verdict, list[_FoundPlace]]:
    """The verdict, and the places to show for it; `names`: the requested speaker's names.

    The places are all word for word, or none of them is.
    """
    if not found:
        return Verdict.NOT_FOUND, []
    if found[0].alignment.difference is not None:
        return Verdict.ALTERED, found
    if names is None:
        return Verdict.VERBATIM, sorted(found, key=lambda place: place.statement is None)
    by_speaker = [place for place in found if place.speaker in names]
    if by_speaker:
        return Verdict.VERBATIM, by_speaker
    others = [place for place in found if place.statement is not None]
    return (Verdict.MISATTRIBUTED, others) if others else (Verdict.VERBATIM, found)


def _find_unchanged(quote: Quotation, windows: Sequence[_ComparedWindow]) -> list[_AlignedWindow]:
    """The places where the quotation is word for word and says the same."""
    return [
        (compared, alignment)
        for compared in windows
        for alignment in find_verbatim(quote, compared.passage)
        if alignment.difference is None
    ]


def _find_nearest(quote: Quotation, windows: Sequence[_ComparedWindow]) -> list[_AlignedWindow]:
    """The place in each article most like the quotation, if it is alike enough and not much less so than the best."""
    best: dict[str, _AlignedWindow] = {}
    for compared in windows:
        alignment = next(find_verbatim(quote, compared.passage), None) or find_nearest(quote, compared.passage)
        known = best.get(compared.window.article.id)
        if alignment and (known is None or alignment.likeness > known[1].likeness):
            best[compared.window.article.id] = compared, alignment
    least = max([_MIN_LIKENESS, *(alignment.likeness - _MAX_LIKENESS_GAP for _, alignment in best.values())])
    return [(compared, alignment) for compared, alignment in best.values() if alignment.likeness >= least]


def _compare_whole(window: Window) -> _ComparedWindow:
    """A window with all its words."""
    text = window.article.text
    return _ComparedWindow(window, ComparedText(text, find_words(text, window.span.start, window.span.end)))


def _load_statements(db: CatalogReader, parts_of: Iterable[tuple[str, Span]]) -> StatementsByArticle:
    """The statements in these parts of articles, by article, without those that have no speaker."""
    loaded = db.statements_within(parts_of)
    return {article_id: [said for said in statements if said.speaker] for article_id, statements in loaded.items()}


def _speeches(said: StatementsByArticle, windows: Sequence[_ComparedWindow]) -> list[_ComparedWindow]:
    """The uninterrupted speeches of each speaker in these windows, without the reporting words between the parts."""
    out = []
    for compared in windows:
        speeches: dict[str, list[list[Span]]] = {}
        for statement in said.get(compared.window.article.id, ()):
            if statement.context.overlaps(compared.window.span):
                speech = speeches.setdefault(statement.speaker, [[]])
                if speech[-1] and statement.content[0].start - speech[-1][-1].end > _MAX_SPEECH_GAP:
                    speech.append([])
                speech[-1].extend(statement.content)
        for spans in (spans for speech in speeches.values() for spans in speech):
            if inside := _words_inside(compared.passage.wording, spans):
                passage = ComparedText(compared.passage.text, compared.passage.wording.select(inside))
                out.append(_ComparedWindow(compared.window, passage))
    return out


def _words_inside(wording: Wording, spans: Sequence[Span]) -> list[int]:
    """Indices of the words that lie in the spans."""
    begin, end = spans[0].start, max(span.end for span in spans)
    near = [at for at, start in enumerate(wording.starts) if begin <= start < end]
    return [at for at in near if any(span.start <= wording.starts[at] < span.end for span in spans)]


def _attribute_places(
    quote: Quotation,
    found: Sequence[_AlignedWindow],
    said: StatementsByArticle,
    names: Collection[str],
) -> list[_FoundPlace]:
    """The places with the statements they belong to: most alike first, then those of the requested speaker."""
    placed = []
    for compared, alignment in found:
        wording = compared.passage.wording.select(range(alignment.first, alignment.last + 1))
        # An ellipsis may stand for reporting words, which are in no statement: they are not required here.
        least = _MIN_SPEAKER_SHARE * min(len(wording.words), len(quote.wording.words))
        statement = _find_statement(wording, least, said.get(compared.window.article.id, ()), names)
        placed.append(_FoundPlace(compared.window, compared.passage.span(alignment), alignment, statement))
    placed.sort(key=lambda place: (-place.alignment.likeness, place.speaker not in names, place.statement is None))
    return placed


def _find_statement(
    wording: Wording, least: float, statements: Sequence[Statement], names: Collection[str]
) -> Statement | None:
    """A statement of the speaker whose statements contain at least `least` of the words.

    The requested speaker comes first, then the speaker with the shortest statements.
    """
    span = wording.span(0, len(wording.words) - 1)
    near = [statement for statement in statements if statement.context.overlaps(span)]
    holding: list[tuple[bool, int, int, Statement]] = []
    for speaker, spoken in group_pairs((statement.speaker, statement) for statement in near).items():
        contents = sorted(content for statement in spoken for content in statement.content)
        if len(_words_inside(wording, contents)) >= least:
            size = sum(content.end - content.start for content in contents)
            holding.append((speaker not in names, size, spoken[0].context.start, _fullest_statement(spoken, span)))
    return min(holding, key=lambda ranked: ranked[:3])[3] if holding else None


def _fullest_statement(statements: Sequence[Statement], span: Span) -> Statement:
    """The statement that shares the most characters with a span."""

    def shared_characters(statement: Statement) -> int:
        return sum(max(0, min(span.end, part.end) - max(span.start, part.start)) for part in statement.content)

    return max(statements, key=shared_characters)


def _make_match(place: _FoundPlace, number: int) -> Match:
    """The match for a place, with its citation."""
    citation = cite(place.window.article, place.span, number, place.speaker)
    return Match(citation, place.statement, place.alignment.difference, place.alignment.likeness)

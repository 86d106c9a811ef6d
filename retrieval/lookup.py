"""Passages that may hold a quotation, found by its words in the lexical index within a bounded time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from retrieval import words
from retrieval.catalog import Reader
from retrieval.quotation import Quotation
from retrieval.types import Article, Query, Span
from retrieval.wording import words_alone
from retrieval.words import STOPWORDS

CANDIDATES = 24
"""Chunks compared with a quotation, and the most that one look-up of a phrase brings."""

_PIECE = 5
"""Words of a quotation looked up as one phrase: one word changed spoils one piece and leaves the others."""

_PIECES = 6
_SHORT = 8
"""Words up to which a quotation is also looked up with each word left out in turn, the others near each other."""

_STANDING = 4_000
"""Chunks in which the rarest word of a phrase may stand; a phrase of words that are all more common is passed over."""

_LOOKED_AT = 2_000
"""Occurrences that a look-up of single words goes through: each is ranked, which takes microseconds."""

_MARGIN = 100
"""Characters beside a chunk that are compared with it, beyond those that the quotation itself takes."""

_SAID_IN_BETWEEN = 6
"""Characters of the source that a word left out by an ellipsis stands for."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of an article that is compared with a quotation."""

    article: Article
    span: Span

    def words(self) -> list[str]:
        """Its words, folded."""
        return words_alone(self.article.text, self.span.start, self.span.end)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the quotation as it is looked up, and in how many chunks its rarest part stands."""

    text: str
    standing: int


def by_phrases(db: Reader, quote: Quotation, sources: Sequence[str] = ()) -> list[Window]:
    """Where pieces of the quotation stand word for word, those with most pieces first; in these sources, if any."""
    return _windows(db, quote, _holding_pieces(db, _looked_up(db, quote), sources))


def by_words(db: Reader, quote: Quotation, sources: Sequence[str] = ()) -> list[Window]:
    """Where most words of the quotation stand: for one whose every piece was changed; in these sources, if any."""
    runs = _looked_up(db, quote)
    all_words = [word for run in runs for word in run]
    found = list(_holding_most(db, all_words, sources)) if len(all_words) <= _SHORT else []
    match = _rarest(all_words)
    if match:
        found += [chunk_id for chunk_id, _ in _ranked(db, f"body : ({match})", sources)]
    return _windows(db, quote, list(dict.fromkeys(found)))


def _ranked(db: Reader, match: str, sources: Sequence[str]) -> list[tuple[int, float]]:
    if sources:
        return db.words(match, Query("", db.scopes, sources=tuple(sources)), 3 * CANDIDATES)
    return db.words_anywhere(match, 3 * CANDIDATES)


def _looked_up(db: Reader, quote: Quotation) -> list[list[_Word]]:
    """The words of each run that the index knows how to look up."""
    shown = [quote.text[a:b] for a, b in zip(quote.wording.starts, quote.wording.ends, strict=True)]
    stems = [words.stems(text) for text in shown]
    # How often the commonest words stand takes long to count and need not be known exactly.
    telling = {stem for text, its in zip(shown, stems, strict=True) for stem in its if text.lower() not in STOPWORDS}
    known = db.frequencies(telling)
    size = db.counts()["chunks"]
    runs = []
    for first, end in quote.runs:
        run = zip(shown[first:end], stems[first:end], strict=True)
        runs.append(
            [_Word(text, min(_standing(stem, telling, known, size) for stem in its)) for text, its in run if its]
        )
    return runs


def _standing(stem: str, telling: Collection[str], known: Mapping[str, int], size: int) -> int:
    return known.get(stem, 0) if stem in telling else size


def _holding_pieces(db: Reader, runs: Sequence[Sequence[_Word]], sources: Sequence[str]) -> list[int]:
    """Chunks that hold pieces of the runs: the most pieces first, then those with the rarest piece."""
    pieces = sorted((piece for run in runs for piece in _pieces(run)), key=_rarity)
    counted: Counter[int] = Counter()
    for piece in pieces[:_PIECES]:
        if _rarity(piece) <= _STANDING or not counted:
            counted.update(db.holding(f"body : {_phrase(piece)}", CANDIDATES, sources))
    return [chunk_id for chunk_id, _ in counted.most_common(CANDIDATES)]


def _pieces(run: Sequence[_Word]) -> Iterator[Sequence[_Word]]:
    """A run in parts of like length."""
    number = max(1, round(len(run) / _PIECE))
    cuts = [round(len(run) * at / number) for at in range(number + 1)]
    yield from (run[a:b] for a, b in pairwise(cuts) if a < b)


def _rarity(piece: Iterable[_Word]) -> int:
    return min(word.standing for word in piece)


def _phrase(piece: Iterable[_Word]) -> str:
    return f'"{" ".join(word.text for word in piece)}"'


def _holding_most(db: Reader, run: Sequence[_Word], sources: Sequence[str]) -> Iterator[int]:
    """Chunks that hold all words but one, close together."""
    if len(run) < 3:
        return
    for left_out in range(len(run)):
        kept = [word for at, word in enumerate(run) if at != left_out]
        if 0 < _rarity(kept) <= _STANDING:
            near = " ".join(_phrase([word]) for word in kept)
            yield from db.holding(f"body : NEAR({near}, {len(run)})", CANDIDATES, sources)


def _rarest(run: Iterable[_Word]) -> str:
    """An expression for the rarest words that stand anywhere, as many as stay within the limit, and one at least."""
    by_rarity = sorted({word.text: word for word in run if word.standing}.values(), key=lambda word: word.standing)
    chosen: list[_Word] = []
    spent = 0
    for word in by_rarity:
        spent += word.standing
        if chosen and spent > _LOOKED_AT:
            break
        chosen.append(word)
    return " OR ".join(_phrase([word]) for word in chosen)


def _windows(db: Reader, quote: Quotation, chunk_ids: Sequence[int]) -> list[Window]:
    """The chunks with what stands around them, in the order given; those of one article that meet are one."""
    loaded = db.chunks(chunk_ids[: 3 * CANDIDATES])
    left_out = sum(gap.most for gap in quote.gaps) * _SAID_IN_BETWEEN
    margin = _MARGIN + len(quote.text) * 5 // 4 + left_out
    out: dict[str, list[Window]] = {}
    held = [loaded[chunk_id] for chunk_id in chunk_ids if chunk_id in loaded][:CANDIDATES]
    for chunk, article in held:
        span = _widened(article.text, chunk.span, margin)
        mine = out.setdefault(article.id, [])
        for one in [other for other in mine if other.span.overlaps(span)]:
            mine.remove(one)
            span = Span(min(span.start, one.span.start), max(span.end, one.span.end))
        mine.append(Window(article, span))
    return [window for windows in out.values() for window in windows]


def _widened(text: str, span: Span, margin: int) -> Span:
    """A span with up to `margin` characters more on each side, cut at white space."""
    start, end = max(0, span.start - margin), min(len(text), span.end + margin)
    while 0 < start < span.start and not text[start - 1].isspace():
        start += 1
    while span.end < end < len(text) and not text[end].isspace():
        end -= 1
    return Span(start, end)

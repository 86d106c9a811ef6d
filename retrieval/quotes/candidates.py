"""Passages that may hold a quotation, found by its words in the lexical index within a bounded time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import log

from retrieval.quotes.parse import Quotation
from retrieval.store.reader import Reader
from retrieval.text import stems as words
from retrieval.text.normalize import words_alone
from retrieval.text.stems import STOPWORDS
from retrieval.types import Article, Chunk, Query, Span
from retrieval.util import parts

CANDIDATES = 16
"""Chunks compared with a quotation at a time."""

_HIS = 12
"""Of these, the most that are taken because the speaker asked for speaks there."""

_BLOCK = 100
"""Chunks of whose scopes is asked at a time."""

_PIECE = 5
"""Words of a quotation looked up as one phrase: one word changed spoils one piece and leaves the others."""

_PIECES = 6
_FIRST = 2
"""Pieces looked up before passages are compared: the others only where the quotation does not stand in those found."""

_SHORT = 8
"""Words up to which a quotation is also looked up with each word left out in turn, the others near each other."""

_STANDING = 4_000
"""Chunks in which the rarest word of a phrase may stand; a phrase of words that are all more common is passed over."""

_COMMON = 300
"""Occurrences looked at of such a phrase where there is no other, and statements of the speaker asked for."""

_SPOKEN = 1_500
"""Chunks, or statements, among which those of the speaker asked for are told: each takes some microseconds."""

_LOOKED_AT = 6_000
"""Occurrences that a look-up of single words goes through."""

_MARGIN = 100
"""Characters beside a chunk that are compared with it, beyond those that the quotation itself takes."""

_SAID_IN_BETWEEN = 6
"""Characters of the source that a word left out by an ellipsis stands for."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of an article that is compared with a quotation; `his`: whether the speaker asked for speaks there."""

    article: Article
    span: Span
    his: bool = False

    def words(self) -> list[str]:
        """Its words, folded."""
        return words_alone(self.article.text, self.span.start, self.span.end)


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the quotation as it is looked up, in how many chunks its rarest part stands (counted up to _STANDING),
    and whether it tells anything of what the text is about."""

    text: str
    standing: int
    telling: bool


class Places:
    """Where a quotation may stand, said by whomever, or by one of these names: they are looked for among all places of
    its words, however many there are. Where sources are named, in these alone."""

    def __init__(self, db: Reader, quote: Quotation, names: Collection[str], sources: Sequence[str] = ()) -> None:
        self._db = db
        self._sources = tuple(sources)
        self._quote = quote
        self._names = names
        self._runs = _looked_up(db, quote)
        self._pieces = sorted((piece for run in self._runs for piece in _pieces(run)), key=_rarity)[:_PIECES]
        self._rare = [piece for piece in self._pieces if 0 < _rarity(piece) < _STANDING]
        self._counted: Counter[int] = Counter()
        self._shown: set[int] = set()
        left_out = sum(gap.most for gap in quote.gaps) * _SAID_IN_BETWEEN
        self._margin = _MARGIN + len(quote.text) * 5 // 4 + left_out

    def by_rarest(self) -> list[Window]:
        """Where the rarest pieces of the quotation stand word for word: first where one of the names speaks, then those
        with most pieces."""
        self._count(self._rare[:_FIRST])
        return self._windows(self._counted)

    def by_others(self, *, whole: bool) -> list[Window]:
        """Where other pieces stand, too; `whole`: only where all do."""
        self._count(self._rare[_FIRST:])
        common = iter([piece for piece in self._pieces if _rarity(piece) >= _STANDING])
        while not self._counted and (piece := next(common, ())):
            self._counted.update(self._holding_common(piece))
        least = len(self._rare) if whole else 1
        return self._windows(Counter({one: number for one, number in self._counted.items() if number >= least}))

    def _count(self, pieces: Sequence[Sequence[_Word]]) -> None:
        for piece in pieces:
            self._counted.update(self._db.holding_anywhere(f"body : {_phrase(piece)}", _STANDING))

    def by_words(self) -> list[Window]:
        """Where most words of the quotation stand: for one whose every piece was changed."""
        words = [word for run in self._runs for word in run]
        counted: Counter[int] = Counter()
        if len(words) <= _SHORT:
            # Before all that only share words with it.
            counted.update(dict.fromkeys(_holding_most(self._db, words, self._sources), _STANDING))
        size = self._db.counts()["chunks"]
        for word in _rarest(words):
            weight = round(10 * log(1 + size / word.standing))
            found = self._db.holding_anywhere(f"body : {_phrase([word])}", _STANDING)
            counted.update(dict.fromkeys(found, weight))
        return self._windows(counted)

    def _holding_common(self, piece: Sequence[_Word]) -> list[int]:
        match = f"body : {_phrase(piece)}"
        found = self._db.holding(match, _COMMON, self._sources)
        if self._names and len(found) == _COMMON:
            his = self._db.spoken_by(self._names, self._margin, _COMMON)
            found += set(self._db.holding_among(match, his)).difference(found)
        return found

    def _windows(self, counted: Counter[int]) -> list[Window]:
        """The best of the chunks that were not compared before, with what stands around them."""
        best = self._admitted([chunk_id for chunk_id, _ in counted.most_common() if chunk_id not in self._shown])
        near: set[int] = set()
        if self._names:
            near = self._db.spoken_near(best, self._names, self._margin, _SPOKEN)
        his = [chunk_id for chunk_id in best if chunk_id in near][:_HIS]
        chosen, taken = his, set(his)
        for part in parts([chunk_id for chunk_id in best if chunk_id not in taken], _BLOCK):
            if len(chosen) >= CANDIDATES:
                break
            here = self._db.here(part)
            chosen = (chosen + [chunk_id for chunk_id in part if chunk_id in here])[:CANDIDATES]
        self._shown.update(chosen)
        return _windows(self._db.chunks(chosen), chosen, self._margin, near)

    def _admitted(self, chunk_ids: list[int]) -> list[int]:
        """Those of the sources, in the order given."""
        if not self._sources:
            return chunk_ids
        query = Query("", self._db.scopes, sources=self._sources)
        kept = {one for part in parts(chunk_ids, _STANDING) for one in self._db.admitted(part, query)}
        return [chunk_id for chunk_id in chunk_ids if chunk_id in kept]


def _looked_up(db: Reader, quote: Quotation) -> list[list[_Word]]:
    """The words of each run that the index knows how to look up."""
    shown = [quote.text[a:b] for a, b in zip(quote.wording.starts, quote.wording.ends, strict=True)]
    parted = [words.parted(text) for text in shown]
    telling = [text.lower() not in STOPWORDS for text in shown]
    # How often the commonest words stand need not be known.
    known = db.standing({part for its, tells in zip(parted, telling, strict=True) if tells for part in its}, _STANDING)
    standing = [min((known.get(part, _STANDING) for part in its), default=0) for its in parted]
    all_words = [_Word(*one) for one in zip(shown, standing, telling, strict=True)]
    return [[all_words[at] for at in range(first, end) if parted[at]] for first, end in quote.runs]


def _pieces(run: Sequence[_Word]) -> Iterator[Sequence[_Word]]:
    """A run in parts of like length."""
    number = max(1, round(len(run) / _PIECE))
    cuts = [round(len(run) * at / number) for at in range(number + 1)]
    yield from (run[a:b] for a, b in pairwise(cuts) if a < b)


def _rarity(piece: Iterable[_Word]) -> int:
    return min(word.standing for word in piece)


def _phrase(piece: Sequence[_Word]) -> str:
    """A piece as a phrase, from its first telling word to its last where there are two: "the" before them is in a
    hundred thousand chunks, which takes time and tells nothing."""
    telling = [at for at, word in enumerate(piece) if word.telling]
    kept = piece[telling[0] : telling[-1] + 1] if len(telling) > 1 else piece
    return f'"{" ".join(word.text for word in kept)}"'


def _holding_most(db: Reader, run: Sequence[_Word], sources: Sequence[str]) -> Iterator[int]:
    """Chunks that hold all words but one, close together; where two tell anything, the others are not asked for."""
    if len(run) < 3:
        return
    asked = set()
    for left_out in range(len(run)):
        kept = [word for at, word in enumerate(run) if at != left_out]
        telling = [word for word in kept if word.telling]
        kept = telling if len(telling) > 1 else kept
        near = " ".join(_phrase([word]) for word in kept)
        if near not in asked and _rarity(kept) > 0 and (len(telling) > 1 or _rarity(kept) < _STANDING):
            asked.add(near)
            yield from db.holding(f"body : NEAR({near}, {len(run)})", CANDIDATES, sources)


def _rarest(run: Iterable[_Word]) -> list[_Word]:
    """The rarest words that stand anywhere, as many as stay within the limit."""
    rare = {word.text: word for word in run if 0 < word.standing < _STANDING}
    by_rarity = sorted(rare.values(), key=lambda word: word.standing)
    return [
        word
        for word, spent in zip(by_rarity, accumulate(word.standing for word in by_rarity), strict=True)
        if spent <= _LOOKED_AT
    ]


def _windows(
    loaded: Mapping[int, tuple[Chunk, Article]], chosen: Sequence[int], margin: int, his: Collection[int]
) -> list[Window]:
    """The chunks with what stands around them, in the order given; those of one article that meet are one."""
    out: dict[str, list[Window]] = {}
    for chunk_id in chosen:
        if chunk_id not in loaded:
            continue
        chunk, article = loaded[chunk_id]
        span, is_his = _widened(article.text, chunk.span, margin), chunk_id in his
        mine = out.setdefault(article.id, [])
        for one in [other for other in mine if other.span.overlaps(span)]:
            mine.remove(one)
            span = Span(min(span.start, one.span.start), max(span.end, one.span.end))
            is_his = is_his or one.his
        mine.append(Window(article, span, is_his))
    return [window for windows in out.values() for window in windows]


def _widened(text: str, span: Span, margin: int) -> Span:
    """A span with up to `margin` characters more on each side, cut at white space."""
    start, end = max(0, span.start - margin), min(len(text), span.end + margin)
    while 0 < start < span.start and not text[start - 1].isspace():
        start += 1
    while span.end < end < len(text) and not text[end].isspace():
        end -= 1
    return Span(start, end)

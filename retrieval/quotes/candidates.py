"""Finds passages that may contain a quotation, by its words in the full-text index and within a bounded time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import log

from retrieval.quotes.parse import Quotation
from retrieval.store.reader import CatalogReader
from retrieval.text import stems as words
from retrieval.text.normalize import normalized_words
from retrieval.text.stems import STOPWORDS
from retrieval.types import Article, Chunk, Query, Span
from retrieval.util import parts

MAX_CANDIDATES = 16
"""Maximum number of chunks compared with a quotation at a time."""

_MAX_SPEAKER_CANDIDATES = 12
"""Maximum number of these chunks that are taken because the requested speaker speaks there."""

_SCOPE_CHECK_BATCH = 100
"""Number of chunks whose scopes are checked per database query."""

_WORDS_PER_PIECE = 5
"""Words of a quotation looked up as one phrase. A changed word spoils only the piece that it is in."""

_MAX_PIECES = 6
"""Maximum number of pieces looked up per quotation."""

_FIRST_PIECES = 2
"""Pieces looked up first. The others are looked up only if the quotation is not in the passages found with these."""

_MAX_SHORT_QUOTE_WORDS = 8
"""Maximum number of words of a short quotation. A short one is also looked up with each word left out in turn and the
other words near each other."""

_MAX_COUNTED_CHUNKS = 4_000
"""Maximum number of chunks counted per word. A phrase whose words are all in at least this many chunks counts as common
and is looked up only if nothing else is found."""

_MAX_COMMON_HITS = 300
"""Maximum number of chunks read for such a common phrase, and of the requested speaker's statements read with it."""

_MAX_SPEAKER_CHECKS = 1_500
"""Maximum number of chunks or statements checked for the requested speaker; each takes a few microseconds."""

_MAX_WORD_HITS = 6_000
"""Maximum number of chunks, summed over the words, read when single words are looked up."""

_MARGIN_CHARACTERS = 100
"""Characters on each side of a chunk that are compared with it, in addition to the length of the quotation."""

_CHARACTERS_PER_OMITTED_WORD = 6
"""Characters allowed in the source for each word that an ellipsis leaves out."""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of an article that is compared with a quotation; `by_speaker`: whether the requested speaker speaks
    there."""

    article: Article
    span: Span
    by_speaker: bool = False

    def words(self) -> list[str]:
        """Its words, normalized."""
        return normalized_words(self.article.text, self.span.start, self.span.end)


@dataclass(frozen=True, slots=True)
class _IndexedWord:
    """A word of the quotation as it is looked up in the index.

    `chunk_count`: number of chunks with its rarest part, counted up to `_MAX_COUNTED_CHUNKS`. `is_content`: false for a
    stop word.
    """

    text: str
    chunk_count: int
    is_content: bool


class CandidateSearch:
    """The search for passages that may contain a quotation, in all sources or only in those given.

    Passages in which one of `names` speaks are looked for among all occurrences, however many others there are.
    """

    def __init__(
        self, db: CatalogReader, quote: Quotation, names: Collection[str], sources: Sequence[str] = ()
    ) -> None:
        self._db = db
        self._sources = tuple(sources)
        self._quote = quote
        self._names = names
        self._runs = _lookup_runs(db, quote)
        pieces = (piece for run in self._runs for piece in _split_into_pieces(run))
        self._pieces = sorted(pieces, key=_fewest_chunks)[:_MAX_PIECES]
        self._rare = [piece for piece in self._pieces if 0 < _fewest_chunks(piece) < _MAX_COUNTED_CHUNKS]
        self._pieces_found: Counter[int] = Counter()
        self._compared: set[int] = set()
        left_out = sum(gap.max_words for gap in quote.gaps) * _CHARACTERS_PER_OMITTED_WORD
        self._margin = _MARGIN_CHARACTERS + len(quote.text) * 5 // 4 + left_out

    def find_by_rarest_pieces(self) -> list[Window]:
        """Windows with the rarest pieces of the quotation word for word: first those in which one of the names speaks,
        then those with the most pieces."""
        self._count_pieces(self._rare[:_FIRST_PIECES])
        return self._best_windows(self._pieces_found)

    def find_by_other_pieces(self, *, whole: bool) -> list[Window]:
        """Windows with the other pieces, too; `whole`: only those that contain all pieces."""
        self._count_pieces(self._rare[_FIRST_PIECES:])
        common = iter([piece for piece in self._pieces if _fewest_chunks(piece) >= _MAX_COUNTED_CHUNKS])
        while not self._pieces_found and (piece := next(common, ())):
            self._pieces_found.update(self._chunks_with_common_piece(piece))
        least = len(self._rare) if whole else 1
        return self._best_windows(
            Counter({chunk: number for chunk, number in self._pieces_found.items() if number >= least})
        )

    def _count_pieces(self, pieces: Sequence[Sequence[_IndexedWord]]) -> None:
        for piece in pieces:
            self._pieces_found.update(
                self._db.chunks_matching_anywhere(f"body : {_phrase(piece)}", _MAX_COUNTED_CHUNKS)
            )

    def find_by_words(self) -> list[Window]:
        """Windows with most of the quotation's words, for a quotation in which every piece was changed."""
        words = [word for run in self._runs for word in run]
        counted: Counter[int] = Counter()
        if len(words) <= _MAX_SHORT_QUOTE_WORDS:
            # The weight puts these before all chunks that only share words with the quotation.
            counted.update(dict.fromkeys(_chunks_with_most_words(self._db, words, self._sources), _MAX_COUNTED_CHUNKS))
        size = self._db.counts()["chunks"]
        for word in _rarest_words(words):
            weight = round(10 * log(1 + size / word.chunk_count))
            chunk_ids = self._db.chunks_matching_anywhere(f"body : {_phrase([word])}", _MAX_COUNTED_CHUNKS)
            counted.update(dict.fromkeys(chunk_ids, weight))
        return self._best_windows(counted)

    def _chunks_with_common_piece(self, piece: Sequence[_IndexedWord]) -> list[int]:
        match = f"body : {_phrase(piece)}"
        chunk_ids = self._db.chunks_matching(match, _MAX_COMMON_HITS, self._sources)
        if self._names and len(chunk_ids) == _MAX_COMMON_HITS:
            spoken = self._db.chunks_with_statements(self._names, self._margin, _MAX_COMMON_HITS)
            chunk_ids += set(self._db.chunks_matching_among(match, spoken)).difference(chunk_ids)
        return chunk_ids

    def _best_windows(self, counted: Counter[int]) -> list[Window]:
        """The best chunks that were not compared before, with the text around them."""
        best = self._filter_by_source(
            [chunk_id for chunk_id, _ in counted.most_common() if chunk_id not in self._compared]
        )
        near: set[int] = set()
        if self._names:
            near = self._db.chunks_near_statements(best, self._names, self._margin, _MAX_SPEAKER_CHECKS)
        by_speaker = [chunk_id for chunk_id in best if chunk_id in near][:_MAX_SPEAKER_CANDIDATES]
        chosen, taken = by_speaker, set(by_speaker)
        for part in parts([chunk_id for chunk_id in best if chunk_id not in taken], _SCOPE_CHECK_BATCH):
            if len(chosen) >= MAX_CANDIDATES:
                break
            here = self._db.chunks_in_scopes(part)
            chosen = (chosen + [chunk_id for chunk_id in part if chunk_id in here])[:MAX_CANDIDATES]
        self._compared.update(chosen)
        return _merge_windows(self._db.chunks(chosen), chosen, self._margin, near)

    def _filter_by_source(self, chunk_ids: list[int]) -> list[int]:
        """The chunks that belong to the sources, in the order given."""
        if not self._sources:
            return chunk_ids
        query = Query("", self._db.scopes, sources=self._sources)
        kept = {
            chunk_id
            for part in parts(chunk_ids, _MAX_COUNTED_CHUNKS)
            for chunk_id in self._db.filter_chunks(part, query)
        }
        return [chunk_id for chunk_id in chunk_ids if chunk_id in kept]


def _lookup_runs(db: CatalogReader, quote: Quotation) -> list[list[_IndexedWord]]:
    """The words of each run that can be looked up in the index."""
    shown = [quote.text[a:b] for a, b in zip(quote.wording.starts, quote.wording.ends, strict=True)]
    parted = [words.split_words(text) for text in shown]
    is_content = [text.lower() not in STOPWORDS for text in shown]
    # Stop words are not counted: they are common in any case.
    counted = {part for word_parts, content in zip(parted, is_content, strict=True) if content for part in word_parts}
    known = db.chunk_counts(counted, _MAX_COUNTED_CHUNKS)
    chunk_counts = [
        min((known.get(part, _MAX_COUNTED_CHUNKS) for part in word_parts), default=0) for word_parts in parted
    ]
    all_words = [_IndexedWord(*fields) for fields in zip(shown, chunk_counts, is_content, strict=True)]
    return [[all_words[at] for at in range(first, end) if parted[at]] for first, end in quote.runs]


def _split_into_pieces(run: Sequence[_IndexedWord]) -> Iterator[Sequence[_IndexedWord]]:
    """A run cut into pieces of about equal length."""
    number = max(1, round(len(run) / _WORDS_PER_PIECE))
    cuts = [round(len(run) * at / number) for at in range(number + 1)]
    yield from (run[a:b] for a, b in pairwise(cuts) if a < b)


def _fewest_chunks(piece: Iterable[_IndexedWord]) -> int:
    """The chunk count of the rarest word of a piece."""
    return min(word.chunk_count for word in piece)


def _phrase(piece: Sequence[_IndexedWord]) -> str:
    """A piece as a phrase of the index's query language.

    With two or more content words it runs from the first to the last of these: a "the" before them is in a hundred
    thousand chunks, which takes time and narrows nothing.
    """
    content = [at for at, word in enumerate(piece) if word.is_content]
    kept = piece[content[0] : content[-1] + 1] if len(content) > 1 else piece
    return f'"{" ".join(word.text for word in kept)}"'


def _chunks_with_most_words(db: CatalogReader, run: Sequence[_IndexedWord], sources: Sequence[str]) -> Iterator[int]:
    """Chunks with all words but one close together; with two or more content words, only these are looked up."""
    if len(run) < 3:
        return
    searched = set()
    for left_out in range(len(run)):
        kept = [word for at, word in enumerate(run) if at != left_out]
        content = [word for word in kept if word.is_content]
        kept = content if len(content) > 1 else kept
        near = " ".join(_phrase([word]) for word in kept)
        if (
            near not in searched
            and _fewest_chunks(kept) > 0
            and (len(content) > 1 or _fewest_chunks(kept) < _MAX_COUNTED_CHUNKS)
        ):
            searched.add(near)
            yield from db.chunks_matching(f"body : NEAR({near}, {len(run)})", MAX_CANDIDATES, sources)


def _rarest_words(run: Iterable[_IndexedWord]) -> list[_IndexedWord]:
    """The rarest words that occur at all, as many as stay within the limit."""
    rare = {word.text: word for word in run if 0 < word.chunk_count < _MAX_COUNTED_CHUNKS}
    by_rarity = sorted(rare.values(), key=lambda word: word.chunk_count)
    return [
        word
        for word, spent in zip(by_rarity, accumulate(word.chunk_count for word in by_rarity), strict=True)
        if spent <= _MAX_WORD_HITS
    ]


def _merge_windows(
    loaded: Mapping[int, tuple[Chunk, Article]], chosen: Sequence[int], margin: int, by_speaker: Collection[int]
) -> list[Window]:
    """The chunks with the text around them, in the order given; overlapping windows of one article are merged."""
    out: dict[str, list[Window]] = {}
    for chunk_id in chosen:
        if chunk_id not in loaded:
            continue
        chunk, article = loaded[chunk_id]
        span, is_by_speaker = _widen(article.text, chunk.span, margin), chunk_id in by_speaker
        of_article = out.setdefault(article.id, [])
        for window in [other for other in of_article if other.span.overlaps(span)]:
            of_article.remove(window)
            span = Span(min(span.start, window.span.start), max(span.end, window.span.end))
            is_by_speaker = is_by_speaker or window.by_speaker
        of_article.append(Window(article, span, is_by_speaker))
    return [window for windows in out.values() for window in windows]


def _widen(text: str, span: Span, margin: int) -> Span:
    """A span with up to `margin` more characters on each side, cut at white space."""
    start, end = max(0, span.start - margin), min(len(text), span.end + margin)
    while 0 < start < span.start and not text[start - 1].isspace():
        start += 1
    while span.end < end < len(text) and not text[end].isspace():
        end -= 1
    return Span(start, end)

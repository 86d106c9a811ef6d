"""Hybrid search: words and vectors, joined by reciprocal rank fusion, and the best of both looked at once more.

Fusion after Cormack, Clarke and Büttcher 2009: a chunk's score is the sum over channels of 1 / (`_K` + rank).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

import numpy as np
import numpy.typing as npt

from retrieval.english.quotation_marks import CLOSING, DOUBLE, OPENING
from retrieval.library import Library
from retrieval.search.chunk_ranking import FUSED, rescored
from retrieval.search.term_weights import terms_of
from retrieval.search.words_only import measures, searched
from retrieval.store.reader import Reader
from retrieval.text import stems
from retrieval.types import Article, Passage, Query

_K = 30
"""Added to a rank before it divides: the larger, the less the first ranks count (`docs/quality.md` has the sweep)."""

_DEPTH = 50
"""Chunks taken from each channel."""

_RESCORED = 40
"""Chunks, the best of all channels together, that are looked at once more."""

HIGHEST = 2 / (_K + 1)
"""What a chunk has that is first by words and by meaning."""

_COMPARED = 4_000
"""Chunks of a span of dates or of a source up to which each is compared with the question."""

_WIDER = 8
"""How many times deeper the vector channel looks where dates or sources will drop much of what it finds."""

_COMMON = 0.25
"""Terms in more than this share of all chunks are left out of the lexical query, unless all are: they rank nothing."""

_LOOKED_AT = 4_000
"""Occurrences that one lexical query looks at, by which its time stays the same however large the library grows: where
a rare word and a common one are asked for, the common one moves little in the ranking and takes nearly all the time."""

_SMALL = 400
"""Libraries with fewer chunks than this use every term: there the rule would drop a story's own subject."""

_SAME = 0.8
"""Share of the words of two passages that are in both, from which on one is a copy of the other."""

_QUOTED = re.compile(rf'["{OPENING}]([^{DOUBLE}]{{3,200}})["{CLOSING}]')
_PHRASE = 12
"""Words in quotation marks up to which they are looked for as they stand together."""


def search(library: Library, db: Reader, query: Query, k: int, vector: npt.NDArray[np.float32]) -> list[Passage]:
    """The `k` best passages for a query and its vector, best first; copies of a passage are listed once."""
    fused: dict[int, float] = {}
    scores: dict[int, dict[str, float]] = {}
    channels: list[tuple[str, list[tuple[int, float]]]] = []
    for prefix, asked in _asked(query):
        channels.append((f"{prefix}lexical", _lexical(db, asked)))
        if measures(library):
            channels.append((f"{prefix}vector", _vector(library, db, asked, vector)))
    for channel, hits in channels:
        for rank, (chunk_id, score) in enumerate(hits, 1):
            fused[chunk_id] = fused.get(chunk_id, 0.0) + 1 / (_K + rank)
            scores.setdefault(chunk_id, {})[channel] = score
    order = sorted(fused, key=lambda chunk_id: (-fused[chunk_id], chunk_id))[: max(_RESCORED, 3 * k)]
    loaded = db.chunks(order)
    passages = [
        Passage(article, chunk, fused[one], scores[one] | {FUSED: fused[one]}, 1)
        for one, chunk, article in ((one, *loaded[one]) for one in order)
    ]
    ranked = rescored(db, query, passages, terms_of(db, query, db.counts()["chunks"]), vector, HIGHEST)
    return [replace(one, rank=rank) for rank, one in enumerate(islice(_folded(ranked), k), 1)]


def _asked(query: Query) -> Iterator[tuple[str, Query]]:
    """The query, and once more narrowed to the days that it favours: what is of these counts twice."""
    yield "", query
    if query.favoured:
        yield "favoured ", replace(query, since=query.favoured[0], until=query.favoured[1])


def _folded(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages without those that are nearly all the words of one before.

    What gives other figures is no copy, however like it is: a correction and a contradiction are.
    """
    kept: list[frozenset[str]] = []
    for one in passages:
        held = frozenset(one.text.split())
        if not any(_copy(held, other) for other in kept):
            kept.append(held)
            yield one


def _copy(one: frozenset[str], other: frozenset[str]) -> bool:
    fewer, more = sorted((len(one), len(other)))
    if fewer <= _SAME * more:
        return False
    shared = len(one & other)
    alike = shared > _SAME * (fewer + more - shared)
    return alike and not any(character.isdigit() for word in one ^ other for character in word)


def distinct(passages: Iterable[Passage]) -> list[Article]:
    """The articles of the passages, each once, in their order."""
    return list({passage.article.id: passage.article for passage in passages}.values())


def search_text(library: Library, query: Query, k: int) -> list[Passage]:
    """The `k` best passages for the query's text."""

    def find(there: Library) -> list[Passage]:
        vector = there.embedder.embed_array([query.text])[0]
        with there.read(query.scopes) as db:
            return search(there, db, query, k, vector)

    return searched(library, find)[0]


def _lexical(db: Reader, query: Query) -> list[tuple[int, float]]:
    terms = stems.content(f"{query.text} {query.context}")
    size = db.counts()["chunks"]
    if size >= _SMALL:
        terms = _telling(terms, db.frequencies(terms), size)
    if not terms:
        return []
    match = " OR ".join([*(f'"{word}"' for word in terms.values()), *_phrases(query.text)])
    hits = db.words_anywhere(match, _WIDER * _DEPTH)
    admitted = db.admitted([chunk_id for chunk_id, _ in hits], query)
    if len(admitted) < _DEPTH and len(hits) == _WIDER * _DEPTH:
        # Most of what matches lies in other scopes, days or sources.
        return db.words(match, query, _DEPTH)
    return [hit for hit in hits if hit[0] in admitted][:_DEPTH]


def _phrases(text: str) -> list[str]:
    """The words in quotation marks as phrases: where they stand together, a chunk counts them once more."""
    found = (re.findall(r"[^\W_]+", quoted) for quoted in _QUOTED.findall(text))
    return [f'"{" ".join(one)}"' for one in found if 1 < len(one) <= _PHRASE]


def _telling(terms: Mapping[str, str], known: Mapping[str, int], size: int) -> dict[str, str]:
    """The terms worth looking up: the rarest first, as many as stay within the limits, and one at least."""
    chosen: dict[str, str] = {}
    spent = 0
    for term in sorted(terms, key=lambda term: known.get(term, 0)):
        standing = known.get(term, 0)
        spent += standing
        if spent > _LOOKED_AT or standing > _COMMON * size:
            break
        chosen[term] = terms[term]
    if any(known.get(term) for term in chosen):
        return chosen
    # Nothing rare stands anywhere: the rarest that does is all there is to go by.
    rarest = min((term for term in terms if known.get(term)), key=lambda term: known[term], default=None)
    return {rarest: terms[rarest]} if rarest else chosen


def _vector(library: Library, db: Reader, query: Query, vector: npt.NDArray[np.float32]) -> list[tuple[int, float]]:
    if query.since or query.until or query.sources:
        selected = db.selected(query, _COMPARED + 1)
        if len(selected) <= _COMPARED:
            return library.exact(db, vector, selected, _DEPTH)
        hits = library.nearest(db, vector, _WIDER * _DEPTH)
    else:
        hits = library.nearest(db, vector, _DEPTH)
    admitted = db.admitted([chunk_id for chunk_id, _ in hits], query)
    return [hit for hit in hits if hit[0] in admitted][:_DEPTH]

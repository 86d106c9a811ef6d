"""Hybrid search: words and vectors joined by reciprocal rank fusion, and the best of both put in a new order.

Fusion after Cormack, Clarke and Büttcher 2009: a chunk's score is the sum over channels of
1 / (`FUSION_RANK_OFFSET` + rank).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

import numpy as np
import numpy.typing as npt

from retrieval.library import Library
from retrieval.search.chunk_ranking import FUSED, rank_chunks
from retrieval.search.search_limits import (
    CHUNKS_PER_CHANNEL,
    COPY_SHARE,
    FILTERED_DEPTH_FACTOR,
    FUSION_RANK_OFFSET,
    MAX_CHUNKS_COMPARED,
    MAX_CHUNKS_REORDERED,
    MAX_OCCURRENCES,
    MAX_PHRASE_WORDS,
    MAX_TERM_SHARE,
    SMALL_LIBRARY_CHUNKS,
)
from retrieval.search.term_weights import terms_of
from retrieval.search.words_only import has_vectors, search_with_fallback
from retrieval.store.reader import CatalogReader
from retrieval.text import stems
from retrieval.types import Article, Passage, Query

HIGHEST_FUSED_SCORE = 2 / (FUSION_RANK_OFFSET + 1)
"""The fused score of a chunk that is first both by words and by vectors."""

_QUOTED = re.compile(r"[\"“«„]([^\"“”«»„]{3,200})[\"”»]")


def search(library: Library, db: CatalogReader, query: Query, k: int, vector: npt.NDArray[np.float32]) -> list[Passage]:
    """The `k` best passages for a query and its vector, best first; copies of a passage are listed once."""
    fused: dict[int, float] = {}
    scores: dict[int, dict[str, float]] = {}
    channels: list[tuple[str, list[tuple[int, float]]]] = []
    for prefix, variant in _variants(query):
        channels.append((f"{prefix}lexical", _lexical_hits(db, variant)))
        if has_vectors(library):
            channels.append((f"{prefix}vector", _vector_hits(library, db, variant, vector)))
    for channel, hits in channels:
        for rank, (chunk_id, score) in enumerate(hits, 1):
            fused[chunk_id] = fused.get(chunk_id, 0.0) + 1 / (FUSION_RANK_OFFSET + rank)
            scores.setdefault(chunk_id, {})[channel] = score
    order = sorted(fused, key=lambda chunk_id: (-fused[chunk_id], chunk_id))[: max(MAX_CHUNKS_REORDERED, 3 * k)]
    loaded = db.chunks(order)
    passages = [
        Passage(article, chunk, fused[chunk_id], scores[chunk_id] | {FUSED: fused[chunk_id]}, 1)
        for chunk_id, chunk, article in ((chunk_id, *loaded[chunk_id]) for chunk_id in order)
    ]
    ranked = rank_chunks(db, query, passages, terms_of(db, query, db.counts()["chunks"]), vector, HIGHEST_FUSED_SCORE)
    return [replace(passage, rank=rank) for rank, passage in enumerate(islice(_without_copies(ranked), k), 1)]


def _variants(query: Query) -> Iterator[tuple[str, Query]]:
    """(prefix of its channels, query) for the query, and for the days it favours, which so count twice."""
    yield "", query
    if query.favoured:
        yield "favoured ", replace(query, since=query.favoured[0], until=query.favoured[1])


def _without_copies(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The passages without near-copies of one before.

    A passage with other figures is no copy, however similar: it may be a correction or a contradiction.
    """
    kept: list[frozenset[str]] = []
    for passage in passages:
        words = frozenset(passage.text.split())
        if not any(_is_copy(words, other) for other in kept):
            kept.append(words)
            yield passage


def _is_copy(words: frozenset[str], other: frozenset[str]) -> bool:
    fewer, more = sorted((len(words), len(other)))
    if fewer <= COPY_SHARE * more:
        return False
    shared = len(words & other)
    is_similar = shared > COPY_SHARE * (fewer + more - shared)
    return is_similar and not any(character.isdigit() for word in words ^ other for character in word)


def distinct_articles(passages: Iterable[Passage]) -> list[Article]:
    """The articles of the passages, each once, in their order."""
    return list({passage.article.id: passage.article for passage in passages}.values())


def search_text(library: Library, query: Query, k: int) -> list[Passage]:
    """The `k` best passages for the query's text."""

    def find(view: Library) -> list[Passage]:
        vector = view.embedder.embed_array([query.text])[0]
        with view.open_reader(query.scopes) as db:
            return search(view, db, query, k, vector)

    return search_with_fallback(library, find)[0]


def _lexical_hits(db: CatalogReader, query: Query) -> list[tuple[int, float]]:
    """(chunk id, score) of the best chunks by words."""
    terms = stems.content_stems(f"{query.text} {query.context}")
    size = db.counts()["chunks"]
    if size >= SMALL_LIBRARY_CHUNKS:
        terms = _rare_terms(terms, db.chunk_frequencies(terms), size)
    if not terms:
        return []
    match = " OR ".join([*(f'"{word}"' for word in terms.values()), *_phrases(query.text)])
    hits = db.lexical_hits_anywhere(match, FILTERED_DEPTH_FACTOR * CHUNKS_PER_CHANNEL)
    admitted = db.filter_chunks([chunk_id for chunk_id, _ in hits], query)
    if len(admitted) < CHUNKS_PER_CHANNEL and len(hits) == FILTERED_DEPTH_FACTOR * CHUNKS_PER_CHANNEL:
        # Most matching chunks are of other scopes, days or sources.
        return db.lexical_hits(match, query, CHUNKS_PER_CHANNEL)
    return [hit for hit in hits if hit[0] in admitted][:CHUNKS_PER_CHANNEL]


def _phrases(text: str) -> list[str]:
    """Words in quotation marks as phrases: a chunk that has them next to each other scores once more."""
    quotations = (re.findall(r"[^\W_]+", quoted) for quoted in _QUOTED.findall(text))
    return [f'"{" ".join(words)}"' for words in quotations if 1 < len(words) <= MAX_PHRASE_WORDS]


def _rare_terms(terms: Mapping[str, str], frequencies: Mapping[str, int], size: int) -> dict[str, str]:
    """The terms worth looking up: the rarest first, as many as stay within the limits, and at least one."""
    rare: dict[str, str] = {}
    occurrences = 0
    for term in sorted(terms, key=lambda term: frequencies.get(term, 0)):
        frequency = frequencies.get(term, 0)
        occurrences += frequency
        if occurrences > MAX_OCCURRENCES or frequency > MAX_TERM_SHARE * size:
            break
        rare[term] = terms[term]
    if any(frequencies.get(term) for term in rare):
        return rare
    # No rare term occurs anywhere: the rarest one that does is all there is to search by.
    rarest = min((term for term in terms if frequencies.get(term)), key=lambda term: frequencies[term], default=None)
    return {rarest: terms[rarest]} if rarest else rare


def _vector_hits(
    library: Library, db: CatalogReader, query: Query, vector: npt.NDArray[np.float32]
) -> list[tuple[int, float]]:
    """(chunk id, score) of the best chunks by vectors."""
    if query.since or query.until or query.sources:
        selected = db.select_chunks(query, MAX_CHUNKS_COMPARED + 1)
        if len(selected) <= MAX_CHUNKS_COMPARED:
            return library.nearest_among(db, vector, selected, CHUNKS_PER_CHANNEL)
        hits = library.nearest(db, vector, FILTERED_DEPTH_FACTOR * CHUNKS_PER_CHANNEL)
    else:
        hits = library.nearest(db, vector, CHUNKS_PER_CHANNEL)
    admitted = db.filter_chunks([chunk_id for chunk_id, _ in hits], query)
    return [hit for hit in hits if hit[0] in admitted][:CHUNKS_PER_CHANNEL]

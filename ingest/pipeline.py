"""Sources into the library. Read `ingest` first.

Reading and attributing run in a thread beside the embedding of the batch before, so that the encoder, which needs both
cores, is what the time goes to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from typing import IO

import numpy as np

from ingest.attribute import attribute
from ingest.chunk import chunk
from ingest.extract import Given, Item, Job, jobs
from retrieval.library import Entry, Library, Standing
from retrieval.rows import embedded
from retrieval.types import Article, Chunk, Statement

_BATCH = 64
"""Articles embedded and stored together: enough that texts of like length meet, few enough to stay in memory."""


_SEALED = 100
"""Batches after which the vector index is brought up to date within a long run."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one item: added, updated, unchanged or failed, with the article it is about."""

    source: str
    status: str
    article: Article | None = None
    chunks: int = 0
    statements: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    item: Item
    chunks: tuple[Chunk, ...] = ()
    statements: tuple[Statement, ...] = ()


def ingest(
    library: Library,
    sources: Iterable[str],
    given: Given,
    stdin: IO[bytes],
) -> Iterator[Report]:
    """Read the sources and store their articles; yields a report for each item once it is safely stored.

    Errors of a source are reports; errors of the library are raised, and what was reported until then is stored.
    """
    waiting: Iterator[Job] = (job for source in sources for job in jobs(source, given, stdin))
    with ThreadPoolExecutor(1, "prepare") as pool:
        batch = pool.submit(_prepare, library, list(islice(waiting, _BATCH)))
        for number in count(1):
            prepared = batch.result()
            if not prepared:
                break
            batch = pool.submit(_prepare, library, list(islice(waiting, _BATCH)))
            yield from _store(library, prepared)
            if number % _SEALED == 0:
                library.seal()
    library.seal()


def _prepare(library: Library, batch: list[Job]) -> list[_Prepared]:
    """Articles with their chunks and statements, those already stored left as they are."""
    items = [job.item() for job in batch]
    standings = iter(library.standing([item.article for item in items if item.article]))
    return [_read(item, next(standings)) if item.article else _Prepared(item) for item in items]


def _read(item: Item, standing: Standing) -> _Prepared:
    if item.article is None or standing is Standing.UNCHANGED:
        return _Prepared(item)
    statements = attribute(item.article)
    return _Prepared(item, chunk(item.article, statements), statements)


def _store(library: Library, prepared: list[_Prepared]) -> list[Report]:
    fresh = [one for one in prepared if one.chunks]
    stored = iter(library.put(_embedded(library, fresh)) if fresh else ())
    return [_report(one, next(stored) if one.chunks else Standing.UNCHANGED) for one in prepared]


def _embedded(library: Library, fresh: list[_Prepared]) -> list[Entry]:
    texts = [
        embedded(chunk.heading, chunk.span.of(one.item.article.text))
        for one in fresh
        if one.item.article
        for chunk in one.chunks
    ]
    vectors = library.embedder.embed_array(texts)
    parts = np.split(vectors, np.cumsum([len(one.chunks) for one in fresh])[:-1])
    return [
        Entry(one.item.article, one.chunks, one.statements, part)
        for one, part in zip(fresh, parts, strict=True)
        if one.item.article
    ]


def _report(one: _Prepared, standing: Standing) -> Report:
    if one.item.article is None:
        return Report(one.item.source, "failed", error=one.item.error)
    if standing is Standing.UNCHANGED:
        return Report(one.item.source, standing.value, one.item.article)
    return Report(one.item.source, standing.value, one.item.article, len(one.chunks), len(one.statements))

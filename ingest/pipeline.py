"""Sources into the library. Read `ingest` first.

Reading and attributing run in a thread beside the embedding of the batch before, so that the encoder, which needs both
cores, is what the time goes to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import IO

import numpy as np

from ingest.attribute import attribute
from ingest.chunk import chunk
from ingest.extract import Given, Item, Job, jobs
from retrieval.library import Entry, Library
from retrieval.rows import embedded
from retrieval.types import Article, Chunk, Statement

_BATCH = 64
"""Articles embedded and stored together: enough that texts of like length meet, few enough to stay in memory."""


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
    status: str = "added"


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
        while prepared := batch.result():
            batch = pool.submit(_prepare, library, list(islice(waiting, _BATCH)))
            yield from _store(library, prepared)


def _prepare(library: Library, batch: list[Job]) -> list[_Prepared]:
    """Articles with their chunks and statements, those already stored left as they are."""
    items = [job.item() for job in batch]
    stored = library.current([item.article for item in items if item.article])
    out: list[_Prepared] = []
    for item in items:
        if item.article is None:
            out.append(_Prepared(item, status="failed"))
            continue
        before = stored.get(item.article.id)
        if before == item.article.version:
            out.append(_Prepared(item, status="unchanged"))
            continue
        statements = attribute(item.article)
        status = "updated" if before else "added"
        out.append(_Prepared(item, chunk(item.article, statements), statements, status))
        # The same article again in this batch is then seen as stored.
        stored[item.article.id] = item.article.version
    return out


def _store(library: Library, prepared: list[_Prepared]) -> list[Report]:
    fresh: dict[str, _Prepared] = {}
    statuses = [one.status for one in prepared]
    current = library.current([one.item.article for one in prepared if one.item.article])
    for number, one in enumerate(prepared):
        article = one.item.article
        if article is not None and one.chunks:
            # A batch is prepared while the one before is being stored: look again.
            before = current.get(article.id)
            statuses[number] = "unchanged" if before == article.version else "updated" if before else one.status
            if before != article.version:
                fresh[article.id] = one
    if fresh:
        library.put(_embedded(library, list(fresh.values())))
    return [_report(one, status) for one, status in zip(prepared, statuses, strict=True)]


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


def _report(one: _Prepared, status: str) -> Report:
    return Report(one.item.source, status, one.item.article, len(one.chunks), len(one.statements), one.item.error)

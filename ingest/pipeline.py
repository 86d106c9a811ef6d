"""Sources into the library. Read `ingest` first.

Reading and attributing run in a thread beside the embedding of the batch before, and storing in another, so that the
encoder, which needs both cores, is what the time goes to. Web addresses are fetched beside all, no further ahead than a
few pages.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count, islice, pairwise
from typing import IO

import numpy as np

from ingest.addresses import is_web
from ingest.arrivals import Arrivals
from ingest.attribute import Attribute, attribute
from ingest.chunk import chunk
from ingest.extract import Item, Job, jobs
from ingest.fetch import Fetcher
from ingest.following import Extract, articles_of
from ingest.given import Given
from ingest.workers import Readers
from retrieval.entries import Entry, Outcome
from retrieval.library import Library
from retrieval.nearness import embed_chunks
from retrieval.rows import embedded
from retrieval.types import Article

_BATCH = 64
"""Articles embedded and stored together: enough that texts of like length meet, few enough to stay in memory."""


_SEALED = 100
"""Batches after which the vector index is brought up to date within a long run."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one item: added, updated, unchanged, duplicate or failed, with the article it is stored as."""

    source: str
    status: str
    article: Article | None = None
    chunks: int = 0
    statements: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Prepared:
    item: Item
    entry: Entry | None = None


def ingest(
    library: Library,
    sources: Iterable[str],
    given: Given,
    stdin: IO[bytes],
    open_fetcher: Callable[[], Fetcher] | None = None,
    extract: Extract | None = None,
    who_said: Attribute = attribute,
) -> Generator[Report, None, None]:
    """Read the sources and store their articles; yields a report for each item once it is safely stored.

    Files come first, then web addresses in the order of arrival, opened by what `open_fetcher` makes; without it they
    are reported as failed. Errors of a source are reports; errors of the library are raised, and what was reported
    until then is stored. Closing the generator stops the fetching.
    """
    sources = list(sources)
    web = [source for source in sources if open_fetcher and is_web(source)]
    files = [source for source in sources if source not in web]
    with ExitStack() as stack:
        readers = stack.enter_context(Readers())
        pool = stack.enter_context(ThreadPoolExecutor(1, "prepare"))
        batches = _batched(job for source in files for job in jobs(source, given, stdin, readers.run))
        if web and open_fetcher:
            read = extract or partial(articles_of, run=readers.run)
            arrivals = stack.enter_context(Arrivals(library, web, given, open_fetcher, read))
            batches = chain(batches, arrivals.batches(_BATCH))
        keeper = stack.enter_context(ThreadPoolExecutor(1, "store"))
        storing: Future[list[Report]] | None = None
        ahead = pool.submit(_next_prepared, library, batches, who_said)
        for number in count(1):
            if storing and not ahead.done():
                # Nothing to embed meanwhile: what is stored is told of at once.
                yield from storing.result()
                storing = None
            prepared = ahead.result()
            if not prepared:
                break
            ahead = pool.submit(_next_prepared, library, batches, who_said)
            entries = embed(library, [one.entry for one in prepared if one.entry])
            yield from storing.result() if storing else ()
            storing = keeper.submit(_store, library, prepared, entries, who_said)
            if number % _SEALED == 0:
                library.seal()
        yield from storing.result() if storing else ()
    library.seal()


def take(library: Library, batch: list[Job], who_said: Attribute = attribute) -> list[Report]:
    """Store the articles of a few jobs at once: for callers with a flow of their own, such as the poller of feeds."""
    prepared = _prepare(library, batch, who_said)
    return _store(library, prepared, embed(library, [one.entry for one in prepared if one.entry]), who_said)


def forecast(
    library: Library, sources: Iterable[str], given: Given, stdin: IO[bytes]
) -> Iterator[tuple[Report, list[str]]]:
    """What `ingest` would make of files now, each with the texts that it would embed; nothing is stored.

    Web addresses are not opened: they are reported as failed.
    """
    with Readers() as readers:
        for batch in _batched(job for source in sources for job in jobs(source, given, stdin, readers.run)):
            prepared = _prepare(library, batch, attribute)
            outcomes = iter(library.outcomes([one.entry for one in prepared if one.entry]))
            for one in prepared:
                if one.entry is None:
                    yield _failed(one.item), []
                    continue
                article = one.entry.article
                texts = [embedded(chunk.heading, chunk.span.of(article.text)) for chunk in one.entry.chunks]
                yield _report(one.item, one.entry, next(outcomes)), texts


def _batched(waiting: Iterator[Job]) -> Iterator[list[Job]]:
    while batch := list(islice(waiting, _BATCH)):
        yield batch


def _next_prepared(library: Library, batches: Iterator[list[Job]], who_said: Attribute) -> list[_Prepared]:
    return _prepare(library, next(batches, []), who_said)


def _prepare(library: Library, batch: list[Job], who_said: Attribute) -> list[_Prepared]:
    """Articles with their chunks and statements; those that are known without."""
    items = [job.item() for job in batch]
    entries = [Entry.of(item.article, item.origin) for item in items if item.article]
    read = (_read(*pair, who_said) for pair in zip(entries, library.outcomes(entries), strict=True))
    return [_Prepared(item, next(read) if item.article else None) for item in items]


def _read(entry: Entry, outcome: Outcome, who_said: Attribute) -> Entry:
    if not outcome.is_new:
        return entry
    statements = who_said(outcome.article)
    return replace(entry, article=outcome.article, statements=statements, chunks=chunk(outcome.article, statements))


def _store(library: Library, prepared: list[_Prepared], entries: list[Entry], who_said: Attribute) -> list[Report]:
    outcomes = library.put(entries) if entries else []
    # What was known when it was prepared, and was removed since.
    for at, (entry, outcome) in enumerate(zip(entries, outcomes, strict=True)):
        if outcome.is_new and not entry.chunks:
            entries[at] = embed(library, [_read(entry, outcome, who_said)])[0]
            outcomes[at] = library.put([entries[at]])[0]
    stored = zip(entries, outcomes, strict=True)
    return [_report(one.item, *next(stored)) if one.entry else _failed(one.item) for one in prepared]


def embed(library: Library, entries: list[Entry]) -> list[Entry]:
    """The entries with a vector for each of their chunks, and those of the sentences where there are any."""
    texts = [(chunk.heading, chunk.span.of(one.article.text)) for one in entries for chunk in one.chunks]
    if not texts:
        return entries
    vectors, lines = embed_chunks(library.embedder, texts)
    bounds = [0, *np.cumsum([len(one.chunks) for one in entries]).tolist()]
    return [
        replace(one, vectors=vectors[first:last], sentences=tuple(lines[first:last]))
        for one, (first, last) in zip(entries, pairwise(bounds), strict=True)
    ]


def _failed(item: Item) -> Report:
    return Report(item.source, "failed", error=item.error)


def _report(item: Item, entry: Entry, outcome: Outcome) -> Report:
    made = (len(entry.chunks), len(entry.statements)) if outcome.is_new else (0, 0)
    return Report(item.source, outcome.standing.value, outcome.article, *made)

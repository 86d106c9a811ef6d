"""Sources into the library. Read `ingest` first.

Reading and attributing, embedding, and storing run side by side, each on another batch, so that the encoder always has
something to do: it is what the time goes to. Web addresses are fetched beside all, no further ahead than a few pages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, count, islice, pairwise
from typing import IO, Any

import numpy as np

from ingest.article.build import Given
from ingest.attribution import attribute_all
from ingest.attribution.rules import Attribute
from ingest.chunker import chunk
from ingest.readers.sandbox import Readers
from ingest.sources.follow import Extract, articles_of
from ingest.sources.local import Item, Job, jobs
from ingest.sources.web import Arrivals
from ingest.web import Fetcher
from ingest.web.addresses import is_web
from retrieval.index.build import LEAST
from retrieval.library import Library
from retrieval.models.sentence_vectors import embed_chunks, embedded
from retrieval.store.dedup import Entry, Outcome
from retrieval.types import Article

_BATCH = 96
"""Articles embedded and stored together: enough that texts of like length meet, few enough to stay in memory."""

_FIRST = 4
"""Articles of the first batch: the encoder has something to do soon. Each batch after it is twice as large."""

_EMBEDDED = 2
"""Batches embedded at a time: where one ends, and leaves a core with nothing to do, the next has begun."""

_MUCH = 16
"""Batches of a run from which on the vector index is brought up to date beside the last of them."""

_REST = 1_000
"""Chunks of these last batches that may stay outside the index: to compare them takes a tenth of a millisecond."""

_SEALED = 100
"""Batches after which the vector index is brought up to date within a long run."""

_UnderWay = set[bytes | str]
"""Signatures and ids of what is on its way into the library: a copy of it is neither attributed nor embedded."""


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
    who_said: Attribute = attribute_all,
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
        preparing, embedding, keeping = (
            ThreadPoolExecutor(size, name) for size, name in ((1, "prepare"), (_EMBEDDED, "embed"), (1, "store"))
        )
        for pool in (preparing, embedding, keeping):
            stack.callback(pool.shutdown, cancel_futures=True)
        batches = _batched(job for source in files for job in jobs(source, given, stdin, readers.run))
        if web and open_fetcher:
            read = extract or partial(articles_of, run=readers.run)
            arrivals = stack.enter_context(Arrivals(library, web, given, open_fetcher, read))
            batches = chain(batches, arrivals.batches(_BATCH // 2))
        storing = deque[Future[list[Report]]]()
        under_way: _UnderWay = set()
        ahead = preparing.submit(_next_prepared, library, batches, who_said, under_way)
        for number in count(1):
            yield from _stored(storing, ahead)
            prepared = ahead.result()
            if not prepared:
                break
            ahead = preparing.submit(_next_prepared, library, batches, who_said, under_way)
            embedding_it = embedding.submit(embed, library, [one.entry for one in prepared if one.entry])
            storing.append(keeping.submit(_store_embedded, library, prepared, embedding_it, who_said, under_way))
            if number % _SEALED == 0:
                library.seal()
        if number > _MUCH:
            library.seal()
        for future in storing:
            yield from future.result()
    library.seal(_REST if number > _MUCH else LEAST)


def take(library: Library, batch: list[Job], who_said: Attribute = attribute_all) -> list[Report]:
    """Store the articles of a few jobs at once: for callers with a flow of their own, such as the poller of feeds."""
    prepared = _prepare(library, batch, who_said, set())
    return _store(library, prepared, embed(library, [one.entry for one in prepared if one.entry]), who_said)


def forecast(
    library: Library, sources: Iterable[str], given: Given, stdin: IO[bytes]
) -> Iterator[tuple[Report, list[str]]]:
    """What `ingest` would make of files now, each with the texts that it would embed; nothing is stored.

    Web addresses are not opened: they are reported as failed.
    """
    with Readers() as readers:
        for batch in _batched(job for source in sources for job in jobs(source, given, stdin, readers.run)):
            prepared = _prepare(library, batch, attribute_all, set())
            outcomes = iter(library.outcomes([one.entry for one in prepared if one.entry]))
            for one in prepared:
                if one.entry is None:
                    yield _failed(one.item), []
                    continue
                article = one.entry.article
                texts = [embedded(chunk.heading, chunk.span.of(article.text)) for chunk in one.entry.chunks]
                yield _report(one.item, one.entry, next(outcomes)), texts


def _batched(waiting: Iterator[Job]) -> Iterator[list[Job]]:
    size = _FIRST
    while batch := list(islice(waiting, size)):
        yield batch
        size = min(2 * size, _BATCH)


def _next_prepared(
    library: Library, batches: Iterator[list[Job]], who_said: Attribute, under_way: _UnderWay
) -> list[_Prepared]:
    return _prepare(library, next(batches, []), who_said, under_way)


def _prepare(library: Library, batch: list[Job], who_said: Attribute, under_way: _UnderWay) -> list[_Prepared]:
    """Articles with their chunks and statements; those that are known, or will be when it is their turn, without."""
    items = [job.item() for job in batch]
    entries = [Entry.of(item.article, item.origin) for item in items if item.article]
    read = _read(entries, library.outcomes(entries), who_said, under_way)
    return [_Prepared(item, next(read) if item.article else None) for item in items]


def _read(entries: list[Entry], outcomes: list[Outcome], who_said: Attribute, under_way: _UnderWay) -> Iterator[Entry]:
    """The entries, with statements and chunks where they are new and no copy of them is `under_way`."""
    fresh = []
    for entry, outcome in zip(entries, outcomes, strict=True):
        fresh.append(outcome.is_new and not _is_copy(entry, under_way))
        under_way |= {entry.signed, entry.article.id}
    found = who_said([outcome.article for outcome, is_fresh in zip(outcomes, fresh, strict=True) if is_fresh])
    for entry, outcome, is_fresh in zip(entries, outcomes, fresh, strict=True):
        if is_fresh:
            article, statements = outcome.article, next(found)
            yield replace(entry, article=article, statements=statements, chunks=chunk(article, statements))
        else:
            yield entry


def _is_copy(entry: Entry, under_way: _UnderWay) -> bool:
    """Whether a text is under way from elsewhere. At its own address it may be a version, with another title."""
    return entry.signed in under_way and (entry.article.url is None or entry.article.id not in under_way)


def _stored(storing: deque[Future[list[Report]]], ahead: Future[list[_Prepared]]) -> Iterator[Report]:
    """What is told of until the next batch is prepared and may be embedded: nothing stored waits for what is slow."""
    while storing:
        either: tuple[Future[Any], ...] = (storing[0], ahead)
        wait(either, return_when=FIRST_COMPLETED)
        if not storing[0].done() and (len(storing) <= _EMBEDDED or not ahead.result()):
            return
        yield from storing.popleft().result()


def _store_embedded(
    library: Library,
    prepared: list[_Prepared],
    embedded: Future[list[Entry]],
    who_said: Attribute,
    under_way: _UnderWay,
) -> list[Report]:
    reports = _store(library, prepared, embedded.result(), who_said)
    for one in prepared:
        if one.entry:
            under_way -= {one.entry.signed, one.entry.article.id}
    return reports


def _store(library: Library, prepared: list[_Prepared], entries: list[Entry], who_said: Attribute) -> list[Report]:
    outcomes = library.put(entries) if entries else []
    # What was known when it was prepared, and was removed since; or only looked like a copy.
    for at, (entry, outcome) in enumerate(zip(entries, outcomes, strict=True)):
        if outcome.is_new and not entry.chunks:
            entries[at] = embed(library, list(_read([entry], [outcome], who_said, set())))[0]
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

"""Reads sources into the library. Read `ingest` first.

Reading with attribution, embedding, and storing run side by side, each on another batch, so that the encoder, which
takes most of the time, is never idle. Web addresses are fetched meanwhile, only a few pages ahead.
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

from ingest.article.build import ArticleMetadata
from ingest.attribution import attribute_all
from ingest.attribution.rules import Attribute
from ingest.chunker import chunk
from ingest.readers.sandbox import Readers
from ingest.sources.follow import Extract, articles_of
from ingest.sources.local import Item, Job, jobs_of
from ingest.sources.web import WebJobs
from ingest.web import Fetcher
from ingest.web.addresses import is_web
from retrieval.index.build import MIN_NEW_ROWS
from retrieval.library import Library
from retrieval.models.sentence_vectors import embed_chunks, text_to_embed
from retrieval.store.dedup import Entry, Outcome
from retrieval.types import Article

_ARTICLES_PER_BATCH = 96
"""Number of articles embedded and stored together: enough to batch texts of similar length, few enough for memory."""

_ARTICLES_IN_FIRST_BATCH = 4
"""Number of articles in the first batch, so that embedding begins early; each further batch is twice as large."""

_BATCHES_EMBEDDED_AT_ONCE = 2
"""Number of batches embedded at a time: at the end of one, when cores become idle, the next is already running."""

_BATCHES_OF_LONG_RUN = 16
"""Number of batches from which a run is long: its vector index is updated while the last batches are processed."""

_MAX_CHUNKS_LEFT_UNSEALED = 1_000
"""Maximum number of chunks of these last batches left outside the index; comparing them takes about .1 ms."""

_BATCHES_PER_SEAL = 100
"""Number of batches after which the vector index is updated within a long run."""

_InProgress = set[bytes | str]
"""Signatures and ids of articles in progress: a copy of one is neither attributed nor embedded."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The outcome of one item: added, updated, unchanged, duplicate or failed, with the article it is stored as."""

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
    given: ArticleMetadata,
    stdin: IO[bytes],
    open_fetcher: Callable[[], Fetcher] | None = None,
    extract: Extract | None = None,
    who_said: Attribute = attribute_all,
) -> Generator[IngestReport, None, None]:
    """Read the sources and store their articles; yields a report for each item once it is stored.

    Files come first, then web addresses in the order in which they arrive, fetched by what `open_fetcher` makes;
    without it they are reported as failed. Errors of a source are reports; errors of the library are raised, and
    everything reported before is stored. Closing the generator stops the fetching.
    """
    sources = list(sources)
    web = [source for source in sources if open_fetcher and is_web(source)]
    files = [source for source in sources if source not in web]
    with ExitStack() as stack:
        readers = stack.enter_context(Readers())
        preparing, embedding, keeping = (
            ThreadPoolExecutor(size, name)
            for size, name in ((1, "prepare"), (_BATCHES_EMBEDDED_AT_ONCE, "embed"), (1, "store"))
        )
        for pool in (preparing, embedding, keeping):
            stack.callback(pool.shutdown, cancel_futures=True)
        batches = _batches(job for source in files for job in jobs_of(source, given, stdin, readers.run))
        if web and open_fetcher:
            read = extract or partial(articles_of, run=readers.run)
            arrivals = stack.enter_context(WebJobs(library, web, given, open_fetcher, read))
            batches = chain(batches, arrivals.batches(_ARTICLES_PER_BATCH // 2))
        storing = deque[Future[list[IngestReport]]]()
        under_way: _InProgress = set()
        ahead = preparing.submit(_prepare_next, library, batches, who_said, under_way)
        for number in count(1):
            yield from _reports_ready(storing, ahead)
            prepared = ahead.result()
            if not prepared:
                break
            ahead = preparing.submit(_prepare_next, library, batches, who_said, under_way)
            embedding_it = embedding.submit(embed_entries, library, [item.entry for item in prepared if item.entry])
            storing.append(keeping.submit(_store_embedded, library, prepared, embedding_it, who_said, under_way))
            if number % _BATCHES_PER_SEAL == 0:
                library.seal()
        if number > _BATCHES_OF_LONG_RUN:
            library.seal()
        for future in storing:
            yield from future.result()
    library.seal(_MAX_CHUNKS_LEFT_UNSEALED if number > _BATCHES_OF_LONG_RUN else MIN_NEW_ROWS)


def store_jobs(library: Library, batch: list[Job], who_said: Attribute = attribute_all) -> list[IngestReport]:
    """Store the articles of a few jobs at once, for callers with a loop of their own, such as the poller."""
    prepared = _prepare(library, batch, who_said, set())
    return _store(library, prepared, embed_entries(library, [item.entry for item in prepared if item.entry]), who_said)


def preview(
    library: Library, sources: Iterable[str], given: ArticleMetadata, stdin: IO[bytes]
) -> Iterator[tuple[IngestReport, list[str]]]:
    """What `ingest` would report for files now, each with the texts that it would embed; nothing is stored.

    Web addresses are not opened, but reported as failed.
    """
    with Readers() as readers:
        for batch in _batches(job for source in sources for job in jobs_of(source, given, stdin, readers.run)):
            prepared = _prepare(library, batch, attribute_all, set())
            outcomes = iter(library.outcomes([item.entry for item in prepared if item.entry]))
            for item in prepared:
                if item.entry is None:
                    yield _failure_report(item.item), []
                    continue
                article = item.entry.article
                texts = [text_to_embed(chunk.heading, chunk.span.of(article.text)) for chunk in item.entry.chunks]
                yield _report(item.item, item.entry, next(outcomes)), texts


def _batches(waiting: Iterator[Job]) -> Iterator[list[Job]]:
    size = _ARTICLES_IN_FIRST_BATCH
    while batch := list(islice(waiting, size)):
        yield batch
        size = min(2 * size, _ARTICLES_PER_BATCH)


def _prepare_next(
    library: Library, batches: Iterator[list[Job]], who_said: Attribute, under_way: _InProgress
) -> list[_Prepared]:
    return _prepare(library, next(batches, []), who_said, under_way)


def _prepare(library: Library, batch: list[Job], who_said: Attribute, under_way: _InProgress) -> list[_Prepared]:
    """Read jobs into articles with chunks and statements; articles known already, or in progress, get neither."""
    items = [job.run_job() for job in batch]
    entries = [Entry.of(item.article, item.origin) for item in items if item.article]
    # Taken before the library is asked: what is stored between the two is known to one of them.
    in_progress = set(under_way)
    under_way |= {key for entry in entries for key in (entry.text_signature, entry.article.id)}
    read = _analyse(entries, library.outcomes(entries), who_said, in_progress)
    return [_Prepared(item, next(read) if item.article else None) for item in items]


def _analyse(
    entries: list[Entry], outcomes: list[Outcome], who_said: Attribute, in_progress: _InProgress
) -> Iterator[Entry]:
    """The entries, with statements and chunks where they are new and no copy of them is in progress."""
    fresh = []
    for entry, outcome in zip(entries, outcomes, strict=True):
        fresh.append(outcome.is_new and not _is_copy(entry, in_progress))
        in_progress |= {entry.text_signature, entry.article.id}
    found = who_said([outcome.article for outcome, is_fresh in zip(outcomes, fresh, strict=True) if is_fresh])
    for entry, outcome, is_fresh in zip(entries, outcomes, fresh, strict=True):
        if is_fresh:
            article, statements = outcome.article, next(found)
            yield replace(entry, article=article, statements=statements, chunks=chunk(article, statements))
        else:
            yield entry


def _is_copy(entry: Entry, in_progress: _InProgress) -> bool:
    """Whether the same text is in progress from elsewhere; from its own address it may be a version, newly titled."""
    return entry.text_signature in in_progress and (entry.article.url is None or entry.article.id not in in_progress)


def _reports_ready(
    storing: deque[Future[list[IngestReport]]], ahead: Future[list[_Prepared]]
) -> Iterator[IngestReport]:
    """Yield reports of stored batches until the next batch is prepared, so that no report waits for slow work."""
    while storing:
        either: tuple[Future[Any], ...] = (storing[0], ahead)
        wait(either, return_when=FIRST_COMPLETED)
        if not storing[0].done() and (len(storing) <= _BATCHES_EMBEDDED_AT_ONCE or not ahead.result()):
            return
        yield from storing.popleft().result()


def _store_embedded(
    library: Library,
    prepared: list[_Prepared],
    embedded: Future[list[Entry]],
    who_said: Attribute,
    under_way: _InProgress,
) -> list[IngestReport]:
    reports = _store(library, prepared, embedded.result(), who_said)
    for item in prepared:
        if item.entry:
            under_way -= {item.entry.text_signature, item.entry.article.id}
    return reports


def _store(
    library: Library, prepared: list[_Prepared], entries: list[Entry], who_said: Attribute
) -> list[IngestReport]:
    outcomes = library.put_entries(entries) if entries else []
    # An article that was known when it was prepared and has been removed since, or only looked like a copy.
    for at, (entry, outcome) in enumerate(zip(entries, outcomes, strict=True)):
        if outcome.is_new and not entry.chunks:
            entries[at] = embed_entries(library, list(_analyse([entry], [outcome], who_said, set())))[0]
            outcomes[at] = library.put_entries([entries[at]])[0]
    stored = zip(entries, outcomes, strict=True)
    return [_report(item.item, *next(stored)) if item.entry else _failure_report(item.item) for item in prepared]


def embed_entries(library: Library, entries: list[Entry]) -> list[Entry]:
    """The entries with a vector for each chunk and, where the embedder gives them, the vectors of sentences."""
    texts = [(chunk.heading, chunk.span.of(entry.article.text)) for entry in entries for chunk in entry.chunks]
    if not texts:
        return entries
    vectors, lines = embed_chunks(library.embedder, texts)
    bounds = [0, *np.cumsum([len(entry.chunks) for entry in entries]).tolist()]
    return [
        replace(entry, vectors=vectors[first:last], sentences=tuple(lines[first:last]))
        for entry, (first, last) in zip(entries, pairwise(bounds), strict=True)
    ]


def _failure_report(item: Item) -> IngestReport:
    return IngestReport(item.source, "failed", error=item.error)


def _report(item: Item, entry: Entry, outcome: Outcome) -> IngestReport:
    counts = (len(entry.chunks), len(entry.statements)) if outcome.is_new else (0, 0)
    return IngestReport(item.source, outcome.status.value, outcome.article, *counts)

"""Reads stored articles again: from where they were found, or from the stored text."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ingest.article.build import ArticleMetadata
from ingest.attribution import attribute_all
from ingest.attribution.rules import Attribute
from ingest.chunker import chunk
from ingest.pipeline import IngestReport, embed_entries, ingest
from ingest.web import Fetcher
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.store.dedup import Entry
from retrieval.types import Article, Statement

_ARTICLES_PER_WRITE = 32
"""Number of articles processed between two writes."""


def refresh_article(
    library: Library,
    article: Article,
    origins: Sequence[str],
    open_fetcher: Callable[[], Fetcher] | None = None,
    who_said: Attribute = attribute_all,
) -> IngestReport:
    """Read an article again from the file or the address where it was found.

    An article from a file keeps its other metadata; a page states its own. Raises SourceError where none of its origins
    can be read again.
    """
    file = next((file for origin in origins if (file := _file_of(origin)) is not None), None)
    address = next((origin for origin in origins if urlsplit(origin).scheme in ("http", "https")), None)
    if file is not None:
        given = ArticleMetadata(article.scope, source=article.source, url=article.url, published=article.published_iso)
        reports = list(ingest(library, [str(file)], given, io.BytesIO(), who_said=who_said))
    elif address is not None:
        given = ArticleMetadata(article.scope)
        reports = list(ingest(library, [address], given, io.BytesIO(), open_fetcher, who_said=who_said))
    else:
        where = origins[0] if origins else "text that was pasted"
        raise SourceError(f"{article.id} came from {where}, which cannot be read again: ingest its new text instead")
    if len(reports) != 1:
        raise SourceError(f"{address} holds something else now than the article: ingest the address it moved to")
    return reports[0]


def reread_all(library: Library, who_said: Attribute = attribute_all) -> Iterator[tuple[int, int]]:
    """Chunk and attribute every stored text again with this release's rules; yields (articles done, articles in all).

    Answers use an article's old chunks until the new ones replace them. After an interruption, the next call goes on
    where this one stopped.
    """
    scopes = library.scopes()
    last = library.reread_position()
    while True:
        with library.open_reader(scopes) as db:
            done, total = db.count_up_to(last), db.counts()["articles"]
            batch = db.articles_after(last, _ARTICLES_PER_WRITE)
        yield (done, total) if batch else (total, total)
        last = batch[-1].id if batch else ""
        entries = [_entry(*pair) for pair in zip(batch, who_said(batch), strict=True)]
        library.replace(embed_entries(library, entries), upto=last)
        if not batch:
            break
    library.seal()


def _entry(article: Article, statements: tuple[Statement, ...]) -> Entry:
    return Entry(article, chunk(article, statements), statements)


def _file_of(origin: str) -> Path | None:
    parts = urlsplit(origin)
    path = Path(url2pathname(parts.path)) if parts.scheme == "file" else None
    return path if path is not None and path.is_file() else None

"""Stored articles read again: from where they were found, or from the text that is kept of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ingest.article.build import Given
from ingest.attribution import attribute_all
from ingest.attribution.rules import Attribute
from ingest.chunker import chunk
from ingest.pipeline import Report, embed, ingest
from ingest.web import Fetcher
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.store.dedup import Entry
from retrieval.types import Article, Statement

_BATCH = 32
"""Articles read anew between two writes."""


def refresh(
    library: Library,
    article: Article,
    origins: Sequence[str],
    open_fetcher: Callable[[], Fetcher] | None = None,
    who_said: Attribute = attribute_all,
) -> Report:
    """Read an article again from the file or the address it was found at.

    What is known besides of one that was read from a file stays; a page states its own. Raises SourceError where none
    of its origins can be read again.
    """
    file = next((file for origin in origins if (file := _file(origin)) is not None), None)
    address = next((origin for origin in origins if urlsplit(origin).scheme in ("http", "https")), None)
    if file is not None:
        given = Given(article.scope, source=article.source, url=article.url, published=article.published_as_known)
        reports = list(ingest(library, [str(file)], given, io.BytesIO(), who_said=who_said))
    elif address is not None:
        given = Given(article.scope)
        reports = list(ingest(library, [address], given, io.BytesIO(), open_fetcher, who_said=who_said))
    else:
        where = origins[0] if origins else "text that was pasted"
        raise SourceError(f"{article.id} came from {where}, which cannot be read again: ingest its new text instead")
    if len(reports) != 1:
        raise SourceError(f"{address} holds something else now than the article: ingest the address it moved to")
    return reports[0]


def reread(library: Library, who_said: Attribute = attribute_all) -> Iterator[tuple[int, int]]:
    """Cut and attribute every stored text anew, as this release does it; yields (articles done, articles in all).

    Each article is answered from its old chunks until its new ones take their place. Stopped half-way, it goes on
    from there the next time.
    """
    scopes = library.scopes()
    last = library.resumed()
    while True:
        with library.read(scopes) as db:
            done, total = db.upto(last), db.counts()["articles"]
            batch = db.following(last, _BATCH)
        yield (done, total) if batch else (total, total)
        last = batch[-1].id if batch else ""
        entries = [_entry(*pair) for pair in zip(batch, who_said(batch), strict=True)]
        library.replace(embed(library, entries), upto=last)
        if not batch:
            break
    library.seal()


def _entry(article: Article, statements: tuple[Statement, ...]) -> Entry:
    return Entry(article, chunk(article, statements), statements)


def _file(origin: str) -> Path | None:
    parts = urlsplit(origin)
    path = Path(url2pathname(parts.path)) if parts.scheme == "file" else None
    return path if path is not None and path.is_file() else None

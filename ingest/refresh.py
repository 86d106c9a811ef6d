"""Stored articles read again: from where they were found, or from the text that is kept of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ingest.attribute import attribute
from ingest.chunk import chunk
from ingest.given import Given
from ingest.pipeline import Report, embed, ingest
from retrieval.entries import Entry
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.types import Article, Precision

_BATCH = 32
"""Articles read anew between two writes."""


def refresh(library: Library, article: Article, origins: Sequence[str]) -> Report:
    """Read an article again from the file it was found in; what is known of it besides its text stays.

    Raises SourceError where none of its origins is a file that is still there.
    """
    file = next((file for origin in origins if (file := _file(origin)) is not None), None)
    if file is None:
        where = origins[0] if origins else "text that was pasted"
        raise SourceError(f"{article.id} came from {where}, which cannot be read again: ingest its new text instead")
    given = Given(article.scope, source=article.source, url=article.url, published=_stated(article))
    (report,) = ingest(library, [str(file)], given, io.BytesIO())
    return report


def reread(library: Library) -> Iterator[tuple[int, int]]:
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
        library.replace(embed(library, [_entry(article) for article in batch]), upto=last)
        if not batch:
            break
    library.seal()


def _entry(article: Article) -> Entry:
    statements = attribute(article)
    return Entry(article, chunk(article, statements), statements)


def _file(origin: str) -> Path | None:
    parts = urlsplit(origin)
    path = Path(url2pathname(parts.path)) if parts.scheme == "file" else None
    return path if path is not None and path.is_file() else None


def _stated(article: Article) -> str | None:
    if article.published is None:
        return None
    if article.published_precision is Precision.DAY:
        return article.published.date().isoformat()
    return article.published.isoformat()

"""Sources to articles: files, folders, rows, and text on stdin.

Everything here yields `Job`s, whose `Item` is an article, or the reason why there is none. One bad item never stops
the next.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from typing import IO

from ingest.article.build import Given, of_body, of_page, of_pasted
from ingest.article.page import read_page
from ingest.feeds.entries import of_entry
from ingest.feeds.parse import parsed
from ingest.readers import formats
from ingest.readers.archives import Archive, is_nested
from ingest.readers.files import bytes_of, limited, opened, worded
from ingest.readers.formats import ending
from ingest.readers.rows import Fields, Row, rows
from ingest.readers.sandbox import Run, here
from retrieval.errors import SourceError
from retrieval.types import Article

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was to become an article: where it came from, and the article or the error."""

    source: str
    article: Article | None = None
    error: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An item still to be made: `make` does the work, so that several threads can share it.

    `origin` is the file that holds this article and no other.
    """

    source: str
    make: Callable[[], Article]
    origin: str | None = None

    def item(self) -> Item:
        """The item, its error worded."""
        try:
            return Item(self.source, self.make(), origin=self.origin)
        except SourceError as error:
            return Item(self.source, error=str(error))


def jobs(source: str, given: Given, stdin: IO[bytes], run: Run) -> Iterator[Job]:
    """One job for each article that a path, a folder or "-" holds; `run` runs what reads pages and documents.

    What cannot be read at all is a job too, whose item holds the error. Folders are walked in order of names, hidden
    files left out.
    """
    if source == STDIN:
        yield Job(source, lambda: _of_stdin(limited(stdin), given, run))
        return
    if re.match(r"^[a-z][a-z0-9+.-]+://", source, re.IGNORECASE):
        yield _failing(source, "web addresses are not read in this release: save the text and ingest the file")
        return
    path = Path(source)
    if path.is_dir():
        files = [one for one in _walk(path) if ending(one) in formats.KINDS]
        if not files:
            yield _failing(source, f"no articles in this folder: put {formats.READ} files there")
        for one in files:
            yield from _of_file(one, given, run)
    elif path.exists():
        yield from _of_file(path, given, run)
    else:
        yield _failing(source, "no such file: check the path")


def _of_stdin(data: bytes, given: Given, run: Run) -> Article:
    return formats.article_of(f"stdin{formats.kind_of(data)}", data, given, run)


def article_of(path: Path, given: Given, run: Run = here) -> Article:
    """The article of a file that holds one. Raises SourceError where there is none."""
    return formats.article_of(path, bytes_of(path), given, run)


def count(sources: Iterable[str]) -> int:
    """About how many items the sources hold, for a progress bar: rows are counted by their lines."""
    return sum(_count(Path(source)) for source in sources)


def _count(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(_count(one) for one in _walk(path) if ending(one) in formats.KINDS)
        if path.is_file() and ending(path) in formats.LINES:
            with opened(path) as file:
                return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except (OSError, EOFError, zlib.error):
        # Reading it for its articles will report the same error.
        return 1
    return 1


def _failing(source: str, message: str) -> Job:
    def fail() -> Article:
        raise SourceError(message)

    return Job(source, fail)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _of_file(path: Path, given: Given, run: Run) -> Iterator[Job]:
    kind = ending(path)
    if kind not in formats.KINDS:
        yield _failing(str(path), f"{kind or 'a file without an ending'} is not read: use {formats.READ}")
        return
    if kind in formats.ONE:
        yield Job(str(path), lambda: article_of(path, given, run), path.absolute().as_uri())
        return
    try:
        with opened(path) as file:
            if kind == formats.ZIP:
                yield from _of_archive(path, _archive(file), given, run)
            elif kind in formats.FEEDS:
                yield from _of_feed(str(path), limited(file), given)
            else:
                beside = _Folder(path.parent)
                for number, row in rows(file, kind):
                    yield _row_job(f"{path}:{number}", row, beside, given, run)
    except (OSError, EOFError, zlib.error, SourceError) as error:
        yield _failing(str(path), worded(error))


def _archive(file: IO[bytes]) -> Archive:
    return Archive(file if file.seekable() else io.BytesIO(limited(file)))


def _of_archive(path: Path, archive: Archive, given: Given, run: Run) -> Iterator[Job]:
    """The jobs of an archive; each opens it for itself, as the file may be closed when it is done."""
    source, found = str(path), 0
    for name in archive.names():
        inside, kind = f"{source}!{name}", ending(name)
        if kind not in formats.KINDS and not is_nested(name):
            continue
        found += 1
        if kind in formats.ONE or is_nested(name):
            yield Job(inside, partial(_member, path, name, given, run))
            continue
        try:
            if kind in formats.FEEDS:
                yield from _of_feed(inside, _Beside(path, "").read(name), given)
                continue
            for number, row in rows(archive.open(name), kind):
                yield _row_job(f"{inside}:{number}", row, _Beside(path, name), given, run)
        except (OSError, EOFError, zlib.error, SourceError) as error:
            yield _failing(inside, worded(error))
    if not found:
        yield _failing(source, f"no articles in this archive: put {formats.READ.replace(' or .zip', '')} files there")


def _member(path: Path, name: str, given: Given, run: Run) -> Article:
    return formats.article_of(name, _Beside(path, "").read(name), given, run)


def _of_feed(source: str, data: bytes, given: Given) -> Iterator[Job]:
    """The jobs of a feed that was saved: its entries' own texts, as no page is asked for."""
    feed = parsed(data, given.url or "")
    # What was given besides is of one article, and a feed has many.
    of_each = Given(given.scope, source=given.source)
    today = datetime.now(UTC).date()
    for entry in feed.entries:
        yield Job(f"{source}#{entry.url or entry.key}", partial(of_entry, entry, feed.title, of_each, today))
    if not feed.entries:
        yield _failing(source, "the feed has no entries: save one that has")


class _Folder:
    """Where the paths of a file's rows lead: beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes:
        """The bytes of a file beside, or in a folder beside. Raises SourceError."""
        if PurePath(path).is_absolute() or ".." in PurePath(path).parts:
            raise SourceError('"path" leads out of the folder of its file: put the files beside it')
        return bytes_of(self._folder / path)


class _Beside:
    """The same within an archive, out of which no path leads."""

    def __init__(self, archive: Path, name: str) -> None:
        self._archive, self._folder = archive, PurePosixPath(name).parent

    def read(self, path: str) -> bytes:
        """The bytes of a member beside. Raises SourceError."""
        try:
            with opened(self._archive) as file:
                return _archive(file).read(str(self._folder / path))
        except OSError as error:
            raise SourceError(worded(error)) from error


def _row_job(source: str, row: Row | SourceError, beside: _Folder | _Beside, given: Given, run: Run) -> Job:
    if isinstance(row, SourceError):
        return _failing(source, str(row))
    return Job(source, lambda: _from_row(row, beside, given, run))


def _from_row(row: Row, beside: _Folder | _Beside, given: Given, run: Run) -> Article:
    said = Fields(row)
    merged = given.over(said.given)
    if said.text:
        return of_body(said.text, merged) if merged.title else of_pasted(said.text, merged)
    if said.html:
        return of_page(run(read_page, said.html, merged.url), merged)
    if said.path:
        if "\0" in said.path:
            raise SourceError('"path" is not a path')
        if ending(said.path) not in formats.ONE:
            raise SourceError('"path" must name a file with one article, such as .txt or .html')
        return formats.article_of(said.path, beside.read(said.path), merged, run)
    raise SourceError('the row has neither "text" nor "html" nor "path"')

"""Files, folders, rows of files and text on stdin to jobs.

Every job makes an `Item`: an article, or the reason why there is none. One bad item never stops the next.
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

from ingest.article.build import ArticleMetadata, article_of_body, article_of_page, article_of_pasted
from ingest.article.page import read_page
from ingest.feeds.entries import article_of_entry
from ingest.feeds.parse import parse_feed
from ingest.readers import formats
from ingest.readers.archives import Archive, is_nested
from ingest.readers.files import open_file, read_bytes, read_error_text, read_limited
from ingest.readers.formats import file_ending
from ingest.readers.rows import Fields, Row, rows
from ingest.readers.sandbox import Run, run_here
from retrieval.errors import SourceError
from retrieval.types import Article

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Item:
    """The result of a job: where it came from, and the article or the error."""

    source: str
    article: Article | None = None
    error: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """An item yet to be made: `make` does the work, so that it can run in any thread.

    `origin`: the file, where it holds this article and no other.
    """

    source: str
    make: Callable[[], Article]
    origin: str | None = None

    def run_job(self) -> Item:
        """Make the item; a SourceError becomes its error."""
        try:
            return Item(self.source, self.make(), origin=self.origin)
        except SourceError as error:
            return Item(self.source, error=str(error))


def jobs_of(source: str, given: ArticleMetadata, stdin: IO[bytes], run: Run) -> Iterator[Job]:
    """A job for each article in a file, a folder or stdin ("-"); `run` runs the readers of pages and documents.

    A source that cannot be read is a job too, whose item holds the error. Folders are walked in the order of names,
    without hidden files.
    """
    if source == STDIN:
        yield Job(source, lambda: _stdin_article(read_limited(stdin), given, run))
        return
    if re.match(r"^[a-z][a-z0-9+.-]+://", source, re.IGNORECASE):
        yield _failing_job(source, "web addresses are not read in this release: save the text and ingest the file")
        return
    path = Path(source)
    if path.is_dir():
        files = [file for file in _walk(path) if file_ending(file) in formats.KINDS]
        if not files:
            yield _failing_job(source, f"no articles in this folder: put {formats.READABLE} files there")
        for file in files:
            yield from _file_jobs(file, given, run)
    elif path.exists():
        yield from _file_jobs(path, given, run)
    else:
        yield _failing_job(source, "no such file: check the path")


def _stdin_article(data: bytes, given: ArticleMetadata, run: Run) -> Article:
    return formats.read_article(f"stdin{formats.guess_ending(data)}", data, given, run)


def article_of(path: Path, given: ArticleMetadata, run: Run = run_here) -> Article:
    """The article of a file that holds one. Raises SourceError where there is none."""
    return formats.read_article(path, read_bytes(path), given, run)


def count_items(sources: Iterable[str]) -> int:
    """About how many items the sources hold, for a progress bar: rows are counted by their lines."""
    return sum(_count_in(Path(source)) for source in sources)


def _count_in(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(_count_in(file) for file in _walk(path) if file_ending(file) in formats.KINDS)
        if path.is_file() and file_ending(path) in formats.LINES:
            with open_file(path) as file:
                return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except (OSError, EOFError, zlib.error):
        # Reading the articles will report the same error.
        return 1
    return 1


def _failing_job(source: str, message: str) -> Job:
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


def _file_jobs(path: Path, given: ArticleMetadata, run: Run) -> Iterator[Job]:
    kind = file_ending(path)
    if kind not in formats.KINDS:
        yield _failing_job(str(path), f"{kind or 'a file without an ending'} is not read: use {formats.READABLE}")
        return
    if kind in formats.SINGLE_ARTICLE:
        yield Job(str(path), lambda: article_of(path, given, run), path.absolute().as_uri())
        return
    try:
        with open_file(path) as file:
            if kind == formats.ZIP:
                yield from _archive_jobs(path, _archive(file), given, run)
            elif kind in formats.FEEDS:
                yield from _feed_jobs(str(path), read_limited(file), given)
            else:
                beside = _FolderOfRows(path.parent)
                for number, row in rows(file, kind):
                    yield _row_job(f"{path}:{number}", row, beside, given, run)
    except (OSError, EOFError, zlib.error, SourceError) as error:
        yield _failing_job(str(path), read_error_text(error))


def _archive(file: IO[bytes]) -> Archive:
    return Archive(file if file.seekable() else io.BytesIO(read_limited(file)))


def _archive_jobs(path: Path, archive: Archive, given: ArticleMetadata, run: Run) -> Iterator[Job]:
    """The jobs of an archive; each opens the archive itself, since `file` may be closed by then."""
    source, jobs_found = str(path), 0
    for name in archive.names():
        inside, kind = f"{source}!{name}", file_ending(name)
        if kind not in formats.KINDS and not is_nested(name):
            continue
        jobs_found += 1
        if kind in formats.SINGLE_ARTICLE or is_nested(name):
            yield Job(inside, partial(_member_article, path, name, given, run))
            continue
        try:
            if kind in formats.FEEDS:
                yield from _feed_jobs(inside, _ArchiveFolder(path, "").read(name), given)
                continue
            for number, row in rows(archive.open(name), kind):
                yield _row_job(f"{inside}:{number}", row, _ArchiveFolder(path, name), given, run)
        except (OSError, EOFError, zlib.error, SourceError) as error:
            yield _failing_job(inside, read_error_text(error))
    if not jobs_found:
        yield _failing_job(
            source, f"no articles in this archive: put {formats.READABLE.replace(' or .zip', '')} files there"
        )


def _member_article(path: Path, name: str, given: ArticleMetadata, run: Run) -> Article:
    return formats.read_article(name, _ArchiveFolder(path, "").read(name), given, run)


def _feed_jobs(source: str, data: bytes, given: ArticleMetadata) -> Iterator[Job]:
    """The jobs of a saved feed: the entries' own texts, since no page is fetched."""
    feed = parse_feed(data, given.url or "")
    # Title, date and address were given for one article, and a feed has many.
    of_each = ArticleMetadata(given.scope, source=given.source)
    today = datetime.now(UTC).date()
    for entry in feed.entries:
        yield Job(f"{source}#{entry.url or entry.key}", partial(article_of_entry, entry, feed.title, of_each, today))
    if not feed.entries:
        yield _failing_job(source, "the feed has no entries: save one that has")


class _FolderOfRows:
    """The folder to which the paths in a file's rows are relative."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, path: str) -> bytes:
        """The bytes of a file in this folder or below. Raises SourceError."""
        if PurePath(path).is_absolute() or ".." in PurePath(path).parts:
            raise SourceError('"path" leads out of the folder of its file: put the files beside it')
        return read_bytes(self._folder / path)


class _ArchiveFolder:
    """The same for rows inside an archive, which no path can leave."""

    def __init__(self, archive: Path, name: str) -> None:
        self._archive, self._folder = archive, PurePosixPath(name).parent

    def read(self, path: str) -> bytes:
        """The bytes of a member of the archive. Raises SourceError."""
        try:
            with open_file(self._archive) as file:
                return _archive(file).read_member(str(self._folder / path))
        except OSError as error:
            raise SourceError(read_error_text(error)) from error


def _row_job(
    source: str, row: Row | SourceError, beside: _FolderOfRows | _ArchiveFolder, given: ArticleMetadata, run: Run
) -> Job:
    if isinstance(row, SourceError):
        return _failing_job(source, str(row))
    return Job(source, lambda: _row_article(row, beside, given, run))


def _row_article(row: Row, beside: _FolderOfRows | _ArchiveFolder, given: ArticleMetadata, run: Run) -> Article:
    fields = Fields(row)
    merged = given.over(fields.given)
    if fields.text:
        return article_of_body(fields.text, merged) if merged.title else article_of_pasted(fields.text, merged)
    if fields.html:
        return article_of_page(run(read_page, fields.html, merged.url), merged)
    if fields.path:
        if "\0" in fields.path:
            raise SourceError('"path" is not a path')
        if file_ending(fields.path) not in formats.SINGLE_ARTICLE:
            raise SourceError('"path" must name a file with one article, such as .txt or .html')
        return formats.read_article(fields.path, beside.read(fields.path), merged, run)
    raise SourceError('the row has neither "text" nor "html" nor "path"')

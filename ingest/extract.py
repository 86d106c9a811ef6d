"""Files to articles: text as a reader pastes it, and rows of JSON, JSON lines or CSV.

Everything here yields `Item`s: an article, or the reason why there is none. One bad item never stops the next.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import IO, Any

from dateutil import parser as dates

from ingest import clean
from retrieval.errors import SourceError
from retrieval.sentences import sentences
from retrieval.types import PUBLIC, Article, Precision

STDIN = "-"
LARGEST = 64 * 1024 * 1024
"""Bytes of one article, or of one row, that are read; larger is refused."""

_TEXT = frozenset((".txt", ".text", ".md"))
_ROWS = frozenset((".jsonl", ".ndjson", ".csv"))
KINDS = _TEXT | _ROWS | {".json"}
"""Endings of the files that are read, each also with .gz."""

_TITLE_WORDS = 14
"""Words of the first sentence that stand for a missing headline."""

_WESTERN = 0.05
"""Share of bytes past ASCII up to which an unlabelled old text is taken for Windows-1252, which web pages default to
(WHATWG Encoding Standard); guessing by statistics errs on texts with a few pound signs."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of an article besides its text, from a row or the command line; it wins over what the text says."""

    scope: str = PUBLIC
    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: str | None = None


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


def jobs(source: str, given: Given, stdin: IO[bytes]) -> Iterator[Job]:
    """One job for each article that a path, a folder or "-" holds.

    What cannot be read at all is a job too, whose item holds the error. Folders are walked in order of names, hidden
    files left out.
    """
    if source == STDIN:
        yield Job(source, lambda: _pasted(decoded(_limited(stdin)), given))
        return
    if re.match(r"^[a-z][a-z0-9+.-]+://", source, re.IGNORECASE):
        yield _failing(source, "web addresses are not read in this release: save the text and ingest the file")
        return
    path = Path(source)
    if path.is_dir():
        files = [one for one in _walk(path) if _ending(one) in KINDS]
        if not files:
            yield _failing(source, "no articles in this folder: put .txt, .md, .json, .jsonl or .csv files there")
        for one in files:
            yield from _of_file(one, given)
    elif path.exists():
        yield from _of_file(path, given)
    else:
        yield _failing(source, "no such file: check the path")


def article_of(path: Path, given: Given) -> Article:
    """The article of one text file. Raises SourceError where there is none."""
    return _pasted(decoded(_bytes_of(path)), given)


def count(sources: Iterable[str]) -> int:
    """About how many items the sources hold, for a progress bar: rows are counted by their lines."""
    return sum(_count(Path(source)) for source in sources)


def _count(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(_count(one) for one in _walk(path) if _ending(one) in KINDS)
        if path.is_file() and _ending(path) in _ROWS:
            with _open(path) as file:
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


def _ending(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _of_file(path: Path, given: Given) -> Iterator[Job]:
    ending = _ending(path)
    if ending not in KINDS:
        yield _failing(
            str(path), f"{ending or 'a file without an ending'} is not read: use .txt, .md, .json, .jsonl or .csv"
        )
        return
    if ending in _TEXT:
        yield Job(str(path), lambda: article_of(path, given), path.absolute().as_uri())
        return
    try:
        for number, row in _rows(path, ending):
            yield _row_job(path, number, row, given)
    except (OSError, EOFError, zlib.error, csv.Error, SourceError) as error:
        yield _failing(str(path), _worded(error))


def _rows(path: Path, ending: str) -> Iterator[tuple[int, Any]]:
    """(line or place, row) of a file of rows; a row that is no row is the error that says so."""
    if ending == ".json":
        try:
            read = json.loads(decoded(_bytes_of(path)))
        except ValueError as error:
            raise SourceError(f"not valid JSON ({error})") from error
        yield from enumerate(read if isinstance(read, list) else [read], 1)
        return
    with _open(path) as file:
        if ending == ".csv":
            text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="strict", newline="")
            csv.field_size_limit(LARGEST)
            reader = csv.DictReader(text)
            yield from ((reader.line_num, row) for row in _decodable(reader))
            return
        number = 0
        while line := file.readline(LARGEST):
            number += 1
            if line.strip(codecs.BOM_UTF8 + b" \t\r\n"):
                yield number, _parsed(line)


def _decodable(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    try:
        yield from rows
    except UnicodeDecodeError as error:
        raise SourceError("not UTF-8: save the table as UTF-8") from error


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except ValueError as error:
        return SourceError(f"not valid JSON in UTF-8 ({type(error).__name__})")


def _row_job(path: Path, number: int, row: Any, given: Given) -> Job:
    source = f"{path}:{number}"
    if isinstance(row, SourceError):
        return _failing(source, str(row))
    if not isinstance(row, dict):
        return _failing(source, 'a row is an object with "text" or "path"')
    return Job(source, lambda: _from_row(row, path.parent, given))


def _from_row(row: Mapping[str, Any], folder: Path, given: Given) -> Article:
    fields = {key: _field(row, key) for key in ("text", "path", "title", "url", "published", "source")}
    merged = Given(
        scope=given.scope,
        title=given.title or fields["title"],
        source=given.source or fields["source"],
        url=given.url or fields["url"],
        published=given.published or fields["published"],
    )
    if fields["text"]:
        return _titled(fields["text"], merged) if merged.title else _pasted(fields["text"], merged)
    if fields["path"]:
        if "\0" in fields["path"]:
            raise SourceError('"path" is not a path')
        inside = folder / fields["path"]
        if _ending(inside) not in _TEXT:
            raise SourceError('"path" must name a .txt or .md file')
        return article_of(inside, merged)
    raise SourceError('the row has neither "text" nor "path"')


def _field(row: Mapping[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise SourceError(f'"{key}" must be text')
    return value


def _pasted(raw: str, given: Given) -> Article:
    story = clean.pasted(raw)
    published, precision = stated_date(given.published)
    if published is None and story.published is not None:
        published, precision = datetime.combine(story.published, time(), UTC), Precision.DAY
    title = _line(given.title) or story.title
    return _article(story.text, title, given, published, precision, story.page_date)


def _titled(raw: str, given: Given) -> Article:
    title = _line(given.title)
    published, precision = stated_date(given.published)
    return _article(clean.body(raw, title), title, given, published, precision, None)


def _article(
    text: str, title: str, given: Given, published: datetime | None, precision: Precision, page_date: date | None
) -> Article:
    if not any(char.isalpha() for char in text):
        raise SourceError("no article text in it: only a headline, or nothing at all")
    return Article.create(
        title=title or _first_words(text),
        text=text,
        scope=given.scope,
        url=_address(given.url),
        source=_line(given.source) or None,
        published=published,
        published_precision=precision,
        page_date=page_date,
    )


def _line(text: str | None) -> str:
    return " ".join(clean.plain(text or "").split())


def _first_words(text: str) -> str:
    words = sentences(text)[0].of(text).split()
    return " ".join(words[:_TITLE_WORDS]) + (" …" if len(words) > _TITLE_WORDS else "")


def _address(url: str | None) -> str | None:
    if url is not None and not re.match(r"^https?://[^\s/]+", url, re.IGNORECASE):
        raise SourceError("the address must begin with http:// or https://")
    return url


def stated_date(stated: str | None) -> tuple[datetime | None, Precision]:
    """A stated date with its precision. A time without a zone is taken as UTC. Raises SourceError for no date."""
    if stated is None:
        return None, Precision.NONE
    try:
        one = dates.parse(stated, default=datetime(2000, 1, 1))
        other = dates.parse(stated, default=datetime(2001, 2, 2, 1, 1))
    except (ValueError, OverflowError) as error:
        raise SourceError("the publication date is not a date: write it as 2024-06-18 or 2024-06-18T09:30Z") from error
    if one.date() != other.date():
        raise SourceError("the publication date lacks a day, month or year: write it as 2024-06-18")
    if one.time() != other.time():
        return datetime.combine(one.date(), time(), UTC), Precision.DAY
    return (one if one.tzinfo else one.replace(tzinfo=UTC)), Precision.TIME


def _open(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _bytes_of(path: Path) -> bytes:
    try:
        with _open(path) as file:
            return _limited(file)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(_worded(error)) from error


def _worded(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file: check the path"
    if isinstance(error, PermissionError):
        return "the file may not be read: check its permissions"
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile):
        return "a damaged .gz file"
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror})"
    return str(error)


def _limited(file: IO[bytes]) -> bytes:
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise SourceError(f"larger than {LARGEST // 1024 // 1024} MB: not one article; split it")
    return data


def decoded(data: bytes) -> str:
    """The text of some bytes. Raises SourceError where they are no text."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if not data.strip():
        raise SourceError("the file is empty")
    control = sum(data.count(byte) for byte in (*range(9), *range(14, 27), *range(28, 32)))
    if b"\0" in data[:4096] or control > len(data) / 100:
        raise SourceError("a binary file, not text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if sum(byte > 127 for byte in data[:100_000]) <= _WESTERN * min(len(data), 100_000):
        return data.decode("cp1252", "replace")
    import charset_normalizer

    best = charset_normalizer.from_bytes(data[:1_000_000]).best()
    if best is None:
        raise SourceError("the text's encoding is not known: save it as UTF-8")
    return data.decode(best.encoding, "replace")

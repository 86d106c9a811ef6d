"""Rows of JSON, JSON lines and CSV to articles. The mapping of fields:

    text        the article's words, plain          "body_text" and "body", "articleBody", "content" likewise
    html        its page, or its body as HTML       "body_html", "body_xhtml" likewise
    path        a file beside this one that holds it
    title       the headline                        "headline", "headlines" of ninjs likewise
    url         where it was published              "link", "uri" and "canonicalurl" likewise, where they are addresses
    published   when                                "date", "firstpublished", "versioncreated" likewise
    source      who published it                    "site", "provider", "infosources" of ninjs likewise
    authors     a list of names, or one             "author", "byline" likewise

The first name of a line wins. IPTC ninjs, version 1 to 3, the wire services' JSON, is read by the same mapping; its
"usable" status is respected: what the service withdrew is refused.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import IO, Any

from ingest.article.build import ArticleMetadata
from ingest.encodings import decode
from ingest.readers.files import MAX_ARTICLE_BYTES, read_limited
from retrieval.errors import SourceError

Row = Mapping[str, Any]

_NAMES = {
    "text": ("text", "body_text", "articleBody", "content", "body"),
    "html": ("html", "body_html", "body_xhtml"),
    "path": ("path",),
    "title": ("title", "headline"),
    "url": ("url", "link", "canonicalurl", "uri"),
    "published": ("published", "date", "firstpublished", "firstcreated", "versioncreated"),
    "source": ("source", "site", "provider"),
}
_ADDRESSES = ("link", "canonicalurl", "uri")
"""Fields that hold an address only where it begins like one: elsewhere they hold a name."""


class Fields:
    """What a row says: the given facts, and its text, its page or its path. Raises SourceError for a wrong row."""

    def __init__(self, row: Row) -> None:
        if row.get("pubstatus") not in (None, "", "usable"):
            raise SourceError("the service has withdrawn or held back this item (its pubstatus is not usable)")
        values = {key: _first(row, names) for key, names in _NAMES.items()}
        of_ninjs = _ninjs(row)
        self.text = values["text"] or of_ninjs.get("text")
        self.html = values["html"] or of_ninjs.get("html")
        self.path = values["path"]
        self.given = ArticleMetadata(
            title=values["title"] or of_ninjs.get("title"),
            source=values["source"] or of_ninjs.get("source"),
            url=values["url"],
            published=values["published"],
            authors=_authors(row),
        )


def rows(file: IO[bytes], ending: str) -> Iterator[tuple[int, Row | SourceError]]:
    """(line or place, row) of an open file; what is no row is the error that says so. Raises SourceError where the
    file as a whole cannot be read."""
    if ending == ".json":
        yield from _of_json(file)
    elif ending == ".csv":
        yield from _of_table(file)
    else:
        number = 0
        while line := file.readline(MAX_ARTICLE_BYTES):
            number += 1
            if line.strip(codecs.BOM_UTF8 + b" \t\r\n"):
                yield number, _parse_line(line)


def _of_json(file: IO[bytes]) -> Iterator[tuple[int, Row | SourceError]]:
    try:
        read = json.loads(decode(read_limited(file)))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"not valid JSON ({type(error).__name__})") from error
    if isinstance(read, dict):
        for key in ("items", "articles", "results"):
            if isinstance(read.get(key), list) and not _first(read, ("text", "html", "path", "body_text")):
                read = read[key]
                break
    for number, one in enumerate(read if isinstance(read, list) else [read], 1):
        yield number, _row(one)


def _of_table(file: IO[bytes]) -> Iterator[tuple[int, Row | SourceError]]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="strict", newline="")
    csv.field_size_limit(MAX_ARTICLE_BYTES)
    reader = csv.DictReader(text)
    try:
        for row in reader:
            # Cells past the last heading come under None.
            yield reader.line_num, {key: cell for key, cell in row.items() if key is not None}
    except UnicodeDecodeError as error:
        raise SourceError("not UTF-8: save the table as UTF-8") from error
    except csv.Error as error:
        raise SourceError(f"not a table ({error})") from error
    finally:
        # The file is its opener's to close.
        text.detach()


def _parse_line(line: bytes) -> Row | SourceError:
    try:
        return _row(json.loads(line.decode("utf-8-sig")))
    except (ValueError, RecursionError) as error:
        return SourceError(f"not valid JSON in UTF-8 ({type(error).__name__})")


def _row(value: Any) -> Row | SourceError:
    return value if isinstance(value, dict) else SourceError('a row is an object with "text", "html" or "path"')


def _first(row: Row, names: Iterable[str]) -> str | None:
    for name in names:
        value = row.get(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            if name in ("body", "content", "provider", "source", "site"):
                continue
            raise SourceError(f'"{name}" must be text')
        if name in _ADDRESSES and not value.lower().startswith(("http://", "https://")):
            continue
        return value
    return None


def _authors(row: Row) -> tuple[str, ...]:
    for key in ("authors", "author", "byline"):
        value = row.get(key)
        names = value if isinstance(value, list) else [value]
        found = [one.get("name") if isinstance(one, dict) else one for one in names]
        if clean := tuple(
            re.sub(r"(?i)^by ", "", name.strip()) for name in found if isinstance(name, str) and name.strip()
        ):
            return clean
    return ()


def _ninjs(row: Row) -> dict[str, str]:
    """What stands in the lists of ninjs 2 and 3, where version 1 has plain fields."""
    out: dict[str, str] = {}
    for body in _objects(row, "bodies"):
        value = body.get("value")
        if isinstance(value, str) and value:
            kind = str(body.get("contenttype") or body.get("role") or "").lower()
            out.setdefault("html" if "html" in kind else "text", value)
    heads: Callable[[Any], bool] = lambda one: str(one.get("role") or "main").lower() in ("main", "headline")  # noqa: E731
    for headline in sorted(_objects(row, "headlines"), key=heads, reverse=True):
        if isinstance(headline.get("value"), str):
            out.setdefault("title", headline["value"])
    for house in [*_objects(row, "infosources"), *_objects(row, "source"), *_objects(row, "provider")]:
        if isinstance(house.get("name"), str):
            out.setdefault("source", house["name"])
    return out


def _objects(row: Row, key: str) -> list[dict[str, Any]]:
    value = row.get(key)
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]

"""`onrecord attribute`: the statements of a text that is not stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot import contract
from ingest.article.build import ArticleMetadata, stated_date
from ingest.attribution.rules import Attribute
from ingest.encodings import decode
from ingest.sources.local import article_of
from retrieval.errors import SourceError
from retrieval.types import Article


def attribute_file(path: Path, who_said: Attribute, *, raw: bool, published: str | None) -> contract.Json:
    """The statements of a file's text. Raises SourceError where it holds none."""
    if raw:
        return _attribute_text(decode(path.read_bytes()), published, who_said)
    article = article_of(path, ArticleMetadata(published=published))
    return contract.attribution(article.text, next(who_said([article])))


def attribute_lines(path: Path, who_said: Attribute) -> Iterator[contract.Json]:
    """The statements of each line's text, in order; an object with an error for a line that holds none."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield _attribute_row(line, who_said)
            except SourceError as error:
                yield {"statements": [], "error": f"line {number}: {error}"}


def _attribute_row(line: str, who_said: Attribute) -> contract.Json:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise SourceError("not valid JSON") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise SourceError('an object with "text" is needed')
    return _attribute_text(row["text"], row.get("published"), who_said)


def _attribute_text(text: str, published: str | None, who_said: Attribute) -> contract.Json:
    if not text.strip():
        return {"statements": []}
    day, precision = stated_date(published)
    article = Article.create(title="", text=text, published=day, published_precision=precision)
    return contract.attribution(text, next(who_said([article])))

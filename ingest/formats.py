"""The bytes of one file to one article, by the ending of its name."""

from __future__ import annotations

from pathlib import PurePath

from ingest.encodings import decoded
from ingest.given import Given, of_page, of_pasted
from ingest.page import read_page
from retrieval.errors import SourceError
from retrieval.types import Article

TEXT = frozenset((".txt", ".text", ".md"))
PAGES = frozenset((".html", ".htm", ".xhtml"))
ONE = TEXT | PAGES
"""Endings of the files that hold one article."""

ROWS = frozenset((".jsonl", ".ndjson", ".csv", ".json"))
KINDS = ONE | ROWS
"""Endings of all that is read, each also with .gz."""

READ = ".txt, .md, .html, .json, .jsonl or .csv"
"""The usual ones, for messages."""


def ending(name: str | PurePath) -> str:
    """The ending of a file's name in lower case, that of gzip aside."""
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def article_of(name: str | PurePath, data: bytes, given: Given) -> Article:
    """The article of a file. Raises SourceError where there is none."""
    kind = ending(name)
    if kind in PAGES:
        return of_page(read_page(data, given.url), given)
    if kind in TEXT:
        return of_pasted(decoded(data), given)
    raise SourceError(f"{kind or 'a file without an ending'} is not read: use {READ}")

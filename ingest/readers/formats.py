"""The bytes of one file to one article, by the ending of its name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from ingest.article.build import ArticleMetadata, article_of_body, article_of_page, article_of_pasted
from ingest.article.page import read_page
from ingest.encodings import decode
from ingest.readers.documents import text_of_docx, text_of_pdf
from ingest.readers.markdown import split_front_matter
from ingest.readers.sandbox import Run
from retrieval.errors import SourceError
from retrieval.types import Article

TEXT = frozenset((".txt", ".text"))
MARKDOWN = frozenset((".md", ".markdown"))
PAGES = frozenset((".html", ".htm", ".xhtml"))
DOCUMENTS = frozenset((".pdf", ".docx"))
SINGLE_ARTICLE = TEXT | MARKDOWN | PAGES | DOCUMENTS
"""Endings of the files that hold one article."""

ROWS = frozenset((".jsonl", ".ndjson", ".csv", ".json"))
LINES = ROWS - {".json"}
"""Those of them with a row a line."""

FEEDS = frozenset((".xml", ".rss", ".atom"))
"""Endings of feeds that were saved."""

ZIP = ".zip"
KINDS = SINGLE_ARTICLE | ROWS | FEEDS | {ZIP}
"""Endings of all that is read, each also with .gz."""

READABLE = ".txt, .md, .html, .pdf, .docx, .json, .jsonl, .csv, .xml or .zip"
"""The usual ones, for messages."""


def file_ending(name: str | PurePath) -> str:
    """The ending of a file's name in lower case, that of gzip aside."""
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def guess_ending(data: bytes) -> str:
    """The ending that bytes without a name would have, by how they begin."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"%pdf"):
        return ".pdf"
    return ".html" if head.startswith((b"<!doctype html", b"<html", b"<head")) else ".txt"


def read_article(name: str | PurePath, data: bytes, given: ArticleMetadata, run: Run) -> Article:
    """The article of a file; `run` runs what reads pages and documents. Raises SourceError where there is none."""
    kind = file_ending(name)
    if kind in PAGES:
        return article_of_page(run(read_page, data, given.url), given)
    if kind in MARKDOWN:
        said, text = split_front_matter(decode(data))
        given = given.over(said)
        return article_of_body(text, given) if given.title else article_of_pasted(text, given)
    if kind in TEXT:
        return article_of_pasted(decode(data), given)
    if kind in DOCUMENTS:
        title, text = run(text_of_pdf if kind == ".pdf" else text_of_docx, data)
        return (
            article_of_body(text, replace(given, title=given.title or title))
            if given.title or title
            else article_of_pasted(text, given)
        )
    raise SourceError(f"{kind or 'a file without an ending'} is not read: use {READABLE}")

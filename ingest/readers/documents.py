"""PDF and Word files to raw text as a reader would paste it: paragraphs, without the lines that stand on every page."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from ingest.readers.archives import Archive
from retrieval.errors import SourceError

_MOST_PAGES = 500
_EDGE = 3
"""Lines at the top and foot of a page among which running heads are looked for."""

_PAGE_NUMBER = re.compile(r"(?i)^(?:page\s*)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?$")
_ENDED = re.compile(r"[.!?…:][\"'”’)\]]*$")
_HYPHEN = re.compile(r"(?<=[a-zà-ÿ])[-\u00ad]$")


def text_of_pdf(data: bytes) -> tuple[str, str]:
    """(title as the file gives it or "", text) of a PDF. Raises SourceError where it holds no text to copy."""
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceError("an encrypted PDF: save it without its password")
        if len(reader.pages) > _MOST_PAGES:
            raise SourceError(f"a PDF of more than {_MOST_PAGES} pages: not one article")
        pages = [page.extract_text() for page in reader.pages]
        title = str(reader.metadata.get("/Title") or "") if reader.metadata else ""
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise SourceError("a damaged PDF") from error
    text = "\n\n".join(_paragraphs(_without_heads([page.splitlines() for page in pages])))
    if not any(char.isalpha() for char in text):
        raise SourceError("a PDF without text, perhaps a scan: run text recognition over it first")
    return title if " " in title.strip() and not re.search(r"(?i)\.\w{2,4}$|untitled", title) else "", text


def text_of_docx(data: bytes) -> tuple[str, str]:
    """(title as the file gives it or "", text) of a Word file. Raises SourceError where there is none."""
    Archive(io.BytesIO(data)).check_sizes()
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError

    try:
        document = Document(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, ValueError, OSError) as error:
        raise SourceError("a damaged .docx file") from error
    lines = list(_lines_of_docx(document))
    if not lines:
        raise SourceError("a Word file without text")
    return document.core_properties.title or "", "\n\n".join(lines)


def _lines_of_docx(document: Any) -> Iterator[str]:
    for part in document.iter_inner_content():
        if hasattr(part, "rows"):
            for row in part.rows:
                cells = dict.fromkeys(" ".join(cell.text.split()) for cell in row.cells)
                if line := " | ".join(cell for cell in cells if cell):
                    yield line
        else:
            for line in part.text.split("\n"):
                if words := " ".join(line.split()):
                    yield words


def _without_heads(pages: Sequence[list[str]]) -> list[str]:
    """The lines of all pages without page numbers and the lines that most pages begin or end with."""
    edges: Counter[str] = Counter()
    stripped = [[line.strip() for line in page if line.strip()] for page in pages]
    for page in stripped:
        edges.update({_mask(line) for line in (*page[:_EDGE], *page[-_EDGE:])})
    repeated = {line for line, times in edges.items() if len(pages) > 2 and times * 2 > len(pages)}
    out: list[str] = []
    for page in stripped:
        last = len(page) - _EDGE
        for at, line in enumerate(page):
            edge = at < _EDGE or at >= last
            if not (edge and (_mask(line) in repeated or _PAGE_NUMBER.match(line))):
                out.append(line)
    return out


def _mask(line: str) -> str:
    return re.sub(r"\d+", "#", line)


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    """Lines as they are set, joined to paragraphs: one ends where a line ends a sentence well before the margin."""
    full = [len(line) for line in lines if len(line) > 30]
    width = median(full) if full else 0
    paragraph = ""
    for line in lines:
        joined = _HYPHEN.sub("", paragraph) if _HYPHEN.search(paragraph) and line[:1].islower() else f"{paragraph} "
        paragraph = (joined + line).strip()
        if len(line) < width * 0.85 and (_ENDED.search(line) or len(paragraph) < width * 0.85):
            yield paragraph
            paragraph = ""
    if paragraph:
        yield paragraph

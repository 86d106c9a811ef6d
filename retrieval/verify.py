"""The only maker of citations: a span that is not in the text cannot become one."""

from __future__ import annotations

from retrieval.errors import CitationError, SpanError
from retrieval.types import Article, Citation, Span


def cite(article: Article, span: Span, number: int, speaker: str | None = None) -> Citation:
    """Proof that `span` of the article reads as it does. Raises CitationError where it lies outside or is blank."""
    try:
        excerpt = span.of(article.text)
    except SpanError as error:
        raise CitationError(f"article {article.id} has no span {span.start}..{span.end}") from error
    if not excerpt.strip():
        raise CitationError(f"article {article.id} has nothing at {span.start}..{span.end}")
    return Citation(article, span, number, excerpt, speaker)

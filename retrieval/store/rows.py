"""Converting rows of the catalog to the library's types, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from retrieval.text.person_names import words_of
from retrieval.types import Article, Chunk, Kind, Precision, RemovedText, Span, Statement


def to_article(row: Any) -> Article:
    """The article of a row of `versions` with its scope."""
    return Article(
        id=row.article_id,
        version=row.version,
        scope=row.scope,
        title=row.title,
        text=row.text,
        url=row.url,
        source=row.source,
        authors=tuple(row.authors),
        published=datetime.fromisoformat(row.published) if row.published else None,
        published_precision=Precision(row.published_precision),
        page_date=date.fromisoformat(row.page_date) if row.page_date else None,
        modified=datetime.fromisoformat(row.modified) if row.modified else None,
        language=row.language,
        **_from_page(row.page or {}),
    )


def _from_page(page: dict[str, Any]) -> dict[str, Any]:
    return {
        "section": page.get("section"),
        "corrections": tuple(page.get("corrections", ())),
        "removed": tuple(RemovedText(*part) for part in page.get("removed", ())),
    }


def article_row(article: Article) -> dict[str, Any]:
    """The row of `versions` for an article."""
    return {
        "article_id": article.id,
        "version": article.version,
        "title": article.title,
        "text": article.text,
        "url": article.url,
        "source": article.source,
        "authors": list(article.authors),
        "published": article.published.isoformat() if article.published else None,
        "published_precision": article.published_precision.value,
        "page_date": article.page_date.isoformat() if article.page_date else None,
        "modified": article.modified.isoformat() if article.modified else None,
        "language": article.language,
        "page": _page_facts(article),
    }


def _page_facts(article: Article) -> dict[str, Any] | None:
    """The facts that only web pages give; None if there are none."""
    removed = [[part.at, part.text, part.rule] for part in article.removed]
    facts = {"section": article.section, "corrections": list(article.corrections), "removed": removed}
    return {name: value for name, value in facts.items() if value} or None


def to_chunk(row: Any) -> Chunk:
    """The chunk of a row of `chunks`."""
    return Chunk(row.article_id, row.version, row.position, Span(row.start, row.end), row.heading)


def chunk_row(chunk: Chunk, article: Article) -> dict[str, Any]:
    """The row of a chunk; it repeats the scope, day and source of its article, which queries filter by."""
    return {
        "article_id": chunk.article_id,
        "version": chunk.version,
        "position": chunk.index,
        "start": chunk.span.start,
        "end": chunk.span.end,
        "heading": chunk.heading,
        **_filter_columns(article),
    }


def to_statement(row: Any) -> Statement:
    """The statement of a row of `statements`."""
    return Statement(
        article_id=row.article_id,
        version=row.version,
        speaker=row.speaker,
        kind=Kind(row.kind),
        content=tuple(Span(*pair) for pair in row.content),
        context=Span(row.context_start, row.context_end),
        mention=Span(*row.mention) if row.mention else None,
        cue=Span(*row.cue) if row.cue else None,
        aliases=tuple(row.aliases),
        role=row.role,
        addressee=row.addressee,
        when=row.said_when,
        said_on=date.fromisoformat(row.said_on) if row.said_on else None,
    )


def statement_row(statement: Statement, article: Article) -> dict[str, Any]:
    """The row of a statement."""
    mention, cue = statement.mention, statement.cue
    return {
        "article_id": statement.article_id,
        "version": statement.version,
        "speaker": statement.speaker,
        "kind": statement.kind.value,
        "content": [[span.start, span.end] for span in statement.content],
        "context_start": statement.context.start,
        "context_end": statement.context.end,
        "mention": [mention.start, mention.end] if mention else None,
        "cue": [cue.start, cue.end] if cue else None,
        "aliases": list(statement.aliases),
        "role": statement.role,
        "addressee": statement.addressee,
        "said_when": statement.when,
        "said_on": statement.said_on.isoformat() if statement.said_on else None,
        **_filter_columns(article),
    }


def speaker_words(statements: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    """(word, speaker) for every word of the speakers' names, aliases and roles, except where somebody only thinks."""
    seen = set()
    for statement in (s for s in statements if s.speaker and s.kind is not Kind.MENTAL):
        for text in (statement.speaker, *statement.aliases, statement.role or ""):
            for word in words_of(text):
                if (word, statement.speaker) not in seen:
                    seen.add((word, statement.speaker))
                    yield word, statement.speaker


def _filter_columns(article: Article) -> dict[str, Any]:
    day = article.published.date().isoformat() if article.published else None
    return {"scope": article.scope, "day": day, "source": article.source}

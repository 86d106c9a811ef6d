"""Rows of the catalog to the types of the house, and back: nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from retrieval.text.person_names import words_of
from retrieval.types import Article, Chunk, Kind, Precision, Removed, Span, Statement


def article(row: Any) -> Article:
    """An article from a row of `versions` with its scope."""
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
        "removed": tuple(Removed(*one) for one in page.get("removed", ())),
    }


def of_article(one: Article) -> dict[str, Any]:
    """The row of `versions` for an article."""
    return {
        "article_id": one.id,
        "version": one.version,
        "title": one.title,
        "text": one.text,
        "url": one.url,
        "source": one.source,
        "authors": list(one.authors),
        "published": one.published.isoformat() if one.published else None,
        "published_precision": one.published_precision.value,
        "page_date": one.page_date.isoformat() if one.page_date else None,
        "modified": one.modified.isoformat() if one.modified else None,
        "language": one.language,
        "page": _page(one),
    }


def _page(one: Article) -> dict[str, Any] | None:
    """What only a page gives; None where there is nothing of it."""
    removed = [[part.at, part.text, part.rule] for part in one.removed]
    given = {"section": one.section, "corrections": list(one.corrections), "removed": removed}
    return {name: value for name, value in given.items() if value} or None


def chunk(row: Any) -> Chunk:
    """A chunk from its row."""
    return Chunk(row.article_id, row.version, row.position, Span(row.start, row.end), row.heading)


def of_chunk(one: Chunk, its_article: Article) -> dict[str, Any]:
    """The row of a chunk; scope, day and source of its article are kept with it, for selection."""
    return {
        "article_id": one.article_id,
        "version": one.version,
        "position": one.index,
        "start": one.span.start,
        "end": one.span.end,
        "heading": one.heading,
        **_selected_by(its_article),
    }


def statement(row: Any) -> Statement:
    """A statement from its row."""
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


def of_statement(one: Statement, its_article: Article) -> dict[str, Any]:
    """The row of a statement."""
    return {
        "article_id": one.article_id,
        "version": one.version,
        "speaker": one.speaker,
        "kind": one.kind.value,
        "content": [[span.start, span.end] for span in one.content],
        "context_start": one.context.start,
        "context_end": one.context.end,
        "mention": [one.mention.start, one.mention.end] if one.mention else None,
        "cue": [one.cue.start, one.cue.end] if one.cue else None,
        "aliases": list(one.aliases),
        "role": one.role,
        "addressee": one.addressee,
        "said_when": one.when,
        "said_on": one.said_on.isoformat() if one.said_on else None,
        **_selected_by(its_article),
    }


def names_of(statements: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    """(word, speaker) for every word that those who say these statements go by; who only thinks is not asked for."""
    seen = set()
    for one in (one for one in statements if one.speaker and one.kind is not Kind.MENTAL):
        for text in (one.speaker, *one.aliases, one.role or ""):
            for word in words_of(text):
                if (word, one.speaker) not in seen:
                    seen.add((word, one.speaker))
                    yield word, one.speaker


def _selected_by(one: Article) -> dict[str, Any]:
    day = one.published.date().isoformat() if one.published else None
    return {"scope": one.scope, "day": day, "source": one.source}

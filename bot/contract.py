"""What the commands print with `--json`: the shapes of the command line's contract, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from retrieval.text.version_diff import changes
from retrieval.types import Answer, Article, Citation, Passage, Span, Statement

if TYPE_CHECKING:
    # Answering a question must not wait for what reads articles.
    from ingest.pipeline import Report
    from retrieval.store.articles import Version

Json = dict[str, Any]


def report(one: Report) -> Json:
    """One item of `ingest`."""
    article = one.article
    return {
        "source": one.source,
        "status": one.status,
        "article_id": article.id if article else None,
        "version": article.version if article else None,
        "title": article.title if article else None,
        "published": article.published_as_known if article else None,
        "chunks": one.chunks,
        "statements": one.statements,
        "error": one.error,
    }


def answer(one: Answer) -> Json:
    """The answer of `ask`; with what a model did for it, where one did."""
    plain: Json = {
        "question": one.question,
        "status": one.status.value,
        "answer": one.text,
        "claims": [{"text": claim.text, "citations": list(claim.citations)} for claim in one.claims],
        "citations": [citation(each) for each in one.citations],
        "nearest": [_brief(article) for article in one.nearest],
        "notices": list(one.notices),
        "answerer": one.answerer,
        "timings_ms": dict(one.timings_ms),
    }
    return plain | _by_model(one)


def _by_model(one: Answer) -> Json:
    out: Json = {"rewritten": one.rewritten} if one.rewritten else {}
    if one.written:
        dropped = [{"claim": each.claim, "kind": each.kind, "reason": each.reason} for each in one.written.dropped]
        cost = {"tokens": one.written.tokens, "usd": one.written.micros / 1_000_000}
        out["written"] = {"model": one.written.model, "held": one.written.held, "dropped": dropped} | cost
    return out


def citation(one: Citation) -> Json:
    """One numbered source of an answer."""
    article = one.article
    return {
        "n": one.number,
        "article_id": article.id,
        "version": article.version,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "published": article.published_as_known,
        "start": one.span.start,
        "end": one.span.end,
        "excerpt": one.excerpt,
        "speaker": one.speaker,
    }


def _brief(article: Article) -> Json:
    return {
        "article_id": article.id,
        "title": article.title,
        "published": article.published_as_known,
        "url": article.url,
    }


def said(speaker: str, candidates: Sequence[str], found: Sequence[tuple[Statement, Article]]) -> Json:
    """What `said` found."""
    return {
        "speaker": speaker,
        "candidates": list(candidates),
        "statements": [told(statement, article) for statement, article in found],
    }


def told(statement: Statement, article: Article) -> Json:
    """A statement with its place in the article."""
    text = article.text
    return {
        "speaker": statement.speaker,
        "role": statement.role,
        "kind": statement.kind.value,
        "quote": statement.quote(text),
        "context": statement.context.of(text),
        "cue": statement.cue.of(text) if statement.cue else None,
        "addressee": statement.addressee,
        "when": statement.when,
        "said_on": statement.said_on.isoformat() if statement.said_on else None,
        "article_id": article.id,
        "version": article.version,
        "title": article.title,
        "url": article.url,
        "published": article.published_as_known,
        "start": statement.context.start,
        "end": statement.context.end,
    }


def attributed(text: str, statements: Sequence[Statement]) -> Json:
    """The statements of a text, with offsets into it."""
    return {
        "statements": [
            {
                "speaker": one.speaker,
                "speaker_aliases": list(one.aliases),
                "role": one.role,
                "kind": one.kind.value,
                "mention": _span(text, one.mention),
                "cue": _span(text, one.cue),
                "content": [_span(text, span) for span in one.content],
                "addressee": one.addressee,
                "when": one.when,
                "said_on": one.said_on.isoformat() if one.said_on else None,
            }
            for one in statements
        ]
    }


def _span(text: str, span: Span | None) -> Json | None:
    return {"start": span.start, "end": span.end, "text": span.of(text)} if span else None


def passages(found: Sequence[Passage]) -> Json:
    """What `search` found."""
    return {
        "passages": [
            {
                "article_id": one.article.id,
                "title": one.article.title,
                "url": one.article.url,
                "published": one.article.published_as_known,
                "start": one.chunk.span.start,
                "end": one.chunk.span.end,
                "text": one.text,
                "score": one.score,
                "scores": dict(one.scores),
            }
            for one in found
        ]
    }


def article(one: Article, *, text: bool = False) -> Json:
    """An article's facts, and its text where asked for."""
    facts: Json = {
        "id": one.id,
        "version": one.version,
        "scope": one.scope,
        "url": one.url,
        "title": one.title,
        "source": one.source,
        "authors": list(one.authors),
        "published": one.published_as_known,
        "published_precision": one.published_precision.value,
        "page_date": one.page_date.isoformat() if one.page_date else None,
        "modified": one.modified.isoformat() if one.modified else None,
        "language": one.language,
        "section": one.section,
        "corrections": list(one.corrections),
    }
    return facts | {"text": one.text} if text else facts


def removed(one: Article) -> list[Json]:
    """What stood in an article's raw text besides, each with the offset into the text at which it stood."""
    return [{"at": part.at, "text": part.text, "rule": part.rule} for part in one.removed]


def versions(history: Sequence[Version]) -> list[Json]:
    """The versions of `articles show`, oldest first, each with the words that differ from the one before."""
    before = [None, *history]
    return [
        {
            "number": one.number,
            "version": one.version,
            "stored": one.stored,
            "title": one.title,
            "changes": [{"before": c.before, "after": c.after} for c in changes(old.text, one.text)] if old else [],
        }
        for old, one in zip(before, history, strict=False)
    ]

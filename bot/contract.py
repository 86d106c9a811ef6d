"""The JSON that the commands print with `--json`: the shapes of the command line's contract, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from retrieval.text.version_diff import find_changes
from retrieval.types import Answer, Article, Citation, Passage, Span, Statement

if TYPE_CHECKING:
    # Imported for types alone: answering a question does not load what reads articles.
    from ingest.pipeline import IngestReport
    from retrieval.store.articles import ArticleVersion

Json = dict[str, Any]


def report(report: IngestReport) -> Json:
    """One item of `ingest`."""
    article = report.article
    return {
        "source": report.source,
        "status": report.status,
        "article_id": article.id if article else None,
        "version": article.version if article else None,
        "title": article.title if article else None,
        "published": article.published_iso if article else None,
        "chunks": report.chunks,
        "statements": report.statements,
        "error": report.error,
    }


def answer(one: Answer) -> Json:
    """The answer of `ask`; where a model wrote it, with what the model did."""
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


def _by_model(answer: Answer) -> Json:
    out: Json = {"rewritten": answer.rewritten} if answer.rewritten else {}
    if answer.written:
        dropped = [{"claim": each.claim, "kind": each.kind, "reason": each.reason} for each in answer.written.dropped]
        cost = {"tokens": answer.written.tokens, "usd": answer.written.micros / 1_000_000}
        out["written"] = {"model": answer.written.model, "held": answer.written.held, "dropped": dropped} | cost
    return out


def citation(citation: Citation) -> Json:
    """One numbered source of an answer."""
    article = citation.article
    return {
        "n": citation.number,
        "article_id": article.id,
        "version": article.version,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "published": article.published_iso,
        "start": citation.span.start,
        "end": citation.span.end,
        "excerpt": citation.excerpt,
        "speaker": citation.speaker,
    }


def _brief(article: Article) -> Json:
    return {
        "article_id": article.id,
        "title": article.title,
        "published": article.published_iso,
        "url": article.url,
    }


def speaker_statements(
    speaker: str, candidates: Sequence[str], statements: Sequence[tuple[Statement, Article]]
) -> Json:
    """The statements of `said`."""
    return {
        "speaker": speaker,
        "candidates": list(candidates),
        "statements": [attributed_statement(statement, article) for statement, article in statements],
    }


def attributed_statement(statement: Statement, article: Article) -> Json:
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
        "published": article.published_iso,
        "start": statement.context.start,
        "end": statement.context.end,
    }


def attribution(text: str, statements: Sequence[Statement]) -> Json:
    """The statements of a text, with offsets into it."""
    return {
        "statements": [
            {
                "speaker": statement.speaker,
                "speaker_aliases": list(statement.aliases),
                "role": statement.role,
                "kind": statement.kind.value,
                "mention": _span(text, statement.mention),
                "cue": _span(text, statement.cue),
                "content": [_span(text, span) for span in statement.content],
                "addressee": statement.addressee,
                "when": statement.when,
                "said_on": statement.said_on.isoformat() if statement.said_on else None,
            }
            for statement in statements
        ]
    }


def _span(text: str, span: Span | None) -> Json | None:
    return {"start": span.start, "end": span.end, "text": span.of(text)} if span else None


def passages(passages: Sequence[Passage]) -> Json:
    """The passages of `search`."""
    return {
        "passages": [
            {
                "article_id": passage.article.id,
                "title": passage.article.title,
                "url": passage.article.url,
                "published": passage.article.published_iso,
                "start": passage.chunk.span.start,
                "end": passage.chunk.span.end,
                "text": passage.text,
                "score": passage.score,
                "scores": dict(passage.scores),
            }
            for passage in passages
        ]
    }


def article(article: Article, *, text: bool = False) -> Json:
    """An article's metadata, and its text where asked for."""
    facts: Json = {
        "id": article.id,
        "version": article.version,
        "scope": article.scope,
        "url": article.url,
        "title": article.title,
        "source": article.source,
        "authors": list(article.authors),
        "published": article.published_iso,
        "published_precision": article.published_precision.value,
        "page_date": article.page_date.isoformat() if article.page_date else None,
        "modified": article.modified.isoformat() if article.modified else None,
        "language": article.language,
        "section": article.section,
        "corrections": list(article.corrections),
    }
    return facts | {"text": article.text} if text else facts


def removed_parts(article: Article) -> list[Json]:
    """The parts of the raw text that cleaning removed, each with its offset into the cleaned text."""
    return [{"at": part.at, "text": part.text, "rule": part.rule} for part in article.removed]


def versions(history: Sequence[ArticleVersion]) -> list[Json]:
    """The versions of `articles show`, oldest first, each with its differences from the one before."""
    previous_versions = [None, *history]
    return [
        {
            "number": version.number,
            "version": version.version,
            "stored": version.stored,
            "title": version.title,
            "changes": [{"before": c.before, "after": c.after} for c in find_changes(previous.text, version.text)]
            if previous
            else [],
        }
        for previous, version in zip(previous_versions, history, strict=False)
    ]

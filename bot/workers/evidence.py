"""The evidence for an answer that was given, as the library has it now."""

from __future__ import annotations

from bot.messages import render
from bot.messages.message import Message
from bot.workers.protocol import ShowEvidence
from bot.workers.records import CitationRecord
from bot.workers.replies import Reply
from bot.workers.scope import visible_scopes
from retrieval.errors import CitationError
from retrieval.library import Library
from retrieval.proof import cite
from retrieval.store.reader import CatalogReader
from retrieval.types import Answer, Article, Citation, Span, Status

_MAX_MESSAGES = 5
"""Maximum number of messages of evidence; the articles have the rest."""


def show_evidence(library: Library, request: ShowEvidence) -> Reply:
    """The passages that an answer cited."""
    with library.open_reader(visible_scopes(request.guild)) as db:
        found = [_find_citation(db, record) for record in request.citations]
    citations = tuple(citation for citation in found if citation is not None)
    if not citations:
        return Reply.from_text("The articles that this answer cited are no longer here.", "forgotten")
    messages = render.evidence_messages(Answer(request.question, Status.ABSTAINED, "", citations=citations))
    missing = len(found) - len(citations)
    lines = []
    if missing:
        lines.append(f"-# Sentences that have changed or gone since they were cited: {missing}.")
    if len(messages) > _MAX_MESSAGES:
        lines.append("-# There is more in the articles.")
    notes = [Message("\n".join(lines))] if lines else []
    return Reply(messages=(*messages[:_MAX_MESSAGES], *notes), outcome="evidence")


def _find_citation(db: CatalogReader, record: CitationRecord) -> Citation | None:
    """The citation, where its excerpt was or is now in the article; None where the article no longer contains it."""
    article: Article | None = db.article(record.article)
    if article is None:
        return None
    start = record.start
    if not article.text.startswith(record.excerpt, start):
        start = article.text.find(record.excerpt)
    if start < 0:
        return None
    try:
        return cite(article, Span(start, start + len(record.excerpt)), record.n, record.speaker)
    except CitationError:
        return None

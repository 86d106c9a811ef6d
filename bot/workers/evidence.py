"""What an answer that was given rests on, as it stands in the library now. No Discord in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.messages import render
from bot.messages.message import Message
from bot.messages.reply import Reply, scopes, told
from retrieval.errors import CitationError
from retrieval.library import Library
from retrieval.proof import cite
from retrieval.store.reader import Reader
from retrieval.types import Answer, Article, Citation, Span, Status

_MESSAGES = 5
"""Messages of evidence sent at most: whoever wants more has the articles."""


def evidence(library: Library, guild: int | None, question: str, citations: list[Mapping[str, Any]]) -> Reply:
    """The passages that an answer rests on. `citations`: as they were kept with it."""
    with library.read(scopes(guild)) as db:
        found = [_cited(db, one) for one in citations]
    proved = tuple(one for one in found if one is not None)
    if not proved:
        return told("The articles that this answer cited are no longer here.", "forgotten")
    messages = render.evidence(Answer(question, Status.ABSTAINED, "", citations=proved))
    missing = len(found) - len(proved)
    lines = [f"-# {missing} of the sentences cited have changed or gone since."] if missing else []
    if len(messages) > _MESSAGES:
        lines.append("-# There is more; the articles have it.")
    last = [Message("\n".join(lines))] if lines else []
    return Reply([*messages[:_MESSAGES], *last], "evidence")


def _cited(db: Reader, kept: Mapping[str, Any]) -> Citation | None:
    """A citation made anew: where it stood, or where its words stand in the article now; None where they do not."""
    article: Article | None = db.article(str(kept["article"]))
    if article is None:
        return None
    start = int(kept["start"])
    if not article.text.startswith(kept["excerpt"], start):
        start = article.text.find(kept["excerpt"])
    if start < 0:
        return None
    try:
        return cite(article, Span(start, start + len(kept["excerpt"])), int(kept["n"]), kept.get("speaker"))
    except CitationError:
        return None

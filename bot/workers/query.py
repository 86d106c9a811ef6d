"""From the options of a command to a query: days, sources, and what the channel may use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.messages.reply import scopes
from retrieval.errors import QuestionError
from retrieval.types import Article, Query


def narrowed(
    text: str,
    guild: int | None,
    since: str | None,
    until: str | None,
    source: str | None,
    of_channel: Sequence[str] = (),
) -> Query:
    """A query by the options of a command. Raises QuestionError for a day that is none, and for a source that the
    channel may not use."""
    named = source.strip() if source else ""
    may = {one.casefold() for one in of_channel}
    if named and may and named.casefold() not in may:
        raise QuestionError(f"answers in this channel are from {', '.join(of_channel)} alone")
    sources = (named,) if named else tuple(of_channel)
    return Query(text, scopes(guild), since=_day(since), until=_day(until), sources=sources)


def allowed(article: Article, of_channel: Sequence[str]) -> bool:
    """Whether a channel may use an article; one that names no sources may use all."""
    return not of_channel or (article.source or "").casefold() in {one.casefold() for one in of_channel}


def _day(given: str | None) -> date | None:
    if not given:
        return None
    try:
        return date.fromisoformat(given.strip())
    except ValueError:
        raise QuestionError("since and until are days, written like 2026-03-31") from None

"""From the options of a command to a query: days, sources, and what the channel allows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.workers.scope import visible_scopes
from retrieval.errors import QuestionError
from retrieval.types import Article, Query


def build_query(
    text: str,
    guild: int | None,
    since: str | None = None,
    until: str | None = None,
    source: str | None = None,
    channel_sources: Sequence[str] = (),
) -> Query:
    """The query that a command's options ask for.

    `channel_sources`: the only sources that the channel allows; empty where it allows all. Raises QuestionError for
    text that is not a date, and for a source that the channel does not allow.
    """
    wanted = source.strip() if source else ""
    allowed = {name.casefold() for name in channel_sources}
    if wanted and allowed and wanted.casefold() not in allowed:
        raise QuestionError(f"answers in this channel may only come from {', '.join(channel_sources)}")
    sources = (wanted,) if wanted else tuple(channel_sources)
    return Query(text, visible_scopes(guild), since=_parse_day(since), until=_parse_day(until), sources=sources)


def require_words(text: str) -> None:
    """Raise QuestionError for a text without a letter or digit."""
    if not any(char.isalnum() for char in text):
        raise QuestionError("there are no words in that")


def is_allowed(article: Article, channel_sources: Sequence[str]) -> bool:
    """Whether a channel allows an article's source; a channel that names no sources allows all."""
    return not channel_sources or (article.source or "").casefold() in {name.casefold() for name in channel_sources}


def _parse_day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise QuestionError("write since and until as dates, such as 2026-03-31") from None

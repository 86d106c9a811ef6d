"""What is offered while somebody types: speakers, articles and feeds that may be used where they type."""

from __future__ import annotations

from collections.abc import Iterable

from bot.messages.message import MAX_CHOICES
from bot.workers.protocol import SuggestArticles, SuggestServerArticles, SuggestServerFeeds, SuggestSpeakers
from bot.workers.replies import Suggestion, Suggestions
from bot.workers.scope import scope_of, visible_scopes
from retrieval.library import Library
from retrieval.search.titles import find_by_title
from retrieval.types import Article, Query

_SPEAKER_FACTOR = 8
"""How many times more speakers are looked at where only some sources are allowed: many may not speak in these."""


def suggest_speakers(library: Library, request: SuggestSpeakers) -> Suggestions:
    """Names of speakers with statements in the allowed sources."""
    with library.open_reader(visible_scopes(request.guild)) as db:
        persons = db.speakers(request.typed, MAX_CHOICES * _SPEAKER_FACTOR if request.allowed else MAX_CHOICES)
        if request.allowed:
            names = [name for person in persons for name in person.names]
            speaking = db.filter_speakers(names, Query(request.typed, db.scopes, sources=request.allowed))
            persons = [person for person in persons if speaking & person.names.keys()]
    return _suggestions((person.name, person.name) for person in persons[:MAX_CHOICES])


def suggest_articles(library: Library, request: SuggestArticles) -> Suggestions:
    """Titles of articles of the allowed sources."""
    with library.open_reader(visible_scopes(request.guild)) as db:
        return _titles(find_by_title(db, request.typed, MAX_CHOICES, request.allowed))


def suggest_server_articles(library: Library, request: SuggestServerArticles) -> Suggestions:
    """Titles of the server's own articles."""
    with library.open_reader((scope_of(request.guild),)) as db:
        return _titles(find_by_title(db, request.typed, MAX_CHOICES))


def suggest_server_feeds(library: Library, request: SuggestServerFeeds) -> Suggestions:
    """Titles of the server's feeds."""
    typed = request.typed.casefold()
    feeds = library.subscriptions.feeds((scope_of(request.guild),))
    return _suggestions((feed.title, feed.id) for feed in feeds if typed in f"{feed.title} {feed.address}".casefold())


def _titles(articles: Iterable[Article]) -> Suggestions:
    return _suggestions((article.title, article.id) for article in articles)


def _suggestions(pairs: Iterable[tuple[str, str]]) -> Suggestions:
    return Suggestions(suggestions=tuple(Suggestion(label=label, value=value) for label, value in pairs))

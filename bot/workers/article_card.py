"""An article as a card: its facts, how it changed, and who is quoted in it."""

from __future__ import annotations

from bot.messages import render
from bot.messages.markdown import escape, one_line
from bot.workers.protocol import ShowArticle
from bot.workers.query import is_allowed
from bot.workers.replies import Reply
from bot.workers.scope import visible_scopes
from retrieval.library import Library
from retrieval.search.titles import find_by_title
from retrieval.text import stems

_MAX_CANDIDATES = 6
"""Maximum number of articles considered for a title: the first is shown, the others are named under it."""


def show_article(library: Library, request: ShowArticle) -> Reply:
    """The article with this id, or the one whose title fits best."""
    title, allowed = request.title, request.allowed
    with library.open_reader(visible_scopes(request.guild)) as db:
        by_id = db.article(title.strip())
        by_title = find_by_title(db, title, _MAX_CANDIDATES, allowed) if not by_id and stems.stems(title) else []
        candidates = [article for article in ([by_id] if by_id else by_title) if is_allowed(article, allowed)]
        if not candidates:
            return Reply.from_text(f"I have no article called {escape(one_line(title, 60))}.", "abstained")
        article, *others = candidates
        statements = db.statements_in([article.id]).get(article.id, [])
        versions = db.history([article.id])[article.id]
    speakers = list(dict.fromkeys(statement.speaker for statement in statements))
    changed = f"version {len(versions)}, stored {versions[-1].stored[:10]}" if len(versions) > 1 else ""
    return Reply(messages=(render.article_card(article, speakers, changed, others),))

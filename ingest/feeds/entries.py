"""A feed's entry to an article."""

from __future__ import annotations

from datetime import date

from ingest.article.build import ArticleMetadata
from ingest.article.clean_text import clean_body
from ingest.feeds.parse import FeedEntry
from retrieval.errors import SourceError
from retrieval.types import Article, Precision

_MAX_TITLE_WORDS = 14
"""Maximum number of words of the text used in place of a missing headline."""


def article_of_entry(entry: FeedEntry, feed_title: str, given: ArticleMetadata, first_seen: date) -> Article:
    """The article made of an entry's own text. Raises SourceError where the entry has none."""
    story = clean_body(entry.text, entry.title)
    if not any(char.isalpha() for char in story.text):
        raise SourceError("the feed holds no text of this entry: give the address of its page")
    article = Article.create(
        title=entry.title or " ".join(story.text.split()[:_MAX_TITLE_WORDS]),
        text=story.text,
        scope=given.scope,
        url=entry.url,
        source=given.source,
        removed=story.removed,
    )
    return complete_article(article, entry, feed_title, first_seen)


def complete_article(article: Article, entry: FeedEntry, feed_title: str, first_seen: date) -> Article:
    """The article with metadata missing from its page filled in from the entry.

    Where neither has a date, `page_date` is the day on which the entry was first seen.
    """
    published, precision = article.published, article.published_precision
    if published is None and entry.published is not None:
        published, precision = entry.published, entry.precision
    return Article.create(
        title=article.title,
        text=article.text,
        scope=article.scope,
        url=article.url,
        source=article.source or entry.source or feed_title or None,
        authors=article.authors,
        published=published,
        published_precision=precision,
        page_date=article.page_date or (first_seen if precision is Precision.NONE else None),
        modified=article.modified or entry.modified,
        language=article.language,
        section=article.section,
        corrections=article.corrections,
        removed=article.removed,
    )

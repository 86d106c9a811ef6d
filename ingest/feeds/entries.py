"""What a feed says of an entry, to an article."""

from __future__ import annotations

from datetime import date

from ingest.article.build import Given
from ingest.article.clean_text import clean_body
from ingest.feeds.parse import FeedEntry
from retrieval.errors import SourceError
from retrieval.types import Article, Precision

_TITLE_WORDS = 14
"""Words of the text that stand for a missing headline."""


def of_entry(entry: FeedEntry, feed_title: str, given: Given, first_seen: date) -> Article:
    """The article of the text that a feed itself holds of an entry. Raises SourceError where it holds none."""
    story = clean_body(entry.text, entry.title)
    if not any(char.isalpha() for char in story.text):
        raise SourceError("the feed holds no text of this entry: give the address of its page")
    article = Article.create(
        title=entry.title or " ".join(story.text.split()[:_TITLE_WORDS]),
        text=story.text,
        scope=given.scope,
        url=entry.url,
        source=given.source,
        removed=story.removed,
    )
    return completed(article, entry, feed_title, first_seen)


def completed(article: Article, entry: FeedEntry, feed_title: str, first_seen: date) -> Article:
    """The article with what its entry says besides. One that neither dates keeps the day of first sight as
    `page_date`."""
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

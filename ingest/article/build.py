"""What somebody says of an article besides its text, and what an article is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time

from dateutil import parser as dates

from ingest.article import clean_text
from ingest.article.page import LONGEST, Page
from ingest.article.plain_text import one_line
from retrieval.errors import SourceError
from retrieval.text.sentences import sentences
from retrieval.types import PUBLIC, Article, Precision

_TITLE_WORDS = 14
"""Words of the first sentence that stand for a missing headline."""


@dataclass(frozen=True, slots=True)
class ArticleMetadata:
    """What is known of an article besides its text, from a row or the command line; it wins over what the text says."""

    scope: str = PUBLIC
    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: str | None = None
    authors: tuple[str, ...] = ()

    def over(self, other: ArticleMetadata) -> ArticleMetadata:
        """The same, and what `other` says where this says nothing."""
        return ArticleMetadata(
            scope=self.scope,
            title=self.title or other.title,
            source=self.source or other.source,
            url=self.url or other.url,
            published=self.published or other.published,
            authors=self.authors or other.authors,
        )


def article_of_pasted(raw: str, given: ArticleMetadata) -> Article:
    """The article of a text as a reader pastes it. Raises SourceError where there is none."""
    _check_length(raw)
    story = clean_text.clean_pasted(raw)
    published, precision = stated_date(given.published)
    if published is None and story.published is not None:
        published, precision = datetime.combine(story.published, time(), UTC), Precision.DAY
    title = one_line(given.title) or story.title
    return _article(story, title, given, published, precision)


def article_of_body(raw: str, given: ArticleMetadata) -> Article:
    """The article of a text whose headline is given. Raises SourceError where there is none."""
    _check_length(raw)
    title = one_line(given.title)
    published, precision = stated_date(given.published)
    return _article(clean_text.clean_body(raw, title), title, given, published, precision)


def article_of_page(page: Page, given: ArticleMetadata) -> Article:
    """The article of a web page. Raises SourceError for a date or address given that is none."""
    published, precision = stated_date(given.published)
    if published is None:
        published, precision = page.published, page.published_precision
    return Article.create(
        title=one_line(given.title) or one_line(page.title) or _first_words(page.text),
        text=page.text,
        scope=given.scope,
        url=address(given.url) or page.address,
        source=one_line(given.source) or page.site,
        authors=given.authors or page.authors,
        published=published,
        published_precision=precision,
        modified=page.modified,
        language=page.language,
        section=page.section,
        corrections=page.corrections,
        removed=page.removed,
    )


def _article(
    story: clean_text.Story, title: str, given: ArticleMetadata, published: datetime | None, precision: Precision
) -> Article:
    if not any(char.isalpha() for char in story.text):
        raise SourceError("no article text in it: only a headline, or nothing at all")
    return Article.create(
        title=title or _first_words(story.text),
        text=story.text,
        scope=given.scope,
        url=address(given.url),
        source=one_line(given.source) or None,
        authors=given.authors,
        published=published,
        published_precision=precision,
        page_date=story.page_date,
        removed=story.removed,
    )


def _check_length(text: str) -> None:
    if len(text) > LONGEST:
        raise SourceError(f"longer than {LONGEST:,} characters: not one article; split it")


def _first_words(text: str) -> str:
    words = sentences(text)[0].of(text).split()
    return " ".join(words[:_TITLE_WORDS]) + (" …" if len(words) > _TITLE_WORDS else "")


def address(url: str | None) -> str | None:
    """A web address as given. Raises SourceError for anything else."""
    if url is not None and not re.match(r"^https?://[^\s/]+", url, re.IGNORECASE):
        raise SourceError("the address must begin with http:// or https://")
    return url


def stated_date(stated: str | None) -> tuple[datetime | None, Precision]:
    """A stated date with its precision. A time without a zone is taken as UTC. Raises SourceError for no date."""
    if stated is None:
        return None, Precision.NONE
    try:
        one = dates.parse(stated, default=datetime(2000, 1, 1))
        other = dates.parse(stated, default=datetime(2001, 2, 2, 1, 1))
    except (ValueError, OverflowError) as error:
        raise SourceError("the publication date is not a date: write it as 2024-06-18 or 2024-06-18T09:30Z") from error
    if one.date() != other.date():
        raise SourceError("the publication date lacks a day, month or year: write it as 2024-06-18")
    if one.time() != other.time():
        return datetime.combine(one.date(), time(), UTC), Precision.DAY
    return (one if one.tzinfo else one.replace(tzinfo=UTC)), Precision.TIME

"""A web page to an article's facts and text, or to the reason why it is none. Read `read_page` first.

Pure: bytes and an address in, values out; nothing is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ingest.article import tree as markup
from ingest.article.body import blocks_of
from ingest.article.metadata import Facts, facts_of
from ingest.article.paragraphs import story_of
from ingest.article.refusals import refuse
from retrieval.errors import SourceError
from retrieval.types import Precision, RemovedText

LONGEST = 2_000_000
"""Characters that a page may show, or an article have: four novels. What is longer is many articles, or none."""


@dataclass(frozen=True, slots=True)
class Page:
    """An article as its page gives it. `text` has a blank line between paragraphs; `removed` says what stood where
    between them; `address` is the canonical one; `corrections` are the publisher's own."""

    title: str
    text: str
    authors: tuple[str, ...]
    site: str | None
    published: datetime | None
    published_precision: Precision
    modified: datetime | None
    address: str | None
    language: str | None
    section: str | None
    corrections: tuple[str, ...]
    removed: tuple[RemovedText, ...]


def read_page(page: bytes | str, url: str | None = None, *, charset: str | None = None) -> Page:
    """The article of a page.

    `url` is where it was found, `charset` what the transport said of its encoding. Raises SourceError where the page
    holds no article, IndexPage with the addresses where it leads to several.
    """
    text = markup.text_of_page(page, charset) if isinstance(page, bytes) else page
    tree = markup.tree_of(text)
    if len(markup.visible(tree)) > LONGEST:
        raise SourceError(f"longer than {LONGEST:,} characters: not one article")
    facts = facts_of(tree, url)
    whole = markup.tree_of(text)
    markup.prune(tree)
    story, removed = story_of(blocks_of(tree, url, facts.body if facts.open else ""), facts.title)
    refuse(whole, facts, story, removed, url)
    return _page(facts, story, removed)


def _page(facts: Facts, story: str, removed: tuple[RemovedText, ...]) -> Page:
    return Page(
        title=facts.title,
        text=story,
        authors=facts.authors,
        site=facts.site,
        published=facts.published,
        published_precision=facts.published_precision,
        modified=facts.modified,
        address=facts.address,
        language=facts.language,
        section=facts.section,
        corrections=facts.corrections,
        removed=removed,
    )

"""HTML around feeds: the feeds that a page links to, and the text of an entry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from ingest.web.addresses import resolve_reference
from retrieval.errors import AddressRefused

_MAX_PAGE_CHARACTERS = 256 * 1024
"""Maximum number of characters of a page searched for links to feeds."""

_MAX_ENTRY_CHARACTERS = 1024 * 1024
"""Maximum number of characters read of an entry's own text."""

_FEED_TYPE = re.compile(r"(?i)^application/(?:rss\+xml|atom\+xml|rdf\+xml|feed\+json)\s*(?:;|$)")
_COMMENTS = re.compile(r"(?i)\bcomments?\b|/comments/")
_BLOCKS = frozenset(
    """address article aside blockquote dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table
    tr ul""".split()
)
_UNREAD = frozenset("figcaption head iframe noscript script style svg template".split())


@dataclass(frozen=True, slots=True)
class NamedFeed:
    """A feed that a page links to."""

    address: str
    title: str


def feeds_named_by(html: str, address: str) -> list[NamedFeed]:
    """The feeds that a page links to (link rel=alternate), in its order, without feeds of comments."""
    reader = _FeedLinks()
    reader.feed(html[:_MAX_PAGE_CHARACTERS])
    found: dict[str, NamedFeed] = {}
    for href, title in reader.found:
        try:
            feed = (
                resolve_reference(reader.base or address, href)
                if not reader.base
                else resolve_reference(resolve_reference(address, reader.base), href)
            )
        except AddressRefused:
            continue
        if not (_COMMENTS.search(title) or _COMMENTS.search(feed)):
            found.setdefault(feed, NamedFeed(feed, title))
    return list(found.values())


def text_of_html(html: str) -> str:
    """The paragraphs of an entry's HTML, separated by blank lines; plain text is returned as it is."""
    reader = _Paragraphs()
    reader.feed(html[:_MAX_ENTRY_CHARACTERS])
    reader.close()
    blocks = (" ".join(block.split()) for block in "".join(reader.parts).split("\n\n"))
    return "\n\n".join(block for block in blocks if block)


class _FeedLinks(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "base":
            self.base = self.base or values.get("href", "")
        is_feed = "alternate" in values.get("rel", "").lower().split() and _FEED_TYPE.match(values.get("type", ""))
        if tag == "link" and is_feed and values.get("href"):
            self.found.append((values["href"], " ".join(values.get("title", "").split())))


class _Paragraphs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _UNREAD:
            self._unread += 1
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "br":
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(0, self._unread - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.parts.append(re.sub(r"\s+", " ", data))

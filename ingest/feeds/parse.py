"""Parses feeds (RSS, Atom, JSON Feed, news sitemaps) into one form. Read `parse_feed` first.

Pure functions. A bad entry is left out and counted; a feed that cannot be read at all is one SourceError.
"""

from __future__ import annotations

import calendar
import io
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from dateutil import parser as dates

from ingest.article.plain_text import one_line, plain
from ingest.feeds import sitemaps
from ingest.feeds.discover import text_of_html
from ingest.web.addresses import resolve_reference
from retrieval.errors import AddressRefused, SourceError
from retrieval.types import Precision, digest

Found = TypeVar("Found")

_HEAD_BYTES = 4096
_ROOT = re.compile(rb"<(rss|feed|rdf:rdf|urlset|sitemapindex)[\s>/]", re.IGNORECASE)
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version')
_NESTED_ENTITY = re.compile(rb"(?i)<!ENTITY\s[^>]*&\s*\w+\s*;")
_TIME = re.compile(r"\d:\d\d")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
"""Seconds of sy:updatePeriod (RSS 1.0 Syndication module)."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry. `key` identifies it in the feed, `mark` changes when it does; `markup` is the feed's own text."""

    key: str
    mark: str
    title: str
    url: str | None
    markup: str = ""
    published: datetime | None = None
    precision: Precision = Precision.NONE
    modified: datetime | None = None
    source: str | None = None

    @property
    def text(self) -> str:
        """The feed's own text, with paragraphs separated by blank lines."""
        return plain(text_of_html(self.markup))


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its entries in its own order, the seconds between polls that it asks for, the number of bad entries."""

    title: str
    entries: tuple[FeedEntry, ...]
    interval: float | None = None
    bad: int = 0


def is_feed(body: bytes) -> bool:
    """Whether this is a feed of any kind, by its content, since servers often declare another type."""
    head = body[:_HEAD_BYTES].replace(b"\0", b"")
    root = _ROOT.search(head)
    if root and b"<html" not in head[: root.start()].lower():
        return True
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and bool(_JSON_FEED.search(head))


def parse_feed(body: bytes, address: str, content_type: str = "") -> Feed:
    """Parse the feed in a body fetched from an address. Raises SourceError where there is no readable feed."""
    head = body[:_HEAD_BYTES].replace(b"\0", b"")
    root = _ROOT.search(head)
    if root and root[1].lower() in (b"urlset", b"sitemapindex"):
        return _make_feed("", sitemaps.news_rows(body), _sitemap_entry)
    if not root and _JSON_FEED.search(head):
        return _parse_json_feed(body, address)
    if _NESTED_ENTITY.search(body[: 64 * _HEAD_BYTES].replace(b"\0", b"")):
        raise SourceError("the feed defines entities inside entities, which is not read: tell the publisher")
    return _parse_rss(body, address, content_type)


def _make_feed(
    title: str, items: Iterable[Found], make: Callable[[Found], FeedEntry], interval: float | None = None
) -> Feed:
    entries: dict[str, FeedEntry] = {}
    bad = 0
    for item in items:
        try:
            entry = make(item)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            # One malformed entry must not keep the others from being read.
            bad += 1
        else:
            entries.setdefault(entry.key, entry)
    return Feed(title, tuple(entries.values()), interval, bad)


def _parse_rss(body: bytes, address: str, content_type: str) -> Feed:
    import feedparser

    headers = {"content-type": content_type or "application/xml", "content-location": address}
    # feedparser would take bytes for a file's name, so it gets a file. Entries are never shown as HTML, so sanitizing,
    # which takes half of the time, is switched off.
    document = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not document.get("version") and not document.entries:
        raise SourceError("this is no feed that can be read: check its address in a browser")
    channel = document.feed
    return _make_feed(
        one_line(channel.get("title")), document.entries, lambda item: _rss_entry(item, address), _interval(channel)
    )


def _rss_entry(item: Mapping[str, Any], address: str) -> FeedEntry:
    texts = [part.get("value") or "" for part in item.get("content", [])] + [item.get("summary") or ""]
    published, precision = _date_of_struct(item.get("published_parsed"), item.get("published"))
    return _make_entry(
        key=item.get("id"),
        url=_resolve_link(item.get("link"), address),
        title=one_line(text_of_html(item.get("title") or "")),
        markup=max(texts, key=len),
        published=published,
        precision=precision,
        modified=_date_of_struct(item.get("updated_parsed"), item.get("updated"))[0] if "updated" in item else None,
        stated_change=item.get("updated") if "updated" in item else None,
        source=one_line((item.get("source") or {}).get("title")) or None,
    )


def _interval(channel: Mapping[str, Any]) -> float | None:
    """The longest interval that the feed states, in seconds: ttl (minutes), sy:updatePeriod by its frequency."""
    asked = []
    ttl = str(channel.get("ttl") or "").strip()
    if ttl.isdigit() and len(ttl) < 9:
        asked.append(int(ttl) * 60.0)
    period = _PERIODS.get(str(channel.get("sy_updateperiod") or "").strip().lower())
    frequency = str(channel.get("sy_updatefrequency") or "1").strip()
    if period and frequency.isdigit() and int(frequency[:6]) > 0:
        asked.append(period / int(frequency[:6]))
    return max(asked, default=None)


def _parse_json_feed(body: bytes, address: str) -> Feed:
    try:
        document = json.loads(body.decode("utf-8-sig"))
        items = document["items"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError("the JSON feed cannot be read: tell the publisher") from error
    if not isinstance(items, list):
        raise SourceError('the JSON feed has no list of "items": tell the publisher')
    return _make_feed(one_line(document.get("title")), items, lambda item: _json_entry(item, address))


def _json_entry(item: Mapping[str, Any], address: str) -> FeedEntry:
    published, precision = _stated_date(item.get("date_published"))
    return _make_entry(
        key=str(item["id"]) if item.get("id") is not None else None,
        url=_resolve_link(item.get("url"), address),
        title=one_line(item.get("title")),
        markup=item.get("content_html") or item.get("content_text") or item.get("summary") or "",
        published=published,
        precision=precision,
        modified=_stated_date(item.get("date_modified"))[0],
        stated_change=item.get("date_modified"),
    )


def _sitemap_entry(row: sitemaps.Row) -> FeedEntry:
    published, precision = _stated_date(row.get("published"))
    return _make_entry(
        key=row["loc"],
        url=_resolve_link(row["loc"], row["loc"]),
        title=one_line(row.get("title")),
        published=published,
        precision=precision,
        modified=_stated_date(row.get("lastmod"))[0],
        stated_change=row.get("lastmod"),
        source=one_line(row.get("source")) or None,
    )


def _make_entry(
    *,
    key: str | None,
    url: str | None,
    title: str,
    markup: str = "",
    published: datetime | None,
    precision: Precision,
    modified: datetime | None,
    stated_change: str | None,
    source: str | None = None,
) -> FeedEntry:
    if not (url or markup):
        raise ValueError("an entry without an address and without text")
    content = digest(title, markup)
    return FeedEntry(
        key=(key or url or content)[:500],
        mark=digest(stated_change) if stated_change else content,
        title=title,
        url=url,
        markup=markup,
        published=published,
        precision=precision,
        modified=modified,
        source=source,
    )


def _date_of_struct(parsed: time.struct_time | None, stated: str | None) -> tuple[datetime | None, Precision]:
    if parsed is None:
        return None, Precision.NONE
    moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    return (moment, Precision.TIME) if _TIME.search(stated or "") else (moment, Precision.DAY)


def _stated_date(stated: str | None) -> tuple[datetime | None, Precision]:
    if not stated:
        return None, Precision.NONE
    try:
        moment = dates.isoparse(stated.strip())
    except ValueError:
        # Not a date: the entry counts as undated.
        return None, Precision.NONE
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, Precision.TIME if _TIME.search(stated) else Precision.DAY


def _resolve_link(link: str | None, address: str) -> str | None:
    if not link:
        return None
    try:
        return resolve_reference(address, link)
    except AddressRefused:
        return None

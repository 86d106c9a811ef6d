"""Feeds as they come (RSS, Atom, JSON Feed, news sitemaps) to one form. Read `parsed` first.

Pure functions. One bad entry is left out and counted; a feed that cannot be read at all is one SourceError.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from dateutil import parser as dates

from ingest.article.plain_text import plain
from ingest.feeds import sitemaps
from ingest.feeds.discover import text_of
from ingest.web.addresses import joined
from retrieval.errors import AddressRefused, SourceError
from retrieval.types import Precision

Found = TypeVar("Found")

_HEAD = 4096
_ROOT = re.compile(rb"<(rss|feed|rdf:rdf|urlset|sitemapindex)[\s>/]", re.IGNORECASE)
_JSON_FEED = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version')
_NESTED_ENTITY = re.compile(rb"(?i)<!ENTITY\s[^>]*&\s*\w+\s*;")
_TIME = re.compile(r"\d:\d\d")
_PERIODS = {"hourly": 3600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
"""Seconds of sy:updatePeriod (RSS 1.0 Syndication module)."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry. `key` is what the feed knows it by, `mark` changes when it does; `markup` is the feed's own text."""

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
        """The feed's own text, paragraphs parted by blank lines."""
        return plain(text_of(self.markup))


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says: its entries in its own order, the seconds between polls that it asks for, how many were bad."""

    title: str
    entries: tuple[FeedEntry, ...]
    interval: float | None = None
    bad: int = 0


def is_feed(body: bytes) -> bool:
    """Whether this is a feed of any kind, by what stands in it: servers often state another kind."""
    head = body[:_HEAD].replace(b"\0", b"")
    root = _ROOT.search(head)
    if root and b"<html" not in head[: root.start()].lower():
        return True
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and bool(_JSON_FEED.search(head))


def parsed(body: bytes, address: str, content_type: str = "") -> Feed:
    """The feed in a body that stood at an address. Raises SourceError where there is none that can be read."""
    head = body[:_HEAD].replace(b"\0", b"")
    root = _ROOT.search(head)
    if root and root[1].lower() in (b"urlset", b"sitemapindex"):
        return _feed("", sitemaps.rows(body), _of_sitemap)
    if not root and _JSON_FEED.search(head):
        return _json_feed(body, address)
    if _NESTED_ENTITY.search(body[: 64 * _HEAD].replace(b"\0", b"")):
        raise SourceError("the feed defines entities inside entities, which is not read: tell the publisher")
    return _rss(body, address, content_type)


def _feed(
    title: str, found: Iterable[Found], make: Callable[[Found], FeedEntry], interval: float | None = None
) -> Feed:
    entries: dict[str, FeedEntry] = {}
    bad = 0
    for one in found:
        try:
            entry = make(one)
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
            # Whatever an entry holds instead of what it should, the others are read.
            bad += 1
        else:
            entries.setdefault(entry.key, entry)
    return Feed(title, tuple(entries.values()), interval, bad)


def _rss(body: bytes, address: str, content_type: str) -> Feed:
    import feedparser

    headers = {"content-type": content_type or "application/xml", "content-location": address}
    # The parser is given a file: bytes it would take for the name of one. Nothing of an entry is shown as HTML, so its
    # sanitising, which takes half of the time, is left out.
    found = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not found.get("version") and not found.entries:
        raise SourceError("this is no feed that can be read: check its address in a browser")
    about = found.feed
    return _feed(_line(about.get("title")), found.entries, lambda one: _of_rss(one, address), _interval(about))


def _of_rss(one: Mapping[str, Any], address: str) -> FeedEntry:
    texts = [part.get("value") or "" for part in one.get("content", [])] + [one.get("summary") or ""]
    published, precision = _parsed_date(one.get("published_parsed"), one.get("published"))
    return _entry(
        key=one.get("id"),
        url=_link(one.get("link"), address),
        title=_line(text_of(one.get("title") or "")),
        markup=max(texts, key=len),
        published=published,
        precision=precision,
        modified=_parsed_date(one.get("updated_parsed"), one.get("updated"))[0] if "updated" in one else None,
        stated_change=one.get("updated") if "updated" in one else None,
        source=_line((one.get("source") or {}).get("title")) or None,
    )


def _interval(about: Mapping[str, Any]) -> float | None:
    """The longest of what the feed asks for: ttl in minutes, sy:updatePeriod divided by its frequency."""
    asked = []
    ttl = str(about.get("ttl") or "").strip()
    if ttl.isdigit() and len(ttl) < 9:
        asked.append(int(ttl) * 60.0)
    period = _PERIODS.get(str(about.get("sy_updateperiod") or "").strip().lower())
    frequency = str(about.get("sy_updatefrequency") or "1").strip()
    if period and frequency.isdigit() and int(frequency[:6]) > 0:
        asked.append(period / int(frequency[:6]))
    return max(asked, default=None)


def _json_feed(body: bytes, address: str) -> Feed:
    try:
        found = json.loads(body.decode("utf-8-sig"))
        items = found["items"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceError("the JSON feed cannot be read: tell the publisher") from error
    if not isinstance(items, list):
        raise SourceError('the JSON feed has no list of "items": tell the publisher')
    return _feed(_line(found.get("title")), items, lambda one: _of_json(one, address))


def _of_json(one: Mapping[str, Any], address: str) -> FeedEntry:
    published, precision = _stated_date(one.get("date_published"))
    return _entry(
        key=str(one["id"]) if one.get("id") is not None else None,
        url=_link(one.get("url"), address),
        title=_line(one.get("title")),
        markup=one.get("content_html") or one.get("content_text") or one.get("summary") or "",
        published=published,
        precision=precision,
        modified=_stated_date(one.get("date_modified"))[0],
        stated_change=one.get("date_modified"),
    )


def _of_sitemap(row: sitemaps.Row) -> FeedEntry:
    published, precision = _stated_date(row.get("published"))
    return _entry(
        key=row["loc"],
        url=_link(row["loc"], row["loc"]),
        title=_line(row.get("title")),
        published=published,
        precision=precision,
        modified=_stated_date(row.get("lastmod"))[0],
        stated_change=row.get("lastmod"),
        source=_line(row.get("source")) or None,
    )


def _entry(
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
    content = _hash(title, markup)
    return FeedEntry(
        key=(key or url or content)[:500],
        mark=_hash(stated_change) if stated_change else content,
        title=title,
        url=url,
        markup=markup,
        published=published,
        precision=precision,
        modified=modified,
        source=source,
    )


def _parsed_date(found: time.struct_time | None, stated: str | None) -> tuple[datetime | None, Precision]:
    if found is None:
        return None, Precision.NONE
    moment = datetime.fromtimestamp(calendar.timegm(found), UTC)
    return (moment, Precision.TIME) if _TIME.search(stated or "") else (moment, Precision.DAY)


def _stated_date(stated: str | None) -> tuple[datetime | None, Precision]:
    if not stated:
        return None, Precision.NONE
    try:
        moment = dates.isoparse(stated.strip())
    except ValueError:
        # A date that is none: the entry is as good as undated.
        return None, Precision.NONE
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, Precision.TIME if _TIME.search(stated) else Precision.DAY


def _link(link: str | None, address: str) -> str | None:
    if not link:
        return None
    try:
        return joined(address, link)
    except AddressRefused:
        return None


def _line(text: str | None) -> str:
    return " ".join(plain(text or "").split())


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]

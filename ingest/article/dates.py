"""The dates that a page states for its article: as structured data, as meta tags, beside the headline, in the address.

Only what the publisher says of this article counts: never the day of reading, never a date out of comments, teasers or
the running text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from dateutil import parser as dates

from ingest.article import json_ld
from ingest.article.tree import Tree, words_in
from retrieval.english.calendar import SHORT_MONTH, SHORT_MONTHS, month_number
from retrieval.types import Precision

_EARLIEST = 1990
"""No page is older than the web; what says so is an empty field."""

_PUBLISHED = re.compile(
    r"(?i)^(?:article[:.]published(?:_time)?|og:(?:article:)?(?:published_time|pubdate)|(?:rnews:)?datepublished|"
    r"(?:[\w.-]*[-_.:])?(?:pub|publish|published|publication)[-_.:]?(?:date|time|at|on)(?:time)?|"
    r"article[-_.]?date(?:[-_.]original)?|(?:[\w]+[-_.:])?(?:post|original|display|release|story)[-_.]?date|"
    r"sailthru\.date|dc(?:terms)?\.(?:date(?:\.(?:issued|created|published))?|created|issued)|date|"
    r"(?:article\.)?(?:created|datecreated)|date[-_.]?(?:published|issued|created))$"
)
_MODIFIED = re.compile(
    r"(?i)^(?:article[:.](?:modified|updated)(?:_time)?|datemodified|dc(?:terms)?\.(?:date\.)?modified|"
    r"(?:[\w.-]*[-_.:])?(?:mod|modified|modification|updated?|lastmod)[-_.:]?(?:date|time|at)|last-?modified|"
    r"og:updated_time|date[-_.]?(?:modified|updated))$"
)
_MONTH = rf"(?:{SHORT_MONTH})[a-z]{{0,7}}\.?"
_VISIBLE = re.compile(
    rf"(?i)\b(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+(?:19|20)\d\d|\d{{1,2}}(?:st|nd|rd|th)?\.?\s+{_MONTH},?\s+(?:19|20)\d\d"
    rf"|(?:19|20)\d\d-\d\d-\d\d)(?!\d)"
)
_CLOCK = re.compile(r"(?i)^[\s,|–-]*(?:at\s+)?(\d{1,2})[:.](\d\d)(?::\d\d)?\s*([ap])?\.?(?:m\.?)?\s*(utc|gmt|z)?\b")
_UPDATE_WORDS = re.compile(r"(?i)\b(?:updated|modified|revised|edited|reviewed)\b")
_IN_ADDRESS = re.compile(
    rf"(?i)[/_-]((?:19|20)\d\d)[/-]?(0?[1-9]|1[0-2]|{'|'.join(SHORT_MONTHS)})[/-]?(0[1-9]|[12]\d|3[01])(?![0-9])"
)
_HOUR = 3600
_ZONES = {
    "EST": -5 * _HOUR, "EDT": -4 * _HOUR, "ET": -5 * _HOUR, "CST": -6 * _HOUR, "CDT": -5 * _HOUR, "MST": -7 * _HOUR,
    "MDT": -6 * _HOUR, "PST": -8 * _HOUR, "PDT": -7 * _HOUR, "BST": _HOUR, "CET": _HOUR, "CEST": 2 * _HOUR,
    "EET": 2 * _HOUR, "EEST": 3 * _HOUR, "MSK": 3 * _HOUR, "IST": 19_800, "PKT": 5 * _HOUR, "SGT": 8 * _HOUR,
    "HKT": 8 * _HOUR, "JST": 9 * _HOUR, "KST": 9 * _HOUR, "AEST": 10 * _HOUR, "AEDT": 11 * _HOUR, "NZST": 12 * _HOUR,
}  # fmt: skip
"""Zones that pages abbreviate, in seconds east of UTC; IST is India's, by far the most who write it."""

_ELSEWHERE = re.compile(r"(?i)comment|sidebar|related|footer|recommend|teaser|promo|widget|trending|popular|copyright")
_NEAR = 40
"""Elements with text of their own before and after the headline among which its date is looked for."""

_LINE = 12
"""Words up to which a line may state a date; a longer one is the story, or a teaser, and the date has come before."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A moment or a day. `zoned`: the page gave the zone too; else UTC was assumed."""

    at: datetime
    precision: Precision
    zoned: bool = True

    @classmethod
    def of(cls, text: str | None) -> Stated | None:
        """What a field says; None for no date, or one that lacks its day."""
        if not text or len(text) > 60 or not re.search(r"\d", text):
            return None
        try:
            one = dates.parse(text.strip(), default=datetime(2000, 1, 1), tzinfos=_ZONES)
            other = dates.parse(text.strip(), default=datetime(2001, 2, 2, 1, 1), tzinfos=_ZONES)
        except (ValueError, OverflowError, TypeError):
            return None
        if one.date() != other.date() or one.year < _EARLIEST or one.date() > _latest():
            return None
        if one.time() != other.time():
            return cls(datetime.combine(one.date(), time(), UTC), Precision.DAY)
        zoned = one.tzinfo is not None
        return cls(_with_plain_zone(one) if zoned else one.replace(tzinfo=UTC), Precision.TIME, zoned)


def published_date(
    nodes: list[json_ld.Node], metas: list[tuple[str, str]], tree: Tree, url: str | None
) -> Stated | None:
    """When the page says that its article appeared. The day alone where no time is stated."""
    found = [one for one in map(Stated.of, _fields(nodes, metas, "datePublished", _PUBLISHED)) if one]
    if not found:
        beside, day = list(_beside_headline(tree)), _day_of_address(url)
        if day is not None:
            # What stands beside the headline may be another day of the story: the address decides.
            near = [one for one in beside if abs(one.at.date() - day) <= timedelta(days=1)]
            return near[0] if near else Stated(datetime.combine(day, time(), UTC), Precision.DAY)
        found = beside[:1]
    if not found:
        return None
    timed = [one for one in found if one.precision is Precision.TIME]
    first = found[0]
    if first.precision is Precision.DAY:
        # The same day with a time is the same statement, more exactly.
        first = next((one for one in timed if one.at.date() == first.at.date()), first)
    return _in_local_time(first, found)


def modified_date(nodes: list[json_ld.Node], metas: list[tuple[str, str]]) -> Stated | None:
    """When the page says that its article was last changed."""
    found = [one for one in map(Stated.of, _fields(nodes, metas, "dateModified", _MODIFIED)) if one]
    return _in_local_time(found[0], found) if found else None


def _fields(nodes: list[json_ld.Node], metas: list[tuple[str, str]], key: str, names: re.Pattern[str]) -> Iterator[str]:
    for node in json_ld.articles(nodes)[:1]:
        yield from json_ld.texts(node.get(key))
    pages = [node for node in nodes if "WebPage" in json_ld.types(node)]
    for _, value in sorted(
        ((_rank(name), value) for name, value in metas if names.match(name)), key=lambda pair: pair[0]
    ):
        yield value
    for node in pages[:1]:
        yield from json_ld.texts(node.get(key))


def _rank(name: str) -> int:
    """Names that can only be the article's come first; a bare "date" may be anything's."""
    low = name.lower()
    if low.startswith(("article:", "og:")) and low != "og:updated_time":
        return 0
    if "publi" in low or "pub" in low:
        return 1
    return 3 if low in ("date", "created", "datecreated", "og:updated_time") else 2


def _in_local_time(first: Stated, found: Iterable[Stated]) -> Stated:
    """The same moment with the publisher's own zone where another field gives it: its day is the one readers saw."""
    if first.precision is not Precision.TIME or first.at.utcoffset():
        return first
    for other in found:
        if other.precision is not Precision.TIME:
            continue
        if other.at.utcoffset() and abs(other.at - first.at) < timedelta(minutes=1):
            return other
        away = other.at - first.at
        quarters = away / timedelta(minutes=15)
        # A stamp without zone that is whole quarters of an hour away is the same moment by the publisher's clock.
        if not other.zoned and first.zoned and 0 < abs(quarters) <= 56 and abs(quarters - round(quarters)) < 0.07:
            return Stated(first.at.astimezone(timezone(round(quarters) * timedelta(minutes=15))), Precision.TIME)
    return first


def _with_plain_zone(moment: datetime) -> datetime:
    """Its zone as a fixed offset, so that it can be stored and sent to other processes."""
    offset = moment.utcoffset()
    if offset is None or abs(offset) >= timedelta(hours=24):
        return moment.replace(tzinfo=UTC)
    return moment.replace(tzinfo=timezone(offset) if offset else UTC)


def _latest() -> date:
    return (datetime.now(UTC) + timedelta(days=2)).date()


def _day_of_address(url: str | None) -> date | None:
    found = _IN_ADDRESS.search(url or "")
    if not found:
        return None
    month = found[2].lower()
    try:
        day = date(int(found[1]), month_number(month) if month in SHORT_MONTHS else int(month), int(found[3]))
    except ValueError:
        return None
    return day if day.year >= _EARLIEST and day <= _latest() else None


def _beside_headline(tree: Tree) -> Iterator[Stated]:
    """Dates in `time` elements, or as text, around the headline and before the first paragraph."""
    for element in tree.xpath("//*[@itemprop='datePublished' or @pubdate]"):
        if not _is_elsewhere(element):
            yield from _read_date(element)
    headline = next(iter(tree.iter("h1")), None)
    if headline is None:
        return
    for element in _around(headline):
        if _is_elsewhere(element) or _UPDATE_WORDS.search(words_in(element)[:80]):
            continue
        yield from _read_date(element)


def _around(headline: Tree) -> Iterator[Tree]:
    """Elements after the headline up to the story's first paragraph, then those shortly before it."""
    after = headline.xpath("following::*[self::time or text()[normalize-space()]]")
    for element in after[:_NEAR]:
        if element.tag in ("p", "div", "section") and _is_running(words_in(element)):
            break
        yield element
    yield from reversed(headline.xpath("preceding::*[self::time or text()[normalize-space()]]")[-6:])


def _read_date(element: Tree) -> Iterator[Stated]:
    for field in (element.get("datetime"), element.get("content")):
        if field and (one := Stated.of(field)):
            yield one
            return
    text = words_in(element)
    if not _is_running(text) and (seen := _VISIBLE.search(text)):
        clock = _CLOCK.match(text[seen.end() :])
        zone = " UTC" if clock and clock[4] else ""
        said = f"{seen[0]} {clock[1]}:{clock[2]}{f' {clock[3]}m' if clock[3] else ''}{zone}" if clock else seen[0]
        if one := Stated.of(said) or Stated.of(seen[0]):
            yield one


def _is_running(text: str) -> bool:
    return len(text.split()) > _LINE and (text.rstrip("”\"'")[-1:] in ".!?" or len(text) > 160)


def _is_elsewhere(element: Tree) -> bool:
    for one in (element, *list(element.iterancestors())[:6]):
        if one.tag in ("aside", "footer") or _ELSEWHERE.search(f"{one.get('class') or ''} {one.get('id') or ''}"):
            return True
    return False

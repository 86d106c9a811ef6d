import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds.discover import feeds_named_by, text_of_html
from ingest.feeds.parse import Feed, is_feed, parse_feed
from retrieval.errors import SourceError
from retrieval.types import Precision

AT = "https://news.test/feeds/all.xml"
RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Quay Post</title><ttl>15</ttl>
<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<item><title>Crane &amp;amp; quay</title><link>/crane</link><guid isPermaLink="false">tag:c1</guid>
<pubDate>Tue, 18 Jun 2024 09:30:00 +0200</pubDate><description>Short.</description>
<content:encoded><![CDATA[<p>A crane fell.</p><script>no()</script><p>“It was checked,” Mara Wendt said.</p>]]>
</content:encoded>
</item>
<item><title>Undated</title><link>https://news.test/undated</link></item>
<item></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>The Quay Post</title>
<entry><id>tag:1</id><title>Crane</title><link href="https://news.test/crane"/>
<updated>2024-06-19T10:00:00Z</updated>
<published>2024-06-18T07:30:00Z</published><summary>A crane fell.</summary></entry>
<entry><id>tag:2</id><title>Only updated</title><link href="/b"/>
<updated>2024-06-19T10:00:00Z</updated></entry></feed>"""
JSON = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "The Quay Post",
    "items": [
        {"id": "1", "url": "/crane", "title": "Crane", "content_html": "<p>A crane fell.",
         "date_published": "2024-06-18T09:30:00+02:00"},
        {"id": 2, "url": "https://news.test/b", "content_text": "Plain.", "date_published": "yesterday"},
        "no entry", {"id": "3"}, {"id": "4", "url": ["x"]},
    ],
}  # fmt: skip
SITEMAP = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc> https://news.test/crane </loc>
 <news:news><news:publication><news:name>The Quay Post</news:name></news:publication>
 <news:publication_date>2024-06-18</news:publication_date><news:title>Crane &amp; quay</news:title></news:news></url>
 <url><loc>https://news.test/about</loc></url></urlset>"""
MORNING = datetime(2024, 6, 18, 7, 30, tzinfo=UTC)


def read(text: str, kind: str = "") -> Feed:
    return parse_feed(text.encode(), AT, kind)


def test_rss() -> None:
    """Addresses are made whole, the fullest text wins, dates keep their zone, what is no entry is counted."""
    feed = read(RSS)
    crane, undated = feed.entries
    assert (feed.title, feed.interval, feed.bad) == ("The Quay Post", 1800, 1)
    assert (crane.key, crane.url, crane.title) == ("tag:c1", "https://news.test/crane", "Crane & quay")
    assert (crane.published, crane.precision) == (MORNING, Precision.TIME)
    assert crane.text == "A crane fell.\n\n“It was checked,” Mara Wendt said."
    assert (undated.key, undated.published, undated.precision) == (undated.url, None, Precision.NONE)


def test_atom() -> None:
    """A date of change is not a date of publication."""
    crane, updated = read(ATOM).entries
    assert (crane.published, crane.modified) == (MORNING, datetime(2024, 6, 19, 10, tzinfo=UTC))
    assert (updated.published, updated.modified) == (None, crane.modified)


def test_json_feed() -> None:
    """What is no entry stops none of the others; a date that is none is none."""
    feed = read(json.dumps(JSON))
    assert [entry.key for entry in feed.entries] == ["1", "2"]
    assert (feed.entries[0].url, feed.entries[0].published) == ("https://news.test/crane", MORNING)
    assert (feed.entries[1].text, feed.entries[1].published, feed.bad) == ("Plain.", None, 3)


def test_news_sitemap() -> None:
    """Headlines, dates and the publication's name; pages that are no news are left out."""
    (crane,) = read(SITEMAP).entries
    assert (crane.url, crane.title, crane.source) == ("https://news.test/crane", "Crane & quay", "The Quay Post")
    assert (crane.published, crane.precision) == (datetime(2024, 6, 18, tzinfo=UTC), Precision.DAY)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SITEMAP.replace("news:title", "news:other"), "no news"),
        ('<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap/></sitemapindex>', "list of"),
        ('<!DOCTYPE u [<!ENTITY a "b">]><urlset>&a;</urlset>', "entities"),
        ("<urlset><url>", "not valid XML"),
        ('{"version": "https://jsonfeed.org/version/1", "items": 3}', '"items"'),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "JSON feed"),
        ("nothing of the kind", "no feed"),
    ],
)
def test_what_is_no_feed_says_why(text: str, reason: str) -> None:
    """One line each."""
    with pytest.raises(SourceError, match=reason):
        read(text)


def test_a_changed_entry_has_another_mark() -> None:
    """By the date of change where the feed states one, by its words where not."""
    assert read(ATOM).entries[0].mark == read(ATOM.replace("A crane fell", "It fell")).entries[0].mark
    assert read(ATOM).entries[0].mark != read(ATOM.replace("-19T10", "-19T11")).entries[0].mark
    assert read(RSS).entries[1].mark != read(RSS.replace("Undated", "No date")).entries[1].mark


def test_billion_laughs_are_not_told() -> None:
    """Entities inside entities are refused, whatever the encoding: nobody could wait for 10^29 of them."""
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    title = "<rss><channel><title>&l29;</title></channel></rss>"
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{lines}]>{title}'
    for encoding in ("utf-8", "utf-16"):
        with pytest.raises(SourceError, match="entities inside entities"):
            parse_feed(bomb.encode(encoding), AT)


def test_a_wrong_charset_costs_nothing_but_itself() -> None:
    """A feed that says UTF-8 and is Windows-1252 is read as what it is."""
    feed = parse_feed(RSS.replace("Undated", "Zürich").encode("cp1252", "replace"), AT, "text/xml; charset=utf-8")
    assert [entry.title for entry in feed.entries] == ["Crane & quay", "Zürich"]


def test_a_feed_that_breaks_off() -> None:
    """The entries before the break are read."""
    assert [entry.key for entry in read(RSS[: RSS.index("<item><title>Und")]).entries] == ["tag:c1"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (RSS.encode(), True), (ATOM.encode("utf-16"), True),
        (json.dumps(JSON).encode(), True), (SITEMAP.encode(), True),
        (b"<!doctype html><html><body><feed>", False), (b'{"text": "jsonfeed"}', False), (b"", False),
        (b"\xef\xbb\xbf<!-- made --><?xml-stylesheet?><rss>", True),
    ],
)  # fmt: skip
def test_a_feed_is_known_by_what_stands_in_it(body: bytes, expected: bool) -> None:
    """Not by what the server calls it."""
    assert is_feed(body) is expected


@given(st.binary(max_size=400))
@settings(max_examples=50)
def test_noise_is_a_feed_or_an_error(noise: bytes) -> None:
    """Whatever comes, nothing else is raised."""
    for body in (
        noise,
        RSS.encode()[:300] + noise,
        b"<urlset>" + noise,
        b'{"version":"https://jsonfeed.org/version/1"' + noise,
    ):
        try:
            parse_feed(body, AT)
        except SourceError as error:
            assert "\n" not in str(error)


def test_the_feeds_a_page_names() -> None:
    """In the page's order, relative to its base, those of comments left out."""
    page = """<base href="/de/"><link rel="alternate" type="application/rss+xml" title="All" href="all.xml">
    <LINK REL="feed Alternate" TYPE="application/atom+xml; charset=utf-8" HREF="https://b.test/x"><link rel=alternate
    type="application/rss+xml" title="Comments feed" href="/c"><link rel="alternate" hreflang="en" href="/en">
    <link rel="alternate" type="application/rss+xml" href="javascript:x"><link rel="alternate"
    type="application/feed+json" href="all.xml">"""
    assert [named.address for named in feeds_named_by(page, "https://news.test/x/y")] == [
        "https://news.test/de/all.xml", "https://b.test/x",
    ]  # fmt: skip


def test_the_text_of_an_entry() -> None:
    """Blocks are paragraphs, scripts and captions no text, text that is no HTML stays."""
    assert (
        text_of_html("<div>One<br>line &amp; more<figure><figcaption>Cap</figcaption></figure></div>Two")
        == "One line & more\n\nTwo"
    )
    assert text_of_html("<p>One.</p><p>More than forty came.</p>") == "One.\n\nMore than forty came."
    assert text_of_html("<style>p{}</style><p>A < B\nand C") == "A < B and C"


def test_titles_are_fit_for_a_terminal() -> None:
    """Control characters do not come through."""
    entry = {"id": "1", "title": "A\x1b[31m red\u202e title", "content_text": "x\x07y"}
    feed = read(json.dumps({"version": "https://jsonfeed.org/version/1", "title": "\x1b]0;x", "items": [entry]}))
    assert (feed.title, feed.entries[0].title, feed.entries[0].text) == ("]0;x", "A[31m red title", "xy")

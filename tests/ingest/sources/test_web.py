import io
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from ingest.article.build import ArticleMetadata
from ingest.pipeline import IngestReport, ingest
from ingest.web import Fetcher
from retrieval.library import Library
from retrieval.types import Precision
from tests.loopback.newsroom import Hasty, fetcher, page, placeholder, quick_library
from tests.loopback.site import Site, trickle

FetchIn = Callable[..., list[IngestReport]]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with quick_library(tmp_path) as opened:
        yield opened


@pytest.fixture
def fetch_in(library: Library) -> FetchIn:
    def run(
        *addresses: str, given: ArticleMetadata | None = None, opened: Callable[[], Fetcher] = fetcher
    ) -> list[IngestReport]:
        return list(ingest(library, addresses, given or ArticleMetadata(), io.BytesIO(), opened, placeholder))

    return run


def test_an_address_of_an_article(site: Site, fetch_in: FetchIn) -> None:
    """It is stored as of where the redirects led, and a second run changes nothing."""
    site.redirect("/short", "/bridge")
    site.serve("/bridge", page(1))
    (report,) = fetch_in(site.at("/short"))
    assert (report.source, report.status) == (site.at("/short"), "added")
    assert report.article is not None
    assert report.article.url == site.at("/bridge")
    assert [one.status for one in fetch_in(site.at("/short"))] == ["unchanged"]


def test_a_page_that_is_still_the_same_is_not_sent_again(site: Site, fetch_in: FetchIn, library: Library) -> None:
    """As long as the article that it gave is the stored one, and nothing else is asked for it."""
    site.serve("/1", page(1), ETag='"1"')
    address, known = site.at("/1"), "if-none-match"
    assert [fetch_in(address)[0].status for _ in range(2)] == ["added", "unchanged"]
    site.serve("/1", page(1).replace("It holds", "It held"), ETag='"2"')
    (report,) = fetch_in(address)
    assert report.status == "updated"
    fetch_in(address, given=ArticleMetadata(source="The Quay Post"))
    assert report.article is not None
    library.remove(report.article.id, ("public",))
    assert fetch_in(address)[0].status == "added"
    asked = [request.headers.get(known) for request in site.requests if request.path == "/1"]
    assert asked == [None, '"1"', '"1"', None, None]


def test_a_wrong_charset(site: Site, library: Library) -> None:
    """What says UTF-8 and is Windows-1252 is read as what it is."""
    text = "Zürich baut\n\nDer Bau beginnt am Montag, sagte Mara Wendt in Zürich."
    site.serve("/a", text.encode("cp1252"), "text/plain; charset=utf-8")
    (report,) = ingest(library, [site.at("/a")], ArticleMetadata(), io.BytesIO(), fetcher)
    assert report.article is not None
    assert report.article.title == "Zürich baut"


def test_texts_and_pages_are_read(site: Site, library: Library) -> None:
    """What is read in files is read from addresses; what is neither text nor page is refused."""
    site.serve("/a", "Bridge opens\n\nThe bridge opened on Monday, Mara Wendt said.", "text/plain")
    site.serve("/b", page(1), "text/html; charset=utf-8")
    site.serve("/c", b"\x00\x01", "application/octet-stream")
    reports = list(
        ingest(library, [site.at("/a"), site.at("/b"), site.at("/c")], ArticleMetadata(), io.BytesIO(), fetcher)
    )
    by_path = {one.source[-2:]: one.status for one in reports}
    assert by_path == {"/a": "added", "/b": "added", "/c": "failed"}


def test_one_bad_address_among_many(site: Site, fetch_in: FetchIn) -> None:
    """Each failure is a report with one line, the rest is stored, addresses are as good as files."""
    for number in range(30):
        site.serve(f"/{number}", page(number))
    site.serve("/gone", status=410)
    site.behave("/slow", trickle)
    bad = [site.at(path) for path in ("/gone", "/none", "/slow")] + ["ftp://news.test/x", "http://10.0.0.1/"]
    with Site() as other:
        other.serve("/late", status=429, Retry_After="5")
        many = *bad, other.at("/late"), "missing.txt", *(site.at(f"/{number}") for number in range(30))
        reports = fetch_in(*many, opened=partial(fetcher, Hasty))
    assert sum(one.status == "added" for one in reports) == 30
    failed = {one.source: one.error or "" for one in reports if one.status == "failed"}
    assert set(failed) == {*bad, other.at("/late"), "missing.txt"}
    assert all(error and "\n" not in error for error in failed.values())


def test_an_address_of_a_feed_is_its_entries(site: Site, fetch_in: FetchIn) -> None:
    """Their pages where they are to be had, the feed's own text where not; facts of the entry where the page has
    none."""
    site.serve(
        "/feed",
        f"""<rss><channel><title>The Quay Post</title>
        <item><title>One</title><link>{site.at("/1")}</link><pubDate>Tue, 18 Jun 2024 09:30:00 GMT</pubDate></item>
        <item><title>Two</title><link>{site.at("/2")}</link><description>The feed's own words, she said.</description>
        </item><item><title>Three</title><link>{site.at("/3")}</link></item></channel></rss>""",
        "text/html",
    )
    site.serve("/1", page(1))
    site.serve("/2", "pay", status=402)
    reports = {one.source[-2:]: one for one in fetch_in(site.at("/feed"), given=ArticleMetadata(title="not of one"))}
    assert {path: one.status for path, one in reports.items()} == {"/1": "added", "/2": "added", "/3": "failed"}
    one, two = reports["/1"].article, reports["/2"].article
    assert one is not None
    assert two is not None
    assert (one.title, one.source, one.published_precision) == ("Bridge 1", "The Quay Post", Precision.TIME)
    assert (two.title, two.text) == ("Two", "The feed's own words, she said.")
    assert (two.published, two.published_precision) == (None, Precision.NONE)
    assert two.page_date is not None


def test_a_run_that_is_stopped_goes_on_next_time(site: Site, library: Library) -> None:
    """Closing ends the fetching at once, what was reported is stored, and another run does the rest."""
    for number in range(6):
        site.serve(f"/{number}", page(number))
    site.behave("/slow", trickle)
    addresses = [*(site.at(f"/{number}") for number in range(3)), *[site.at("/slow")] * 9, site.at("/3")]
    with closing(ingest(library, addresses, ArticleMetadata(), io.BytesIO(), fetcher, placeholder)) as reports:
        first = next(reports)
    assert first.status == "added"
    again = list(ingest(library, addresses[:3], ArticleMetadata(), io.BytesIO(), fetcher, placeholder))
    assert "unchanged" in {one.status for one in again}
    assert library.check().figures["articles"] == 3

import asyncio
import gzip
import ssl
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from ingest.web import Fetcher
from ingest.web.addresses import networks
from ingest.web.fetcher import FetchLimits
from ingest.web.politeness import Pace
from ingest.web.responses import Fetched, Validators
from retrieval.errors import AddressRefused, OnRecordError, PageGone, PageRefused, SiteUnavailable
from tests.loopback.newsroom import local
from tests.loopback.served import head
from tests.loopback.site import CERTIFICATE, NAME, Request, Site, endless, gzip_bomb, trickle
from tests.waiting import NEVER

LOOPBACK = networks("127.0.0.0/8")
QUICK = Pace(delay=0)
UNHURRIED = FetchLimits(seconds=NEVER)
TLS = ssl.create_default_context()
Get = Callable[..., Fetched]


def get(url: str, known: Validators | None = None, **options: Any) -> Fetched:
    """One fetch with a fetcher of its own."""

    async def once() -> Fetched:
        settings = {"allowed": LOOPBACK, "pace": QUICK, "limits": UNHURRIED, "resolver": local, "tls": TLS} | options
        async with Fetcher("onrecord/test", **settings) as fetcher:
            return await fetcher.get(url, known or Validators())

    return asyncio.run(once())


def refusal(kind: type[OnRecordError], url: str, **options: Any) -> str:
    """The one clear line of an error of exactly this kind."""
    with pytest.raises(OnRecordError) as caught:
        get(url, **options)
    assert type(caught.value) is kind, caught.value
    line = str(caught.value)
    assert line
    assert "\n" not in line
    return line


def test_a_page_comes_with_what_the_server_says_of_it(site: Site) -> None:
    """Body, kind, validators and age, and the address where the redirects led."""
    site.redirect("/old", "/story", 301)
    site.serve("/story", "<p>Ä", ETag='"1"', Last_Modified="Tue, 18 Jun 2024 09:30:00 GMT", Cache_Control="max-age=600")
    found = get(site.at("/old#top"))
    assert (found.address, found.body.decode(), found.moved) == (site.at("/story"), "<p>Ä", True)
    assert found.content_type == "text/html; charset=utf-8"
    assert found.validators == Validators('"1"', "Tue, 18 Jun 2024 09:30:00 GMT")
    assert found.max_age == 600


def test_a_copy_that_still_holds_is_not_sent_again(site: Site) -> None:
    """The validators go out, and 304 comes back as unchanged."""
    site.serve("/feed", "<rss/>", ETag='"1"')
    assert get(site.at("/feed"), Validators('"1"')).unchanged
    assert not get(site.at("/feed"), Validators('"0"')).unchanged


def test_requests_are_honest_and_bring_no_cookies(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is ours, only gzip is asked for, cookies are not brought back, the environment's proxies not used."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    site.serve("/a", status=302, Location="/b", Set_Cookie="id=1")
    site.serve("/b", "x", Set_Cookie="id=2")
    get(site.at("/a"))
    asked = [request.headers for request in site.requests]
    assert [headers["user-agent"] for headers in asked] == ["onrecord/test"] * 3
    assert all("cookie" not in headers and headers["accept-encoding"] == "gzip" for headers in asked)
    assert asked[0]["host"] == f"{NAME}:{site.port}"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://news.test/", "gopher://news.test", "http://", "http:///x", "http://news.test:99999/",
        "http://name:word@news.test/", "http://news.test/a b", "http://news.test/\n", "http://[::1", "http://news.test:0/",
        "http://" + "a" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_not_opened(url: str) -> None:
    """Other schemes, passwords and malformed addresses are refused before anything is looked up."""

    async def nobody(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    refusal(AddressRefused, url, resolver=nobody)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "10.1.2.3", "100.64.0.1", "127.0.0.2", "169.254.169.254", "172.16.0.1", "192.168.1.1", "198.18.0.1",
        "224.0.0.1", "255.255.255.255", "168.63.129.16", "100.100.100.200", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "not an address",
    ],
)  # fmt: skip
def test_what_is_not_public_is_not_connected(address: str) -> None:
    """Private, loopback, link-local, metadata, multicast, reserved, CGNAT and IPv4 inside IPv6, whatever the name."""

    async def resolver(host: str, port: int) -> list[str]:
        return ["93.184.215.14", address]

    assert "ONRECORD_FETCH_ALLOW" in refusal(AddressRefused, "http://public.test/", resolver=resolver, allowed=())


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://[::1]:{port}/", "http://0x7f.1/"]
)
def test_a_redirect_into_a_closed_network_is_refused(site: Site, target: str) -> None:
    """The guard looks at every hop."""
    site.redirect("/a", target.format(port=site.port))
    if "0x7f" in target:
        refusal(AddressRefused, target, resolver=Fetcher.__init__.__kwdefaults__["resolver"], allowed=())
    else:
        assert "private or reserved" in refusal(AddressRefused, site.at("/a"))
        assert site.counted()["/"] == 0


def test_a_redirect_to_another_scheme_is_refused(site: Site) -> None:
    """Nothing but http and https, on the way as at the start."""
    site.redirect("/a", "file:///etc/passwd")
    assert "http" in refusal(AddressRefused, site.at("/a"))


def test_redirects_end(site: Site) -> None:
    """A circle is seen as one; five are followed and a sixth is not."""
    site.redirect("/a", "/b")
    site.redirect("/b", "/a")
    assert "in a circle" in refusal(AddressRefused, site.at("/a"))
    for number in range(1, 7):
        site.redirect(f"/{number}", f"/{number - 1}")
    site.serve("/0", "here")
    assert get(site.at("/5")).body == b"here"
    assert "more than 5" in refusal(AddressRefused, site.at("/6"))


def test_the_checked_address_is_the_connected_one(site: Site) -> None:
    """A name is looked up once for each connection; a later look-up that turns private is refused."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked: list[str] = []

    async def turning(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), 2) - 1]

    site.serve("/a", "first", Connection="keep-alive")
    assert get(site.at("/a"), resolver=turning).body == b"first"
    assert asked == [NAME]

    asked.clear()

    async def hanging_up(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head(302, {"Location": "/a", "Content-Length": "0", "Connection": "close"}))

    site.behave("/b", hanging_up)
    assert "private or reserved" in refusal(AddressRefused, site.at("/b"), resolver=turning)
    assert asked == [NAME, NAME]


def test_another_address_of_the_host_is_tried(site: Site) -> None:
    """Where one takes no connection, the next does."""
    site.serve("/a", "here")

    async def two(host: str, port: int) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]

    assert get(site.at("/a"), resolver=two).body == b"here"


def test_a_page_that_trickles_ends_in_time(site: Site) -> None:
    """A byte a second is not a page."""
    site.behave("/a", trickle)
    assert "0.3 s" in refusal(SiteUnavailable, site.at("/a"), limits=FetchLimits(seconds=0.3))


@pytest.mark.parametrize("stated", [True, False])
def test_thirty_megabytes_are_not_read(site: Site, stated: bool) -> None:
    """The limit holds whether the length is stated or not."""
    site.behave("/a", endless(30, stated=stated))
    assert "larger than 8 MB" in refusal(PageRefused, site.at("/a"))


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "deflate", "zstd"])
def test_packings_not_asked_for_are_not_unpacked(site: Site, encoding: str) -> None:
    """A bomb may hide in any of them."""
    site.serve("/a", gzip.compress(gzip.compress(b"x")), Content_Encoding=encoding)
    assert "not asked for" in refusal(PageRefused, site.at("/a"))


def test_a_bomb_goes_off_outside(site: Site) -> None:
    """What unpacks to 100 MB stops at 8."""
    site.serve("/a", gzip_bomb(100), Content_Encoding="gzip")
    tracemalloc.start()
    line = refusal(PageRefused, site.at("/a"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than 8 MB" in line
    assert peak < 24 << 20


def test_packed_pages_are_unpacked(site: Site) -> None:
    """One member or several; what is damaged or breaks off says so."""
    packed = gzip.compress(b"one " * 50_000) + gzip.compress(b"two")
    site.serve("/a", packed, Content_Encoding="gzip")
    site.serve("/broken", packed[:-4], Content_Encoding="gzip")
    site.serve("/damaged", b"not gzip", Content_Encoding="gzip")
    assert get(site.at("/a")).body == b"one " * 50_000 + b"two"
    assert "broke off" in refusal(SiteUnavailable, site.at("/broken"))
    assert "damaged" in refusal(PageRefused, site.at("/damaged"))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, PageGone), (410, PageGone),
        (401, PageRefused), (403, PageRefused), (451, PageRefused), (204, PageRefused),
        (408, SiteUnavailable), (429, SiteUnavailable), (500, SiteUnavailable), (503, SiteUnavailable),
    ],
)  # fmt: skip
def test_a_refusal_says_which_it_is(site: Site, status: int, kind: type[OnRecordError]) -> None:
    """Permanent or worth another try, with the status in the line."""
    site.serve("/a", status=status)
    assert f"({status})" in refusal(kind, site.at("/a"))


def test_patience_asked_for_is_given(site: Site) -> None:
    """Retry-After, as seconds or as a date, is passed on; the host is left alone for so long."""
    later = datetime.now(UTC) + timedelta(days=1)
    site.serve("/a", status=429, Retry_After="120")
    site.serve("/b", status=503, Retry_After=format_datetime(later, usegmt=True))
    for path, least, most in (("/a", 120, 120), ("/b", 24 * 3600 - NEVER, 24 * 3600)):
        with pytest.raises(SiteUnavailable) as caught:
            get(site.at(path))
        assert least <= (caught.value.retry_after or 0) <= most

    async def twice() -> str:
        more = {"allowed": LOOPBACK, "pace": QUICK, "limits": UNHURRIED, "resolver": local, "tls": TLS}
        async with Fetcher("onrecord/test", **more) as fetcher:
            lines = []
            for path in ("/a", "/c"):
                with pytest.raises(SiteUnavailable) as caught:
                    await fetcher.get(site.at(path))
                lines.append(str(caught.value))
            return lines[1]

    assert "left alone" in asyncio.run(twice())
    assert site.counted()["/c"] == 0


@pytest.mark.parametrize("kind", ["image/png", "application/zip", "video/mp4", "image/svg+xml", "a\x01b/\x1b[31m"])
def test_what_is_no_text_is_refused(site: Site, kind: str) -> None:
    """Pictures, films and archives, and the line is fit for a terminal."""
    site.serve("/a", b"....", kind.replace("\x01", "").encode("ascii", "replace").decode())
    assert "\x1b" not in refusal(PageRefused, site.at("/a"))


def test_a_certificate_nobody_vouches_for(site: Site) -> None:
    """It is named as the reason, and trying again changes nothing."""
    with Site(tls=True) as secure:
        secure.serve("/a", "secret")
        assert "self-signed" in refusal(PageRefused, secure.at("/a"))
        assert secure.counted()["/a"] == 0
    assert "secure connection" in refusal(PageRefused, site.at("/a").replace("http:", "https:"))


def test_tls_keeps_the_name() -> None:
    """The connection is pinned to an address, and certificate and server still see the name."""
    with Site(tls=True) as secure:
        secure.serve("/a", "here")
        assert get(secure.at("/a"), tls=ssl.create_default_context(cafile=str(CERTIFICATE))).body == b"here"
        assert set(secure.names_asked) == {NAME}
        other = secure.at("/a", "other.test")
        assert "certificate" in refusal(PageRefused, other, tls=ssl.create_default_context(cafile=str(CERTIFICATE)))


def test_a_host_that_is_not_there(site: Site) -> None:
    """A closed port and an unknown name may be otherwise later."""
    assert "no connection" in refusal(SiteUnavailable, site.at("/a").replace(str(site.port), "9"))
    resolver = Fetcher.__init__.__kwdefaults__["resolver"]
    assert "no such host" in refusal(SiteUnavailable, "http://nowhere.invalid/", resolver=resolver)


def test_an_answer_that_is_not_http(site: Site) -> None:
    """Noise and a connection that closes are worded."""

    async def noise(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-none\r\n")
        writer.close()

    site.behave("/a", noise)
    assert "broke off" in refusal(SiteUnavailable, site.at("/a"))

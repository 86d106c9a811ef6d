"""What an HTTP response means: a page, an unchanged copy, a redirect, or an error in plain words."""

from __future__ import annotations

import re
import ssl
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from retrieval.errors import OnRecordError, PageGone, PageRefused, SiteUnavailable

_READABLE_TYPES = re.compile(
    r"^(?:|text/(?:html|plain|markdown|xml)|application/(?:json|xml|pdf|x-rss|[\w.-]+\+(?:xml|json)))$", re.IGNORECASE
)
"""Content types that may hold an article or a feed; without one, the body decides."""

_UNPACK_STEP_BYTES = 64 * 1024
"""Bytes decompressed in one step, so that a decompression bomb is noticed long before it fills the memory."""

_MAX_STATED_SECONDS = 7 * 24 * 3600.0
"""Maximum number of seconds accepted from Retry-After and max-age."""


@dataclass(frozen=True, slots=True)
class Validators:
    """The validators of a stored copy, so that the server need not send it again (RFC 9110, 8.8)."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a conditional request."""
        stated = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in stated.items() if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched page: `address` after redirects, `content_type` as the server states it.

    `unchanged`: the stored copy is still valid, and `body` is empty. `moved`: there were redirects, all of them
    permanent. `max_age`: seconds for which the server says that the copy is valid; None where it says nothing.
    """

    address: str
    content_type: str = ""
    body: bytes = b""
    validators: Validators = field(default_factory=Validators)
    max_age: float | None = None
    unchanged: bool = False
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect to another address, as the server writes it."""

    location: str
    for_good: bool


async def read_response(response: httpx.Response, size: int, *, any_kind: bool = False) -> Fetched | Redirect:
    """Read a response, at most `size` bytes of it; `any_kind`: of any content type, not just the readable ones.

    Raises PageRefused, PageGone and SiteUnavailable.
    """
    status, headers = response.status_code, response.headers
    if status not in (200, 203):
        await _drain(response)
    if status in (301, 302, 303, 307, 308) and "location" in headers:
        return Redirect(headers["location"], status in (301, 308))
    validators = Validators(_kept_validator(headers.get("etag")), _kept_validator(headers.get("last-modified")))
    if status == 304:
        return Fetched(str(response.url), validators=validators, max_age=_max_age(headers), unchanged=True)
    if status not in (200, 203):
        raise _status_error(status, headers)
    content_type = headers.get("content-type", "")
    if not any_kind and not _READABLE_TYPES.match(content_type.split(";")[0].strip()):
        raise PageRefused(
            f"{_excerpt_for_message(content_type)} is neither an article nor a feed: give the address of one"
        )
    body = await _read_body(response, size)
    return Fetched(str(response.url), content_type, body, validators, _max_age(headers))


def connection_error(error: Exception) -> OnRecordError:
    """The error to raise where no connection could be made."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return PageRefused(f"the site's certificate is not valid ({cause.verify_message}): tell the publisher")
        if isinstance(cause, ssl.SSLError):
            return PageRefused(
                f"no secure connection ({_excerpt_for_message(cause.reason or 'TLS error')}): check the address"
            )
        cause = cause.__cause__ or cause.__context__
    return SiteUnavailable("the site takes no connection: check the address, or try again later")


def _status_error(status: int, headers: httpx.Headers) -> OnRecordError:
    if status == 404:
        return PageGone("there is no page at this address (404): check it")
    if status == 410:
        return PageGone("the site took the page away for good (410)", for_good=True)
    if status == 429:
        after = _retry_after(headers)
        when = f"in {after:.0f} s" if after else "later"
        return SiteUnavailable(f"the site asks for fewer requests (429): try again {when}", retry_after=after)
    if status >= 500 or status in (408, 425):
        after = _retry_after(headers)
        return SiteUnavailable(f"the site is in trouble ({status}): try again later", retry_after=after)
    if status >= 400:
        return PageRefused(f"the site refuses the page ({status}): open it in a browser, save it and ingest the file")
    return PageRefused(f"the site sends no page ({status}): check the address")


async def _drain(response: httpx.Response) -> None:
    """Read and discard a short body, so that the connection can be used again."""
    stated = response.headers.get("content-length", "")
    if stated.isdigit() and int(stated[:18]) <= _UNPACK_STEP_BYTES:
        async for _ in response.aiter_raw():
            pass


async def _read_body(response: httpx.Response, size: int) -> bytes:
    too_large = PageRefused(f"larger than {size / 1024 / 1024:g} MB: not one article; save the part you need")
    stated = response.headers.get("content-length", "")
    if stated.isdigit() and int(stated[:18]) > size:
        raise too_large
    body = bytearray()
    async for part in _decompress(response):
        body += part
        if len(body) > size:
            raise too_large
    return bytes(body)


async def _decompress(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body as sent or gunzipped, in small parts. httpx's own decoders have no limit and are not used."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        async for part in response.aiter_raw():
            yield part
        return
    if encoding not in ("gzip", "x-gzip"):
        raise PageRefused(f"the site packs the page as {_excerpt_for_message(encoding)}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        async for part in response.aiter_raw():
            more = bool(part)
            while more:
                if unpacker.eof:
                    # Another gzip member follows; any other bytes are an error.
                    unpacker = zlib.decompressobj(wbits=31)
                unpacked = unpacker.decompress(part, _UNPACK_STEP_BYTES)
                yield unpacked
                part = unpacker.unconsumed_tail or unpacker.unused_data
                more = bool(part) or len(unpacked) == _UNPACK_STEP_BYTES
    except zlib.error as error:
        raise PageRefused("the page is damaged: it cannot be unpacked") from error
    if not unpacker.eof:
        raise SiteUnavailable("the page broke off before its end: try again later")


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds that a server asks us to wait (RFC 9110, 10.2.3: a number, or a date)."""
    stated = headers.get("retry-after", "").strip()
    if stated.isdigit():
        return min(float(stated), _MAX_STATED_SECONDS)
    try:
        until = parsedate_to_datetime(stated)
    except ValueError:
        return None
    seconds = (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), _MAX_STATED_SECONDS)


def _max_age(headers: httpx.Headers) -> float | None:
    found = re.search(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", headers.get("cache-control", "").lower())
    return min(float(found[1]), _MAX_STATED_SECONDS) if found else None


def _kept_validator(value: str | None) -> str | None:
    """A validator to keep; None for one of an absurd length."""
    return value if value and len(value) <= 512 else None


def _excerpt_for_message(text: str) -> str:
    """The beginning of a server's text, cleaned for use in our own message."""
    return re.sub(r"[^\w/+.;=-]+", " ", text)[:60].strip() or "something unnamed"

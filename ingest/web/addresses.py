"""Which addresses may be opened: the form of a URL, and the network that its host turned out to lie in.

Pure functions; `wire` asks them for every connection, so that a name cannot lead where its address may not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urljoin, urlsplit, urlunsplit

from retrieval.errors import AddressRefused

Network = IPv4Network | IPv6Network

_WEB = re.compile(r"^https?://", re.IGNORECASE)
_ANY_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_LONGEST = 2000
"""Characters of an address; browsers and servers agree on about this much."""

_CLOSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's host, which virtual machines reach from inside alone
    )
)  # fmt: skip
"""The IANA IPv4 Special-Purpose Address Registry, multicast, and one that a cloud took for itself."""

_OPEN_V6 = IPv6Network("2000::/3")
"""The only IPv6 space that is given to hosts on the internet (RFC 4291). Mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96,
64:ff9b:1::/48), unique local, link-local and multicast addresses lie outside of it."""

_CLOSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "3fff::/20",
    )
)
"""Parts of it that the IANA IPv6 Special-Purpose Address Registry takes out again."""


def is_web(source: str) -> bool:
    """Whether a source is meant as an address, of whatever scheme, and not as a file."""
    return bool(_ANY_SCHEME.match(source))


def checked(url: str) -> str:
    """The address without its fragment, where its form is one that is opened. Raises AddressRefused."""
    if not _WEB.match(url):
        raise AddressRefused("only http:// and https:// addresses are opened")
    if len(url) > _LONGEST or any(char <= " " or char == "\x7f" for char in url):
        raise AddressRefused("not an address: it has spaces in it or is too long")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused("not an address: check its host and port") from error
    if not parts.hostname or port == 0:
        raise AddressRefused("not an address: it names no host")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("addresses with a name and password in them are not opened: take those out")
    return urlunsplit((parts.scheme.lower(), parts.netloc, parts.path or "/", parts.query, ""))


def joined(base: str, target: str) -> str:
    """Where a reference on the page at `base` leads. Raises AddressRefused as `checked` does."""
    try:
        return checked(urljoin(base, target.strip()))
    except ValueError as error:
        raise AddressRefused("the page points to something that is no address") from error


def host_of(url: str) -> str:
    """The host of an address, lower case."""
    return (urlsplit(url).hostname or "").lower()


def allows(address: str, allowed: Sequence[Network]) -> bool:
    """Whether a numeric address may be connected to: it is public, or in one of the allowed networks."""
    try:
        one = ip_address(address)
    except ValueError:
        # A zone ("fe80::1%eth0") or anything else that is no plain address.
        return False
    return any(one in network for network in allowed) or _is_public(one)


def _is_public(one: IPv4Address | IPv6Address) -> bool:
    if isinstance(one, IPv4Address):
        return not any(one in network for network in _CLOSED_V4)
    if one.scope_id is not None:
        return False
    return one in _OPEN_V6 and not any(one in network for network in _CLOSED_V6)


def networks(*cidrs: str) -> tuple[Network, ...]:
    """Networks from their usual notation."""
    return tuple(ip_network(cidr) for cidr in cidrs)

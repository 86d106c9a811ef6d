"""Which addresses may be opened: the form of a URL, and the network in which its host lies.

Pure functions; `transport` checks every connection with them, so that no host name leads into a forbidden network.
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
_MAX_ADDRESS_CHARACTERS = 2000
"""Maximum length of an address, in characters; browsers and servers support about this much."""

_RESERVED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's platform service, reachable from virtual machines only
    )
)  # fmt: skip
"""The IANA IPv4 Special-Purpose Address Registry, multicast, and an address that one cloud reserves for itself."""

_GLOBAL_V6 = IPv6Network("2000::/3")
"""Global unicast, the only IPv6 space assigned to hosts on the internet (RFC 4291). Mapped (::ffff:0:0/96), NAT64
(64:ff9b::/96, 64:ff9b:1::/48), unique local, link-local and multicast addresses lie outside it."""

_RESERVED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "3fff::/20",
    )
)
"""The parts of `_GLOBAL_V6` that the IANA IPv6 Special-Purpose Address Registry reserves."""


def is_web(source: str) -> bool:
    """Whether a source is an address, of any scheme, rather than a file."""
    return bool(_ANY_SCHEME.match(source))


def check_address(url: str) -> str:
    """The address without its fragment. Raises AddressRefused where its form is not one that is opened."""
    if not _WEB.match(url):
        raise AddressRefused("only http:// and https:// addresses are opened")
    if len(url) > _MAX_ADDRESS_CHARACTERS or any(char <= " " or char == "\x7f" for char in url):
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


def resolve_reference(base: str, target: str) -> str:
    """The address that a reference on the page at `base` leads to. Raises AddressRefused as `check_address` does."""
    try:
        return check_address(urljoin(base, target.strip()))
    except ValueError as error:
        raise AddressRefused("the page points to something that is no address") from error


def allows(address: str, allowed: Sequence[Network]) -> bool:
    """Whether a numeric address may be connected to: it is public, or in one of the allowed networks."""
    try:
        number = ip_address(address)
    except ValueError:
        # An address with a zone ("fe80::1%eth0"), or anything else that is not a plain address.
        return False
    return any(number in network for network in allowed) or _is_public(number)


def _is_public(number: IPv4Address | IPv6Address) -> bool:
    if isinstance(number, IPv4Address):
        return not any(number in network for network in _RESERVED_V4)
    if number.scope_id is not None:
        return False
    return number in _GLOBAL_V6 and not any(number in network for network in _RESERVED_V6)


def networks(*cidrs: str) -> tuple[Network, ...]:
    """Networks from CIDR notation."""
    return tuple(ip_network(cidr) for cidr in cidrs)

"""Subscribes to a feed, by its own address or by that of a page that links to it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ingest.encodings import decode
from ingest.feeds.discover import NamedFeed, feeds_named_by
from ingest.feeds.parse import is_feed, parse_feed
from ingest.web import Fetcher
from ingest.web.addresses import check_address
from ingest.web.responses import Fetched
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.store.feeds import Subscription


@dataclass(frozen=True, slots=True)
class NewSubscription:
    """A subscription, whether it is new, and the other feeds that the page links to."""

    feed: Subscription
    is_new: bool
    others: tuple[NamedFeed, ...] = ()


async def subscribe(library: Library, fetcher: Fetcher, url: str, scope: str) -> NewSubscription:
    """Subscribe a scope to the feed at an address, or to the first feed that the page there links to.

    No article is read yet; the next poll does that. Raises SourceError where there is no feed, and what `Fetcher.get`
    raises.
    """
    asked = check_address(url)
    found = await fetcher.get(asked)
    named: list[NamedFeed] = []
    if not is_feed(found.body):
        named = feeds_named_by(decode(found.body), found.address)
        if not named:
            raise SourceError("there is no feed at this address, and the page names none: give the feed's own address")
        asked = named[0].address
        found = await fetcher.get(asked)
    feed = parse_feed(found.body, found.address, found.content_type)
    new = library.subscriptions.add(scope, _lasting_address(asked, found), feed.title or found.address, time.time())
    return NewSubscription(*new, tuple(named[1:]))


def _lasting_address(asked: str, found: Fetched) -> str:
    """The address to store for the feed: temporary redirects are followed again each time."""
    return found.address if found.moved else asked

"""Subscribing to a feed: by its own address, or by that of a page that names it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ingest.encodings import decoded
from ingest.feeds.discover import Named, feeds_named
from ingest.feeds.parse import is_feed, parsed
from ingest.web import Fetcher
from ingest.web.addresses import checked
from ingest.web.responses import Fetched
from retrieval.errors import SourceError
from retrieval.library import Library
from retrieval.store.feeds import Subscription


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription, whether it is new, and the other feeds that the page names."""

    feed: Subscription
    is_new: bool
    others: tuple[Named, ...] = ()


async def subscribe(library: Library, fetcher: Fetcher, url: str, scope: str) -> Subscribed:
    """Subscribe a scope to the feed at an address, or to the first that the page there names.

    Nothing is read into the library yet: the next poll does that. Raises SourceError where there is no feed, and what
    `Fetcher.get` raises.
    """
    asked = checked(url)
    found = await fetcher.get(asked)
    named: list[Named] = []
    if not is_feed(found.body):
        named = feeds_named(decoded(found.body), found.address)
        if not named:
            raise SourceError("there is no feed at this address, and the page names none: give the feed's own address")
        asked = named[0].address
        found = await fetcher.get(asked)
    feed = parsed(found.body, found.address, found.content_type)
    new = library.subscriptions.add(scope, _lasting(asked, found), feed.title or found.address, time.time())
    return Subscribed(*new, tuple(named[1:]))


def _lasting(asked: str, found: Fetched) -> str:
    """Where the feed will be found next time: redirects that are not for good are followed anew."""
    return found.address if found.moved else asked

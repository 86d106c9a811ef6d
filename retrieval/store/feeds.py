"""Feeds that are subscribed to, as the catalog keeps them. Part of the library: `Library.subscriptions`.

Any number of processes may poll: a feed that one has taken is not due for the others until its lease ends.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from retrieval.store.database import Catalog
from retrieval.store.sqlite_errors import writing
from retrieval.store.tables_feeds import feed_entries, feeds

_MANY = 500


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed of a scope; times are seconds since 1970, UTC. See `feed_tables.feeds`."""

    id: str
    scope: str
    address: str
    title: str
    added: float
    next_poll: float
    etag: str | None = None
    last_modified: str | None = None
    mark: str | None = None
    interval: float | None = None
    polled: float | None = None
    leased: float | None = None
    failures: int = 0
    problem: str | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class SeenEntry:
    """An entry of a feed that was seen. See `feed_tables.feed_entries`."""

    key: str
    mark: str
    first_seen: float
    attempts: int = 0
    article_id: str | None = None
    problem: str | None = None


class Subscriptions:
    """The feeds of a catalog; every call is a transaction of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def add(self, scope: str, address: str, title: str, now: float) -> tuple[Subscription, bool]:
        """Subscribe a scope to a feed, due at once. Returns it, and whether it is new there."""
        new = Subscription(secrets.token_hex(6), scope, address, title, added=now, next_poll=now)
        at_address = sa.and_(feeds.c.scope == scope, feeds.c.address == address)
        with writing(), self._catalog.transaction(write=True) as db:
            known = db.execute(sa.select(feeds).where(at_address)).first()
            if known is None:
                db.execute(sa.insert(feeds), [asdict(new)])
                return new, True
            if not known.ended:
                return _subscription(known), False
            # What was seen of a feed that ended and begins again is still seen.
            db.execute(sa.update(feeds).where(at_address).values(asdict(new) | {"id": known.id}))
            return _subscription(db.execute(sa.select(feeds).where(at_address)).one()), True

    def feeds(self, scopes: Sequence[str]) -> list[Subscription]:
        """The feeds of these scopes, in the order of their titles."""
        query = sa.select(feeds).where(feeds.c.scope.in_(scopes)).order_by(feeds.c.title, feeds.c.address)
        with self._catalog.transaction() as db:
            return [_subscription(row) for row in db.execute(query)]

    def all(self, scopes: Sequence[str]) -> list[tuple[Subscription, int]]:
        """The same, each with how many of its entries were seen: counting them takes a while."""
        seen = (
            sa.select(feed_entries.c.feed_id, sa.func.count().label("seen"))
            .where(feed_entries.c.scope.in_(scopes))
            .group_by(feed_entries.c.feed_id)
            .subquery()
        )
        query = sa.select(feeds, sa.func.coalesce(seen.c.seen, 0)).outerjoin(seen, seen.c.feed_id == feeds.c.id)
        query = query.where(feeds.c.scope.in_(scopes)).order_by(feeds.c.title, feeds.c.address)
        with self._catalog.transaction() as db:
            return [(_subscription(row), row[-1]) for row in db.execute(query)]

    def remove(self, feed_id: str, scopes: Sequence[str]) -> Subscription | None:
        """Forget a feed and what was seen of it; its articles stay. None where these scopes hold no such feed."""
        with writing(), self._catalog.transaction(write=True) as db:
            row = db.execute(sa.select(feeds).where(feeds.c.id == feed_id, feeds.c.scope.in_(scopes))).first()
            if row is None:
                return None
            db.execute(sa.delete(feed_entries).where(feed_entries.c.feed_id == feed_id))
            db.execute(sa.delete(feeds).where(feeds.c.id == feed_id))
        return _subscription(row)

    def take(
        self, now: float, lease: float, begun: float, scopes: Sequence[str] | None = None, *, early: bool = False
    ) -> Subscription | None:
        """A feed of these scopes, or of any, that was due when a round of polls begun and was not polled since.

        The one that waits longest; `early`: whether due or not. It is the caller's for `lease` seconds or until
        `change` says otherwise. None where there is no more.
        """
        query = sa.select(feeds).where(
            ~feeds.c.ended,
            sa.or_(feeds.c.leased.is_(None), feeds.c.leased <= now),
            sa.or_(feeds.c.polled.is_(None), feeds.c.polled < begun),
        )
        if not early:
            query = query.where(feeds.c.next_poll <= begun)
        if scopes is not None:
            query = query.where(feeds.c.scope.in_(scopes))
        with writing(), self._catalog.transaction(write=True) as db:
            row = db.execute(query.order_by(feeds.c.next_poll).limit(1)).first()
            if row is None:
                return None
            db.execute(sa.update(feeds).where(feeds.c.id == row.id).values(leased=now + lease))
        return _subscription(row)

    def next_due(self) -> float | None:
        """When the next feed is due; None where there is none."""
        with self._catalog.transaction() as db:
            soonest: float | None = db.scalar(sa.select(sa.func.min(feeds.c.next_poll)).where(~feeds.c.ended))
        return soonest

    def seen(self, feed_id: str, keys: Sequence[str]) -> dict[str, SeenEntry]:
        """What is known of these entries of a feed."""
        found: dict[str, SeenEntry] = {}
        with self._catalog.transaction() as db:
            for at in range(0, len(keys), _MANY):
                some = keys[at : at + _MANY]
                query = sa.select(feed_entries).where(feed_entries.c.feed_id == feed_id, feed_entries.c.key.in_(some))
                for row in db.execute(query):
                    found[row.key] = SeenEntry(
                        row.key, row.mark, row.first_seen, row.attempts, row.article_id, row.problem
                    )
        return found

    def note(self, feed: Subscription, entries: Iterable[SeenEntry]) -> None:
        """Keep what became of entries, where the feed is still subscribed to."""
        rows = [asdict(entry) | {"feed_id": feed.id, "scope": feed.scope} for entry in entries]
        with writing(), self._catalog.transaction(write=True) as db:
            if rows and db.scalar(sa.select(feeds.c.id).where(feeds.c.id == feed.id)):
                db.execute(sa.insert(feed_entries).prefix_with("or replace"), rows)

    def change(self, feed: Subscription, facts: Mapping[str, object]) -> None:
        """Set facts of a feed, by the names of its columns; no address that another feed of its scope has."""
        with writing(), self._catalog.transaction(write=True) as db:
            others = sa.select(feeds.c.id).where(feeds.c.scope == feed.scope, feeds.c.id != feed.id)
            if db.scalar(others.where(feeds.c.address == facts.get("address"))):
                facts = {name: value for name, value in facts.items() if name != "address"}
            db.execute(sa.update(feeds).where(feeds.c.id == feed.id).values(**facts))


def _subscription(row: sa.Row[tuple[object, ...]]) -> Subscription:
    named = row._mapping
    return Subscription(**{name: named[name] for name in Subscription.__slots__})

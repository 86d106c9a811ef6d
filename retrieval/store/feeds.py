"""The feeds that scopes are subscribed to, and their entries. Part of the library: `Library.subscriptions`.

Any number of processes may poll: a feed that one of them has leased is not due for the others until the lease ends.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from retrieval.store.database import Catalog
from retrieval.store.sqlite_errors import translate_write_errors
from retrieval.store.tables_feeds import feed_entries, feeds

_MAX_BOUND_KEYS = 500
"""Maximum number of keys bound in one SQL statement."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A scope's subscription to a feed; times are seconds since 1970, UTC. For the fields see `tables_feeds.feeds`."""

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
    """A feed entry that was seen. For the fields see `tables_feeds.feed_entries`."""

    key: str
    mark: str
    first_seen: float
    attempts: int = 0
    article_id: str | None = None
    problem: str | None = None


class Subscriptions:
    """The stored subscriptions; every call is a transaction of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def add(self, scope: str, address: str, title: str, now: float) -> tuple[Subscription, bool]:
        """Subscribe a scope to a feed, due at once. Returns the subscription, and whether it is new."""
        new = Subscription(secrets.token_hex(6), scope, address, title, added=now, next_poll=now)
        at_address = sa.and_(feeds.c.scope == scope, feeds.c.address == address)
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            existing = db.execute(sa.select(feeds).where(at_address)).first()
            if existing is None:
                db.execute(sa.insert(feeds), [asdict(new)])
                return new, True
            if not existing.ended:
                return _subscription(existing), False
            # A feed that had ended begins again under its old id: the entries seen before still count as seen.
            db.execute(sa.update(feeds).where(at_address).values(asdict(new) | {"id": existing.id}))
            return _subscription(db.execute(sa.select(feeds).where(at_address)).one()), True

    def feeds(self, scopes: Sequence[str]) -> list[Subscription]:
        """The feeds of these scopes, in the order of their titles."""
        query = sa.select(feeds).where(feeds.c.scope.in_(scopes)).order_by(feeds.c.title, feeds.c.address)
        with self._catalog.transaction() as db:
            return [_subscription(row) for row in db.execute(query)]

    def feeds_with_entry_counts(self, scopes: Sequence[str]) -> list[tuple[Subscription, int]]:
        """The same, each with the number of its entries seen so far; counting them takes a while."""
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
        """Delete a subscription and its seen entries, but not its articles. None if these scopes do not have it."""
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            row = db.execute(sa.select(feeds).where(feeds.c.id == feed_id, feeds.c.scope.in_(scopes))).first()
            if row is None:
                return None
            db.execute(sa.delete(feed_entries).where(feed_entries.c.feed_id == feed_id))
            db.execute(sa.delete(feeds).where(feeds.c.id == feed_id))
        return _subscription(row)

    def lease_next(
        self, now: float, lease: float, begun: float, scopes: Sequence[str] | None = None, *, early: bool = False
    ) -> Subscription | None:
        """Lease the feed that is longest overdue, of these scopes or of any; None if no feed is left in this round.

        `begun`: when the round of polls began. Only feeds that were due then and were not polled since are taken;
        `early`: also those not due yet. The lease ends after `lease` seconds or when the poller calls `update`.
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
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            row = db.execute(query.order_by(feeds.c.next_poll).limit(1)).first()
            if row is None:
                return None
            db.execute(sa.update(feeds).where(feeds.c.id == row.id).values(leased=now + lease))
        return _subscription(row)

    def next_due(self) -> float | None:
        """The time when the next feed is due; None if there are no feeds."""
        with self._catalog.transaction() as db:
            soonest: float | None = db.scalar(sa.select(sa.func.min(feeds.c.next_poll)).where(~feeds.c.ended))
        return soonest

    def seen_entries(self, feed_id: str, keys: Sequence[str]) -> dict[str, SeenEntry]:
        """Those of these entries of a feed that were seen before, by key."""
        entries: dict[str, SeenEntry] = {}
        with self._catalog.transaction() as db:
            for start in range(0, len(keys), _MAX_BOUND_KEYS):
                part = keys[start : start + _MAX_BOUND_KEYS]
                query = sa.select(feed_entries).where(feed_entries.c.feed_id == feed_id, feed_entries.c.key.in_(part))
                for row in db.execute(query):
                    entries[row.key] = SeenEntry(
                        row.key, row.mark, row.first_seen, row.attempts, row.article_id, row.problem
                    )
        return entries

    def record_entries(self, feed: Subscription, entries: Iterable[SeenEntry]) -> None:
        """Record what became of entries, unless the subscription has been deleted."""
        rows = [asdict(entry) | {"feed_id": feed.id, "scope": feed.scope} for entry in entries]
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            if rows and db.scalar(sa.select(feeds.c.id).where(feeds.c.id == feed.id)):
                db.execute(sa.insert(feed_entries).prefix_with("or replace"), rows)

    def update(self, feed: Subscription, facts: Mapping[str, object]) -> None:
        """Set columns of a feed by their names; an address that another feed of the scope has is not set."""
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            others = sa.select(feeds.c.id).where(feeds.c.scope == feed.scope, feeds.c.id != feed.id)
            if db.scalar(others.where(feeds.c.address == facts.get("address"))):
                facts = {name: value for name, value in facts.items() if name != "address"}
            db.execute(sa.update(feeds).where(feeds.c.id == feed.id).values(**facts))


def _subscription(row: sa.Row[tuple[object, ...]]) -> Subscription:
    columns = row._mapping
    return Subscription(**{name: columns[name] for name in Subscription.__slots__})

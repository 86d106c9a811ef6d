"""Replies that people got, as far as their buttons need them, and votes on them. Part of the library.

A reply is found in the scope it was given in and in no other.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from retrieval.store.database import Catalog
from retrieval.store.sqlite_errors import reading, writing
from retrieval.store.tables_replies import replies, votes

MONTH = 30 * 24 * 3600.0
"""Seconds after which a reply that nobody voted on is forgotten."""

ANSWER = "answer"
"""The kind of a reply that answers a question; votes are on such."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply: its scope, what kind it is, and what was kept of it, as JSON."""

    key: str
    scope: str
    kind: str
    body: Mapping[str, Any]
    made: float


@dataclass(frozen=True, slots=True)
class Vote:
    """What a member thought of an answer, with the reason where one was given."""

    member: str
    good: bool
    reason: str | None
    given: float


class Replies:
    """The replies of a catalog; every call is a transaction of its own."""

    def __init__(self, catalog: Catalog, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since 1970."""
        self._catalog, self._clock = catalog, clock

    def keep(self, scope: str, kind: str, body: Mapping[str, Any], key: str | None = None) -> str:
        """Keep a reply of a scope for a month; the key under which `find` has it, a new one where none is given."""
        key, now = key or secrets.token_hex(8), self._clock()
        voted = sa.select(votes.c.reply)
        with writing(), self._catalog.transaction(write=True) as db:
            db.execute(sa.delete(replies).where(replies.c.made < now - MONTH, replies.c.key.not_in(voted)))
            db.execute(
                sa.insert(replies).prefix_with("or replace"),
                [{"key": key, "scope": scope, "kind": kind, "body": dict(body), "made": now}],
            )
        return key

    def find(self, key: str, scope: str) -> Kept | None:
        """The reply of a scope; None where it was forgotten, or is another scope's."""
        query = sa.select(replies).where(replies.c.key == key, replies.c.scope == scope)
        with reading(), self._catalog.transaction() as db:
            row = db.execute(query).first()
        return Kept(**row._mapping) if row else None

    def vote(self, key: str, scope: str, member: str, *, good: bool, reason: str | None = None) -> bool:
        """Note what a member thinks of an answer, in place of what he thought before. False where there is no such."""
        given = {"scope": scope, "good": good, "reason": reason, "given": self._clock()}
        of_scope = sa.select(replies.c.key).where(
            replies.c.key == key, replies.c.scope == scope, replies.c.kind == ANSWER
        )
        with writing(), self._catalog.transaction(write=True) as db:
            if db.scalar(of_scope) is None:
                return False
            db.execute(sa.insert(votes).prefix_with("or replace"), [{"reply": key, "member": member} | given])
        return True

    def scopes(self) -> tuple[str, ...]:
        """Every scope in which somebody voted, for whoever runs the library."""
        with reading(), self._catalog.transaction() as db:
            return tuple(db.scalars(sa.select(votes.c.scope).distinct().order_by(votes.c.scope)))

    def voted(self, scopes: Sequence[str]) -> list[tuple[Kept, list[Vote]]]:
        """The answers of these scopes that were voted on, oldest first, with their votes."""
        query = sa.select(replies, votes.c.member, votes.c.good, votes.c.reason, votes.c.given)
        query = query.join(votes, votes.c.reply == replies.c.key).order_by(
            replies.c.made, replies.c.key, votes.c.given, votes.c.member
        )
        query = query.where(replies.c.scope.in_(scopes))
        found: dict[str, tuple[Kept, list[Vote]]] = {}
        with reading(), self._catalog.transaction() as db:
            for row in db.execute(query):
                kept = Kept(row.key, row.scope, row.kind, row.body, row.made)
                of_reply = found.setdefault(row.key, (kept, []))
                of_reply[1].append(Vote(row.member, row.good, row.reason, row.given))
        return list(found.values())

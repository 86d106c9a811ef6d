"""The bot's replies, as far as their buttons need them after a restart, and members' votes on answers.

Part of the library: `Library.replies`. A reply can be found only in the scope it was given in.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from retrieval.store.database import Catalog
from retrieval.store.sqlite_errors import translate_read_errors, translate_write_errors
from retrieval.store.tables_replies import replies, votes

REPLY_LIFETIME = 30 * 24 * 3600.0
"""Seconds for which a reply that nobody voted on is kept."""

ANSWER_KIND = "answer"
"""The kind of a reply that answers a question; only these can be voted on."""


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A stored reply: its scope, its kind, and the JSON that its buttons need; `made` is in seconds since 1970, UTC."""

    key: str
    scope: str
    kind: str
    body: Mapping[str, Any]
    made: float


@dataclass(frozen=True, slots=True)
class Vote:
    """A member's vote on an answer, with the reason if they gave one; `given` is in seconds since 1970, UTC."""

    member: str
    good: bool
    reason: str | None
    given: float


class Replies:
    """The stored replies and votes; every call is a transaction of its own."""

    def __init__(self, catalog: Catalog, clock: Callable[[], float] = time.time) -> None:
        """`clock` returns seconds since 1970."""
        self._catalog, self._clock = catalog, clock

    def keep(self, scope: str, kind: str, body: Mapping[str, Any], key: str | None = None) -> str:
        """Store a reply for a month. Returns the key by which `find` finds it: `key`, or a new one."""
        key, now = key or secrets.token_hex(8), self._clock()
        voted = sa.select(votes.c.reply)
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            db.execute(sa.delete(replies).where(replies.c.made < now - REPLY_LIFETIME, replies.c.key.not_in(voted)))
            db.execute(
                sa.insert(replies).prefix_with("or replace"),
                [{"key": key, "scope": scope, "kind": kind, "body": dict(body), "made": now}],
            )
        return key

    def find(self, key: str, scope: str) -> StoredReply | None:
        """A scope's reply by its key; None if it has been deleted or belongs to another scope."""
        query = sa.select(replies).where(replies.c.key == key, replies.c.scope == scope)
        with translate_read_errors(), self._catalog.transaction() as db:
            row = db.execute(query).first()
        return StoredReply(**row._mapping) if row else None

    def vote(self, key: str, scope: str, member: str, *, good: bool, reason: str | None = None) -> bool:
        """Store a member's vote on an answer, replacing an earlier vote of theirs. False if there is no such answer."""
        given = {"scope": scope, "good": good, "reason": reason, "given": self._clock()}
        of_scope = sa.select(replies.c.key).where(
            replies.c.key == key, replies.c.scope == scope, replies.c.kind == ANSWER_KIND
        )
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            if db.scalar(of_scope) is None:
                return False
            db.execute(sa.insert(votes).prefix_with("or replace"), [{"reply": key, "member": member} | given])
        return True

    def scopes(self) -> tuple[str, ...]:
        """Every scope in which somebody voted, for the library's operator."""
        with translate_read_errors(), self._catalog.transaction() as db:
            return tuple(db.scalars(sa.select(votes.c.scope).distinct().order_by(votes.c.scope)))

    def answers_with_votes(self, scopes: Sequence[str]) -> list[tuple[StoredReply, list[Vote]]]:
        """The answers of these scopes that have votes, oldest first, with their votes."""
        query = sa.select(replies, votes.c.member, votes.c.good, votes.c.reason, votes.c.given)
        query = query.join(votes, votes.c.reply == replies.c.key).order_by(
            replies.c.made, replies.c.key, votes.c.given, votes.c.member
        )
        query = query.where(replies.c.scope.in_(scopes))
        out: dict[str, tuple[StoredReply, list[Vote]]] = {}
        with translate_read_errors(), self._catalog.transaction() as db:
            for row in db.execute(query):
                reply = StoredReply(row.key, row.scope, row.kind, row.body, row.made)
                _, reply_votes = out.setdefault(row.key, (reply, []))
                reply_votes.append(Vote(row.member, row.good, row.reason, row.given))
        return list(out.values())

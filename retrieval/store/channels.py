"""The rules of guilds for their channels: when questions are answered there, and from which sources.

Part of the library: `Library.channels`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

import sqlalchemy as sa

from retrieval.store.database import Catalog
from retrieval.store.sqlite_errors import translate_read_errors, translate_write_errors
from retrieval.store.tables_replies import channels


class ChannelMode(StrEnum):
    """When questions in a channel are answered."""

    ALWAYS = "always"
    MENTIONED = "mentioned"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class ChannelRule:
    """A guild's rule for a channel: when to answer there, and the only sources to answer from (empty: all)."""

    channel: str
    mode: ChannelMode = ChannelMode.MENTIONED
    sources: tuple[str, ...] = field(default=())


class Channels:
    """The stored channel rules; every call is a transaction of its own."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def set_rule(self, scope: str, rule: ChannelRule) -> None:
        """Store a guild's rule for a channel, replacing the one it had."""
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            db.execute(sa.insert(channels).prefix_with("or replace"), [_row(scope, rule)])

    def remove_rule(self, scope: str, channel: str) -> bool:
        """Delete a guild's rule for a channel. False if there was none."""
        of_channel = sa.and_(channels.c.scope == scope, channels.c.channel == channel)
        with translate_write_errors(), self._catalog.transaction(write=True) as db:
            return db.execute(sa.delete(channels).where(of_channel)).rowcount > 0

    def scopes(self) -> tuple[str, ...]:
        """The scopes of the guilds that have rules."""
        with translate_read_errors(), self._catalog.transaction() as db:
            return tuple(db.scalars(sa.select(channels.c.scope).distinct().order_by(channels.c.scope)))

    def rules(self, scope: str) -> list[ChannelRule]:
        """A guild's rules, in the order of their channel ids."""
        query = sa.select(channels).where(channels.c.scope == scope).order_by(channels.c.channel)
        with translate_read_errors(), self._catalog.transaction() as db:
            return [
                ChannelRule(row.channel, ChannelMode(row.mode), tuple(_texts(row.sources))) for row in db.execute(query)
            ]


def _row(scope: str, rule: ChannelRule) -> dict[str, object]:
    return asdict(rule) | {"scope": scope, "mode": rule.mode.value, "sources": list(rule.sources)}


def _texts(stored: object) -> Sequence[str]:
    return [str(text) for text in stored] if isinstance(stored, list) else []

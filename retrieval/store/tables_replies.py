"""The catalog's tables for the bot's replies, members' votes on them, and guilds' channel rules.

Times are seconds since 1970, UTC.
"""

from __future__ import annotations

import sqlalchemy as sa

from retrieval.store.tables import metadata

replies = sa.Table(
    "replies",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("scope", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("made", sa.Float, nullable=False, index=True),
    sqlite_with_rowid=False,
)
"""What a reply's buttons need after a restart: an answer with its question and citations, or the parameters of a list.
Deleted after a month unless somebody voted on it."""

votes = sa.Table(
    "votes",
    metadata,
    sa.Column("reply", sa.String, primary_key=True),
    sa.Column("member", sa.String, primary_key=True),
    sa.Column("scope", sa.String, nullable=False, index=True),
    sa.Column("good", sa.Boolean, nullable=False),
    sa.Column("reason", sa.String),
    sa.Column("given", sa.Float, nullable=False),
    sqlite_with_rowid=False,
)
"""A member's latest vote on an answer, with the reason if they gave one."""

channels = sa.Table(
    "channels",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("mode", sa.String, nullable=False),
    sa.Column("sources", sa.JSON, nullable=False),
    sqlite_with_rowid=False,
)
"""A guild's rules for channels: whether to answer always, when mentioned, or never, and from which sources only, if any
are named."""

"""The catalog's tables of what was replied to people, what they thought of it, and where a guild wants replies.

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
"""What a reply's buttons need after a restart: an answer with its question and citations, or what a list was asked by.
Forgotten after a month unless somebody voted on it."""

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
"""A member's vote on an answer, the last one counting, with the reason where one was given."""

channels = sa.Table(
    "channels",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("channel", sa.String, primary_key=True),
    sa.Column("mode", sa.String, nullable=False),
    sa.Column("sources", sa.JSON, nullable=False),
    sqlite_with_rowid=False,
)
"""Where a guild wants answers: without a mention, when mentioned, or never; and from which sources alone, if any."""

"""The catalog's tables for feed subscriptions, feed entries, and the HTTP validators of pages.

Times are seconds since 1970, UTC, so that they can be compared and added to.
"""

from __future__ import annotations

import sqlalchemy as sa

from retrieval.store.tables import metadata

feeds = sa.Table(
    "feeds",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("etag", sa.String),
    sa.Column("last_modified", sa.String),
    sa.Column("mark", sa.String),
    sa.Column("interval", sa.Float),
    sa.Column("added", sa.Float, nullable=False),
    sa.Column("polled", sa.Float),
    sa.Column("next_poll", sa.Float, nullable=False, index=True),
    sa.Column("leased", sa.Float),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("problem", sa.String),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.UniqueConstraint("scope", "address", name="feeds_by_address"),
)
"""`mark` is a hash of the body last read, `interval` the seconds between polls that the feed asks for. A poller has
`leased` the feed until that time. `failures` counts the failed polls since the last success, `problem` is the message
of the latest one. An `ended` feed was removed by its publisher for good and is not polled."""

feed_entries = sa.Table(
    "feed_entries",
    metadata,
    sa.Column("feed_id", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("mark", sa.String, nullable=False),
    sa.Column("first_seen", sa.Float, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("article_id", sa.String),
    sa.Column("problem", sa.String),
    sa.Index("feed_entries_by_scope", "scope"),
    sqlite_with_rowid=False,
)
"""`mark` changes when the entry does. `attempts` counts failed attempts to fetch its page; 0 once the entry is done."""

page_copies = sa.Table(
    "page_copies",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("address", sa.String, primary_key=True),
    sa.Column("article_id", sa.String, nullable=False),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("etag", sa.String),
    sa.Column("last_modified", sa.String),
    sqlite_with_rowid=False,
)
"""The HTTP validators of the page that this version of an article was read from, so that an unchanged page need not be
sent again. They are valid only while that version is the stored one."""

"""Adds facts of web pages, identities of speakers, feed subscriptions, and the HTTP validators of pages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """From the second schema to the third."""
    op.add_column("versions", sa.Column("page", sa.JSON(none_as_null=True)))
    op.create_table(
        "identities",
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("person", sa.String, nullable=False),
    )
    _make_feeds()
    op.create_table(
        "page_copies",
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("address", sa.String, primary_key=True),
        sa.Column("article_id", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("etag", sa.String),
        sa.Column("last_modified", sa.String),
        sqlite_with_rowid=False,
    )


def _make_feeds() -> None:
    op.create_table(
        "feeds",
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
        sa.Column("next_poll", sa.Float, nullable=False),
        sa.Column("leased", sa.Float),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("problem", sa.String),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.UniqueConstraint("scope", "address", name="feeds_by_address"),
    )
    op.create_index("ix_feeds_next_poll", "feeds", ["next_poll"])
    op.create_table(
        "feed_entries",
        sa.Column("feed_id", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("first_seen", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("article_id", sa.String),
        sa.Column("problem", sa.String),
        sqlite_with_rowid=False,
    )
    op.create_index("feed_entries_by_scope", "feed_entries", ["scope"])

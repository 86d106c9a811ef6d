"""Adds the bot's replies, votes on answers, and rules for channels."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """From the third schema to the fourth."""
    op.create_table(
        "replies",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("made", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_replies_scope", "replies", ["scope"])
    op.create_index("ix_replies_made", "replies", ["made"])
    op.create_table(
        "votes",
        sa.Column("reply", sa.String, primary_key=True),
        sa.Column("member", sa.String, primary_key=True),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("good", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("given", sa.Float, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_votes_scope", "votes", ["scope"])
    op.create_table(
        "channels",
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("sources", sa.JSON, nullable=False),
        sqlite_with_rowid=False,
    )

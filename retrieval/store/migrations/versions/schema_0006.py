"""Adds vectors of sentences. New chunks come with them; `onrecord reindex --reread` adds them to existing chunks."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """From the fifth schema to the sixth."""
    op.create_table(
        "sentence_vectors",
        sa.Column("chunk_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("model", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("starts", sa.LargeBinary, nullable=False),
        sa.Column("vectors", sa.LargeBinary, nullable=False),
    )

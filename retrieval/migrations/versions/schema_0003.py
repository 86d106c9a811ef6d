"""What a page gives besides its text; whom a speaker's name stands for, where an admin said so."""

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

"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """From the schema before to this one, losing nothing."""
    ${upgrades if upgrades else "raise NotImplementedError"}

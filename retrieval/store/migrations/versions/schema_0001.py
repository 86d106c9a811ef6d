"""The first schema, to which no migration leads."""

revision = "0001"
down_revision = None

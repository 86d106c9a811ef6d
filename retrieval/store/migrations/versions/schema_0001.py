"""The first schema: no step leads to it."""

revision = "0001"
down_revision = None

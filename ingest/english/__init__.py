"""Word lists that only ingest needs."""

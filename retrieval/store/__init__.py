"""The catalog: everything that is stored, in one SQLite file."""

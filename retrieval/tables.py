"""The catalog's tables, and how its SQLite file is opened.

`articles` says which version of an article is current; `versions` keeps every text there ever was. Chunks, vectors,
statements and names exist for current versions alone. `chunk_words` is the lexical index (FTS5) over a view, so that
no text is stored twice and a row leaves the index by the very words it entered with.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

metadata = sa.MetaData()

SCHEMA = 1
"""Stored in `PRAGMA user_version`; a file with a higher one was written by a later release."""

meta = sa.Table("meta", metadata, sa.Column("key", sa.String, primary_key=True), sa.Column("value", sa.String))

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("scope", sa.String, nullable=False, index=True),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("added", sa.String, nullable=False),
)

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("article_id", sa.String, primary_key=True),
    sa.Column("version", sa.String, primary_key=True),
    sa.Column("stored", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("url", sa.String),
    sa.Column("source", sa.String),
    sa.Column("authors", sa.JSON, nullable=False),
    sa.Column("published", sa.String),
    sa.Column("published_precision", sa.String, nullable=False),
    sa.Column("page_date", sa.String),
    sa.Column("modified", sa.String),
    sa.Column("language", sa.String),
)

chunks = sa.Table(
    "chunks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.String, nullable=False),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("heading", sa.String, nullable=False),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("day", sa.String),
    sa.Column("source", sa.String),
    sa.UniqueConstraint("article_id", "version", "position"),
    sa.Index("chunks_by_day", "scope", "day"),
    sqlite_autoincrement=True,
)

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("chunk_id", sa.Integer, primary_key=True),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)

statements = sa.Table(
    "statements",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.String, nullable=False, index=True),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("day", sa.String),
    sa.Column("source", sa.String),
    sa.Column("speaker", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("context_start", sa.Integer, nullable=False),
    sa.Column("context_end", sa.Integer, nullable=False),
    sa.Column("mention", sa.JSON),
    sa.Column("cue", sa.JSON),
    sa.Column("aliases", sa.JSON, nullable=False),
    sa.Column("role", sa.String),
    sa.Column("addressee", sa.String),
    sa.Column("said_when", sa.String),
    sa.Column("said_on", sa.String),
    sa.Index("statements_by_speaker", "scope", "speaker"),
)

names = sa.Table(
    "names",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("word", sa.String, primary_key=True),
    sa.Column("speaker", sa.String, primary_key=True),
    sa.Column("article_id", sa.String, primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Every word a speaker goes by in an article (name, alias, role), lower case: how a question finds its speaker."""

pending = sa.Table(
    "pending",
    metadata,
    sa.Column("article_id", sa.String, primary_key=True),
    sa.Column("version", sa.String, primary_key=True),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("chunks", sa.Integer, nullable=False),
)
"""Versions whose vectors are being written to, or taken from, the vector index: what a crash may have left there."""

_LEXICAL = (
    """create view chunk_text as
       select c.id as id, c.heading as heading, substr(v.text, c.start + 1, c."end" - c.start) as body
       from chunks c join versions v on v.article_id = c.article_id and v.version = c.version""",
    """create virtual table chunk_words using fts5(
       heading, body, content='chunk_text', content_rowid='id', tokenize="porter unicode61 remove_diacritics 2")""",
    "create virtual table chunk_vocabulary using fts5vocab(chunk_words, 'row')",
)


def open_engine(path: Path) -> sa.Engine:
    """An engine on the SQLite file at `path`: write-ahead log, so that readers never wait for a writer."""
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def create(connection: sa.Connection) -> None:
    """Make the tables of an empty file."""
    metadata.create_all(connection)
    for statement in _LEXICAL:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"pragma user_version = {SCHEMA}")


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transaction handling starts none for a select, so a search would see two states of the catalog.
    connection.isolation_level = None
    for pragma in ("journal_mode = wal", "synchronous = full", "mmap_size = 268435456", "temp_store = memory"):
        connection.execute(f"pragma {pragma}")


def _on_begin(connection: sa.Connection) -> None:
    # A writer takes its lock at once: two that both began by reading would otherwise fail when they turn to write.
    writes = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("begin immediate" if writes else "begin")

"""The catalog's tables, and opening its SQLite file.

`articles` names the current version of each article; `versions` keeps every text there ever was. Chunks, vectors,
statements and names exist for current versions only. `chunk_words` is the lexical index (FTS5), defined over a view so
that no text is stored twice and a row is removed from the index with exactly the words it was added with.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from retrieval.english.normal_form import normal_form

metadata = sa.MetaData()

meta = sa.Table("meta", metadata, sa.Column("key", sa.String, primary_key=True), sa.Column("value", sa.String))

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("added", sa.String, nullable=False),
    sa.Column("published", sa.String),
    sa.Column("title", sa.String),
    sa.Column("source", sa.String),
    sa.Index("articles_by_newest", "scope", sa.text("published desc"), "title", "id"),
    sa.Index("articles_by_source", "scope", sa.text("lower(source)"), sa.text("published desc"), "title", "id"),
)
"""`published`, `title` and `source` are those of the current version, so that the newest articles of a scope can be
found without reading all of them."""

versions = sa.Table(
    "versions",
    metadata,
    sa.Column("article_id", sa.String, primary_key=True),
    sa.Column("version", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
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
    sa.Column("page", sa.JSON(none_as_null=True)),
)
"""`number` counts an article's versions from 1; clocks may jump back, so `stored` is not used for ordering. `page`
holds further facts of a web page: its section, the publisher's corrections, the parts that cleaning removed."""

origins = sa.Table(
    "origins",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("origin", sa.String, primary_key=True),
    sa.Column("article_id", sa.String, nullable=False, index=True),
)
"""Every address and file at which an article was found."""

likenesses = sa.Table(
    "likenesses",
    metadata,
    sa.Column("article_id", sa.String, primary_key=True),
    sa.Column("signature", sa.LargeBinary, nullable=False),
)
bands = sa.Table(
    "bands",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("band", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.String, primary_key=True, index=True),
    sqlite_with_rowid=False,
)
"""Parts of the MinHash signatures in `likenesses`: articles that share one may be the same story."""

chunks = sa.Table(
    "chunks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("article_id", sa.String, nullable=False, index=True),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("heading", sa.String, nullable=False),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("day", sa.String),
    sa.Column("source", sa.String),
    sa.Index("chunks_by_scope", "scope", "id"),
    sa.Index("chunks_by_day", "scope", "day"),
    sa.Index("chunks_by_source", "scope", sa.text("lower(source)"), "day"),
    sqlite_autoincrement=True,
)
"""Ids are never reused: an id stands for one chunk of one version, and is the chunk's name in the vector index."""

models = sa.Table(
    "models",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String, nullable=False, unique=True),
)

vectors = sa.Table(
    "vectors",
    metadata,
    sa.Column("chunk_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("model", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)
"""One float32 vector for each chunk and embedding model; there are two models only during a reindex."""

sentence_vectors = sa.Table(
    "sentence_vectors",
    metadata,
    sa.Column("chunk_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("model", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("starts", sa.LargeBinary, nullable=False),
    sa.Column("vectors", sa.LargeBinary, nullable=False),
)
"""The vectors of a chunk's sentences, as `models.sentence_vectors` packs them. A separate table keeps the chunks' own
vectors close together on the disk."""

segments = sa.Table(
    "segments",
    metadata,
    sa.Column("folder", sa.String, primary_key=True),
    sa.Column("scope", sa.String, nullable=False),
    sa.Column("model", sa.Integer, nullable=False),
    sa.Column("first", sa.Integer, nullable=False),
    sa.Column("last", sa.Integer, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("damaged", sa.Boolean, nullable=False, default=False),
    sa.Index("segments_by_scope", "scope", "model", "first"),
)
"""The segments of the vector index: each holds every chunk of its scope with an id from `first` to `last`."""

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
"""Every word of a speaker's name, aliases and role in an article, in lower case: used to find the speaker that a
question is about."""

speakers = sa.Table(
    "speakers",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("speaker", sa.String, primary_key=True),
    sa.Column("statements", sa.Integer, nullable=False),
    sa.Index("speakers_by_statements", "scope", sa.text("statements desc"), "speaker"),
    sqlite_with_rowid=False,
)
"""The number of statements of each speaker in a scope, updated by triggers, because autocompletion cannot wait for a
count. Thoughts and statements without a speaker are not counted."""

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("person", sa.String, nullable=False),
)
"""The person that an admin has said a speaker's name stands for in a scope. Stored by name, so that ingesting further
articles does not undo it."""

sizes = sa.Table(
    "sizes",
    metadata,
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("articles", sa.Integer, nullable=False),
    sa.Column("chunks", sa.Integer, nullable=False),
    sa.Column("statements", sa.Integer, nullable=False),
)
"""The size of each scope, updated by triggers: a search weighs words by it, and counting rows would take time."""

LEXICAL_INDEX = (
    """create view chunk_text as
       select c.id as id, c.heading as heading, substr(v.text, c.start + 1, c."end" - c.start) as body
       from chunks c join versions v on v.article_id = c.article_id and v.version = c.version""",
    """create virtual table chunk_words using fts5(
       heading, body, content='chunk_text', content_rowid='id', tokenize="porter unicode61 remove_diacritics 2")""",
    "create virtual table chunk_vocabulary using fts5vocab(chunk_words, 'row')",
)

chunk_words = sa.table("chunk_words", sa.column("rowid", sa.Integer))
"""The lexical index; only its row ids, which are the chunks' ids, are queried by column."""

COUNTED_TABLES = ("articles", "chunks", "statements")
"""The tables whose rows are counted for each scope, in the order of the columns of `sizes`."""


def _size_trigger(table: str, event: str, row: str, step: str) -> str:
    first = ", ".join(step if counted == table else "0" for counted in COUNTED_TABLES)
    return f"""create trigger {table}_{event} after {event} on {table} begin
       insert into sizes (scope, {", ".join(COUNTED_TABLES)}) values ({row}.scope, {first})
       on conflict (scope) do update set {table} = {table} {step}; end"""  # noqa: S608 - of our own names alone


SIZE_TRIGGERS = tuple(
    _size_trigger(table, *change)
    for table in COUNTED_TABLES
    for change in (("insert", "new", "+1"), ("delete", "old", "-1"))
)

SPEAKER_TRIGGERS = (
    """create trigger speakers_insert after insert on statements
       when new.speaker <> '' and new.kind <> 'mental' begin
       insert into speakers (scope, speaker, statements) values (new.scope, new.speaker, 1)
       on conflict (scope, speaker) do update set statements = statements + 1; end""",
    """create trigger speakers_delete after delete on statements
       when old.speaker <> '' and old.kind <> 'mental' begin
       update speakers set statements = statements - 1 where scope = old.scope and speaker = old.speaker;
       delete from speakers where scope = old.scope and speaker = old.speaker and statements < 1; end""",
)


def unindexed_scope(table: sa.Table) -> sa.ColumnClause[str]:
    """The scope column of a table, for use together with a condition that selects few rows, such as one on ids.

    The plus keeps SQLite from using an index that begins with the scope, and so from going through the whole scope.
    """
    return sa.literal_column(f"+{table.name}.scope", sa.String)


def open_engine(path: Path) -> sa.Engine:
    """An engine for the SQLite file at `path`, in write-ahead mode, so that readers never wait for a writer."""
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transaction handling starts none for a select, so a search could see two states of the catalog.
    connection.isolation_level = None
    # The default, moving the log into the file at every thousand pages, would do so for each batch of articles.
    pragmas = (
        "journal_mode = wal",
        "wal_autocheckpoint = 4000",
        "synchronous = full",
        "mmap_size = 268435456",
        "temp_store = memory",
    )
    # Deleted content is overwritten, so that the words of a guild that leaves are no longer in the file.
    for pragma in (*pragmas, "secure_delete = on"):
        connection.execute(f"pragma {pragma}")
    connection.create_function("normal_form", 1, normal_form, deterministic=True)


def _on_begin(connection: sa.Connection) -> None:
    # A writer takes its lock at once: two writers that both began by reading would otherwise fail on their first write.
    writes = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("begin immediate" if writes else "begin")

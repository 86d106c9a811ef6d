"""Adds vectors by model, segments of the index, origins of articles, MinHash signatures, and sizes of scopes.

Everything in the first schema is kept: texts, versions, statements, chunks with their ids, and vectors. Only the old
vector index is not: it is rebuilt from the vectors.
"""

import secrets

import sqlalchemy as sa
from alembic import op

from retrieval.store.minhash import bands, signature

revision = "0002"
down_revision = "0001"

_BATCH = 500
_COUNTED = ("articles", "chunks", "statements")


def upgrade() -> None:
    """From the first schema to the second."""
    # The view refers to tables that are replaced. The words indexed through it stay valid: ids and texts are the same.
    op.execute("drop view chunk_text")
    _number_versions()
    _renew_chunks()
    _tell_vectors_by_model()
    op.drop_table("pending")
    _make_segments()
    op.execute("""create view chunk_text as
       select c.id as id, c.heading as heading, substr(v.text, c.start + 1, c."end" - c.start) as body
       from chunks c join versions v on v.article_id = c.article_id and v.version = c.version""")
    _note_origins()
    _note_likenesses()
    _count_scopes()


def _number_versions() -> None:
    op.rename_table("versions", "old_versions")
    op.create_table(
        "versions",
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
    )
    # Ordered by rowid, not by `stored`: rows were written in the order of versions, and a clock may have jumped back.
    op.execute("""insert into versions
       select article_id, version, row_number() over (partition by article_id order by rowid), stored, title, text, url,
              source, authors, published, published_precision, page_date, modified, language
       from old_versions order by rowid""")
    op.drop_table("old_versions")


def _renew_chunks() -> None:
    db = op.get_bind()
    highest = db.scalar(sa.text("select seq from sqlite_sequence where name = 'chunks'"))
    op.drop_index("chunks_by_day")
    op.rename_table("chunks", "old_chunks")
    op.create_table(
        "chunks",
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
        sqlite_autoincrement=True,
    )
    op.execute("""insert into chunks
       select id, article_id, version, position, start, "end", heading, scope, day, source from old_chunks""")
    op.drop_table("old_chunks")
    if highest is not None:
        # The ids of deleted chunks must not be reused.
        op.execute("delete from sqlite_sequence where name = 'chunks'")
        db.execute(sa.text("insert into sqlite_sequence (name, seq) values ('chunks', :seq)"), {"seq": highest})
    op.create_index("ix_chunks_article_id", "chunks", ["article_id"])
    op.create_index("chunks_by_scope", "chunks", ["scope", "id"])
    op.create_index("chunks_by_day", "chunks", ["scope", "day"])
    op.create_index("chunks_by_source", "chunks", ["scope", sa.text("lower(source)")])


def _tell_vectors_by_model() -> None:
    op.create_table(
        "models",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
    )
    op.execute("insert into models (id, name) select 1, value from meta where key = 'embedding'")
    op.rename_table("vectors", "old_vectors")
    op.create_table(
        "vectors",
        sa.Column("chunk_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("model", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    op.execute("insert into vectors select chunk_id, 1, vector from old_vectors")
    op.drop_table("old_vectors")


def _make_segments() -> None:
    op.create_table(
        "segments",
        sa.Column("folder", sa.String, primary_key=True),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("model", sa.Integer, nullable=False),
        sa.Column("first", sa.Integer, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("damaged", sa.Boolean, nullable=False),
    )
    op.create_index("segments_by_scope", "segments", ["scope", "model", "first"])
    lineage = sa.text("insert or replace into meta (key, value) values ('lineage', :token)")
    op.get_bind().execute(lineage, {"token": secrets.token_hex(8)})


def _note_origins() -> None:
    op.create_table(
        "origins",
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("origin", sa.String, primary_key=True),
        sa.Column("article_id", sa.String, nullable=False),
    )
    op.create_index("ix_origins_article_id", "origins", ["article_id"])
    # Only addresses: the first schema did not store the files that articles were read from.
    op.execute("""insert or replace into origins
       select a.scope, v.url, a.id from articles a join versions v on v.article_id = a.id and v.version = a.version
       where v.url is not null""")


def _note_likenesses() -> None:
    op.create_table(
        "likenesses",
        sa.Column("article_id", sa.String, primary_key=True),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "bands",
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("band", sa.Integer, primary_key=True),
        sa.Column("article_id", sa.String, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_bands_article_id", "bands", ["article_id"])
    db = op.get_bind()
    after = ""
    while rows := db.execute(
        sa.text("""select a.id, a.scope, v.text from articles a
           join versions v on v.article_id = a.id and v.version = a.version
           where a.id > :after order by a.id limit :batch"""),
        {"after": after, "batch": _BATCH},
    ).all():
        signatures = [(row.id, row.scope, signature(row.text)) for row in rows]
        db.execute(
            sa.text("insert into likenesses (article_id, signature) values (:id, :signature)"),
            [{"id": article_id, "signature": minhash} for article_id, _, minhash in signatures],
        )
        db.execute(
            sa.text("insert or ignore into bands (scope, band, article_id) values (:scope, :band, :id)"),
            [
                {"scope": scope, "band": band, "id": article_id}
                for article_id, scope, minhash in signatures
                for band in bands(minhash)
            ],
        )
        after = rows[-1].id


def _count_scopes() -> None:
    op.create_table(
        "sizes",
        sa.Column("scope", sa.String, primary_key=True),
        sa.Column("articles", sa.Integer, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.Column("statements", sa.Integer, nullable=False),
    )
    op.execute("""insert into sizes
       select a.scope, count(*), (select count(*) from chunks c where c.scope = a.scope),
              (select count(*) from statements s where s.scope = a.scope)
       from articles a group by a.scope""")
    for table in _COUNTED:
        for event, row, step in (("insert", "new", "+1"), ("delete", "old", "-1")):
            first = ", ".join(step if counted == table else "0" for counted in _COUNTED)
            op.execute(f"""create trigger {table}_{event} after {event} on {table} begin
       insert into sizes (scope, {", ".join(_COUNTED)}) values ({row}.scope, {first})
       on conflict (scope) do update set {table} = {table} {step}; end""")  # noqa: S608 - of our own names alone

"""The catalog: what is stored, and the queries over it. The library is its only user.

A `Reader` sees one state of the catalog from its first query to its last; a `Writer` changes it whole or not at all.
Every query that could show something of an article takes the scopes it may show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from retrieval import rows
from retrieval.errors import LibraryError
from retrieval.places import Place
from retrieval.tables import SCHEMA, articles, chunks, create, meta, names, open_engine, pending, vectors, versions
from retrieval.tables import statements as statement_rows
from retrieval.types import Article, Chunk, Query, Statement

_HEADING_WEIGHT = 2.0
"""BM25 weight of a word in the heading (title, source, date) against one in the text."""


_chunk_words = sa.table("chunk_words", sa.column("rowid", sa.Integer))


class Reader:
    """Reads one state of the catalog."""

    def __init__(self, connection: sa.Connection) -> None:
        self._db = connection

    def article(self, article_id: str, scopes: Sequence[str]) -> Article | None:
        """The current version, or None where these scopes hold no such article."""
        found = self._db.execute(_current(scopes).where(articles.c.id == article_id)).first()
        return rows.article(found) if found else None

    def articles(self, scopes: Sequence[str], limit: int = -1, offset: int = 0) -> list[Article]:
        """Current versions, newest publication first, undated ones last."""
        query = _current(scopes).order_by(sa.nulls_last(versions.c.published.desc()), versions.c.title, articles.c.id)
        return [rows.article(row) for row in self._db.execute(query.limit(limit).offset(offset))]

    def history(self, article_id: str, scopes: Sequence[str]) -> list[tuple[str, str]]:
        """(version, time stored) of every version of an article, oldest first."""
        query = (
            sa.select(versions.c.version, versions.c.stored)
            .join(articles, articles.c.id == versions.c.article_id)
            .where(articles.c.id == article_id, articles.c.scope.in_(scopes))
            .order_by(versions.c.stored)
        )
        return [(row.version, row.stored) for row in self._db.execute(query)]

    def current(self, article_ids: Iterable[str]) -> dict[str, str]:
        """The current version of each of these articles that is stored."""
        query = sa.select(articles.c.id, articles.c.version).where(articles.c.id.in_(list(article_ids)))
        return {row.id: row.version for row in self._db.execute(query)}

    def scopes_of(self, article_ids: Sequence[str]) -> dict[str, str]:
        """The scope of each of these articles that is stored."""
        query = sa.select(articles.c.id, articles.c.scope).where(articles.c.id.in_(article_ids))
        return {row.id: row.scope for row in self._db.execute(query)}

    def words(self, match: str, query: Query, limit: int) -> list[tuple[int, float]]:
        """(chunk id, BM25 score, higher is better) of the chunks that match an FTS5 expression, best first."""
        score: sa.Label[float] = sa.literal_column(f"-bm25(chunk_words, {_HEADING_WEIGHT}, 1.0)").label("score")
        select = (
            sa.select(chunks.c.id, score)
            .select_from(_chunk_words)
            .join(chunks, _chunk_words.c.rowid == chunks.c.id)
            .where(sa.text("chunk_words match :match").bindparams(match=match))
            .order_by(score.desc(), chunks.c.id)
        )
        return [(row.id, row.score) for row in self._db.execute(_narrowed(select, chunks, query).limit(limit))]

    def frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """In how many chunks each stem stands."""
        sql = sa.text("select term, doc from chunk_vocabulary where term = :stem")
        found = (self._db.execute(sql, {"stem": stem}).first() for stem in stems)
        return {row.term: row.doc for row in found if row}

    def chunk_ids(self, places: Sequence[Place], query: Query) -> dict[Place, int]:
        """Ids of those places that stand in a current version and that the query's scopes, dates and sources admit."""
        key = sa.tuple_(chunks.c.article_id, chunks.c.version, chunks.c.position)
        wanted = [(place.article_id, place.version, place.position) for place in places]
        select = sa.select(chunks.c.id, chunks.c.article_id, chunks.c.version, chunks.c.position).where(key.in_(wanted))
        found = self._db.execute(_narrowed(select, chunks, query))
        return {Place(row.article_id, row.version, row.position): row.id for row in found}

    def admitted(self, query: Query, limit: int) -> list[int]:
        """Up to `limit` ids of the chunks that the query's scopes, dates and sources admit."""
        return list(self._db.scalars(_narrowed(sa.select(chunks.c.id), chunks, query).limit(limit)))

    def chunks(self, chunk_ids: Sequence[int]) -> dict[int, tuple[Chunk, Article]]:
        """The chunks with these ids, each with its article; an article is loaded once."""
        found = self._db.execute(sa.select(chunks).where(chunks.c.id.in_(chunk_ids))).all()
        wanted = {(row.article_id, row.version) for row in found}
        key = sa.tuple_(versions.c.article_id, versions.c.version)
        joined = sa.select(versions, articles.c.scope).join(articles, articles.c.id == versions.c.article_id)
        loaded = {
            (row.article_id, row.version): rows.article(row)
            for row in self._db.execute(joined.where(key.in_(list(wanted))))
        }
        return {row.id: (rows.chunk(row), loaded[row.article_id, row.version]) for row in found}

    def vectors(self, chunk_ids: Sequence[int]) -> dict[int, npt.NDArray[np.float32]]:
        """The stored vector of each chunk."""
        query = sa.select(vectors).where(vectors.c.chunk_id.in_(chunk_ids))
        return {row.chunk_id: np.frombuffer(row.vector, dtype=np.float32) for row in self._db.execute(query)}

    def chunks_of(self, article_ids: Sequence[str]) -> dict[int, Chunk]:
        """All chunks of these articles by their ids."""
        found = self._db.execute(sa.select(chunks).where(chunks.c.article_id.in_(article_ids)))
        return {row.id: rows.chunk(row) for row in found}

    def statements(
        self, query: Query, speakers: Sequence[str] | None = None, article_ids: Sequence[str] | None = None
    ) -> list[tuple[Statement, Article]]:
        """Statements that the query admits, each with its article: oldest article first, then in the text's order."""
        select = (
            sa.select(statement_rows, versions)
            .join(versions, sa.and_(*(statement_rows.c[n] == versions.c[n] for n in ("article_id", "version"))))
            .order_by(sa.nulls_first(statement_rows.c.day), versions.c.published, statement_rows.c.article_id)
            .order_by(statement_rows.c.context_start, statement_rows.c.id)
        )
        select = _narrowed(select, statement_rows, query)
        if speakers is not None:
            select = select.where(statement_rows.c.speaker.in_(speakers))
        if article_ids is not None:
            select = select.where(statement_rows.c.article_id.in_(article_ids))
        loaded: dict[str, Article] = {}
        out = []
        for row in self._db.execute(select):
            if row.article_id not in loaded:
                loaded[row.article_id] = rows.article(row)
            out.append((rows.statement(row), loaded[row.article_id]))
        return out

    def speakers(self, words: Iterable[str], scopes: Sequence[str]) -> dict[str, set[str]]:
        """Speakers who go by any of these words (lower case), each with the words that fit."""
        query = sa.select(names.c.speaker, names.c.word).distinct()
        out: dict[str, set[str]] = {}
        for row in self._db.execute(query.where(names.c.scope.in_(scopes), names.c.word.in_(list(words)))):
            out.setdefault(row.speaker, set()).add(row.word)
        return out

    def counts(self, scopes: Sequence[str]) -> dict[str, int]:
        """How many articles, chunks and statements these scopes hold."""
        tables = {"articles": articles, "chunks": chunks, "statements": statement_rows}
        return {
            name: self._db.scalar(sa.select(sa.func.count()).select_from(t).where(t.c.scope.in_(scopes))) or 0
            for name, t in tables.items()
        }

    def texts(self, after: int, limit: int) -> list[tuple[int, str, Chunk, str]]:
        """(id, scope, chunk, what is embedded of it) of the chunks with ids past `after`, in order."""
        body = sa.func.substr(versions.c.text, chunks.c.start + 1, chunks.c.end - chunks.c.start)
        query = (
            sa.select(chunks, body.label("body"))
            .join(versions, sa.and_(*(chunks.c[n] == versions.c[n] for n in ("article_id", "version"))))
            .where(chunks.c.id > after)
            .order_by(chunks.c.id)
            .limit(limit)
        )
        return [
            (row.id, row.scope, rows.chunk(row), rows.embedded(row.heading, row.body))
            for row in self._db.execute(query)
        ]

    def chunk_places(self) -> Iterator[tuple[Place, str, int]]:
        """Every chunk's place, scope and id."""
        query = sa.select(chunks.c.article_id, chunks.c.version, chunks.c.position, chunks.c.scope, chunks.c.id)
        for row in self._db.execute(query):
            yield Place(row.article_id, row.version, row.position), row.scope, row.id

    def pending(self) -> list[tuple[str, str, str, int]]:
        """(article id, version, scope, number of chunks) of the versions on their way in or out of the vector index."""
        return [tuple(row) for row in self._db.execute(sa.select(pending))]

    def fact(self, key: str) -> str | None:
        """A fact the library remembers about itself."""
        return self._db.scalar(sa.select(meta.c.value).where(meta.c.key == key))


class Writer(Reader):
    """Changes the catalog, in one transaction."""

    def remember(self, key: str, value: str) -> None:
        """Keep a fact about the library itself."""
        self._db.execute(sa.delete(meta).where(meta.c.key == key))
        self._db.execute(sa.insert(meta), [{"key": key, "value": value}])

    def expect(self, entries: Sequence[tuple[str, str, str, int]]) -> None:
        """Note that these versions' vectors are about to be written or taken away; see Reader.pending."""
        if entries:
            keys = ("article_id", "version", "scope", "chunks")
            insert = sa.insert(pending).prefix_with("or replace")
            self._db.execute(insert, [dict(zip(keys, entry, strict=True)) for entry in entries])

    def settle(self, entries: Iterable[tuple[str, str]]) -> None:
        """Note that the vector index is in order for these (article id, version)."""
        for article_id, version in entries:
            self._db.execute(sa.delete(pending).where(pending.c.article_id == article_id, pending.c.version == version))

    def put(
        self,
        article: Article,
        its_chunks: Sequence[Chunk],
        its_statements: Sequence[Statement],
        its_vectors: npt.NDArray[np.float32],
    ) -> None:
        """Make this the current version of the article: text, chunks, vectors, words, statements and names."""
        self._take_away(article.id)
        stored = datetime.now(UTC).isoformat()
        insert = sa.insert(versions).prefix_with("or replace")
        self._db.execute(insert, [rows.of_article(article) | {"stored": stored}])
        self._db.execute(
            sa.insert(articles).prefix_with("or replace"),
            [{"id": article.id, "scope": article.scope, "version": article.version, "added": stored}],
        )
        first = (self._db.scalar(sa.text("select max(seq) from sqlite_sequence where name = 'chunks'")) or 0) + 1
        ids = range(first, first + len(its_chunks))
        self._db.execute(
            sa.insert(chunks),
            [rows.of_chunk(chunk, article) | {"id": i} for i, chunk in zip(ids, its_chunks, strict=True)],
        )
        self._db.execute(
            sa.insert(vectors),
            [{"chunk_id": i, "vector": v.tobytes()} for i, v in zip(ids, its_vectors, strict=True)],
        )
        self._index(first, first + len(its_chunks))
        if its_statements:
            self._db.execute(sa.insert(statement_rows), [rows.of_statement(s, article) for s in its_statements])
        known_by = [
            {"scope": article.scope, "word": word, "speaker": speaker, "article_id": article.id}
            for word, speaker in rows.names_of(its_statements)
        ]
        if known_by:
            self._db.execute(sa.insert(names), known_by)

    def revector(self, replaced: Iterable[tuple[int, npt.NDArray[np.float32]]]) -> None:
        """Give chunks new vectors."""
        self._db.execute(
            sa.insert(vectors).prefix_with("or replace"),
            [{"chunk_id": chunk_id, "vector": vector.tobytes()} for chunk_id, vector in replaced],
        )

    def remove(self, article_id: str) -> None:
        """Forget an article with all its versions."""
        self._take_away(article_id)
        self._db.execute(sa.delete(versions).where(versions.c.article_id == article_id))
        self._db.execute(sa.delete(articles).where(articles.c.id == article_id))

    def _index(self, first: int, end: int) -> None:
        self._db.exec_driver_sql(
            "insert into chunk_words (rowid, heading, body) "
            "select id, heading, body from chunk_text where id >= ? and id < ?",
            (first, end),
        )

    def _take_away(self, article_id: str) -> None:
        """Take the current version of an article out of everything but its history."""
        ids = list(self._db.scalars(sa.select(chunks.c.id).where(chunks.c.article_id == article_id)))
        if ids:
            # First, while the view still gives the words that the index has to forget.
            self._db.execute(sa.text("delete from chunk_words where rowid = :id"), [{"id": i} for i in ids])
            self._db.execute(sa.delete(vectors).where(vectors.c.chunk_id.in_(ids)))
            self._db.execute(sa.delete(chunks).where(chunks.c.article_id == article_id))
        for table in (statement_rows, names):
            self._db.execute(sa.delete(table).where(table.c.article_id == article_id))


class Catalog:
    """The catalog in one SQLite file, made when it is not there."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises LibraryError for a file of a later release or one that is no catalog."""
        self._engine = open_engine(path)
        try:
            with self._engine.execution_options(write=True).begin() as db:
                schema = db.exec_driver_sql("pragma user_version").scalar() or 0
                if schema > SCHEMA:
                    raise LibraryError(f"{path} was written by a later release of onrecord: upgrade to use it")
                if schema == 0:
                    create(db)
        except sa.exc.DatabaseError as error:
            self._engine.dispose()
            raise LibraryError(
                f"{path} cannot be used as a catalog ({error.orig}): restore it or move it away"
            ) from error

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """One state of the catalog, for as many queries as needed."""
        with self._engine.begin() as db:
            yield Reader(db)

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """One change, whole or not at all."""
        with self._engine.execution_options(write=True).begin() as db:
            yield Writer(db)

    def close(self) -> None:
        """Release the file."""
        self._engine.dispose()


def _current(scopes: Sequence[str]) -> sa.Select[tuple[object, ...]]:
    both = sa.and_(articles.c.id == versions.c.article_id, articles.c.version == versions.c.version)
    return sa.select(versions, articles.c.scope).join(articles, both).where(articles.c.scope.in_(scopes))


def _narrowed(select: sa.Select[tuple[object, ...]], table: sa.Table, query: Query) -> sa.Select[tuple[object, ...]]:
    """Only rows that the query's scopes, dates and sources admit. An undated article is outside every span of dates."""
    select = select.where(table.c.scope.in_(query.scopes))
    if query.since:
        select = select.where(table.c.day >= query.since.isoformat())
    if query.until:
        select = select.where(table.c.day <= query.until.isoformat())
    if query.sources:
        select = select.where(sa.func.lower(table.c.source).in_([s.lower() for s in query.sources]))
    return select

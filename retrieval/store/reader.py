"""The catalog's reader: queries over chunks, vectors, statements, segments and the library's own facts.

A reader sees one state of the catalog from its first query to its last, limited to its scopes. Readers are opened by
the library.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from retrieval.models.sentence_vectors import unpack
from retrieval.store import rows
from retrieval.store.articles import MAX_BOUND_VALUES
from retrieval.store.statement_rows import HAS_SPEAKER, IS_SAID, StatementReader
from retrieval.store.tables import (
    COUNTED_TABLES,
    chunk_words,
    chunks,
    meta,
    segments,
    sentence_vectors,
    sizes,
    unindexed_scope,
    vectors,
    versions,
)
from retrieval.store.tables import statements as statement_rows
from retrieval.types import Article, Chunk, Query, Statement
from retrieval.util import parts

_HEADING_WEIGHT = 2.0
"""BM25 weight of a word in the heading (title, source, date), relative to a word in the text."""

EMBEDDING_FACT = "embedding"
"""Key of the fact that names the embedding whose vectors are searched."""

LINEAGE_FACT = "lineage"
"""Key of the fact that identifies one history of the catalog: after a restore, chunk ids may stand for other chunks."""

_SCORE: sa.Label[float] = sa.literal_column(f"-bm25(chunk_words, {_HEADING_WEIGHT}, 1.0)").label("score")

# Run several times for each question, hence written as SQL: building them takes SQLAlchemy longer than running them.
_SIZES = sa.text("""
    select coalesce(sum(articles), 0), coalesce(sum(chunks), 0), coalesce(sum(statements), 0) from sizes
    where scope in (select value from json_each(:scopes))""")
_MODEL = sa.text(f"""
    select coalesce((select id from models where models.name = embedding.value), 0) as number,
    embedding.value as name, lineage.value as lineage from meta as embedding, meta as lineage
    where embedding.key = '{EMBEDDING_FACT}' and lineage.key = '{LINEAGE_FACT}'""")  # noqa: S608 - of our own names alone

_FIRST_SOURCE = sa.text("select min(lower(source)) from chunks where scope = :scope and lower(source) >= :least")

_vocabulary = sa.table("chunk_vocabulary", sa.column("term", sa.String), sa.column("doc", sa.Integer))


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment of the vector index: the folder that holds the chunks of a scope with ids from `first` to `last`."""

    folder: str
    scope: str
    model: int
    first: int
    last: int
    rows: int
    damaged: bool = False


class CatalogReader(StatementReader):
    """All queries on one state of the catalog, limited to the scopes that the reader was opened for."""

    def lexical_hits(self, match: str, query: Query, limit: int) -> list[tuple[int, float]]:
        """(chunk id, BM25 score, higher is better) of the chunks that match an FTS5 expression, best first."""
        select = (
            sa.select(chunks.c.id, _SCORE)
            .select_from(chunk_words)
            .join(chunks, chunk_words.c.rowid == chunks.c.id)
            .where(sa.text("chunk_words match :match").bindparams(match=match))
            .order_by(_SCORE.desc(), chunks.c.id)
        )
        return [
            (row.id, row.score) for row in self._db.execute(self._filter_by_query(select, chunks, query).limit(limit))
        ]

    def lexical_hits_anywhere(self, match: str, limit: int) -> list[tuple[int, float]]:
        """The same over all scopes, in half the time; results must be filtered by `filter_chunks` before use."""
        select = sa.select(chunk_words.c.rowid, _SCORE).where(
            sa.text("chunk_words match :match").bindparams(match=match)
        )
        select = select.order_by(_SCORE.desc(), chunk_words.c.rowid).limit(limit)
        return [(row.rowid, row.score) for row in self._db.execute(select)]

    def chunk_frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """The number of chunks, over all scopes, that contain each stem; it only weighs words and is never shown."""
        select = sa.select(_vocabulary).where(_vocabulary.c.term.in_(list(stems)))
        return {row.term: row.doc for row in self._db.execute(select)}

    def filter_chunks(self, chunk_ids: Sequence[int], query: Query) -> set[int]:
        """Those of these chunks that are current and match the query's scopes, dates and sources."""
        select = sa.select(chunks.c.id).where(chunks.c.id.in_(chunk_ids))
        return set(self._db.scalars(self._filter_by_query(select, chunks, query, sought=True)))

    def select_chunks(self, query: Query, limit: int) -> list[int]:
        """The ids of up to `limit` chunks that match the query's scopes, dates and sources."""
        return list(self._db.scalars(self._filter_by_query(sa.select(chunks.c.id), chunks, query).limit(limit)))

    def sources_from(self, beginning: str) -> list[str]:
        """The first sources from `beginning` on in alphabetical order, in lower case: up to two of each scope."""
        out: set[str | None] = set()
        for scope in self.scopes:
            out.add(first := self._db.scalar(_FIRST_SOURCE, {"scope": scope, "least": beginning}))
            if first is not None and first.startswith(beginning):
                out.add(self._db.scalar(_FIRST_SOURCE, {"scope": scope, "least": f"{first} "}))
        return sorted(source for source in out if source is not None)

    def chunks(self, chunk_ids: Sequence[int]) -> dict[int, tuple[Chunk, Article]]:
        """The chunks with these ids, each with its article; each article is loaded once."""
        select = sa.select(chunks).where(chunks.c.id.in_(chunk_ids), chunks.c.scope.in_(self.scopes))
        chunk_rows = self._db.execute(select).all()
        loaded = self.articles_by_id(list({row.article_id for row in chunk_rows}))
        return {row.id: (rows.to_chunk(row), loaded[row.article_id]) for row in chunk_rows}

    def statements(
        self,
        query: Query,
        speakers: Sequence[str] | None = None,
        article_ids: Sequence[str] | None = None,
        thoughts: bool = False,
    ) -> list[tuple[Statement, Article]]:
        """The statements that match the query, each with its article: oldest first, then in the order of the text.

        Statements without a speaker are left out; `thoughts`: include what somebody only hoped or believed.
        """
        select = (
            sa.select(statement_rows, versions)
            .join(versions, sa.and_(*(statement_rows.c[n] == versions.c[n] for n in ("article_id", "version"))))
            .order_by(sa.nulls_first(statement_rows.c.day), versions.c.published, statement_rows.c.article_id)
            .order_by(statement_rows.c.context_start, statement_rows.c.id)
        )
        select = self._filter_by_query(select, statement_rows, query, sought=article_ids is not None)
        select = select.where(HAS_SPEAKER if thoughts else IS_SAID)
        if speakers is not None:
            select = select.where(statement_rows.c.speaker.in_(speakers))
        if article_ids is not None:
            select = select.where(statement_rows.c.article_id.in_(article_ids))
        loaded: dict[str, Article] = {}
        out = []
        for row in self._db.execute(select):
            if row.article_id not in loaded:
                loaded[row.article_id] = rows.to_article(row)
            out.append((rows.to_statement(row), loaded[row.article_id]))
        return out

    def filter_speakers(self, names: Iterable[str], query: Query) -> set[str]:
        """Those of these speakers who have a statement that matches the query."""
        said = self._filter_by_query(sa.select(statement_rows.c.speaker).distinct(), statement_rows, query)
        return set(self._db.scalars(said.where(IS_SAID, statement_rows.c.speaker.in_(list(names)))))

    def counts(self) -> dict[str, int]:
        """The number of articles, chunks and statements in these scopes."""
        row = self._db.execute(_SIZES, {"scopes": json.dumps(list(self.scopes))}).one()
        return dict(zip(COUNTED_TABLES, row, strict=True))

    def model(self) -> tuple[int, str, str]:
        """(number, name, lineage): the embedding whose vectors are searched, and the catalog's lineage."""
        row = self._db.execute(_MODEL).one()
        return row.number, row.name, row.lineage

    def segments(self, scope: str, model: int) -> list[SegmentRow]:
        """The segments of a scope's vector index, in the order of their chunk ids."""
        query = sa.select(segments).where(segments.c.scope == scope, segments.c.model == model)
        return [SegmentRow(**row._mapping) for row in self._db.execute(query.order_by(segments.c.first))]

    def fact(self, key: str) -> str | None:
        """A fact that the library stores about itself, by its key; None if it is not set."""
        return self._db.scalar(sa.select(meta.c.value).where(meta.c.key == key))

    def all_scopes(self) -> list[str]:
        """Every scope that holds something, for the maintenance of the index."""
        return list(self._db.scalars(sa.select(sizes.c.scope).order_by(sizes.c.scope)))

    def segment_folders(self) -> set[str]:
        """The folders of all segments, for the maintenance of the index."""
        return set(self._db.scalars(sa.select(segments.c.folder)))

    def vector_extent(self, scope: str, model: int, first: int, last: int | None) -> tuple[int, int]:
        """(number, highest id) of a scope's chunks with a vector and an id from `first` to `last` (None: no limit)."""
        both = sa.and_(vectors.c.chunk_id == chunks.c.id, vectors.c.model == model)
        query = sa.select(sa.func.count(), sa.func.max(chunks.c.id)).join(vectors, both)
        query = query.where(chunks.c.scope == scope, chunks.c.id >= first)
        if last is not None:
            query = query.where(chunks.c.id <= last)
        count, highest = self._db.execute(query).one()
        return count, highest or 0

    def chunks_without_vector(self, model: int, after: int, limit: int) -> list[tuple[int, str, str]]:
        """(id, heading, text) of chunks of any scope with ids above `after` and no vector of a model, in order."""
        body = sa.func.substr(versions.c.text, chunks.c.start + 1, chunks.c.end - chunks.c.start)
        query = (
            sa.select(chunks.c.id, chunks.c.heading, body.label("body"))
            .join(versions, sa.and_(*(chunks.c[n] == versions.c[n] for n in ("article_id", "version"))))
            .outerjoin(vectors, sa.and_(vectors.c.chunk_id == chunks.c.id, vectors.c.model == model))
            .where(chunks.c.id > after, vectors.c.chunk_id.is_(None))
            .order_by(chunks.c.id)
            .limit(limit)
        )
        return [(row.id, row.heading, row.body) for row in self._db.execute(query)]

    def embedding_progress(self, model: int) -> tuple[int, int]:
        """(number of chunks with a vector of a model, number of all chunks), over all scopes."""
        done = sa.select(sa.func.count()).select_from(vectors).where(vectors.c.model == model)
        total = sa.select(sa.func.coalesce(sa.func.sum(sizes.c.chunks), 0))
        return self._db.scalar(done) or 0, self._db.scalar(total) or 0

    def stored_chunk_ids(self, chunk_ids: Sequence[int]) -> set[int]:
        """Those of these chunks, of any scope, that are still stored."""
        select = sa.select(chunks.c.id)
        return {
            chunk_id
            for part in parts(chunk_ids, MAX_BOUND_VALUES)
            for chunk_id in self._db.scalars(select.where(chunks.c.id.in_(part)))
        }

    def chunk_state(self, scope: str) -> tuple[int, int]:
        """(newest chunk id of any scope, number of the scope's chunks): equal only if the scope has the same chunks.

        Ids are never reused, so if two states have the same newest id nothing was added in between, and if they have
        the same number of chunks as well nothing was removed.
        """
        newest = self._db.scalar(sa.text("select seq from sqlite_sequence where name = 'chunks'"))
        return newest or 0, self._db.scalar(sa.select(sizes.c.chunks).where(sizes.c.scope == scope)) or 0

    def chunks_from(self, scope: str, first: int) -> npt.NDArray[np.int64]:
        """The ids of a scope's chunks from `first` on, in order."""
        query = sa.select(chunks.c.id).where(chunks.c.scope == scope, chunks.c.id >= first).order_by(chunks.c.id)
        return np.fromiter(self._db.scalars(query), np.int64)

    def vectors_between(
        self, scope: str, model: int, first: int, last: int | None, limit: int = -1
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """(ids, vectors) of up to `limit` chunks of a scope with ids from `first` to `last` (None: no end), sorted."""
        query = (
            sa.select(chunks.c.id, vectors.c.vector)
            .join(vectors, sa.and_(vectors.c.chunk_id == chunks.c.id, vectors.c.model == model))
            .where(chunks.c.scope == scope, chunks.c.id >= first)
            .order_by(chunks.c.id)
        )
        if last is not None:
            query = query.where(chunks.c.id <= last)
        return _to_arrays(self._db.execute(query.limit(limit)).all())

    def vectors_of(self, chunk_ids: Sequence[int], model: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """(ids, vectors) of those of these chunks that belong to the reader's scopes, in order."""
        query = (
            sa.select(chunks.c.id, vectors.c.vector)
            .join(vectors, sa.and_(vectors.c.chunk_id == chunks.c.id, vectors.c.model == model))
            .where(chunks.c.scope.in_(self.scopes))
            .order_by(chunks.c.id)
        )
        results = (self._db.execute(query.where(chunks.c.id.in_(part))) for part in parts(chunk_ids, MAX_BOUND_VALUES))
        return _to_arrays([row for result in results for row in result])

    def sentence_vectors(self, article_ids: Iterable[str]) -> dict[tuple[str, int], npt.NDArray[np.float32]]:
        """The vectors of the sentences of these articles that have one, by (article id, start of the sentence)."""
        both = sa.and_(sentence_vectors.c.chunk_id == chunks.c.id, sentence_vectors.c.model == self.model()[0])
        query = sa.select(chunks.c.article_id, chunks.c.start, sentence_vectors.c.starts, sentence_vectors.c.vectors)
        query = query.join(sentence_vectors, both).where(unindexed_scope(chunks).in_(self.scopes))
        out: dict[tuple[str, int], npt.NDArray[np.float32]] = {}
        query = query.where(chunks.c.article_id.in_(list(article_ids)))
        for article_id, chunk_start, starts, packed in self._db.execute(query):
            sentences = unpack(starts, packed)
            in_article = (sentences.starts + chunk_start).tolist()
            out |= {(article_id, start): vector for start, vector in zip(in_article, sentences.vectors, strict=True)}
        return out

    def _filter_by_query(
        self, select: sa.Select[tuple[object, ...]], table: sa.Table, query: Query, *, sought: bool = False
    ) -> sa.Select[tuple[object, ...]]:
        """Limit a query to the scopes, dates and sources asked for; an undated article is outside every range of dates.

        `sought`: the query already names the ids of rows or of their articles.
        """
        scope = unindexed_scope(table) if sought else table.c.scope
        select = select.where(scope.in_([name for name in query.scopes if name in self.scopes]))
        if query.since:
            select = select.where(table.c.day >= query.since.isoformat())
        if query.until:
            select = select.where(table.c.day <= query.until.isoformat())
        if query.sources:
            select = select.where(sa.func.lower(table.c.source).in_([s.lower() for s in query.sources]))
        return select


def _to_arrays(vector_rows: Sequence[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """(ids, vectors) of rows with an id and a vector."""
    ids = np.fromiter((row.id for row in vector_rows), np.int64, len(vector_rows))
    matrix = np.frombuffer(b"".join(row.vector for row in vector_rows), np.float32)
    return ids, matrix.reshape(len(vector_rows), -1) if len(vector_rows) else np.empty((0, 0), np.float32)

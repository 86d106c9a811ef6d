"""The catalog: what is stored, and the queries over it. The library is its only user.

A `Reader` sees one state of the catalog from its first query to its last, and in it nothing but its scopes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from retrieval.models.sentence_vectors import unpacked
from retrieval.store import rows
from retrieval.store.articles import MANY
from retrieval.store.statement_rows import CLAIMED, SAID, StatementReader
from retrieval.store.tables import (
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
"""BM25 weight of a word in the heading (title, source, date) against one in the text."""

EMBEDDING = "embedding"
"""The fact that names the embedding whose vectors are searched."""

LINEAGE = "lineage"
"""The fact that tells one history of the catalog from another: a restored catalog gives chunk ids anew."""

_SCORE: sa.Label[float] = sa.literal_column(f"-bm25(chunk_words, {_HEADING_WEIGHT}, 1.0)").label("score")
_COUNTED = ("articles", "chunks", "statements")

# Asked several times for each question, so that they are written out: to make them anew takes longer than to run them.
_SIZES = sa.text("""
    select coalesce(sum(articles), 0), coalesce(sum(chunks), 0), coalesce(sum(statements), 0) from sizes
    where scope in (select value from json_each(:scopes))""")
_MODEL = sa.text(f"""
    select coalesce((select id from models where models.name = embedding.value), 0) as number,
    embedding.value as name, lineage.value as lineage from meta as embedding, meta as lineage
    where embedding.key = '{EMBEDDING}' and lineage.key = '{LINEAGE}'""")  # noqa: S608 - of our own names alone

_FIRST_SOURCE = sa.text("select min(lower(source)) from chunks where scope = :scope and lower(source) >= :least")

_vocabulary = sa.table("chunk_vocabulary", sa.column("term", sa.String), sa.column("doc", sa.Integer))
_chunk_words = sa.table("chunk_words", sa.column("rowid", sa.Integer))


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A piece of the vector index: the folder that holds the chunks of a scope with ids `first` to `last`."""

    folder: str
    scope: str
    model: int
    first: int
    last: int
    rows: int
    damaged: bool = False


class Reader(StatementReader):
    """Reads one state of the catalog, in the scopes it was opened for."""

    def words(self, match: str, query: Query, limit: int) -> list[tuple[int, float]]:
        """(chunk id, BM25 score, higher is better) of the chunks that match an FTS5 expression, best first."""
        select = (
            sa.select(chunks.c.id, _SCORE)
            .select_from(_chunk_words)
            .join(chunks, _chunk_words.c.rowid == chunks.c.id)
            .where(sa.text("chunk_words match :match").bindparams(match=match))
            .order_by(_SCORE.desc(), chunks.c.id)
        )
        return [(row.id, row.score) for row in self._db.execute(self._narrowed(select, chunks, query).limit(limit))]

    def words_anywhere(self, match: str, limit: int) -> list[tuple[int, float]]:
        """The same over every scope, in half the time: `admitted` tells which of them may be used."""
        select = sa.select(_chunk_words.c.rowid, _SCORE).where(
            sa.text("chunk_words match :match").bindparams(match=match)
        )
        select = select.order_by(_SCORE.desc(), _chunk_words.c.rowid).limit(limit)
        return [(row.rowid, row.score) for row in self._db.execute(select)]

    def frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """In how many chunks each stem stands, over all scopes: a figure that ranks words and is never shown."""
        select = sa.select(_vocabulary).where(_vocabulary.c.term.in_(list(stems)))
        return {row.term: row.doc for row in self._db.execute(select)}

    def admitted(self, chunk_ids: Sequence[int], query: Query) -> set[int]:
        """Those of the chunks that belong to a current version and that the query's dates and sources admit."""
        select = sa.select(chunks.c.id).where(chunks.c.id.in_(chunk_ids))
        return set(self._db.scalars(self._narrowed(select, chunks, query, sought=True)))

    def selected(self, query: Query, limit: int) -> list[int]:
        """Up to `limit` ids of the chunks that the query's dates and sources admit."""
        return list(self._db.scalars(self._narrowed(sa.select(chunks.c.id), chunks, query).limit(limit)))

    def sources_from(self, beginning: str) -> list[str]:
        """The first sources, in lower case, from `beginning` on in the alphabet: up to two of each scope."""
        out: set[str | None] = set()
        for scope in self.scopes:
            out.add(first := self._db.scalar(_FIRST_SOURCE, {"scope": scope, "least": beginning}))
            if first is not None and first.startswith(beginning):
                out.add(self._db.scalar(_FIRST_SOURCE, {"scope": scope, "least": f"{first} "}))
        return sorted(one for one in out if one is not None)

    def chunks(self, chunk_ids: Sequence[int]) -> dict[int, tuple[Chunk, Article]]:
        """The chunks with these ids, each with its article; an article is loaded once."""
        select = sa.select(chunks).where(chunks.c.id.in_(chunk_ids), chunks.c.scope.in_(self.scopes))
        found = self._db.execute(select).all()
        loaded = self.articles_called(list({row.article_id for row in found}))
        return {row.id: (rows.chunk(row), loaded[row.article_id]) for row in found}

    def statements(
        self,
        query: Query,
        speakers: Sequence[str] | None = None,
        article_ids: Sequence[str] | None = None,
        thoughts: bool = False,
    ) -> list[tuple[Statement, Article]]:
        """What somebody said that the query admits, each with its article: oldest first, then in the text's order.

        What nobody is claimed to have said is left out; `thoughts`: what somebody only hoped or believed is not.
        """
        select = (
            sa.select(statement_rows, versions)
            .join(versions, sa.and_(*(statement_rows.c[n] == versions.c[n] for n in ("article_id", "version"))))
            .order_by(sa.nulls_first(statement_rows.c.day), versions.c.published, statement_rows.c.article_id)
            .order_by(statement_rows.c.context_start, statement_rows.c.id)
        )
        select = self._narrowed(select, statement_rows, query, sought=article_ids is not None)
        select = select.where(CLAIMED if thoughts else SAID)
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

    def speaking(self, names: Iterable[str], query: Query) -> set[str]:
        """Those of these names under which something is said that the query admits."""
        said = self._narrowed(sa.select(statement_rows.c.speaker).distinct(), statement_rows, query)
        return set(self._db.scalars(said.where(SAID, statement_rows.c.speaker.in_(list(names)))))

    def counts(self) -> dict[str, int]:
        """How many articles, chunks and statements these scopes hold."""
        row = self._db.execute(_SIZES, {"scopes": json.dumps(list(self.scopes))}).one()
        return dict(zip(_COUNTED, row, strict=True))

    def model(self) -> tuple[int, str, str]:
        """(number, name) of the embedding whose vectors are searched, and the catalog's lineage."""
        row = self._db.execute(_MODEL).one()
        return row.number, row.name, row.lineage

    def segments(self, scope: str, model: int) -> list[SegmentRow]:
        """The pieces of a scope's vector index, in the order of their chunks."""
        query = sa.select(segments).where(segments.c.scope == scope, segments.c.model == model)
        return [SegmentRow(**row._mapping) for row in self._db.execute(query.order_by(segments.c.first))]

    def fact(self, key: str) -> str | None:
        """A fact the library remembers about itself."""
        return self._db.scalar(sa.select(meta.c.value).where(meta.c.key == key))

    def all_scopes(self) -> list[str]:
        """Every scope there is, for the upkeep of the index."""
        return list(self._db.scalars(sa.select(sizes.c.scope).order_by(sizes.c.scope)))

    def folders(self) -> set[str]:
        """The folders of all segments, for the upkeep of the index."""
        return set(self._db.scalars(sa.select(segments.c.folder)))

    def extent(self, scope: str, model: int, first: int, last: int | None) -> tuple[int, int]:
        """(how many chunks of a scope have a vector and an id from `first` to `last`, the highest of these ids)."""
        both = sa.and_(vectors.c.chunk_id == chunks.c.id, vectors.c.model == model)
        query = sa.select(sa.func.count(), sa.func.max(chunks.c.id)).join(vectors, both)
        query = query.where(chunks.c.scope == scope, chunks.c.id >= first)
        if last is not None:
            query = query.where(chunks.c.id <= last)
        count, highest = self._db.execute(query).one()
        return count, highest or 0

    def unembedded(self, model: int, after: int, limit: int) -> list[tuple[int, str, str]]:
        """(id, heading, text) of chunks of any scope past `after` that have no vector in a model, in order."""
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

    def embedded(self, model: int) -> tuple[int, int]:
        """(chunks with a vector in a model, all chunks), over all scopes."""
        done = sa.select(sa.func.count()).select_from(vectors).where(vectors.c.model == model)
        total = sa.select(sa.func.coalesce(sa.func.sum(sizes.c.chunks), 0))
        return self._db.scalar(done) or 0, self._db.scalar(total) or 0

    def still_there(self, chunk_ids: Sequence[int]) -> set[int]:
        """Those of these chunks, of any scope, that are still stored."""
        select = sa.select(chunks.c.id)
        return {one for part in parts(chunk_ids, MANY) for one in self._db.scalars(select.where(chunks.c.id.in_(part)))}

    def state(self, scope: str) -> tuple[int, int]:
        """(the newest chunk id ever given, how many chunks the scope has): the same for the same chunks alone.

        Ids are never given twice, so between two states with one newest id nothing came in, and with one number of
        chunks nothing went either.
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
        """(ids, vectors) of a scope's chunks with ids from `first` to `last` (None: to the newest), in order."""
        query = (
            sa.select(chunks.c.id, vectors.c.vector)
            .join(vectors, sa.and_(vectors.c.chunk_id == chunks.c.id, vectors.c.model == model))
            .where(chunks.c.scope == scope, chunks.c.id >= first)
            .order_by(chunks.c.id)
        )
        if last is not None:
            query = query.where(chunks.c.id <= last)
        return _unpacked(self._db.execute(query.limit(limit)).all())

    def vectors_of(self, chunk_ids: Sequence[int], model: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """(ids, vectors) of those of these chunks that these scopes hold."""
        query = (
            sa.select(chunks.c.id, vectors.c.vector)
            .join(vectors, sa.and_(vectors.c.chunk_id == chunks.c.id, vectors.c.model == model))
            .where(chunks.c.scope.in_(self.scopes))
            .order_by(chunks.c.id)
        )
        found = (self._db.execute(query.where(chunks.c.id.in_(part))) for part in parts(chunk_ids, MANY))
        return _unpacked([row for part in found for row in part])

    def sentence_vectors(self, article_ids: Iterable[str]) -> dict[tuple[str, int], npt.NDArray[np.float32]]:
        """The vectors of sentences of articles, as far as there are any, by article and where the sentence begins."""
        both = sa.and_(sentence_vectors.c.chunk_id == chunks.c.id, sentence_vectors.c.model == self.model()[0])
        query = sa.select(chunks.c.article_id, chunks.c.start, sentence_vectors.c.starts, sentence_vectors.c.vectors)
        query = query.join(sentence_vectors, both).where(unindexed_scope(chunks).in_(self.scopes))
        out: dict[tuple[str, int], npt.NDArray[np.float32]] = {}
        for article, start, starts, packed in self._db.execute(query.where(chunks.c.article_id.in_(list(article_ids)))):
            lines = unpacked(starts, packed)
            at = (lines.starts + start).tolist()
            out |= {(article, first): vector for first, vector in zip(at, lines.vectors, strict=True)}
        return out

    def _narrowed(
        self, select: sa.Select[tuple[object, ...]], table: sa.Table, query: Query, *, sought: bool = False
    ) -> sa.Select[tuple[object, ...]]:
        """Only rows of the scopes, dates and sources asked for. An undated article is outside every span of dates.

        `sought`: ids of rows or of their articles are given.
        """
        scope = unindexed_scope(table) if sought else table.c.scope
        select = select.where(scope.in_([one for one in query.scopes if one in self.scopes]))
        if query.since:
            select = select.where(table.c.day >= query.since.isoformat())
        if query.until:
            select = select.where(table.c.day <= query.until.isoformat())
        if query.sources:
            select = select.where(sa.func.lower(table.c.source).in_([s.lower() for s in query.sources]))
        return select


def _unpacked(found: Sequence[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    ids = np.fromiter((row.id for row in found), np.int64, len(found))
    matrix = np.frombuffer(b"".join(row.vector for row in found), np.float32)
    return ids, matrix.reshape(len(found), -1) if len(found) else np.empty((0, 0), np.float32)

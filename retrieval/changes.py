"""Changes to the catalog: a `Writer` changes it whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from retrieval import rows
from retrieval.catalog import EMBEDDING, LINEAGE, Reader, SegmentRow
from retrieval.reply_tables import replies, votes
from retrieval.tables import (
    articles,
    bands,
    chunks,
    identities,
    likenesses,
    meta,
    metadata,
    models,
    names,
    origins,
    segments,
    sizes,
    vectors,
    versions,
)
from retrieval.tables import statements as statement_rows
from retrieval.types import Article, Chunk, Statement

_OF_READING = (statement_rows, names)
"""Tables with what was found in an article's current version, besides its chunks and their vectors."""

_OF_CURRENT = (*_OF_READING, bands, likenesses)
"""Tables with rows for an article's current version alone, besides the same."""


class Writer(Reader):
    """Changes the catalog, in one transaction."""

    def remember(self, key: str, value: str) -> None:
        """Keep a fact about the library itself."""
        self._db.execute(sa.insert(meta).prefix_with("or replace"), [{"key": key, "value": value}])

    def begin_lineage(self) -> None:
        """Tell every process that what it remembers of chunk ids is void."""
        self.remember(LINEAGE, secrets.token_hex(8))

    def model_called(self, name: str) -> int:
        """The number of an embedding, given on first use."""
        known = self._db.scalar(sa.select(models.c.id).where(models.c.name == name))
        return known or self._db.execute(sa.insert(models), [{"name": name}]).lastrowid

    def put(
        self,
        article: Article,
        its_chunks: Sequence[Chunk],
        its_statements: Sequence[Statement],
        its_vectors: npt.NDArray[np.float32],
    ) -> None:
        """Make this the current version of the article: text, chunks, vectors, words, statements and names."""
        self._take_away(article.id, _OF_CURRENT)
        self._put_text(article)
        self._put_read(article, its_chunks, its_statements, its_vectors)

    def put_again(
        self,
        article: Article,
        its_chunks: Sequence[Chunk],
        its_statements: Sequence[Statement],
        its_vectors: npt.NDArray[np.float32],
    ) -> None:
        """Give the current version of an article these chunks, vectors, words, statements and names for its own."""
        self._take_away(article.id, _OF_READING)
        self._put_read(article, its_chunks, its_statements, its_vectors)

    def _put_read(
        self,
        article: Article,
        its_chunks: Sequence[Chunk],
        its_statements: Sequence[Statement],
        its_vectors: npt.NDArray[np.float32],
    ) -> None:
        self.put_chunks(article, its_chunks, its_vectors)
        if its_statements:
            self._db.execute(sa.insert(statement_rows), [rows.of_statement(s, article) for s in its_statements])
        known_by = [
            {"scope": article.scope, "word": word, "speaker": speaker, "article_id": article.id}
            for word, speaker in rows.names_of(its_statements)
        ]
        if known_by:
            self._db.execute(sa.insert(names), known_by)

    def put_chunks(self, article: Article, its_chunks: Sequence[Chunk], its_vectors: npt.NDArray[np.float32]) -> None:
        """Give an article that has no chunks these, with their words and one vector each."""
        model = self.model_called(self.fact(EMBEDDING) or "")
        first = (self._db.scalar(sa.text("select seq from sqlite_sequence where name = 'chunks'")) or 0) + 1
        ids = range(first, first + len(its_chunks))
        self._db.execute(
            sa.insert(chunks),
            [rows.of_chunk(chunk, article) | {"id": i} for i, chunk in zip(ids, its_chunks, strict=True)],
        )
        self.put_vectors(model, zip(ids, its_vectors, strict=True))
        self._db.exec_driver_sql(
            "insert into chunk_words (rowid, heading, body) "
            "select id, heading, body from chunk_text where id >= ? and id < ?",
            (first, first + len(its_chunks)),
        )

    def put_vectors(self, model: int, of_chunks: Iterable[tuple[int, npt.NDArray[np.float32]]]) -> None:
        """Give chunks their vectors in an embedding."""
        rows = [{"chunk_id": chunk, "model": model, "vector": vector.tobytes()} for chunk, vector in of_chunks]
        if rows:
            self._db.execute(sa.insert(vectors).prefix_with("or replace"), rows)

    def put_likeness(self, article: Article, signature: bytes, keys: Iterable[int]) -> None:
        """Keep an article's signature with its bands, by which copies of it are found."""
        self._db.execute(sa.insert(likenesses), [{"article_id": article.id, "signature": signature}])
        marks = [{"scope": article.scope, "band": key, "article_id": article.id} for key in keys]
        self._db.execute(sa.insert(bands), marks)

    def put_origin(self, article: Article, origin: str) -> None:
        """Note where an article was found; what was found there before is no longer known by it."""
        row = {"scope": article.scope, "origin": origin, "article_id": article.id}
        self._db.execute(sa.insert(origins).prefix_with("or replace"), [row])

    def forget_origins(self, article_id: str) -> None:
        """Forget where an article was found."""
        self._db.execute(sa.delete(origins).where(origins.c.article_id == article_id))

    def remove(self, article_id: str) -> None:
        """Forget an article with all its versions, and the replies that cite it."""
        self._take_away(article_id, _OF_CURRENT)
        citing = sa.select(replies.c.key).where(
            sa.func.instr(sa.type_coerce(replies.c.body, sa.String), article_id) > 0
        )
        self._db.execute(sa.delete(votes).where(votes.c.reply.in_(citing)))
        self._db.execute(sa.delete(replies).where(replies.c.key.in_(citing)))
        self.forget_origins(article_id)
        self._db.execute(sa.delete(versions).where(versions.c.article_id == article_id))
        self._db.execute(sa.delete(articles).where(articles.c.id == article_id))

    def remove_scope(self, scope: str) -> None:
        """Forget everything of a scope, in every table that knows scopes."""
        for article_id in list(self._db.scalars(sa.select(articles.c.id).where(articles.c.scope == scope))):
            self.remove(article_id)
        for table in metadata.sorted_tables:
            if "scope" in table.c and table is not sizes:
                self._db.execute(sa.delete(table).where(table.c.scope == scope))
        # Last: the counting of what was deleted above has written to it.
        self._db.execute(sa.delete(sizes).where(sizes.c.scope == scope))
        # The index of words only notes what is gone, until its parts are merged.
        self._db.exec_driver_sql("insert into chunk_words (chunk_words) values ('optimize')")

    def identify(self, scope: str, given: Mapping[str, str]) -> None:
        """Say whom names stand for in a scope."""
        rows = [{"scope": scope, "name": name, "person": person} for name, person in given.items()]
        self._db.execute(sa.insert(identities).prefix_with("or replace"), rows)

    def put_segment(self, new: SegmentRow) -> None:
        """Let a segment take the place of those whose chunks it holds."""
        self.drop_segments(new.scope, new.model, new.first, new.last)
        self._db.execute(sa.insert(segments), [{name: getattr(new, name) for name in new.__slots__}])

    def drop_segments(self, scope: str, model: int, first: int, last: int) -> None:
        """Forget the segments of a scope that lie within these chunk ids."""
        of_scope = sa.and_(segments.c.scope == scope, segments.c.model == model)
        self._db.execute(sa.delete(segments).where(of_scope, segments.c.first >= first, segments.c.last <= last))

    def forget_segments(self) -> None:
        """Forget the whole vector index, so that it is built anew."""
        self._db.execute(sa.delete(segments))

    def forget_other_models(self, model: int) -> None:
        """Forget the vectors and segments of every embedding but one."""
        for table, column in ((vectors, vectors.c.model), (segments, segments.c.model), (models, models.c.id)):
            self._db.execute(sa.delete(table).where(column != model))

    def mark_damaged(self, folder: str) -> None:
        """Note that a segment is to be built anew."""
        self._db.execute(sa.update(segments).where(segments.c.folder == folder).values(damaged=True))

    def _put_text(self, article: Article) -> None:
        stored = datetime.now(UTC).isoformat()
        highest = sa.select(sa.func.max(versions.c.number)).where(versions.c.article_id == article.id)
        number = (self._db.scalar(highest) or 0) + 1
        # A text that comes back takes its new place in the history.
        insert = sa.insert(versions).prefix_with("or replace")
        self._db.execute(insert, [rows.of_article(article) | {"stored": stored, "number": number}])
        self._db.execute(
            sa.text(
                "insert into articles (id, scope, version, added) values (:id, :scope, :version, :added) "
                "on conflict (id) do update set version = excluded.version"
            ),
            [{"id": article.id, "scope": article.scope, "version": article.version, "added": stored}],
        )

    def _take_away(self, article_id: str, besides: Sequence[sa.Table]) -> None:
        """Take the current version of an article out of the chunks and these tables."""
        self.take_chunks(article_id)
        for table in besides:
            self._db.execute(sa.delete(table).where(table.c.article_id == article_id))

    def take_chunks(self, article_id: str) -> None:
        """Take away an article's chunks with their words and vectors."""
        ids = list(self._db.scalars(sa.select(chunks.c.id).where(chunks.c.article_id == article_id)))
        if ids:
            # First, while the view still gives the words that the index has to forget.
            self._db.execute(sa.text("delete from chunk_words where rowid = :id"), [{"id": i} for i in ids])
            self._db.execute(sa.delete(vectors).where(vectors.c.chunk_id.in_(ids)))
            self._db.execute(sa.delete(chunks).where(chunks.c.article_id == article_id))

"""The catalog's writer: all changes to what is stored of articles, in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from operator import itemgetter

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from retrieval.models.sentence_vectors import SentenceVectors
from retrieval.store import rows
from retrieval.store.articles import MAX_BOUND_VALUES
from retrieval.store.dedup import Entry
from retrieval.store.minhash import bands as bands_of
from retrieval.store.reader import EMBEDDING_FACT, LINEAGE_FACT, CatalogReader, SegmentRow
from retrieval.store.tables import (
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
    sentence_vectors,
    sizes,
    vectors,
    versions,
)
from retrieval.store.tables import statements as statement_rows
from retrieval.store.tables_replies import replies, votes
from retrieval.types import Article
from retrieval.util import parts

_OF_READING = (statement_rows, names)
"""Tables with what attribution found in an article's current version; chunks and their vectors are handled apart."""

_OF_CURRENT = (*_OF_READING, bands, likenesses)
"""All tables with rows for an article's current version only; chunks and their vectors are handled apart."""


_MAKE_CURRENT = sa.text("""
    insert into articles (id, scope, version, added, published, title, source)
    values (:article_id, :scope, :version, :added, :published, :title, :source)
    on conflict (id) do update set version = excluded.version, published = excluded.published, title = excluded.title,
    source = excluded.source""")


class CatalogWriter(CatalogReader):
    """Changes the catalog in one transaction: all changes are made together or not at all."""

    def remember(self, key: str, value: str) -> None:
        """Store a fact about the library itself."""
        self._db.execute(sa.insert(meta).prefix_with("or replace"), [{"key": key, "value": value}])

    def begin_lineage(self) -> None:
        """Start a new lineage, which tells every process to discard what it has cached by chunk ids."""
        self.remember(LINEAGE_FACT, secrets.token_hex(8))

    def model_number(self, name: str) -> int:
        """The number of an embedding, assigned on first use."""
        known = self._db.scalar(sa.select(models.c.id).where(models.c.name == name))
        return known or self._db.execute(sa.insert(models), [{"name": name}]).lastrowid

    def put_entries(self, entries: Sequence[Entry]) -> None:
        """Store these as the current versions of their articles: text, chunks, vectors, statements, names, signatures.

        No two entries may be of the same article.
        """
        ids = [entry.article.id for entry in entries]
        known = list(self._db.scalars(sa.select(articles.c.id).where(articles.c.id.in_(ids))))
        self._delete_current(known, _OF_CURRENT)
        self._put_texts([entry.article for entry in entries], known)
        self._put_chunks_and_statements(entries)
        self._put_signatures(entries)

    def replace_reading(self, entries: Sequence[Entry]) -> None:
        """Replace the chunks, vectors, words, statements and names of the current versions of these articles."""
        self._delete_current([entry.article.id for entry in entries], _OF_READING)
        self._put_chunks_and_statements(entries)

    def _put_chunks_and_statements(self, entries: Sequence[Entry]) -> None:
        self._put_chunks(entries)
        new = (rows.statement_row(statement, entry.article) for entry in entries for statement in entry.statements)
        self._insert(statement_rows, new)
        new_names = (
            {"scope": entry.article.scope, "word": word, "speaker": speaker, "article_id": entry.article.id}
            for entry in entries
            for word, speaker in rows.speaker_words(entry.statements)
        )
        self._insert(names, new_names)

    def _put_chunks(self, entries: Sequence[Entry]) -> None:
        """Store the chunks of articles that have none, with their words, vectors and sentence vectors."""
        model = self.model_number(self.fact(EMBEDDING_FACT) or "")
        first = (self._db.scalar(sa.text("select seq from sqlite_sequence where name = 'chunks'")) or 0) + 1
        new = [
            (rows.chunk_row(chunk, entry.article), vector)
            for entry in entries
            for chunk, vector in zip(entry.chunks, entry.vectors, strict=True)
        ]
        self._insert(chunks, (row | {"id": chunk_id} for chunk_id, (row, _) in enumerate(new, first)))
        self.put_vectors(model, ((chunk_id, vector) for chunk_id, (_, vector) in enumerate(new, first)))
        sentences = chain.from_iterable(entry.sentences or (None,) * len(entry.chunks) for entry in entries)
        self.put_sentence_vectors(model, ((chunk_id, some) for chunk_id, some in enumerate(sentences, first) if some))
        self._db.exec_driver_sql(
            "insert into chunk_words (rowid, heading, body) "
            "select id, heading, body from chunk_text where id >= ? and id < ?",
            (first, first + len(new)),
        )

    def put_vectors(self, model: int, of_chunks: Iterable[tuple[int, npt.NDArray[np.float32]]]) -> None:
        """Store the vectors of chunks in an embedding."""
        new = ({"chunk_id": chunk_id, "model": model, "vector": vector.tobytes()} for chunk_id, vector in of_chunks)
        self._insert(vectors, new, replace=True)

    def put_sentence_vectors(self, model: int, of_chunks: Iterable[tuple[int, SentenceVectors]]) -> None:
        """Store the vectors of the sentences of chunks in an embedding."""
        packed = ((chunk_id, *sentences.pack()) for chunk_id, sentences in of_chunks)
        new = (
            {"chunk_id": chunk_id, "model": model, "starts": starts, "vectors": sentences}
            for chunk_id, starts, sentences in packed
        )
        self._insert(sentence_vectors, new, replace=True)

    def _put_signatures(self, entries: Sequence[Entry]) -> None:
        """Store the MinHash signatures of articles and their bands, by which copies are found."""
        self._insert(
            likenesses, ({"article_id": entry.article.id, "signature": entry.text_signature} for entry in entries)
        )
        new = (
            {"scope": entry.article.scope, "band": band, "article_id": entry.article.id}
            for entry in entries
            for band in bands_of(entry.text_signature)
        )
        self._insert(bands, new)

    def put_origins(self, origins_of: Iterable[tuple[Article, str]]) -> None:
        """Store where articles were found, replacing the articles found there before."""
        new = ({"scope": article.scope, "origin": origin, "article_id": article.id} for article, origin in origins_of)
        self._insert(origins, new, replace=True)

    def forget_origins(self, article_ids: Sequence[str]) -> None:
        """Delete the origins of articles."""
        self._db.execute(sa.delete(origins).where(origins.c.article_id.in_(article_ids)))

    def remove(self, article_id: str) -> None:
        """Delete an article with all its versions, and the replies that cite it."""
        self._delete_current([article_id], _OF_CURRENT)
        citing = sa.select(replies.c.key).where(
            sa.func.instr(sa.type_coerce(replies.c.body, sa.String), article_id) > 0
        )
        self._db.execute(sa.delete(votes).where(votes.c.reply.in_(citing)))
        self._db.execute(sa.delete(replies).where(replies.c.key.in_(citing)))
        self.forget_origins([article_id])
        self._db.execute(sa.delete(versions).where(versions.c.article_id == article_id))
        self._db.execute(sa.delete(articles).where(articles.c.id == article_id))

    def remove_scope(self, scope: str) -> None:
        """Delete everything of a scope, in every table that has scopes."""
        for article_id in list(self._db.scalars(sa.select(articles.c.id).where(articles.c.scope == scope))):
            self.remove(article_id)
        for table in metadata.sorted_tables:
            if "scope" in table.c and table is not sizes:
                self._db.execute(sa.delete(table).where(table.c.scope == scope))
        # Last, because the triggers on the tables above write to it.
        self._db.execute(sa.delete(sizes).where(sizes.c.scope == scope))
        # The lexical index only marks what was deleted, until its parts are merged.
        self._db.exec_driver_sql("insert into chunk_words (chunk_words) values ('optimize')")

    def put_identities(self, scope: str, person_by_name: Mapping[str, str]) -> None:
        """Set the person that each of these names stands for in a scope."""
        rows = [{"scope": scope, "name": name, "person": person} for name, person in person_by_name.items()]
        self._db.execute(sa.insert(identities).prefix_with("or replace"), rows)

    def put_segment(self, new: SegmentRow) -> None:
        """List a segment in place of those whose chunks it holds."""
        self.drop_segments(new.scope, new.model, new.first, new.last)
        self._db.execute(sa.insert(segments), [{name: getattr(new, name) for name in new.__slots__}])

    def drop_segments(self, scope: str, model: int, first: int, last: int) -> None:
        """Unlist the segments of a scope that lie within these chunk ids."""
        of_scope = sa.and_(segments.c.scope == scope, segments.c.model == model)
        self._db.execute(sa.delete(segments).where(of_scope, segments.c.first >= first, segments.c.last <= last))

    def forget_segments(self) -> None:
        """Unlist all segments, so that the vector index is rebuilt."""
        self._db.execute(sa.delete(segments))

    def forget_other_models(self, model: int) -> None:
        """Delete the vectors and segments of every embedding but one."""
        for table in (vectors, sentence_vectors, segments):
            self._db.execute(sa.delete(table).where(table.c.model != model))
        self._db.execute(sa.delete(models).where(models.c.id != model))

    def mark_damaged(self, folder: str) -> None:
        """Mark a segment as damaged, so that it is rebuilt."""
        self._db.execute(sa.update(segments).where(segments.c.folder == folder).values(damaged=True))

    def _put_texts(self, new: Sequence[Article], known: Sequence[str]) -> None:
        stored = datetime.now(UTC).isoformat()
        highest = sa.select(versions.c.article_id, sa.func.max(versions.c.number).label("number"))
        of_known = highest.where(versions.c.article_id.in_(known)).group_by(versions.c.article_id)
        numbers = {row.article_id: row.number for row in self._db.execute(of_known)} if known else {}
        texts = [
            rows.article_row(article) | {"stored": stored, "number": numbers.get(article.id, 0) + 1} for article in new
        ]
        # A text that was stored before and comes back gets a new place in the history.
        self._insert(versions, texts, replace=True)
        facts = ("article_id", "version", "published", "title", "source")
        current = [
            {name: text[name] for name in facts} | {"scope": article.scope, "added": stored}
            for article, text in zip(new, texts, strict=True)
        ]
        self._db.execute(_MAKE_CURRENT, current)

    def _delete_current(self, article_ids: Sequence[str], tables: Sequence[sa.Table]) -> None:
        """Delete the chunks, words and vectors of articles, and their rows in these tables."""
        if not article_ids:
            return
        ids = list(self._db.scalars(sa.select(chunks.c.id).where(chunks.c.article_id.in_(article_ids))))
        for part in parts(ids, MAX_BOUND_VALUES):
            # First, while the view still returns the words that are to be removed from the index.
            self._db.execute(sa.text("delete from chunk_words where rowid = :id"), [{"id": i} for i in part])
            for table in (vectors, sentence_vectors):
                self._db.execute(sa.delete(table).where(table.c.chunk_id.in_(part)))
        for table in (chunks, *tables):
            self._db.execute(sa.delete(table).where(table.c.article_id.in_(article_ids)))

    def _insert(self, table: sa.Table, new: Iterable[Mapping[str, object]], *, replace: bool = False) -> None:
        """Insert rows, if there are any; all must have the same columns."""
        new_rows = list(new)
        if not new_rows:
            return
        insert = sa.insert(table).prefix_with("or replace") if replace else sa.insert(table)
        if any(isinstance(table.c[name].type, sa.JSON) for name in new_rows[0]):
            self._db.execute(insert, new_rows)
        else:
            # Passed to the driver directly: an article has hundreds of rows, and SQLAlchemy would process every value.
            compiled = insert.compile(self._db, column_keys=list(new_rows[0]))
            order = itemgetter(*(compiled.positiontup or ()))
            self._db.exec_driver_sql(str(compiled), [order(row) for row in new_rows])

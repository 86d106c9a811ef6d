"""Changes to the catalog: a `Writer` changes it whole or not at all."""

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
from retrieval.store.articles import MANY
from retrieval.store.dedup import Entry
from retrieval.store.minhash import bands as bands_of
from retrieval.store.reader import EMBEDDING, LINEAGE, Reader, SegmentRow
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
"""Tables with what was found in an article's current version, besides its chunks and their vectors."""

_OF_CURRENT = (*_OF_READING, bands, likenesses)
"""Tables with rows for an article's current version alone, besides the same."""


_MAKE_CURRENT = sa.text("""
    insert into articles (id, scope, version, added, published, title, source)
    values (:article_id, :scope, :version, :added, :published, :title, :source)
    on conflict (id) do update set version = excluded.version, published = excluded.published, title = excluded.title,
    source = excluded.source""")


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

    def put(self, entries: Sequence[Entry]) -> None:
        """Make these the current versions of their articles, no two of one: text, chunks, vectors, words, statements,
        names and likeness."""
        ids = [entry.article.id for entry in entries]
        known = list(self._db.scalars(sa.select(articles.c.id).where(articles.c.id.in_(ids))))
        self._take_away(known, _OF_CURRENT)
        self._put_texts([entry.article for entry in entries], known)
        self._put_read(entries)
        self._put_likenesses(entries)

    def put_again(self, entries: Sequence[Entry]) -> None:
        """Give the current versions of these articles other chunks, vectors, words, statements and names."""
        self._take_away([entry.article.id for entry in entries], _OF_READING)
        self._put_read(entries)

    def _put_read(self, entries: Sequence[Entry]) -> None:
        self._put_chunks(entries)
        self._insert(statement_rows, (rows.of_statement(s, one.article) for one in entries for s in one.statements))
        known_by = (
            {"scope": one.article.scope, "word": word, "speaker": speaker, "article_id": one.article.id}
            for one in entries
            for word, speaker in rows.names_of(one.statements)
        )
        self._insert(names, known_by)

    def _put_chunks(self, entries: Sequence[Entry]) -> None:
        """Give articles that have no chunks theirs, with their words and one vector each."""
        model = self.model_called(self.fact(EMBEDDING) or "")
        first = (self._db.scalar(sa.text("select seq from sqlite_sequence where name = 'chunks'")) or 0) + 1
        new = [
            (rows.of_chunk(chunk, one.article), vector)
            for one in entries
            for chunk, vector in zip(one.chunks, one.vectors, strict=True)
        ]
        self._insert(chunks, (row | {"id": at} for at, (row, _) in enumerate(new, first)))
        self.put_vectors(model, ((at, vector) for at, (_, vector) in enumerate(new, first)))
        lines = [one.sentences or (None,) * len(one.chunks) for one in entries]
        self.put_sentences(model, ((at, one) for at, one in enumerate(chain.from_iterable(lines), first) if one))
        self._db.exec_driver_sql(
            "insert into chunk_words (rowid, heading, body) "
            "select id, heading, body from chunk_text where id >= ? and id < ?",
            (first, first + len(new)),
        )

    def put_vectors(self, model: int, of_chunks: Iterable[tuple[int, npt.NDArray[np.float32]]]) -> None:
        """Give chunks their vectors in an embedding."""
        new = ({"chunk_id": chunk, "model": model, "vector": vector.tobytes()} for chunk, vector in of_chunks)
        self._insert(vectors, new, replace=True)

    def put_sentences(self, model: int, of_chunks: Iterable[tuple[int, SentenceVectors]]) -> None:
        """Give chunks the vectors of their sentences in an embedding."""
        packed = ((chunk, *lines.packed()) for chunk, lines in of_chunks)
        new = ({"chunk_id": chunk, "model": model, "starts": at, "vectors": rows} for chunk, at, rows in packed)
        self._insert(sentence_vectors, new, replace=True)

    def _put_likenesses(self, entries: Sequence[Entry]) -> None:
        """Keep the signatures of articles with their bands, by which copies of them are found."""
        self._insert(likenesses, ({"article_id": one.article.id, "signature": one.signed} for one in entries))
        marks = (
            {"scope": one.article.scope, "band": key, "article_id": one.article.id}
            for one in entries
            for key in bands_of(one.signed)
        )
        self._insert(bands, marks)

    def put_origins(self, found: Iterable[tuple[Article, str]]) -> None:
        """Note where articles were found; what was found there before is no longer known by it."""
        new = ({"scope": article.scope, "origin": origin, "article_id": article.id} for article, origin in found)
        self._insert(origins, new, replace=True)

    def forget_origins(self, article_ids: Sequence[str]) -> None:
        """Forget where articles were found."""
        self._db.execute(sa.delete(origins).where(origins.c.article_id.in_(article_ids)))

    def remove(self, article_id: str) -> None:
        """Forget an article with all its versions, and the replies that cite it."""
        self._take_away([article_id], _OF_CURRENT)
        citing = sa.select(replies.c.key).where(
            sa.func.instr(sa.type_coerce(replies.c.body, sa.String), article_id) > 0
        )
        self._db.execute(sa.delete(votes).where(votes.c.reply.in_(citing)))
        self._db.execute(sa.delete(replies).where(replies.c.key.in_(citing)))
        self.forget_origins([article_id])
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
        for table in (vectors, sentence_vectors, segments):
            self._db.execute(sa.delete(table).where(table.c.model != model))
        self._db.execute(sa.delete(models).where(models.c.id != model))

    def mark_damaged(self, folder: str) -> None:
        """Note that a segment is to be built anew."""
        self._db.execute(sa.update(segments).where(segments.c.folder == folder).values(damaged=True))

    def _put_texts(self, new: Sequence[Article], known: Sequence[str]) -> None:
        stored = datetime.now(UTC).isoformat()
        highest = sa.select(versions.c.article_id, sa.func.max(versions.c.number).label("number"))
        of_known = highest.where(versions.c.article_id.in_(known)).group_by(versions.c.article_id)
        numbers = {row.article_id: row.number for row in self._db.execute(of_known)} if known else {}
        texts = [rows.of_article(one) | {"stored": stored, "number": numbers.get(one.id, 0) + 1} for one in new]
        # A text that comes back takes its new place in the history.
        self._insert(versions, texts, replace=True)
        facts = ("article_id", "version", "published", "title", "source")
        current = ({name: text[name] for name in facts} for text in texts)
        given = [its | {"scope": one.scope, "added": stored} for one, its in zip(new, current, strict=True)]
        self._db.execute(_MAKE_CURRENT, given)

    def _take_away(self, article_ids: Sequence[str], besides: Sequence[sa.Table]) -> None:
        """Take the current versions of articles out of the chunks, words and vectors, and out of these tables."""
        if not article_ids:
            return
        ids = list(self._db.scalars(sa.select(chunks.c.id).where(chunks.c.article_id.in_(article_ids))))
        for some in parts(ids, MANY):
            # First, while the view still gives the words that the index has to forget.
            self._db.execute(sa.text("delete from chunk_words where rowid = :id"), [{"id": i} for i in some])
            for table in (vectors, sentence_vectors):
                self._db.execute(sa.delete(table).where(table.c.chunk_id.in_(some)))
        for table in (chunks, *besides):
            self._db.execute(sa.delete(table).where(table.c.article_id.in_(article_ids)))

    def _insert(self, table: sa.Table, new: Iterable[Mapping[str, object]], *, replace: bool = False) -> None:
        """Insert rows, if there are any: all have the same columns."""
        listed = list(new)
        if not listed:
            return
        insert = sa.insert(table).prefix_with("or replace") if replace else sa.insert(table)
        if any(isinstance(table.c[name].type, sa.JSON) for name in listed[0]):
            self._db.execute(insert, listed)
        else:
            # The rows as they are: there are hundreds for an article, and SQLAlchemy would look at every value.
            compiled = insert.compile(self._db, column_keys=list(listed[0]))
            order = itemgetter(*(compiled.positiontup or ()))
            self._db.exec_driver_sql(str(compiled), [order(row) for row in listed])

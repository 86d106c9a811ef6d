"""Checking the whole library: whether its tables are consistent with each other and with the vector index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from retrieval.errors import DamagedIndex, SpanError, StorageFull
from retrieval.index.search import VectorIndex
from retrieval.store import rows
from retrieval.store.database import Catalog
from retrieval.store.reader import CatalogReader, SegmentRow
from retrieval.store.statement_rows import IS_SAID
from retrieval.store.tables import articles, chunks, segments, sentence_vectors, sizes, speakers, vectors, versions
from retrieval.store.tables import statements as statement_rows

_SAMPLED_ROWS = 200
"""Number of rows of a segment that are looked up in a check that is not deep."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """The counts and problems that a check found; `damaged` are the folders of the segments to be rebuilt.

    `unseen`: why the vector index could not be checked, if the disk was full or could not be written.
    """

    figures: Mapping[str, int]
    problems: tuple[str, ...] = ()
    damaged_segments: frozenset[str] = field(default_factory=frozenset)
    index_unchecked_reason: str | None = None


@contextmanager
def open_checker(catalog: Catalog) -> Iterator[CatalogChecker]:
    """A checker for one state of the whole catalog."""
    with catalog.transaction() as db:
        yield CatalogChecker(db, ())


class CatalogChecker(CatalogReader):
    """Checks one state of the catalog in every scope, and the vector index with it."""

    def check(self, index: VectorIndex, *, deep: bool) -> Checkup:
        """Check everything. `deep`: check every span and look up every indexed row instead of samples."""
        problems = [*self._file_problems(deep), *self._consistency_problems()]
        damaged: dict[str, str] = {}
        unseen = None
        try:
            damaged |= self._damaged_segments(index, deep)
        except StorageFull as error:
            unseen = str(error)
        if deep:
            problems += self._span_problems()
        return Checkup(self._figures(), tuple(problems), frozenset(damaged), unseen)

    def _figures(self) -> dict[str, int]:
        model = self.model()[0]
        tables = {"articles": articles, "versions": versions, "chunks": chunks, "statements": statement_rows}
        out = {name: self._count(sa.select(sa.func.count()).select_from(table)) for name, table in tables.items()}
        live = sa.select(sa.func.count()).select_from(vectors).where(vectors.c.model == model)
        out["scopes"] = len(self.all_scopes())
        out["vectors"] = self._count(live)
        out["segments"] = self._count(sa.select(sa.func.count()).select_from(segments))
        out["indexed"] = sum(
            self.vector_extent(segment.scope, model, segment.first, segment.last)[0]
            for scope in self.all_scopes()
            for segment in self.segments(scope, model)
        )
        return out

    def _file_problems(self, deep: bool) -> Iterator[str]:
        result = self._db.exec_driver_sql("pragma integrity_check" if deep else "pragma quick_check").scalar()
        if result != "ok":
            yield f"the catalog's file is damaged ({str(result)[:100]}): restore a backup"

    def _consistency_problems(self) -> Iterator[str]:
        model = self.model()[0]
        count = sa.select(sa.func.count())
        of_chunk = sa.and_(vectors.c.chunk_id == chunks.c.id, vectors.c.model == model)
        without_vector = count.select_from(chunks.outerjoin(vectors, of_chunk))
        stray_vectors = count.select_from(vectors.outerjoin(chunks, vectors.c.chunk_id == chunks.c.id))
        with_chunk = sentence_vectors.outerjoin(chunks, sentence_vectors.c.chunk_id == chunks.c.id)
        stray_sentence_vectors = count.select_from(with_chunk)
        current = sa.and_(chunks.c.article_id == articles.c.id, chunks.c.version == articles.c.version)
        outdated = count.select_from(chunks.outerjoin(articles, current))
        without_chunk = count.select_from(articles.outerjoin(chunks, current))
        of_current = sa.and_(
            statement_rows.c.article_id == articles.c.id, statement_rows.c.version == articles.c.version
        )
        stray_statements = count.select_from(statement_rows.outerjoin(articles, of_current))
        current_text = sa.and_(articles.c.id == versions.c.article_id, articles.c.version == versions.c.version)
        differences = (articles.c[name].is_distinct_from(versions.c[name]) for name in ("published", "title", "source"))
        mislisted = count.select_from(articles.join(versions, current_text)).where(sa.or_(*differences))
        indexed = sa.text("select count(*) from chunk_words_docsize")
        number_of_chunks = self._count(count.select_from(chunks))
        wrong = {
            "chunks without a vector": self._count(without_vector.where(vectors.c.chunk_id.is_(None))),
            "vectors without a chunk": self._count(stray_vectors.where(chunks.c.id.is_(None))),
            "vectors of sentences without a chunk": self._count(stray_sentence_vectors.where(chunks.c.id.is_(None))),
            "chunks of no current version": self._count(outdated.where(articles.c.id.is_(None))),
            "articles without a chunk": self._count(without_chunk.where(chunks.c.id.is_(None))),
            "articles listed with another date, title or source than their text's": self._count(mislisted),
            "statements of no current version": self._count(stray_statements.where(articles.c.id.is_(None))),
            "chunks missing from, or too many in, the index of words": abs(self._count(indexed) - number_of_chunks),
            "scopes whose sizes are miscounted": self._count_wrong_sizes(),
            "speakers whose statements are miscounted": self._count_wrong_speakers(),
        }
        yield from (f"{number} {what}" for what, number in wrong.items() if number)

    def _count_wrong_sizes(self) -> int:
        """The number of scopes whose stored sizes differ from a count."""
        tables = {"articles": articles, "chunks": chunks, "statements": statement_rows}
        wrong = set()
        for name, table in tables.items():
            query = sa.select(table.c.scope, sa.func.count()).group_by(table.c.scope)
            counted = {row.scope: row[1] for row in self._db.execute(query)}
            stored = {row.scope: row[1] for row in self._db.execute(sa.select(sizes.c.scope, sizes.c[name]))}
            wrong |= {
                scope for scope in counted.keys() | stored.keys() if counted.get(scope, 0) != stored.get(scope, 0)
            }
        return len(wrong)

    def _count_wrong_speakers(self) -> int:
        """The number of speakers, per scope, whose stored number of statements differs from a count."""
        by = (statement_rows.c.scope, statement_rows.c.speaker)
        counted = {tuple(row) for row in self._db.execute(sa.select(*by, sa.func.count()).where(IS_SAID).group_by(*by))}
        stored = {tuple(row) for row in self._db.execute(sa.select(speakers))}
        return len({row[:2] for row in counted ^ stored})

    def _damaged_segments(self, index: VectorIndex, deep: bool) -> Iterator[tuple[str, str]]:
        """(folder, problem) of the damaged segments."""
        model = self.model()[0]
        for scope in self.all_scopes():
            for row in self.segments(scope, model):
                if problem := self._segment_problem(index, row, deep):
                    yield row.folder, problem

    def _segment_problem(self, index: VectorIndex, row: SegmentRow, deep: bool) -> str | None:
        try:
            segment = index.open_segment(self, row)
            if altered := segment.altered_files():
                return f"{len(altered)} files differ from what was written"
            segment.check_count()
            step = 1 if deep else max(1, (row.last - row.first) // _SAMPLED_ROWS)
            first = row.first
            while True:
                ids, batch = self.vectors_between(row.scope, row.model, first, row.last, 1_000 if deep else 1)
                if not len(ids):
                    return None
                if lost := segment.count_lost(ids, batch):
                    return f"{lost} rows do not find themselves"
                first = int(ids[-1]) + step
        except (DamagedIndex, OSError) as error:
            return str(error)

    def _span_problems(self) -> Iterator[str]:
        """The chunks and statements with spans outside their article's text, as problems."""
        for table, from_row in ((chunks, rows.to_chunk), (statement_rows, rows.to_statement)):
            same = sa.and_(table.c.article_id == versions.c.article_id, table.c.version == versions.c.version)
            wrong = 0
            for row in self._db.execute(sa.select(table, versions.c.text.label("article_text")).join(versions, same)):
                try:
                    item = from_row(row)
                    spans = [item.span] if hasattr(item, "span") else [item.context, *item.content]
                    wrong += not all(span.of(row.article_text).strip() for span in spans)
                except (SpanError, ValueError):
                    wrong += 1
            if wrong:
                yield f"{wrong} {table.name} with a span outside the article's text"

    def _count(self, query: sa.Executable) -> int:
        return self._db.execute(query).scalar() or 0

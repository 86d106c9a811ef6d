"""Looking the whole library over: does everything that belongs together stand together, and does the index find it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa

from retrieval.errors import DamagedIndex, SpanError, StorageFull
from retrieval.index.search import VectorIndex
from retrieval.store import rows
from retrieval.store.database import Catalog
from retrieval.store.reader import Reader, SegmentRow
from retrieval.store.statement_rows import SAID
from retrieval.store.tables import articles, chunks, segments, sentence_vectors, sizes, speakers, vectors, versions
from retrieval.store.tables import statements as statement_rows

_SAMPLED = 200
"""Rows of a segment that must find themselves, unless all of them must."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was counted, and what is wrong; `damaged` are the segments that are to be built anew.

    `unseen`: why the vector index could not be looked over, where the disk did not let it.
    """

    figures: Mapping[str, int]
    problems: tuple[str, ...] = ()
    damaged: frozenset[str] = field(default_factory=frozenset)
    unseen: str | None = None


@contextmanager
def checking(catalog: Catalog) -> Iterator[Checks]:
    """One state of the whole catalog, to look it over."""
    with catalog.transaction() as db:
        yield Checks(db, ())


class Checks(Reader):
    """Looks over one state of the catalog in every scope, and the index beside it."""

    def checkup(self, index: VectorIndex, *, deep: bool) -> Checkup:
        """Figures and problems. `deep`: every span is sliced and every indexed row looked up, in place of samples."""
        problems = [*self._database(deep), *self._belonging()]
        damaged: dict[str, str] = {}
        unseen = None
        try:
            damaged |= self._segments(index, deep)
        except StorageFull as error:
            unseen = str(error)
        if deep:
            problems += self._spans()
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
            self.extent(one.scope, model, one.first, one.last)[0]
            for scope in self.all_scopes()
            for one in self.segments(scope, model)
        )
        return out

    def _database(self, deep: bool) -> Iterator[str]:
        said = self._db.exec_driver_sql("pragma integrity_check" if deep else "pragma quick_check").scalar()
        if said != "ok":
            yield f"the catalog's file is damaged ({str(said)[:100]}): restore a backup"

    def _belonging(self) -> Iterator[str]:
        model = self.model()[0]
        of_chunk = sa.and_(vectors.c.chunk_id == chunks.c.id, vectors.c.model == model)
        bare = sa.select(sa.func.count()).select_from(chunks.outerjoin(vectors, of_chunk))
        stray = sa.select(sa.func.count()).select_from(vectors.outerjoin(chunks, vectors.c.chunk_id == chunks.c.id))
        lines = sentence_vectors.outerjoin(chunks, sentence_vectors.c.chunk_id == chunks.c.id)
        of_none = sa.select(sa.func.count()).select_from(lines)
        current = sa.and_(chunks.c.article_id == articles.c.id, chunks.c.version == articles.c.version)
        old = sa.select(sa.func.count()).select_from(chunks.outerjoin(articles, current))
        empty = sa.select(sa.func.count()).select_from(articles.outerjoin(chunks, current))
        said = sa.and_(statement_rows.c.article_id == articles.c.id, statement_rows.c.version == articles.c.version)
        lost = sa.select(sa.func.count()).select_from(statement_rows.outerjoin(articles, said))
        its_text = sa.and_(articles.c.id == versions.c.article_id, articles.c.version == versions.c.version)
        differing = (articles.c[name].is_distinct_from(versions.c[name]) for name in ("published", "title", "source"))
        misplaced = sa.select(sa.func.count()).select_from(articles.join(versions, its_text)).where(sa.or_(*differing))
        worded = sa.text("select count(*) from chunk_words_docsize")
        held = self._count(sa.select(sa.func.count()).select_from(chunks))
        wrong = {
            "chunks without a vector": self._count(bare.where(vectors.c.chunk_id.is_(None))),
            "vectors without a chunk": self._count(stray.where(chunks.c.id.is_(None))),
            "vectors of sentences without a chunk": self._count(of_none.where(chunks.c.id.is_(None))),
            "chunks of no current version": self._count(old.where(articles.c.id.is_(None))),
            "articles without a chunk": self._count(empty.where(chunks.c.id.is_(None))),
            "articles listed with another date, title or source than their text's": self._count(misplaced),
            "statements of no current version": self._count(lost.where(articles.c.id.is_(None))),
            "chunks missing from, or too many in, the index of words": abs(self._count(worded) - held),
            "scopes whose sizes are miscounted": self._miscounted(),
            "speakers whose statements are miscounted": self._miscounted_speakers(),
        }
        yield from (f"{number} {what}" for what, number in wrong.items() if number)

    def _miscounted(self) -> int:
        tables = {"articles": articles, "chunks": chunks, "statements": statement_rows}
        wrong = set()
        for name, table in tables.items():
            query = sa.select(table.c.scope, sa.func.count()).group_by(table.c.scope)
            counted = {row.scope: row[1] for row in self._db.execute(query)}
            noted = {row.scope: row[1] for row in self._db.execute(sa.select(sizes.c.scope, sizes.c[name]))}
            wrong |= {scope for scope in counted.keys() | noted.keys() if counted.get(scope, 0) != noted.get(scope, 0)}
        return len(wrong)

    def _miscounted_speakers(self) -> int:
        """Speakers, each in a scope, whose number of statements is another than what is noted."""
        by = (statement_rows.c.scope, statement_rows.c.speaker)
        counted = {tuple(row) for row in self._db.execute(sa.select(*by, sa.func.count()).where(SAID).group_by(*by))}
        noted = {tuple(row) for row in self._db.execute(sa.select(speakers))}
        return len({row[:2] for row in counted ^ noted})

    def _segments(self, index: VectorIndex, deep: bool) -> Iterator[tuple[str, str]]:
        """(folder, what is wrong with it) of the damaged segments."""
        model = self.model()[0]
        for scope in self.all_scopes():
            for row in self.segments(scope, model):
                if trouble := self._trouble(index, row, deep):
                    yield row.folder, trouble

    def _trouble(self, index: VectorIndex, row: SegmentRow, deep: bool) -> str | None:
        try:
            segment = index.opened(self, row)
            if altered := segment.altered():
                return f"{len(altered)} files differ from what was written"
            segment.counted()
            step = 1 if deep else max(1, (row.last - row.first) // _SAMPLED)
            first = row.first
            while True:
                ids, held = self.vectors_between(row.scope, row.model, first, row.last, 1_000 if deep else 1)
                if not len(ids):
                    return None
                if lost := segment.lost(ids, held):
                    return f"{lost} rows do not find themselves"
                first = int(ids[-1]) + step
        except (DamagedIndex, OSError) as error:
            return str(error)

    def _spans(self) -> Iterator[str]:
        """Problems of chunks and statements whose spans do not lie in their article's text."""
        for table, read in ((chunks, rows.chunk), (statement_rows, rows.statement)):
            same = sa.and_(table.c.article_id == versions.c.article_id, table.c.version == versions.c.version)
            wrong = 0
            for row in self._db.execute(sa.select(table, versions.c.text.label("article_text")).join(versions, same)):
                try:
                    one = read(row)
                    spans = [one.span] if hasattr(one, "span") else [one.context, *one.content]
                    wrong += not all(span.of(row.article_text).strip() for span in spans)
                except (SpanError, ValueError):
                    wrong += 1
            if wrong:
                yield f"{wrong} {table.name} with a span outside the article's text"

    def _count(self, query: sa.Executable) -> int:
        return self._db.execute(query).scalar() or 0

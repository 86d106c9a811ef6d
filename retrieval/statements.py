"""Queries over statements and over those who made them: a part of the catalog's reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from retrieval import rows
from retrieval.tables import chunks
from retrieval.tables import statements as statement_rows
from retrieval.types import Statement

_chunk_words = sa.table("chunk_words", sa.column("rowid", sa.Integer))


class StatementReader:
    """Reads one state of the catalog, in the scopes it was opened for."""

    def __init__(self, connection: sa.Connection, scopes: Sequence[str]) -> None:
        self._db = connection
        self.scopes = tuple(scopes)

    def holding(self, match: str, limit: int) -> list[int]:
        """Ids of up to `limit` chunks that match an FTS5 expression, unranked: a phrase needs no ranking."""
        select = (
            sa.select(chunks.c.id)
            .select_from(_chunk_words)
            .join(chunks, _chunk_words.c.rowid == chunks.c.id)
            .where(sa.text("chunk_words match :match").bindparams(match=match))
            # The plus keeps SQLite from walking through a whole scope.
            .where(sa.literal_column("+chunks.scope").in_(self.scopes))
        )
        return list(self._db.scalars(select.limit(limit)))

    def statements_in(self, article_ids: Iterable[str]) -> dict[str, list[Statement]]:
        """The statements of each of these articles, in the order of the text."""
        select = (
            sa.select(statement_rows)
            .where(statement_rows.c.article_id.in_(list(article_ids)))
            .where(sa.literal_column("+statements.scope").in_(self.scopes))
            .order_by(statement_rows.c.article_id, statement_rows.c.context_start, statement_rows.c.id)
        )
        out: dict[str, list[Statement]] = {}
        for row in self._db.execute(select):
            out.setdefault(row.article_id, []).append(rows.statement(row))
        return out

"""Queries over statements and over those who made them: a part of the catalog's reader."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from retrieval import rows
from retrieval.articles import ArticleReader
from retrieval.directory import Person, Role, joined, near, proper_words
from retrieval.rows import words_of
from retrieval.tables import chunks, identities, names
from retrieval.tables import statements as statement_rows
from retrieval.types import Statement

_OFFERED = 200
"""Words of names that a prefix is completed to."""

_COMPARED = 20_000
"""Words of names with the same first letter that are looked through for a typing error."""

_JOINED = 100
"""Names, of all that fit a prefix, that are joined to persons: those under which most is said."""

_SURE = 3
"""Letters up to which a word is taken as typed."""

_chunk_words = sa.table("chunk_words", sa.column("rowid", sa.Integer))


class StatementReader(ArticleReader):
    """Reads one state of the catalog, in the scopes it was opened for."""

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

    def speakers_by_word(self, words: Iterable[str]) -> dict[str, set[str]]:
        """Speakers who go by any of these words (lower case), each with the words that fit."""
        query = sa.select(names.c.speaker, names.c.word).distinct()
        out: dict[str, set[str]] = {}
        for row in self._db.execute(query.where(names.c.scope.in_(self.scopes), names.c.word.in_(list(words)))):
            out.setdefault(row.speaker, set()).add(row.word)
        return out

    def speakers(self, prefix: str, limit: int) -> list[Person]:
        """Up to `limit` persons a word of whose name begins with `prefix`, or nearly is it; who says most first.

        The empty prefix gives those of the whole library, which takes as long as there are speakers.
        """
        typed = words_of(prefix)
        if not typed:
            return self.persons(None)[:limit]
        begun = self._words_beginning(typed[-1])
        found = self._named([*typed[:-1]], begun)
        if not found and len(typed[-1]) > _SURE:
            found = self._named([], near(typed[-1], self._words_beginning(typed[-1][:1], _COMPARED)))
        counts = self._counted(found)
        most = sorted(counts, key=lambda name: (-counts[name], name))[: _JOINED + limit]
        return joined({name: counts[name] for name in most}, self.identities())[:limit]

    def persons(self, speakers: Iterable[str] | None) -> list[Person]:
        """The persons whom these names stand for, with all names of each (None: everybody), who says most first."""
        given = self.identities()
        if speakers is None:
            return joined(self._counted(None), given)
        wanted = set(speakers)
        people = {given[name] for name in wanted if name in given}
        wanted |= people | {name for name, person in given.items() if person in people or person in wanted}
        lasts = {proper_words(name)[-1] for name in wanted if proper_words(name)}
        family = {
            name for name in self.speakers_by_word(lasts) if proper_words(name)[-1:] and proper_words(name)[-1] in lasts
        }
        found = joined(self._counted(family | wanted), given)
        return [one for one in found if one.name in wanted or wanted & one.names.keys()]

    def identities(self) -> dict[str, str]:
        """Whom names stand for by an admin's word; that of a guild goes before that of everybody."""
        query = sa.select(identities).where(identities.c.scope.in_(self.scopes))
        found = sorted(self._db.execute(query), key=lambda row: self.scopes.index(row.scope))
        return {row.name: row.person for row in found}

    def roles(self, speakers: Iterable[str]) -> list[Role]:
        """What articles call these names, each with the first and last day, the latest first."""
        day, role = statement_rows.c.day, statement_rows.c.role
        query = (
            sa.select(role, sa.func.min(day).label("first"), sa.func.max(day).label("last"), sa.func.count().label("n"))
            .where(statement_rows.c.scope.in_(self.scopes), statement_rows.c.speaker.in_(list(speakers)))
            .where(role.is_not(None))
            .group_by(role)
            .order_by(sa.nulls_last(sa.desc("last")), sa.desc("n"), role)
        )
        return [Role(row.role, row.first, row.last, row.n) for row in self._db.execute(query)]

    def _counted(self, speakers: Iterable[str] | None) -> dict[str, int]:
        """How many statements there are under each of these names (None: under any)."""
        speaker = statement_rows.c.speaker
        query = sa.select(speaker, sa.func.count().label("n")).where(statement_rows.c.scope.in_(self.scopes))
        if speakers is not None:
            query = query.where(speaker.in_(sorted(speakers)))
        return {row.speaker: row.n for row in self._db.execute(query.group_by(speaker))}

    def _named(self, words: list[str], last: Iterable[str]) -> set[str]:
        """Speakers whose name has all of `words` and one of `last`."""
        among = set(last)
        found = self.speakers_by_word(among)
        return {name for name in found if among & set(words_of(name)) and set(words) <= set(words_of(name))}

    def _words_beginning(self, prefix: str, limit: int = _OFFERED) -> list[str]:
        """Up to `limit` words of names that begin so, in alphabetical order: each is sought, none is read through."""
        sql = sa.text("""
            with recursive found(word) as (
                select min(word) from names where scope = :scope and word >= :first and word < :after
                union all
                select (select min(word) from names where scope = :scope and word > found.word and word < :after)
                from found where found.word is not null limit :limit)
            select word from found where word is not null""")
        bounds = {"first": prefix, "after": prefix + "\U0010ffff", "limit": limit}
        return [word for scope in self.scopes for word in self._db.scalars(sql, bounds | {"scope": scope})]

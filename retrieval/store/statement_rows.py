"""Queries over statements and their speakers; part of the catalog's reader."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from retrieval.store import rows
from retrieval.store.speaker_names import NameReader
from retrieval.store.tables import chunk_words, chunks, identities, unindexed_scope
from retrieval.store.tables import statements as statement_rows
from retrieval.text.person_names import Person, Role, group_names, kind_of, one_typo_away, proper_words, words_of
from retrieval.types import Kind, Span, Statement

_MAX_JOINED_NAMES = 100
"""Number of names matching a prefix, besides those asked for, that are joined into persons: the most quoted ones."""

_MAX_NAMESAKES = 60
"""Maximum number of speakers with the same last name, the most quoted ones, who are considered in an autocompletion to
see whether the last name alone stands for only one person."""

_MAX_EXACT_LETTERS = 3
"""Words of up to this many letters are not corrected for typing errors."""

HAS_SPEAKER = statement_rows.c.speaker != ""
"""Statements with a speaker; those in texts that are not English have none."""

IS_SAID = sa.and_(HAS_SPEAKER, statement_rows.c.kind != Kind.MENTAL.value)
"""Statements that somebody said, as opposed to thoughts."""

_STATEMENT_COUNTS = sa.text("""
    select speaker, statements from json_each(:names) cross join speakers
    where scope = :scope and speaker = json_each.value""")
"""SQLite carries out a cross join in the order written, so a row of `speakers` is looked up for each name."""

_MATCHING_CHUNKS = sa.text("select rowid from chunk_words where chunk_words match :match limit :limit")
_MATCHING_CHUNKS_AMONG = sa.text("""
    select rowid from chunk_words where chunk_words match :match and rowid in (select value from json_each(:ids))""")

_CHUNK_COUNTS = sa.text("""
    select value as word, (
        select count(*) from (
            select 1 from chunk_words where chunk_words match '"' || json_each.value || '"' limit :most)) as number
    from json_each(:words)""")

_CHUNKS_IN_SCOPE = sa.text("""
    select chunks.id from json_each(:ids) cross join chunks
    where chunks.id = json_each.value and chunks.scope = :scope""")

_CHUNKS_NEAR_STATEMENTS = sa.text("""
    select chunks.id from json_each(:ids) cross join chunks
    where chunks.id = json_each.value and chunks.scope = :scope and exists (
        select 1 from statements
        where statements.article_id = chunks.article_id
        and statements.speaker in (select value from json_each(:names))
        and statements.context_start < chunks."end" + :margin and statements.context_end > chunks.start - :margin)""")

_CHUNKS_WITH_STATEMENTS = sa.text("""
    select chunks.id from (
        select article_id, context_start, context_end from json_each(:names) cross join statements
        where scope = :scope and speaker = value limit :most) as told
    cross join chunks on chunks.article_id = told.article_id
    where told.context_start < chunks."end" + :margin and told.context_end > chunks.start - :margin""")


class StatementReader(NameReader):
    """Queries over statements in one state of the catalog, limited to the scopes that the reader was opened for."""

    def chunks_matching(self, match: str, limit: int, sources: Sequence[str] = ()) -> list[int]:
        """The ids of up to `limit` chunks that match an FTS5 expression, unranked: phrases need no ranking.

        `sources`: if any are given, only chunks of these.
        """
        select = (
            sa.select(chunks.c.id)
            .select_from(chunk_words)
            .join(chunks, chunk_words.c.rowid == chunks.c.id)
            .where(sa.text("chunk_words match :match").bindparams(match=match))
            .where(unindexed_scope(chunks).in_(self.scopes))
        )
        if sources:
            select = select.where(sa.func.lower(chunks.c.source).in_([source.lower() for source in sources]))
        return list(self._db.scalars(select.limit(limit)).all())

    def chunks_matching_anywhere(self, match: str, limit: int) -> list[int]:
        """The same over all scopes, much faster; results must be filtered by `chunks_in_scopes` before use."""
        return list(self._db.scalars(_MATCHING_CHUNKS, {"match": match, "limit": limit}).all())

    def chunks_matching_among(self, match: str, chunk_ids: Collection[int]) -> list[int]:
        """Those of these chunks that match an FTS5 expression."""
        return list(
            self._db.scalars(_MATCHING_CHUNKS_AMONG, {"match": match, "ids": json.dumps(list(chunk_ids))}).all()
        )

    def chunks_in_scopes(self, chunk_ids: Collection[int]) -> set[int]:
        """Those of these chunks that belong to the reader's scopes."""
        given = {"ids": json.dumps(list(chunk_ids))}
        return {
            chunk_id
            for scope in self.scopes
            for chunk_id in self._db.scalars(_CHUNKS_IN_SCOPE, {**given, "scope": scope}).all()
        }

    def chunk_counts(self, words: Iterable[str], most: int) -> dict[str, int]:
        """The number of chunks, over all scopes, that contain each of these words, counted up to `most`."""
        given = {"words": json.dumps(list(words)), "most": most}
        return {row.word: row.number for row in self._db.execute(_CHUNK_COUNTS, given).all()}

    def chunks_near_statements(
        self, chunk_ids: Sequence[int], names: Collection[str], margin: int, most: int
    ) -> set[int]:
        """Those of these chunks with a statement by one of these names inside or within `margin` characters.

        The search starts from the chunks or from the statements, whichever are fewer, and looks at the first `most`.
        """
        statements = sum(self._count_statements(names).values())
        given = {"names": json.dumps(list(names)), "margin": margin, "most": most}
        given |= {"ids": json.dumps(list(chunk_ids[:most]))} if len(chunk_ids) <= max(statements, 1) else {}
        query = _CHUNKS_NEAR_STATEMENTS if "ids" in given else _CHUNKS_WITH_STATEMENTS
        found = {
            chunk_id for scope in self.scopes for chunk_id in self._db.scalars(query, {**given, "scope": scope}).all()
        }
        return found.intersection(chunk_ids)

    def chunks_with_statements(self, names: Collection[str], margin: int, most: int) -> list[int]:
        """The ids of the chunks within `margin` characters of the first `most` statements by these names."""
        given = {"names": json.dumps(list(names)), "margin": margin, "most": most}
        return [
            chunk_id
            for scope in self.scopes
            for chunk_id in self._db.scalars(_CHUNKS_WITH_STATEMENTS, {**given, "scope": scope}).all()
        ]

    def statements_in(self, article_ids: Iterable[str]) -> dict[str, list[Statement]]:
        """The statements of each of these articles, in the order of the text."""
        return self._by_article(sa.select(statement_rows).where(statement_rows.c.article_id.in_(list(article_ids))))

    def statements_within(self, parts_of: Iterable[tuple[str, Span]]) -> dict[str, list[Statement]]:
        """The statements whose context overlaps one of these spans of articles, by article, in text order."""
        listed = [[article_id, span.start, span.end] for article_id, span in parts_of]
        part = sa.func.json_each(json.dumps(listed)).table_valued("value")
        article_id, start, end = (sa.func.json_extract(part.c.value, f"$[{at}]") for at in range(3))
        overlapping = sa.and_(
            statement_rows.c.article_id == article_id,
            statement_rows.c.context_start < end,
            statement_rows.c.context_end > start,
        )
        return self._by_article(sa.select(statement_rows).distinct().join(part, overlapping))

    def _by_article(self, select: sa.Select[tuple[object, ...]]) -> dict[str, list[Statement]]:
        """The selected statements in the reader's scopes, by article, in the order of the text."""
        select = select.where(unindexed_scope(statement_rows).in_(self.scopes))
        place = (statement_rows.c.article_id, statement_rows.c.context_start, statement_rows.c.id)
        out: dict[str, list[Statement]] = {}
        for row in self._db.execute(select.order_by(*place)):
            out.setdefault(row.article_id, []).append(rows.to_statement(row))
        return out

    def speakers(self, prefix: str, limit: int) -> list[Person]:
        """Up to `limit` persons with a name that matches `prefix`, the most quoted first.

        The last word of the prefix may be incomplete or misspelt. The empty prefix gives the most quoted persons.
        """
        typed = words_of(prefix)
        found = self._speakers_matching(typed, _MAX_JOINED_NAMES + limit)
        if not found and typed and len(typed[-1]) > _MAX_EXACT_LETTERS:
            meant = self._words_in_names(one_typo_away(typed[-1]))
            found = {name for name in self.speakers_by_word(meant) if meant & set(words_of(name))}
        counts = self._count_statements(found)
        most = sorted(counts, key=lambda name: (-counts[name], name))[: _MAX_JOINED_NAMES + limit]
        chosen = {name: counts[name] for name in most}
        # A last name alone stands for a person only if nobody else has it.
        alone = [name for name in most[:limit] if len(proper_words(name)) == 1]
        family = self._most_quoted_namesakes(alone)
        joint = group_names(family | chosen, self.identities())
        return [person for person in joint if any(name in chosen for name in person.names)][:limit]

    def persons(self, speakers: Iterable[str]) -> list[Person]:
        """The persons that these names stand for, each with all their names, the most quoted first."""
        given = self.identities()
        wanted = set(speakers)
        people = {given[name] for name in wanted if name in given}
        wanted |= people | {name for name, person in given.items() if person in people or person in wanted}
        found = group_names(self._count_statements(self._namesakes(wanted) | wanted), given)
        return [person for person in found if person.name in wanted or any(name in wanted for name in person.names)]

    def most_quoted(self, names: Iterable[str], limit: int) -> list[str]:
        """Up to `limit` of these names, those with the most statements."""
        counts = self._count_statements(names)
        return sorted(counts, key=lambda name: (-counts[name], name))[:limit]

    def identities(self) -> dict[str, str]:
        """The person that each name stands for, as set by an admin; a guild's setting overrides the public one."""
        query = sa.select(identities).where(identities.c.scope.in_(self.scopes))
        found = sorted(self._db.execute(query), key=lambda row: self.scopes.index(row.scope))
        return {row.name: row.person for row in found}

    def roles(self, speakers: Iterable[str]) -> list[Role]:
        """The roles that articles give these names, each with its first and last day, the latest first."""
        day, role = statement_rows.c.day, statement_rows.c.role
        query = (
            sa.select(role, sa.func.min(day).label("first"), sa.func.max(day).label("last"), sa.func.count().label("n"))
            .where(statement_rows.c.scope.in_(self.scopes), statement_rows.c.speaker.in_(list(speakers)))
            .where(role.is_not(None))
            .group_by(role)
            .order_by(sa.nulls_last(sa.desc("last")), sa.desc("n"), role)
        )
        return [Role(row.role, row.first, row.last, row.n) for row in self._db.execute(query)]

    def _namesakes(self, names: Iterable[str]) -> set[str]:
        """Speakers who share a last name with one of these and may be joined with them; unnamed sources never are."""
        named = (name for name in names if kind_of(name) != "unnamed")
        return self.speakers_ending(proper[-1] for name in named if (proper := proper_words(name)))

    def _most_quoted_namesakes(self, names: Iterable[str]) -> dict[str, int]:
        """The most quoted speakers of each last name that these names have, with their numbers of statements."""
        counts = self._count_statements(self._namesakes(names))
        by_last_name: dict[str, dict[str, int]] = {}
        for name in sorted(counts, key=lambda name: (-counts[name], name)):
            bearers = by_last_name.setdefault(words_of(name)[-1], {})
            if len(bearers) < _MAX_NAMESAKES:
                bearers[name] = counts[name]
        return {name: number for bearers in by_last_name.values() for name, number in bearers.items()}

    def _count_statements(self, names: Iterable[str]) -> dict[str, int]:
        """The number of statements of each of these speakers."""
        given = {"names": json.dumps(sorted(names))}
        out: dict[str, int] = {}
        for scope in self.scopes:
            for speaker, statements in self._db.execute(_STATEMENT_COUNTS, {**given, "scope": scope}).all():
                out[speaker] = out.get(speaker, 0) + statements
        return out

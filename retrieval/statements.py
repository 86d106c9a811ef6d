"""Queries over statements and over those who made them: a part of the catalog's reader."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from retrieval import rows
from retrieval.articles import MANY, ArticleReader
from retrieval.directory import Person, Role, joined, near, proper_words
from retrieval.rows import parts, words_of
from retrieval.tables import chunks, identities, speakers
from retrieval.tables import statements as statement_rows
from retrieval.types import Kind, Span, Statement

_WALKED = 3_000
"""Speakers, from those who say most on, among whom the beginning of a name is looked for first."""

_OFFERED = 1_000
"""Speakers looked at whose names have a word that begins as was typed, where those who say most are too few."""

_READ = 20_000
"""Rows gone through for them."""

_JOINED = 100
"""Names, of all that fit a prefix, that are joined to persons: those under which most is said."""

_SURE = 3
"""Letters up to which a word is taken as typed."""

_UNTOLD = frozenset("the a an of for".split())
"""Words of a name or role by which nobody is looked up where there are others."""

CLAIMED = statement_rows.c.speaker != ""
"""Of a text that is not English nobody is claimed to speak."""

SAID = sa.and_(CLAIMED, statement_rows.c.kind != Kind.MENTAL.value)
"""What somebody said: a thought is not said."""

_chunk_words = sa.table("chunk_words", sa.column("rowid", sa.Integer))


_BEARERS = sa.text("""
    with recursive found(speaker) as (
        select min(speaker) from names where scope = :scope and word = :word
        union all
        select (select min(speaker) from names where scope = :scope and word = :word and speaker > found.speaker)
        from found where found.speaker is not null)
    select speaker from found where speaker is not null""")
"""Each speaker is sought behind the one before: of one who speaks in a thousand articles a single row is read."""

_BEGINNING = sa.text("""
    select distinct speaker from (
        select speaker from names where scope = :scope and word >= :first and word < :after limit :read)
    limit :limit""")

_KNOWN = sa.text("""
    select value from json_each(:words)
    where exists (select 1 from names where scope = :scope and word = json_each.value)""")


class StatementReader(ArticleReader):
    """Reads one state of the catalog, in the scopes it was opened for."""

    def holding(self, match: str, limit: int, sources: Sequence[str] = ()) -> list[int]:
        """Ids of up to `limit` chunks that match an FTS5 expression, of these sources where some are named; unranked: a
        phrase needs no ranking."""
        select = (
            sa.select(chunks.c.id)
            .select_from(_chunk_words)
            .join(chunks, _chunk_words.c.rowid == chunks.c.id)
            .where(sa.text("chunk_words match :match").bindparams(match=match))
            # The plus keeps SQLite from walking through a whole scope.
            .where(sa.literal_column("+chunks.scope").in_(self.scopes))
        )
        if sources:
            select = select.where(sa.func.lower(chunks.c.source).in_([one.lower() for one in sources]))
        return list(self._db.scalars(select.limit(limit)))

    def statements_in(self, article_ids: Iterable[str]) -> dict[str, list[Statement]]:
        """The statements of each of these articles, in the order of the text."""
        return self._by_article(sa.select(statement_rows).where(statement_rows.c.article_id.in_(list(article_ids))))

    def statements_within(self, parts_of: Iterable[tuple[str, Span]]) -> dict[str, list[Statement]]:
        """The statements whose sentences overlap one of these parts of articles, by article, in the text's order."""
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
        """Statements of the scopes by article, in the order of the text."""
        select = select.where(sa.literal_column("+statements.scope").in_(self.scopes))
        place = (statement_rows.c.article_id, statement_rows.c.context_start, statement_rows.c.id)
        out: dict[str, list[Statement]] = {}
        for row in self._db.execute(select.order_by(*place)):
            out.setdefault(row.article_id, []).append(rows.statement(row))
        return out

    def speakers_by_word(self, words: Iterable[str]) -> dict[str, set[str]]:
        """Speakers who go by any of these words (lower case), each with the words that fit.

        Articles and prepositions are looked up only where there is nothing else.
        """
        wanted = set(words)
        out: dict[str, set[str]] = {}
        for word in wanted - _UNTOLD or wanted:
            for scope in self.scopes:
                for speaker in self._db.scalars(_BEARERS, {"scope": scope, "word": word}):
                    out.setdefault(speaker, set()).add(word)
        return out

    def speakers(self, prefix: str, limit: int) -> list[Person]:
        """Up to `limit` persons a word of whose name begins with `prefix`, or nearly is it; who says most first.

        The empty prefix gives those who say most.
        """
        typed = words_of(prefix)
        found = self._offered(typed, _JOINED + limit)
        if not found and typed and len(typed[-1]) > _SURE:
            meant = self._known(near(typed[-1]))
            found = {name for name in self.speakers_by_word(meant) if meant & set(words_of(name))}
        counts = self._counted(found)
        most = sorted(counts, key=lambda name: (-counts[name], name))[: _JOINED + limit]
        chosen = {name: counts[name] for name in most}
        # A last name alone is somebody's only where nobody else bears it.
        alone = [name for name in most[:limit] if len(proper_words(name)) == 1]
        family = self._counted(self._family(alone)) if alone else {}
        joint = joined(family | chosen, self.identities())
        return [one for one in joint if chosen.keys() & one.names.keys()][:limit]

    def persons(self, speakers: Iterable[str] | None) -> list[Person]:
        """The persons whom these names stand for, with all names of each (None: everybody), who says most first."""
        given = self.identities()
        if speakers is None:
            return joined(self._counted(None), given)
        wanted = set(speakers)
        people = {given[name] for name in wanted if name in given}
        wanted |= people | {name for name, person in given.items() if person in people or person in wanted}
        found = joined(self._counted(self._family(wanted) | wanted), given)
        return [one for one in found if one.name in wanted or wanted & one.names.keys()]

    def foremost(self, names: Iterable[str], limit: int) -> list[str]:
        """Those of these names, up to `limit`, under which most is said."""
        counts = self._counted(names)
        return sorted(counts, key=lambda name: (-counts[name], name))[:limit]

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

    def _family(self, names: Iterable[str]) -> set[str]:
        """Speakers whose last name is that of one of these."""
        lasts = {proper[-1] for name in names if (proper := proper_words(name))}
        found = self.speakers_by_word(lasts) if lasts else {}
        return {name for name in found if (proper := proper_words(name)) and proper[-1] in lasts}

    def _counted(self, names: Iterable[str] | None) -> dict[str, int]:
        """How many statements there are under each of these names (None: under any)."""
        query = sa.select(speakers).where(speakers.c.scope.in_(self.scopes))
        wanted: list[Sequence[str] | None] = [None] if names is None else [*parts(sorted(names), MANY)]
        out: dict[str, int] = {}
        for part in wanted:
            some = query if part is None else query.where(speakers.c.speaker.in_(part))
            for row in self._db.execute(some):
                out[row.speaker] = out.get(row.speaker, 0) + row.statements
        return out

    def _offered(self, typed: list[str], enough: int) -> set[str]:
        """Speakers whose name has all words typed, the last of them perhaps not to its end: those who say most, and
        others where these are fewer than `enough`."""
        most = sa.select(speakers.c.speaker).order_by(speakers.c.statements.desc(), speakers.c.speaker)
        found: set[str] = set()
        for scope in self.scopes:
            walked = most.where(speakers.c.scope == scope).limit(_WALKED if typed else enough)
            found |= {name for name in self._db.scalars(walked) if _fits(name, typed)}
        if typed and len(found) < enough:
            others = self.speakers_by_word(typed[:-1]) if typed[:-1] else self._beginning(typed[-1])
            found |= {name for name in others if _fits(name, typed)}
        return found

    def _beginning(self, prefix: str) -> list[str]:
        """Up to _OFFERED speakers with a word that begins so, in alphabetical order of the words."""
        bounds = {"first": prefix, "after": prefix + "\U0010ffff", "read": _READ, "limit": _OFFERED}
        return [name for scope in self.scopes for name in self._db.scalars(_BEGINNING, bounds | {"scope": scope})]

    def _known(self, words: Iterable[str]) -> set[str]:
        """Those of these words that are in somebody's name."""
        given = json.dumps(sorted(words))
        return {word for scope in self.scopes for word in self._db.scalars(_KNOWN, {"scope": scope, "words": given})}


def _fits(name: str, typed: list[str]) -> bool:
    if not typed:
        return True
    if typed[-1] not in name.lower():
        # Thousands are looked at for a letter typed, and finding the words of each takes long.
        return False
    words = words_of(name)
    return set(typed[:-1]) <= set(words) and any(word.startswith(typed[-1]) for word in words)

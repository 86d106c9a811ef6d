"""Queries over the names of speakers; part of the catalog's reader.

In a large library thousands of speakers may share a first name. The database narrows the rows down as far as it can,
because a row that reaches Python costs as much as a hundred that do not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa

from retrieval.english.normal_form import normal_form
from retrieval.store.articles import ArticleReader
from retrieval.text.person_names import words_of

_WALKED = 3_000
"""Number of speakers, those with the most statements, among whom a typed beginning of a name is looked for first."""

_READ = 20_000
"""Maximum number of rows of one word that are read through; for more, the index is searched speaker by speaker."""

_OFFERED = 500
"""Maximum number of less quoted speakers found by a typed beginning of a name, if the most quoted ones are too few."""

_SEEN = 8_000
"""Maximum number of rows read to find them."""

_AFTER = 8
"""Maximum number of characters after the last word of a name: a full stop, a bracket, a possessive 's."""

UNTOLD = frozenset("the a an of for".split())
"""Words of a name or role that are not looked up, unless there are no others."""

_ROWS = sa.text("""
    select value as word, (
        select count(*) from (
            select 1 from names where scope = :scope and word = json_each.value limit :limit)) as number
    from json_each(:words)""")

_READ_ON = sa.text("select distinct speaker from names where scope = :scope and word = :word")
_SOUGHT = sa.text("""
    with recursive found(speaker) as (
        select min(speaker) from names where scope = :scope and word = :word
        union all
        select (select min(speaker) from names where scope = :scope and word = :word and speaker > found.speaker)
        from found where found.speaker is not null)
    select speaker from found where speaker is not null""")
"""Two queries for the speakers with a word: the second reads a single row for each, even of a thousand articles."""

_ENDING = sa.text("""
    select distinct speaker from json_each(:words) cross join names
    where scope = :scope and word = json_each.value
    and instr(substr(normal_form(speaker), -length(word) - :after), word)""")

_AMONG = sa.text("""
    select value from json_each(:speakers)
    where exists (select 1 from names where scope = :scope and word = :word and speaker = json_each.value)""")

_WALK = sa.text("""
    select speaker from (
        select speaker from speakers where scope = :scope order by statements desc, speaker limit :walked)
    where ' ' || normal_form(speaker) glob :holding""")

_BEGINNING = sa.text("""
    select distinct speaker from (
        select speaker from names where scope = :scope and word >= :first and word < :after limit :read)
    where ' ' || normal_form(speaker) glob :holding limit :limit""")

_BEGUN = sa.text("""
    select count(*) from (select 1 from names where scope = :scope and word >= :first and word < :after limit :read)""")

_HAVING = sa.text("""
    select distinct speaker from (select speaker from names where scope = :scope and word = :word limit :read)
    where ' ' || normal_form(speaker) glob :holding""")

_KNOWN = sa.text("""
    select value from json_each(:words)
    where exists (select 1 from names where scope = :scope and word = json_each.value)""")


class NameReader(ArticleReader):
    """Queries over speakers' names in one state of the catalog, limited to the scopes the reader was opened for."""

    def speakers_by_word(self, words: Iterable[str], among: Collection[str] | None = None) -> dict[str, set[str]]:
        """Speakers with any of these lower-case words in a name, alias or role, each with the words that match.

        `among`: only these speakers. Articles and prepositions are looked up only if there are no other words.
        """
        wanted = set(words)
        given = json.dumps(list(among)) if among is not None else ""
        out: dict[str, set[str]] = {}
        for word in wanted - UNTOLD or wanted:
            for scope in self.scopes:
                at = {"scope": scope, "word": word, "speakers": given}
                for speaker in self._bearers(word, scope) if among is None else self._all(_AMONG, at):
                    out.setdefault(speaker, set()).add(word)
        return out

    def speakers_by_all(self, words: Collection[str]) -> set[str]:
        """Speakers with all of these lower-case words, of which there must be one at least, in the same scope.

        The rarest word is looked up first, and its speakers are then narrowed by the others.
        """
        out: set[str] = set()
        for scope in self.scopes:
            rows = self._rows(words, scope)
            first, *others = sorted(rows, key=lambda word: rows[word])
            found = self._bearers(first, scope)
            for word in others:
                found = self._all(_AMONG, {"scope": scope, "word": word, "speakers": json.dumps(list(found))})
            out.update(found)
        return out

    def speakers_ending(self, words: Iterable[str]) -> set[str]:
        """Speakers whose full name ends with one of these lower-case words."""
        wanted = set(words)
        out: set[str] = set()
        for scope in self.scopes if wanted else ():
            rows = self._rows(wanted, scope)
            few = [word for word in wanted if rows[word] <= _READ]
            given = {"scope": scope, "words": json.dumps(few), "after": _AFTER}
            out.update(speaker for speaker in self._all(_ENDING, given) if _last(speaker) in wanted)
            for word in wanted:
                if rows[word] > _READ:
                    out.update(speaker for speaker in self._bearers(word, scope) if _last(speaker) == word)
        return out

    def _bearers(self, word: str, scope: str) -> Sequence[str]:
        """The speakers of a scope with this word in a name, alias or role."""
        query = _READ_ON if self._rows([word], scope)[word] <= _READ else _SOUGHT
        return self._all(query, {"scope": scope, "word": word})

    def _rows(self, words: Iterable[str], scope: str) -> dict[str, int]:
        """The number of rows of each of these words in a scope, counted up to one more than are read through."""
        given = {"scope": scope, "words": json.dumps(list(words)), "limit": _READ + 1}
        return {row.word: row.number for row in self._db.execute(_ROWS, given).all()}

    def _offered(self, typed: Sequence[str], enough: int) -> set[str]:
        """Speakers whose name contains all the words typed, the last of which may be incomplete.

        These are the most quoted ones, and others if they are fewer than `enough`.
        """
        # The character before a word is never an ASCII letter or digit, whatever else it is.
        holding = f"*[^a-z0-9]{typed[-1]}*" if typed else "*"
        walked = {"walked": _WALKED if typed else enough, "holding": holding}
        found = {speaker for scope in self.scopes for speaker in self._all(_WALK, {**walked, "scope": scope})}
        found = {speaker for speaker in found if _fits(speaker, typed)}
        if typed and len(found) < enough:
            found |= {speaker for speaker in self._others(typed, holding) if _fits(speaker, typed)}
        return found

    def _others(self, typed: Sequence[str], holding: str) -> Iterator[str]:
        """Speakers, however rarely quoted, who may match what was typed.

        They are found by the rarest complete word, or by the incomplete last word if that is rarer; in the latter case
        their number is limited, and they come in the alphabetical order of the words.
        """
        begins = {"first": typed[-1], "after": typed[-1] + "\U0010ffff", "limit": _OFFERED}
        for scope in self.scopes:
            given = {**begins, "scope": scope, "read": _SEEN, "holding": holding}
            rows = self._rows(typed[:-1], scope) if typed[:-1] else {}
            rarest = min(rows, key=lambda word: rows[word], default="")
            if rows and rows[rarest] <= (self._db.scalar(_BEGUN, given) or 0):
                yield from self._all(_HAVING, {**given, "word": rarest})
            else:
                yield from self._all(_BEGINNING, given)

    def _known(self, words: Iterable[str]) -> set[str]:
        """Those of these words that occur in somebody's name, alias or role."""
        given = json.dumps(sorted(words))
        return {word for scope in self.scopes for word in self._all(_KNOWN, {"scope": scope, "words": given})}

    def _all(self, query: sa.TextClause, given: Mapping[str, object]) -> Sequence[str]:
        return self._db.scalars(query, given).all()


def _fits(name: str, typed: Sequence[str]) -> bool:
    """Whether a name contains all the words typed, the last of which may be incomplete."""
    if not typed:
        return True
    if typed[-1] not in normal_form(name):
        # A quick check first: many names are looked at for each letter typed, and splitting them into words is slow.
        return False
    words = words_of(name)
    return set(typed[:-1]) <= set(words) and any(word.startswith(typed[-1]) for word in words)


def _last(name: str) -> str:
    words = words_of(name)
    return words[-1] if words else ""

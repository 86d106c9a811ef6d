"""Queries over the names that speakers go by: a part of the catalog's reader.

A first name may be that of thousands in a large library. Rows are read in bulk and narrowed by the database, since each
that reaches Python costs as much there as a hundred that do not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa

from retrieval.articles import ArticleReader
from retrieval.rows import words_of

_WALKED = 3_000
"""Speakers, from those who say most on, among whom the beginning of a name is looked for first."""

_READ = 20_000
"""Rows of one word that are read one after the other; beyond, each speaker is sought behind the one before."""

_OFFERED = 1_000
"""Speakers looked at whose names have a word that begins as was typed, where those who say most are too few."""

_AFTER = 8
"""Characters that may follow the last word of a name: a full stop, a bracket, a possessive's 's."""

UNTOLD = frozenset("the a an of for".split())
"""Words of a name or role by which nobody is looked up where there are others."""

_ROWS = sa.text("select count(*) from (select 1 from names where scope = :scope and word = :word limit :limit)")

_READ_ON = "select distinct speaker from names where scope = :scope and word = :word"
_SOUGHT = """
    with recursive found(speaker) as (
        select min(speaker) from names where scope = :scope and word = :word
        union all
        select (select min(speaker) from names where scope = :scope and word = :word and speaker > found.speaker)
        from found where found.speaker is not null)
    select speaker from found where speaker is not null"""
"""Two ways to the speakers of a word: the second reads one row of somebody who speaks in a thousand articles."""

_ENDING = " where substr(speaker, -:tail) like :last"
_BEARERS = {
    (seeking, ending): sa.text(f"select speaker from ({rows}){_ENDING if ending else ''}")  # noqa: S608 - all ours
    for seeking, rows in ((False, _READ_ON), (True, _SOUGHT))
    for ending in (False, True)
}

_FOREMOST = sa.text("""
    select speakers.speaker from json_each(:names) cross join speakers
    where speakers.scope = :scope and speakers.speaker = json_each.value
    order by speakers.statements desc, speakers.speaker limit :limit""")

_AMONG = sa.text("""
    select value from json_each(:speakers)
    where exists (select 1 from names where scope = :scope and word = :word and speaker = json_each.value)""")

_WALK = sa.text("""
    select speaker from (
        select speaker from speakers where scope = :scope order by statements desc, speaker limit :walked)
    where speaker like :holding""")

_BEGINNING = sa.text("""
    select distinct speaker from (
        select speaker from names where scope = :scope and word >= :first and word < :after limit :read)
    where speaker like :holding limit :limit""")

_HAVING = sa.text("""
    select distinct speaker from (select speaker from names where scope = :scope and word = :word limit :read)
    where speaker like :holding""")

_KNOWN = sa.text("""
    select value from json_each(:words)
    where exists (select 1 from names where scope = :scope and word = json_each.value)""")


class NameReader(ArticleReader):
    """Reads one state of the catalog, in the scopes it was opened for."""

    def speakers_by_word(self, words: Iterable[str], among: Collection[str] | None = None) -> dict[str, set[str]]:
        """Speakers who go by any of these words (lower case), of these speakers where some are given, each with the
        words that fit.

        Articles and prepositions are looked up only where there is nothing else.
        """
        wanted = set(words)
        given = json.dumps(list(among)) if among is not None else ""
        out: dict[str, set[str]] = {}
        for word in wanted - UNTOLD or wanted:
            for scope in self.scopes:
                at: dict[str, object] = {"scope": scope, "word": word}
                found = self._bearers(at) if among is None else self._all(_AMONG, at | {"speakers": given})
                for speaker in found:
                    out.setdefault(speaker, set()).add(word)
        return out

    def speakers_ending(self, words: Iterable[str], most: int | None = None) -> set[str]:
        """Speakers whose name, as it is, ends with one of these words (lower case); `most`: of each word and
        scope, those who say most."""
        out: set[str] = set()
        for word in words:
            for scope in self.scopes:
                bearers = self._bearers({"scope": scope, "word": word}, word)
                found: Sequence[str] = [one for one in bearers if _last(one) == word]
                if most is not None and len(found) > most:
                    given = {"scope": scope, "names": json.dumps(found), "limit": most}
                    found = self._all(_FOREMOST, given)
                out.update(found)
        return out

    def _bearers(self, at: Mapping[str, object], ending: str = "") -> Sequence[str]:
        """Speakers who go by a word in a scope; `ending`: those whose name seems to end with it."""
        seeking = (self._db.scalar(_ROWS, {**at, "limit": _READ + 1}) or 0) > _READ
        last = {"tail": len(ending) + _AFTER, "last": _like(ending)} if ending else {}
        return self._all(_BEARERS[seeking, bool(ending)], {**at, **last})

    def _offered(self, typed: Sequence[str], enough: int) -> set[str]:
        """Speakers whose name has all words typed, the last of them perhaps not to its end: those who say most, and
        others where these are fewer than `enough`."""
        holding = _like(typed[-1]) if typed else "%"
        walked = {"walked": _WALKED if typed else enough, "holding": holding}
        found = {one for scope in self.scopes for one in self._all(_WALK, {**walked, "scope": scope})}
        found = {one for one in found if _fits(one, typed)}
        if typed and len(found) < enough:
            found |= {one for one in self._others(typed, holding) if _fits(one, typed)}
        return found

    def _others(self, typed: Sequence[str], holding: str) -> Iterator[str]:
        """Speakers, however little they say, who may fit what was typed: by its rarest whole word, else by how the last
        one begins, which brings up to _OFFERED in alphabetical order of the words."""
        bounds = {"read": _READ, "holding": holding}
        for scope in self.scopes:
            if typed[:-1]:
                given = [{"scope": scope, "word": word} for word in typed[:-1]]
                rarest = min(given, key=lambda at: self._db.scalar(_ROWS, {**at, "limit": _READ}) or 0)
                yield from self._all(_HAVING, {**bounds, **rarest})
            else:
                begins = {"first": typed[-1], "after": typed[-1] + "\U0010ffff", "limit": _OFFERED}
                yield from self._all(_BEGINNING, {**bounds, **begins, "scope": scope})

    def _known(self, words: Iterable[str]) -> set[str]:
        """Those of these words that are in somebody's name."""
        given = json.dumps(sorted(words))
        return {word for scope in self.scopes for word in self._all(_KNOWN, {"scope": scope, "words": given})}

    def _all(self, query: sa.TextClause, given: Mapping[str, object]) -> Sequence[str]:
        return self._db.scalars(query, given).all()


def _fits(name: str, typed: Sequence[str]) -> bool:
    """Whether a name has all words typed, the last of them perhaps not to its end."""
    if not typed:
        return True
    if typed[-1] not in name.lower():
        # Many are looked at for a letter typed, and finding the words of each takes long.
        return False
    words = words_of(name)
    return set(typed[:-1]) <= set(words) and any(word.startswith(typed[-1]) for word in words)


def _last(name: str) -> str:
    words = words_of(name)
    return words[-1] if words else ""


def _like(word: str) -> str:
    """A pattern for names that hold a word, in either case: SQLite knows the case of ASCII letters alone."""
    return f"%{''.join(char if char.isascii() else '_' for char in word)}%"

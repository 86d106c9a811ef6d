"""Queries over the names that speakers go by: a part of the catalog's reader.

A first name may be that of thousands in a large library. Rows are read in bulk and narrowed by the database, since each
that reaches Python costs as much there as a hundred that do not.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa

from retrieval.store.articles import ArticleReader
from retrieval.text.person_names import words_of

_WALKED = 3_000
"""Speakers, from those who say most on, among whom the beginning of a name is looked for first."""

_READ = 20_000
"""Rows of one word that are read one after the other; beyond, each speaker is sought behind the one before."""

_OFFERED = 500
"""Speakers looked at whose names have a word that begins as was typed, where those who say most are too few."""

_SEEN = 8_000
"""Rows gone through for them."""

_AFTER = 8
"""Characters that may follow the last word of a name: a full stop, a bracket, a possessive's 's."""

UNTOLD = frozenset("the a an of for".split())
"""Words of a name or role by which nobody is looked up where there are others."""

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
"""Two ways to the speakers of a word: the second reads one row of somebody who speaks in a thousand articles."""

_ENDING = sa.text("""
    select distinct speaker from json_each(:words) cross join names
    where scope = :scope and word = json_extract(json_each.value, '$[0]')
    and substr(speaker, -length(word) - :after) like json_extract(json_each.value, '$[1]')""")

_AMONG = sa.text("""
    select value from json_each(:speakers)
    where exists (select 1 from names where scope = :scope and word = :word and speaker = json_each.value)""")

_WALK = sa.text("""
    select speaker from (
        select speaker from speakers where scope = :scope order by statements desc, speaker limit :walked)
    where lower(' ' || speaker) glob :holding""")

_BEGINNING = sa.text("""
    select distinct speaker from (
        select speaker from names where scope = :scope and word >= :first and word < :after limit :read)
    where lower(' ' || speaker) glob :holding limit :limit""")

_BEGUN = sa.text("""
    select count(*) from (select 1 from names where scope = :scope and word >= :first and word < :after limit :read)""")

_HAVING = sa.text("""
    select distinct speaker from (select speaker from names where scope = :scope and word = :word limit :read)
    where lower(' ' || speaker) glob :holding""")

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
                at = {"scope": scope, "word": word, "speakers": given}
                for speaker in self._bearers(word, scope) if among is None else self._all(_AMONG, at):
                    out.setdefault(speaker, set()).add(word)
        return out

    def speakers_by_all(self, words: Collection[str]) -> set[str]:
        """Speakers who go by each of these words (lower case), one at least, in a scope; the rarest is looked up first,
        and of those who go by it, who goes by the others."""
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
        """Speakers whose name, as it is, ends with one of these words (lower case)."""
        wanted = set(words)
        out: set[str] = set()
        for scope in self.scopes if wanted else ():
            rows = self._rows(wanted, scope)
            few = [[word, f"%{_either_case(word, '_')}%"] for word in wanted if rows[word] <= _READ]
            given = {"scope": scope, "words": json.dumps(few), "after": _AFTER}
            out.update(one for one in self._all(_ENDING, given) if _last(one) in wanted)
            for word in wanted:
                if rows[word] > _READ:
                    out.update(one for one in self._bearers(word, scope) if _last(one) == word)
        return out

    def _bearers(self, word: str, scope: str) -> Sequence[str]:
        """Speakers who go by a word in a scope."""
        query = _READ_ON if self._rows([word], scope)[word] <= _READ else _SOUGHT
        return self._all(query, {"scope": scope, "word": word})

    def _rows(self, words: Iterable[str], scope: str) -> dict[str, int]:
        """How many rows each of these words has in a scope, counted up to one more than are read on."""
        given = {"scope": scope, "words": json.dumps(list(words)), "limit": _READ + 1}
        return {row.word: row.number for row in self._db.execute(_ROWS, given).all()}

    def _offered(self, typed: Sequence[str], enough: int) -> set[str]:
        """Speakers whose name has all words typed, the last of them perhaps not to its end: those who say most, and
        others where these are fewer than `enough`."""
        # What stands before a word is no letter of ASCII, whatever else it is.
        holding = f"*[^a-z0-9]{_either_case(typed[-1], '?')}*" if typed else "*"
        walked = {"walked": _WALKED if typed else enough, "holding": holding}
        found = {one for scope in self.scopes for one in self._all(_WALK, {**walked, "scope": scope})}
        found = {one for one in found if _fits(one, typed)}
        if typed and len(found) < enough:
            found |= {one for one in self._others(typed, holding) if _fits(one, typed)}
        return found

    def _others(self, typed: Sequence[str], holding: str) -> Iterator[str]:
        """Speakers, however little they say, who may fit what was typed: by its rarest whole word, or by how the last
        one begins where that is rarer, which brings up to _OFFERED in alphabetical order of the words."""
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


def _either_case(word: str, any_letter: str) -> str:
    """A word with what stands for any letter in a pattern: SQLite knows the case of ASCII letters alone."""
    return "".join(char if char.isascii() else any_letter for char in word)

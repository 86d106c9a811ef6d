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

_TOP_SPEAKERS = 3_000
"""Number of speakers, those with the most statements, among whom a typed beginning of a name is looked for first."""

_MAX_READ_ROWS = 20_000
"""Maximum number of rows of one word that are read through; for more, the index is searched speaker by speaker."""

_MAX_RARE_SPEAKERS = 500
"""Maximum number of less quoted speakers found by a typed beginning of a name, if the most quoted ones are too few."""

_MAX_PREFIX_ROWS = 8_000
"""Maximum number of rows read to find them."""

_MAX_SUFFIX_CHARS = 8
"""Maximum number of characters after the last word of a name: a full stop, a bracket, a possessive 's."""

UNTOLD = frozenset("the a an of for".split())
"""Words of a name or role that are not looked up, unless there are no others."""

_ROW_COUNTS = sa.text("""
    select value as word, (
        select count(*) from (
            select 1 from names where scope = :scope and word = json_each.value limit :limit)) as number
    from json_each(:words)""")

_SPEAKERS_BY_READING = sa.text("select distinct speaker from names where scope = :scope and word = :word")
_SPEAKERS_BY_SEEKING = sa.text("""
    with recursive found(speaker) as (
        select min(speaker) from names where scope = :scope and word = :word
        union all
        select (select min(speaker) from names where scope = :scope and word = :word and speaker > found.speaker)
        from found where found.speaker is not null)
    select speaker from found where speaker is not null""")
"""Two queries for the speakers with a word: the second reads a single row for each, even of a thousand articles."""

_SPEAKERS_ENDING = sa.text("""
    select distinct speaker from json_each(:words) cross join names
    where scope = :scope and word = json_each.value
    and instr(substr(normal_form(speaker), -length(word) - :after), word)""")

_SPEAKERS_AMONG = sa.text("""
    select value from json_each(:speakers)
    where exists (select 1 from names where scope = :scope and word = :word and speaker = json_each.value)""")

_TOP_SPEAKERS_MATCHING = sa.text("""
    select speaker from (
        select speaker from speakers where scope = :scope order by statements desc, speaker limit :walked)
    where ' ' || normal_form(speaker) glob :holding""")

_SPEAKERS_BY_PREFIX = sa.text("""
    select distinct speaker from (
        select speaker from names where scope = :scope and word >= :first and word < :after limit :read)
    where ' ' || normal_form(speaker) glob :holding limit :limit""")

_PREFIX_ROW_COUNT = sa.text("""
    select count(*) from (select 1 from names where scope = :scope and word >= :first and word < :after limit :read)""")

_SPEAKERS_BY_WORD = sa.text("""
    select distinct speaker from (select speaker from names where scope = :scope and word = :word limit :read)
    where ' ' || normal_form(speaker) glob :holding""")

_WORDS_IN_NAMES = sa.text("""
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
                for speaker in (
                    self._speakers_with_word(word, scope) if among is None else self._fetch_all(_SPEAKERS_AMONG, at)
                ):
                    out.setdefault(speaker, set()).add(word)
        return out

    def speakers_by_all(self, words: Collection[str]) -> set[str]:
        """Speakers with all of these lower-case words, of which there must be one at least, in the same scope.

        The rarest word is looked up first, and its speakers are then narrowed by the others.
        """
        out: set[str] = set()
        for scope in self.scopes:
            rows = self._count_rows(words, scope)
            first, *others = sorted(rows, key=lambda word: rows[word])
            found = self._speakers_with_word(first, scope)
            for word in others:
                found = self._fetch_all(
                    _SPEAKERS_AMONG, {"scope": scope, "word": word, "speakers": json.dumps(list(found))}
                )
            out.update(found)
        return out

    def speakers_ending(self, words: Iterable[str]) -> set[str]:
        """Speakers whose full name ends with one of these lower-case words."""
        wanted = set(words)
        out: set[str] = set()
        for scope in self.scopes if wanted else ():
            rows = self._count_rows(wanted, scope)
            few = [word for word in wanted if rows[word] <= _MAX_READ_ROWS]
            given = {"scope": scope, "words": json.dumps(few), "after": _MAX_SUFFIX_CHARS}
            out.update(speaker for speaker in self._fetch_all(_SPEAKERS_ENDING, given) if _last_word(speaker) in wanted)
            for word in wanted:
                if rows[word] > _MAX_READ_ROWS:
                    out.update(
                        speaker for speaker in self._speakers_with_word(word, scope) if _last_word(speaker) == word
                    )
        return out

    def _speakers_with_word(self, word: str, scope: str) -> Sequence[str]:
        """The speakers of a scope with this word in a name, alias or role."""
        query = (
            _SPEAKERS_BY_READING if self._count_rows([word], scope)[word] <= _MAX_READ_ROWS else _SPEAKERS_BY_SEEKING
        )
        return self._fetch_all(query, {"scope": scope, "word": word})

    def _count_rows(self, words: Iterable[str], scope: str) -> dict[str, int]:
        """The number of rows of each of these words in a scope, counted up to one more than are read through."""
        given = {"scope": scope, "words": json.dumps(list(words)), "limit": _MAX_READ_ROWS + 1}
        return {row.word: row.number for row in self._db.execute(_ROW_COUNTS, given).all()}

    def _speakers_matching(self, typed: Sequence[str], enough: int) -> set[str]:
        """Speakers whose name contains all the words typed, the last of which may be incomplete.

        These are the most quoted ones, and others if they are fewer than `enough`.
        """
        # The character before a word is never an ASCII letter or digit, whatever else it is.
        holding = f"*[^a-z0-9]{typed[-1]}*" if typed else "*"
        walked = {"walked": _TOP_SPEAKERS if typed else enough, "holding": holding}
        found = {
            speaker
            for scope in self.scopes
            for speaker in self._fetch_all(_TOP_SPEAKERS_MATCHING, {**walked, "scope": scope})
        }
        found = {speaker for speaker in found if _matches_typed(speaker, typed)}
        if typed and len(found) < enough:
            found |= {
                speaker for speaker in self._rare_speakers_matching(typed, holding) if _matches_typed(speaker, typed)
            }
        return found

    def _rare_speakers_matching(self, typed: Sequence[str], holding: str) -> Iterator[str]:
        """Speakers, however rarely quoted, who may match what was typed.

        They are found by the rarest complete word, or by the incomplete last word if that is rarer; in the latter case
        their number is limited, and they come in the alphabetical order of the words.
        """
        begins = {"first": typed[-1], "after": typed[-1] + "\U0010ffff", "limit": _MAX_RARE_SPEAKERS}
        for scope in self.scopes:
            given = {**begins, "scope": scope, "read": _MAX_PREFIX_ROWS, "holding": holding}
            rows = self._count_rows(typed[:-1], scope) if typed[:-1] else {}
            rarest = min(rows, key=lambda word: rows[word], default="")
            if rows and rows[rarest] <= (self._db.scalar(_PREFIX_ROW_COUNT, given) or 0):
                yield from self._fetch_all(_SPEAKERS_BY_WORD, {**given, "word": rarest})
            else:
                yield from self._fetch_all(_SPEAKERS_BY_PREFIX, given)

    def _words_in_names(self, words: Iterable[str]) -> set[str]:
        """Those of these words that occur in somebody's name, alias or role."""
        given = json.dumps(sorted(words))
        return {
            word for scope in self.scopes for word in self._fetch_all(_WORDS_IN_NAMES, {"scope": scope, "words": given})
        }

    def _fetch_all(self, query: sa.TextClause, given: Mapping[str, object]) -> Sequence[str]:
        return self._db.scalars(query, given).all()


def _matches_typed(name: str, typed: Sequence[str]) -> bool:
    """Whether a name contains all the words typed, the last of which may be incomplete."""
    if not typed:
        return True
    if typed[-1] not in normal_form(name):
        # A quick check first: many names are looked at for each letter typed, and splitting them into words is slow.
        return False
    words = words_of(name)
    return set(typed[:-1]) <= set(words) and any(word.startswith(typed[-1]) for word in words)


def _last_word(name: str) -> str:
    words = words_of(name)
    return words[-1] if words else ""

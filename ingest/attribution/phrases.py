"""Names and descriptions as phrases: where the one who speaks is named, before or after the verb."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from retrieval.english.calendar import WEEKDAYS
from ingest.attribution.document import Reading
from retrieval.english.function_words import (
    AUXILIARIES,
    CONJUNCTIONS,
    DETERMINERS,
    JOINERS,
    NOBODY,
    OPENERS,
    PREPOSITIONS,
    PRONOUNS,
)
from retrieval.english.name_words import HONORIFICS, ORGANISATION, PARTICLES, ROLES, TITLES
from retrieval.english.verbs import past_forms, verbs

_LONGEST = 14
"""How many words a phrase may have."""

_STOPS = AUXILIARIES | CONJUNCTIONS | PREPOSITIONS | NOBODY | PRONOUNS
_NO_HEAD = _STOPS | DETERMINERS
_INSIDE = frozenset("of the and for".split())
_RELATIVE = frozenset("who whose which where whom".split())
_OPENING_ALONE = DETERMINERS.union(WEEKDAYS)
_NAMES_NOBODY = OPENERS | _NO_HEAD


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words `first` to `last` that name somebody; `head` is the last word of the naming part, before "of" or "for".

    `name` are the words of the name itself with its honorific; None for a description. `role` is what stands with it.
    """

    first: int
    last: int
    head: int
    name: range | None = None
    role: str | None = None
    pronoun: str | None = None


def name_runs(reading: Reading) -> Iterator[range]:
    """Every run of capitals in reading order, particles inside it, opening words of sentences left out."""
    opening = {unit.first for unit in reading.units}
    at, total = 0, len(reading.word)
    while at < total:
        if not _cap(reading, at):
            at += 1
            continue
        if reading.low[at] in OPENERS and (
            at in opening or reading.low[at] in _OPENING_ALONE or at == 0 or not _cap(reading, at - 1)
        ):
            at += 1
            continue
        last = _run_end(reading, at, total)
        last = next((k - 1 for k in range(at + 1, last + 1) if k in opening), last)
        yield range(after_office(reading, at, last), last + 1)
        at = last + 1


def after_office(reading: Reading, first: int, last: int) -> int:
    """Where the name of a run of capitals begins: of "Secretary of State Mike Pompeo" State is the office's."""
    of = first - 1 - (first > 1 and reading.low[first - 1] == "the")
    office = of > 0 and reading.low[of] == "of" and reading.low[of - 1] in TITLES
    return last - 1 if office and last - first > 1 else first


def _run_end(reading: Reading, at: int, total: int) -> int:
    last = at
    while last + 1 < total and last - at < 9:
        following = last + 1
        if reading.word[last].endswith(("'s", "’s")):
            break
        if _cap(reading, following):
            last = following
        elif reading.low[following] in PARTICLES and following + 1 < total and _cap(reading, following + 1):
            last = following + 1
        else:
            break
    return last


def _cap(reading: Reading, at: int) -> bool:
    return reading.word[at][0].isupper()


def _is_finite(reading: Reading, at: int) -> bool:
    return reading.low[at] in past_forms() and not _cap(reading, at)


def phrase_before(reading: Reading, at: int, floor: int) -> Phrase | None:
    """The phrase that ends with word `at` and begins at word `floor` or later, an apposition or brackets skipped."""
    role = None
    for _ in range(4):
        at = _before_brackets(reading, at, floor)
        if at < floor or reading.quoted[at] >= 0:
            return None
        if reading.word[at] not in (",", "-", "–", "—"):
            return _ending_at(reading, at, floor, role)
        opened = _opening_mark(reading, at, floor)
        if opened is None:
            return None
        if reading.low[opened + 1] not in _RELATIVE and at - opened > 1:
            role = reading.words(opened + 1 + (reading.low[opened + 1] in ("the", "a", "an")), at - 1)
        at = opened - 1
    return None


def _before_brackets(reading: Reading, at: int, floor: int) -> int:
    if at >= floor and reading.word[at] == ")":
        for opened in range(at, max(floor, at - 12) - 1, -1):
            if reading.word[opened] == "(":
                return opened - 1
    return at


def _opening_mark(reading: Reading, at: int, floor: int) -> int | None:
    for opened in range(at - 1, max(floor, at - 30), -1):
        if reading.quoted[opened] >= 0 or reading.word[opened] in ";:":
            return None
        if reading.word[opened] == reading.word[at]:
            return opened
    return None


def _ending_at(reading: Reading, at: int, floor: int, role: str | None) -> Phrase | None:
    low = reading.low[at]
    if low in PRONOUNS:
        if low == "who":
            before = at - 1 - (at > floor and reading.word[at - 1] == ",")
            stands = before >= floor and reading.low[before] != "who"
            return _ending_at(reading, before, floor, role) if stands else None
        return Phrase(at, at, at, pronoun=low)
    first = _core_start(reading, at, floor)
    if first is None:
        return None
    head = at
    while first - 2 >= floor and reading.low[first - 1] in JOINERS and at - first < _LONGEST:
        earlier = _core_start(reading, first - 2, floor)
        if earlier is None or reading.quoted[first - 2] >= 0:
            break
        if reading.low[first - 1] not in ("of", "for") and not _may_be_joined(reading, earlier, first - 2):
            break
        head, first = first - 2, earlier
    if (
        first - 2 >= floor
        and reading.low[first - 1] in ("and", "&")
        and (_cap(reading, first) or _cap(reading, first - 2))
    ):
        other = _core_start(reading, first - 2, floor)
        if other is not None and reading.quoted[first - 2] < 0:
            return Phrase(other, at, at, role=role)
    return described(reading, first, at, head, role)


def _may_be_joined(reading: Reading, first: int, last: int) -> bool:
    return reading.low[first] in DETERMINERS or (not _cap(reading, last) and reading.low[last] in ROLES)


def _core_start(reading: Reading, at: int, floor: int) -> int | None:
    """Where the words without a preposition that end at `at` begin; None where no phrase ends there."""
    if at < floor or not _carries(reading, at) or reading.low[at] in _NO_HEAD:
        return None
    first = at
    if reading.low[at] in HONORIFICS:
        return None
    while first - 1 >= floor and at - first < _LONGEST:
        before, low = first - 1, reading.low[first - 1]
        if low in DETERMINERS:
            if low not in ("no",):
                first = before
            break
        if low in HONORIFICS and not (before > floor and reading.low[before - 1] in TITLES | HONORIFICS | {"'s"}):
            first = before
            if not (before > floor and _possessive(reading, before - 1)):
                break
        elif low in PARTICLES and before > floor and _cap(reading, before - 1) and _cap(reading, first):
            first = before
        elif not _carries(reading, before) or low in _STOPS or _is_finite(reading, before):
            break
        elif _cap(reading, before) and low in OPENERS:
            break
        else:
            first = before
    while first < at and (reading.low[first].endswith("ly") and not _cap(reading, first)):
        first += 1
    return first


def _possessive(reading: Reading, at: int) -> bool:
    return reading.word[at].endswith(("'s", "’s"))


def _carries(reading: Reading, at: int) -> bool:
    return reading.word[at][0].isalnum() and reading.quoted[at] < 0 and at not in reading.time_ending


def phrase_after(reading: Reading, at: int, ceiling: int) -> Phrase | None:
    """The phrase that begins with word `at` and ends at word `ceiling` at the latest."""
    if at > ceiling or reading.quoted[at] >= 0:
        return None
    if reading.low[at] in PRONOUNS - {"who"}:
        return Phrase(at, at, at, pronoun=reading.low[at])
    last = _core_end(reading, at, ceiling)
    if last is None:
        return None
    head = last
    while last + 2 <= ceiling and reading.low[last + 1] in ("of", "for", "from", "at", "with") and last - at < _LONGEST:
        later = _core_end(reading, last + 2, ceiling)
        if later is None:
            break
        last = later
    role = None
    if last + 2 <= ceiling and reading.word[last + 1] == ",":
        role = _apposition(reading, last + 2, ceiling)
    return described(reading, at, last, head, role)


def opening_name(reading: Reading, at: int) -> Phrase | None:
    """The name that word `at` begins, whatever follows it."""
    if not _cap(reading, at) or reading.low[at] in _NAMES_NOBODY or reading.quoted[at] >= 0:
        return None
    last = _run_end(reading, at, len(reading.word))
    after = last + 1
    # "Falling sales", "European firms": the capital is the sentence's, and no name.
    goes_on = after < len(reading.word) and last == at and _carries(reading, after) and not _cap(reading, after)
    low = reading.low[after] if goes_on else "and"
    if low not in AUXILIARIES and low not in verbs() and low not in ("and", "who"):
        return None
    return described(reading, at, last, last, None)


def _core_end(reading: Reading, at: int, ceiling: int) -> int | None:
    last = at - 1
    while last + 1 <= ceiling and last - at < _LONGEST:
        following = last + 1
        low = reading.low[following]
        if not reading.is_word(following) or reading.quoted[following] >= 0 or following in reading.time_starting:
            break
        if low in DETERMINERS and following != at and not _cap(reading, following):
            break
        participle = low.endswith("ing") and not _cap(reading, following) and low not in ROLES
        if low in _STOPS or _is_finite(reading, following) or participle:
            break
        last = following
    if last < at or reading.low[last] in DETERMINERS:
        return None
    return last


def _apposition(reading: Reading, first: int, ceiling: int) -> str | None:
    last = first
    while last <= ceiling and last - first < _LONGEST and reading.word[last] not in ",.;:" and reading.quoted[last] < 0:
        last += 1
    if last == first or not any(reading.low[i] in ROLES for i in range(first, min(last, first + 6))):
        return None
    first += reading.low[first] in ("the", "a", "an")
    return reading.words(first, last - 1) if first < last else None


def described(reading: Reading, first: int, last: int, head: int, role: str | None) -> Phrase:
    """The phrase of words `first` to `last` with its name and role told apart."""
    # "On Monday Secretary of State …": the day is none of hers.
    begin = first + (first in reading.time_ending and first < head)
    begin += reading.low[begin] in DETERMINERS and begin < head
    start = head + 1
    while start - 1 >= begin and (
        _cap(reading, start - 1) or (start <= head and start - 2 >= begin and reading.low[start - 1] in PARTICLES)
    ):
        start -= 1
    if start > head:
        return Phrase(first, last, head, role=role)
    name = start = after_office(reading, start, head)
    for at in range(start, head):
        low = reading.low[at]
        if low in HONORIFICS:
            name = at
            break
        if low in TITLES or _possessive(reading, at):
            name = at + 1
    if reading.low[head] in TITLES:
        return Phrase(first, last, head, role=role)
    before = reading.words(begin, name - 1) if name > begin else None
    if (
        last > head + 1
        and reading.low[head] in ORGANISATION
        and reading.low[head + 1] == "of"
        and all(_cap(reading, k) or reading.low[k] in _INSIDE for k in range(head + 2, last + 1))
    ):
        head = last
    if before and before.endswith(("'s", "’s")):
        before = before[:-2]
    if before is None and last > head and role is None and head - name >= 1:
        role = None
    return Phrase(first, last, head, range(name, head + 1), before or role)

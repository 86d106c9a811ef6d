"""Noun phrases that name a speaker, before or after a verb."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.attribution.document import AnnotatedText
from ingest.attribution.name_bounds import name_run_end, name_start_after_office
from retrieval.english.calendar import WEEKDAYS
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

_MAX_PHRASE_WORDS = 14
"""Words of a phrase at most."""

_STOPS = AUXILIARIES | CONJUNCTIONS | PREPOSITIONS | NOBODY | PRONOUNS
_NO_HEAD = _STOPS | DETERMINERS
_INSIDE = frozenset("of the and for".split())
_RELATIVE = frozenset("who whose which where whom".split())
_OPENING_ALONE = DETERMINERS.union(WEEKDAYS)
_NAMES_NOBODY = OPENERS | _NO_HEAD


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words `first` to `last` that name somebody; `head` is the last of them before "of" or "for".

    `name` are the words of the proper name with its honorific, None for a description. `role` is what describes them.
    """

    first: int
    last: int
    head: int
    name: range | None = None
    role: str | None = None
    pronoun: str | None = None


def name_runs(text: AnnotatedText) -> Iterator[range]:
    """Runs of capitalized words, with particles ("van") inside; words that merely open a sentence are left out."""
    unit_starts = {unit.first for unit in text.units}
    at, total = 0, len(text.word)
    while at < total:
        if not text.is_capitalized(at):
            at += 1
            continue
        if text.lower[at] in OPENERS and (
            at in unit_starts or text.lower[at] in _OPENING_ALONE or at == 0 or not text.is_capitalized(at - 1)
        ):
            at += 1
            continue
        last = name_run_end(text, at, total)
        last = next((k - 1 for k in range(at + 1, last + 1) if k in unit_starts), last)
        yield range(name_start_after_office(text, at, last), last + 1)
        at = last + 1


def _is_finite_verb(text: AnnotatedText, at: int) -> bool:
    """Whether a word is the past form of a reporting verb."""
    return text.lower[at] in past_forms() and not text.is_capitalized(at)


def phrase_before(text: AnnotatedText, at: int, floor: int) -> Phrase | None:
    """The phrase that ends at word `at`, or before an apposition or brackets there, and begins at `floor` or later."""
    role = None
    for _ in range(4):
        at = _skip_brackets(text, at, floor)
        if at < floor or text.quoted[at] >= 0:
            return None
        if text.word[at] not in (",", "-", "–", "—"):
            return _phrase_ending_at(text, at, floor, role)
        opening = _opening_mark(text, at, floor)
        if opening is None:
            return None
        if text.lower[opening + 1] not in _RELATIVE and at - opening > 1:
            role = text.substring(opening + 1 + (text.lower[opening + 1] in ("the", "a", "an")), at - 1)
        at = opening - 1
    return None


def _skip_brackets(text: AnnotatedText, at: int, floor: int) -> int:
    """The word before the brackets that close at `at`; `at` itself if none do."""
    if at >= floor and text.word[at] == ")":
        for bracket in range(at, max(floor, at - 12) - 1, -1):
            if text.word[bracket] == "(":
                return bracket - 1
    return at


def _opening_mark(text: AnnotatedText, at: int, floor: int) -> int | None:
    """The comma or dash that opens what the one at `at` closes."""
    for opening in range(at - 1, max(floor, at - 30), -1):
        if text.quoted[opening] >= 0 or text.word[opening] in ";:":
            return None
        if text.word[opening] == text.word[at]:
            return opening
    return None


def _phrase_ending_at(text: AnnotatedText, at: int, floor: int, role: str | None) -> Phrase | None:
    """The phrase that ends with word `at`: a pronoun, a name or a description, joined by "of" or "and"."""
    pronoun = text.lower[at]
    if pronoun in PRONOUNS:
        if pronoun == "who":
            antecedent = at - 1 - (at > floor and text.word[at - 1] == ",")
            has_antecedent = antecedent >= floor and text.lower[antecedent] != "who"
            return _phrase_ending_at(text, antecedent, floor, role) if has_antecedent else None
        return Phrase(at, at, at, pronoun=pronoun)
    first = _core_start(text, at, floor)
    if first is None:
        return None
    head = at
    while first - 2 >= floor and text.lower[first - 1] in JOINERS and at - first < _MAX_PHRASE_WORDS:
        earlier = _core_start(text, first - 2, floor)
        if earlier is None or text.quoted[first - 2] >= 0:
            break
        if text.lower[first - 1] not in ("of", "for") and not _may_be_joined(text, earlier, first - 2):
            break
        head, first = first - 2, earlier
    if (
        first - 2 >= floor
        and text.lower[first - 1] in ("and", "&")
        and (text.is_capitalized(first) or text.is_capitalized(first - 2))
    ):
        other_start = _core_start(text, first - 2, floor)
        if other_start is not None and text.quoted[first - 2] < 0:
            return Phrase(other_start, at, at, role=role)
    return build_phrase(text, first, at, head, role)


def _may_be_joined(text: AnnotatedText, first: int, last: int) -> bool:
    """Whether a phrase can have a complement with a preposition other than "of" or "for"."""
    return text.lower[first] in DETERMINERS or (not text.is_capitalized(last) and text.lower[last] in ROLES)


def _core_start(text: AnnotatedText, at: int, floor: int) -> int | None:
    """The first word of the preposition-free phrase that ends at `at`; None if no phrase ends there."""
    if at < floor or not _can_be_in_phrase(text, at) or text.lower[at] in _NO_HEAD:
        return None
    first = at
    if text.lower[at] in HONORIFICS:
        return None
    while first - 1 >= floor and at - first < _MAX_PHRASE_WORDS:
        before, lower = first - 1, text.lower[first - 1]
        if lower in DETERMINERS:
            if lower != "no":
                first = before
            break
        if lower in HONORIFICS and not (before > floor and text.lower[before - 1] in TITLES | HONORIFICS | {"'s"}):
            first = before
            if not (before > floor and _is_possessive(text, before - 1)):
                break
        elif lower in PARTICLES and before > floor and text.is_capitalized(before - 1) and text.is_capitalized(first):
            first = before
        elif not _can_be_in_phrase(text, before) or lower in _STOPS or _is_finite_verb(text, before):
            break
        elif text.is_capitalized(before) and lower in OPENERS:
            break
        else:
            first = before
    while first < at and (text.lower[first].endswith("ly") and not text.is_capitalized(first)):
        first += 1
    return first


def _is_possessive(text: AnnotatedText, at: int) -> bool:
    """Whether a word ends with a possessive 's."""
    return text.word[at].endswith(("'s", "’s"))


def _can_be_in_phrase(text: AnnotatedText, at: int) -> bool:
    """Whether it is a word outside quotations that does not end a time expression."""
    return text.word[at][0].isalnum() and text.quoted[at] < 0 and at not in text.time_ending


def phrase_after(text: AnnotatedText, at: int, ceiling: int) -> Phrase | None:
    """The phrase that begins at word `at` and ends at word `ceiling` at the latest."""
    if at > ceiling or text.quoted[at] >= 0:
        return None
    if text.lower[at] in PRONOUNS - {"who"}:
        return Phrase(at, at, at, pronoun=text.lower[at])
    last = _core_end(text, at, ceiling)
    if last is None:
        return None
    head = last
    while (
        last + 2 <= ceiling
        and text.lower[last + 1] in ("of", "for", "from", "at", "with")
        and last - at < _MAX_PHRASE_WORDS
    ):
        later = _core_end(text, last + 2, ceiling)
        if later is None:
            break
        last = later
    role = None
    if last + 2 <= ceiling and text.word[last + 1] == ",":
        role = _apposition_role(text, last + 2, ceiling)
    return build_phrase(text, at, last, head, role)


def opening_name(text: AnnotatedText, at: int) -> Phrase | None:
    """The name that begins at word `at`; None if the capital is only that of a sentence."""
    if not text.is_capitalized(at) or text.lower[at] in _NAMES_NOBODY or text.quoted[at] >= 0:
        return None
    last = name_run_end(text, at, len(text.word))
    after = last + 1
    # "Falling sales", "European firms": the capital opens a sentence, not a name.
    is_followed = (
        after < len(text.word) and last == at and _can_be_in_phrase(text, after) and not text.is_capitalized(after)
    )
    lower = text.lower[after] if is_followed else "and"
    if lower not in AUXILIARIES and lower not in verbs() and lower not in ("and", "who"):
        return None
    return build_phrase(text, at, last, last, None)


def _core_end(text: AnnotatedText, at: int, ceiling: int) -> int | None:
    """The last word of the preposition-free phrase that begins at `at`; None if no phrase begins there."""
    last = at - 1
    while last + 1 <= ceiling and last - at < _MAX_PHRASE_WORDS:
        following = last + 1
        lower = text.lower[following]
        if not text.is_word(following) or text.quoted[following] >= 0 or following in text.time_starting:
            break
        if lower in DETERMINERS and following != at and not text.is_capitalized(following):
            break
        is_participle = lower.endswith("ing") and not text.is_capitalized(following) and lower not in ROLES
        if lower in _STOPS or _is_finite_verb(text, following) or is_participle:
            break
        last = following
    if last < at or text.lower[last] in DETERMINERS:
        return None
    return last


def _apposition_role(text: AnnotatedText, first: int, ceiling: int) -> str | None:
    """The role in an apposition that begins at word `first`; None if it names no role."""
    last = first
    while (
        last <= ceiling and last - first < _MAX_PHRASE_WORDS and text.word[last] not in ",.;:" and text.quoted[last] < 0
    ):
        last += 1
    if last == first or not any(text.lower[i] in ROLES for i in range(first, min(last, first + 6))):
        return None
    first += text.lower[first] in ("the", "a", "an")
    return text.substring(first, last - 1) if first < last else None


def build_phrase(text: AnnotatedText, first: int, last: int, head: int, role: str | None) -> Phrase:
    """The phrase of words `first` to `last`, divided into name and role."""
    # "On Monday Secretary of State …": the day is not part of the role.
    begin = first + (first in text.time_ending and first < head)
    begin += text.lower[begin] in DETERMINERS and begin < head
    start = head + 1
    while start - 1 >= begin and (
        text.is_capitalized(start - 1) or (start <= head and start - 2 >= begin and text.lower[start - 1] in PARTICLES)
    ):
        start -= 1
    if start > head:
        return Phrase(first, last, head, role=role)
    name = start = name_start_after_office(text, start, head)
    for at in range(start, head):
        lower = text.lower[at]
        if lower in HONORIFICS:
            name = at
            break
        if lower in TITLES or _is_possessive(text, at):
            name = at + 1
    if text.lower[head] in TITLES:
        return Phrase(first, last, head, role=role)
    before = text.substring(begin, name - 1) if name > begin else None
    if (
        last > head + 1
        and text.lower[head] in ORGANISATION
        and text.lower[head + 1] == "of"
        and all(text.is_capitalized(k) or text.lower[k] in _INSIDE for k in range(head + 2, last + 1))
    ):
        head = last
    if before and before.endswith(("'s", "’s")):
        before = before[:-2]
    return Phrase(first, last, head, range(name, head + 1), before or role)

"""The cues of a sentence: which verb reports, whose it is, and which words it reports."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.cues import (
    ADVERBS,
    AUXILIARIES,
    BE,
    BREAKS,
    CONJUNCTIONS,
    DETERMINERS,
    INVERTS,
    NOBODY,
    PARTICLES,
    PREPOSITIONS,
    PRONOUNS,
    Form,
    Takes,
    Verb,
    verbs,
)
from ingest.phrases import Phrase, phrase_after, phrase_before
from ingest.reading import Reading, Unit

_STRONG = frozenset(
    """accuse blame condemn criticise criticize deny dismiss praise reject denounce oppose endorse welcome demand
    urge mock slam blast defend deplore ridicule""".split()
)
"""Verbs that report by themselves what somebody thinks of a thing; the others need words in quotation marks."""

_MARKS = frozenset(",.;:!?-–—…")
_MEDIA = frozenset("in on at during from via to by through".split())
_SPEECH = frozenset(
    """statement interview speech email e-mail letter tweet message report conference briefing post article comment
    comments remarks memo television radio facebook twitter release address hearing testimony op-ed column""".split()
)
_TO_CLAUSE = frozenset(
    "promise pledge vow threaten agree refuse decline urge want hope expect wish offer ask tell".split()
)


@dataclass(slots=True)
class Cue:
    """A reporting verb: the words `first` to `last`, the phrase that names who, and runs of words reported."""

    verb: Verb
    first: int
    last: int
    phrase: Phrase | None
    shares: bool = False
    content: list[tuple[int, int]] = field(default_factory=list)
    addressee: tuple[int, int] | None = None

    @property
    def begins(self) -> int:
        """The first word of the cue or of its own subject, whichever comes first."""
        return min(self.first, self.phrase.first) if self.phrase and not self.shares else self.first

    @property
    def ends(self) -> int:
        """The last word of the cue or of its own subject."""
        return max(self.last, self.phrase.last) if self.phrase and not self.shares else self.last


def cues_of(reading: Reading, unit: Unit) -> list[Cue]:
    """The cues of a sentence in order, each with the words it reports; those that report nothing are left out."""
    found: list[Cue] = []
    at = unit.first
    while at <= unit.last:
        cue = None
        if reading.quoted[at] < 0:
            cue = _according(reading, unit, at) if reading.low[at] == "according" else _cue(reading, unit, at, found)
        if cue is not None:
            found.append(cue)
            at = max(at, cue.last)
        at += 1
    _reported(reading, unit, found)
    return [cue for cue in found if cue.content]


def _according(reading: Reading, unit: Unit, at: int) -> Cue | None:
    if at + 2 > unit.last or reading.low[at + 1] != "to":
        return None
    phrase = phrase_after(reading, at + 2, unit.last)
    return Cue(Verb("according", Takes.CLAUSE, Form.PAST), at, at + 1, phrase) if phrase else None


def _cue(reading: Reading, unit: Unit, at: int, found: list[Cue]) -> Cue | None:
    verb = verbs().get(reading.low[at])
    if verb is None or reading.capital(at):
        return None
    last = at + (at < unit.last and reading.low[at + 1] in PARTICLES.get(verb.base, ()))
    if verb.base == "quote" and (quoted := _quoted_as(reading, unit, at)):
        return quoted
    before = _skip_back(reading, at - 1, unit.first)
    first = at
    while first - 1 > before and reading.low[first - 1] in AUXILIARIES:
        first -= 1
    passive = any(reading.low[k] in BE for k in range(before + 1, at))
    if passive and verb.form is not Form.ING:
        return None
    if verb.base in INVERTS and verb.form in (Form.PAST, Form.PRESENT) and _after_words(reading, at - 1, unit.first):
        phrase = phrase_after(reading, at + 1, unit.last)
        if phrase is not None and not _clause_follows(reading, phrase.last + 1, unit.last):
            return Cue(verb, at, last, phrase)
    if before < unit.first:
        return None
    if verb.form is Form.BASE and not any(reading.low[k] in AUXILIARIES for k in range(before + 1, at)):
        phrase = phrase_before(reading, before, unit.first)
        plural = phrase is not None and (phrase.pronoun == "they" or reading.low[phrase.head].endswith("s"))
        return Cue(verb, at, last, phrase) if plural else None
    if verb.form is Form.ING and not passive:
        return _ing(reading, unit, at, last, verb, before, found)
    joined = reading.low[before] in ("and", "but", "then", "yet", "or") or (
        reading.word[before] == "," and bool(found) and found[-1].last < before
    )
    if joined and found and found[-1].phrase is not None:
        return Cue(verb, first, last, found[-1].phrase, shares=True)
    if joined and reading.low[before] in ("and", "but"):
        phrase = _earlier_subject(reading, unit, before)
        return Cue(verb, first, last, phrase) if phrase else None
    phrase = phrase_before(reading, before, unit.first)
    return Cue(verb, first, last, phrase) if phrase else None


def _quoted_as(reading: Reading, unit: Unit, at: int) -> Cue | None:
    """ "… quoted the mayor as saying", "the mayor was quoted as saying"."""
    for k in range(at + 1, min(at + 12, unit.last)):
        if reading.low[k] == "as" and reading.low[k + 1] in ("saying", "telling"):
            who = phrase_after(reading, at + 1, k - 1) if k > at + 1 else None
            if who is None:
                who = phrase_before(reading, _skip_back(reading, at - 1, unit.first), unit.first)
            verb = Verb("say", Takes.CLAUSE, Form.ING)
            return Cue(verb, k, k + 1, who) if who else None
    return None


def _ing(reading: Reading, unit: Unit, at: int, last: int, verb: Verb, before: int, found: list[Cue]) -> Cue | None:
    """ "…, adding that", "with an official calling it a “paradox”"."""
    if reading.word[before] in (",", "–", "—") or reading.low[before] in (
        "and",
        "by",
        "in",
        "while",
        "before",
        "after",
    ):
        if found and found[-1].phrase is not None:
            return Cue(verb, at, last, found[-1].phrase, shares=True)
        phrase = _earlier_subject(reading, unit, before)
        return Cue(verb, at, last, phrase) if phrase else None
    phrase = phrase_before(reading, before, unit.first)
    if (
        phrase is None
        or phrase.first <= unit.first
        or reading.low[phrase.first - 1] not in ("with", "quoted", ",", "and")
    ):
        return None
    return Cue(verb, at, last, phrase)


def _earlier_subject(reading: Reading, unit: Unit, before: int) -> Phrase | None:
    """The subject of the clause before: the phrase that opens the sentence, or follows its opening comma."""
    at = unit.first
    while at < before and (reading.low[at] in CONJUNCTIONS or reading.low[at] in ("but", "and")):
        at += 1
    if at < before and reading.low[at] in PREPOSITIONS:
        while at < before and reading.word[at] != ",":
            at += 1
        at += 1
    if at >= before or reading.quoted[at] >= 0:
        return None
    phrase = phrase_after(reading, at, before - 1)
    if phrase is not None and (phrase.name is not None or phrase.pronoun):
        return phrase
    return None


def _skip_back(reading: Reading, at: int, floor: int) -> int:
    """The word before adverbs, auxiliaries and words for a time."""
    while at >= floor and reading.quoted[at] < 0:
        low = reading.low[at]
        if at in reading.time_ending:
            at = reading.time_ending[at] - 1
        elif low in AUXILIARIES or low in ADVERBS or (low.endswith("ly") and not reading.capital(at)):
            at -= 1
        elif reading.word[at] == "," and at - 1 in reading.time_ending:
            at -= 1
        else:
            break
    return at


def _after_words(reading: Reading, at: int, floor: int) -> bool:
    """Whether a verb stands after reported words: a quotation, or a comma."""
    return at >= floor and (reading.quoted[at] >= 0 or reading.word[at] in (",", "–", "—"))


def _clause_follows(reading: Reading, at: int, ceiling: int) -> bool:
    """Whether a finite verb follows right away, so that what stood before it was its subject."""
    return at <= ceiling and (reading.low[at] in AUXILIARIES or reading.low[at] in verbs())


def _reported(reading: Reading, unit: Unit, found: list[Cue]) -> None:
    """Find what each cue reports. A cue that stands inside what another reports is part of it and reports nothing."""
    floor = unit.first
    for number, cue in enumerate(found):
        if cue.begins < floor and number:
            continue
        following = next((one for one in found[number + 1 :] if _stands_apart(reading, cue, one)), None)
        limit = unit.last
        if following is not None:
            limit = (following.first if following.begins <= cue.ends else following.begins) - 1
        before = _before(reading, cue, floor)
        after = _after(reading, cue, limit, before is not None)
        if after is not None and following is not None and _belongs_to_next(reading, following, after):
            after = None
        for run in (before, after):
            if run is not None:
                run = _trimmed(reading, *run)
            if run is not None:
                cue.content.append(run)
        floor = max((cue.content[-1][1] if cue.content else cue.ends) + 1, cue.ends + 1)


def _stands_apart(reading: Reading, cue: Cue, other: Cue) -> bool:
    """Whether another cue begins a clause of its own: it shares the subject, or a mark or "and" parts the two."""
    at = (other.first if other.begins <= cue.ends else other.begins) - 1
    if other.shares or at <= cue.ends:
        return True
    return (
        reading.quoted[at] >= 0
        or reading.word[at] in _MARKS
        or reading.low[at] in ("and", "but", "as", "while", "with")
    )


def _belongs_to_next(reading: Reading, following: Cue, after: tuple[int, int]) -> bool:
    """Whether the words between two cues are what the second reports: "X said, and “…,” said Y"."""
    ends = following.begins - 1
    return (
        after[1] >= ends - 1
        and reading.word[ends] == ","
        and reading.quoted[after[0]] < 0
        and after[1] - after[0] > 3
        and (following.verb.base in ("say", "according") and following.ends + 2 >= len(reading.word))
    )


def _before(reading: Reading, cue: Cue, floor: int) -> tuple[int, int] | None:
    """The words before the cue and its subject, where a comma or a closing mark parts them."""
    if cue.shares or cue.verb.takes not in (Takes.CLAUSE, Takes.THOUGHT, Takes.LISTENER, Takes.PROOF):
        return None
    end = cue.begins - 1
    if end < floor:
        return None
    if reading.low[end] in ("as", "and", "but") and end - 1 >= floor and reading.word[end - 1] == ",":
        end -= 1
    quoted = reading.quoted[end] >= 0
    if not quoted and not (reading.word[end] in (",", "–", "—") or cue.verb.base == "according"):
        return None
    first = floor
    while first <= end and reading.word[first] in _MARKS and reading.quoted[first] < 0:
        first += 1
    if not quoted and (end - first < 4 or not _is_clause(reading, first, end)):
        return None
    return first, end


def _is_clause(reading: Reading, first: int, last: int) -> bool:
    """Whether the words can stand alone: not an opening phrase such as "In a statement," or "Asked about it,"."""
    low = reading.low[first]
    if low in (
        "asked",
        "speaking",
        "writing",
        "according",
        "while",
        "when",
        "after",
        "before",
        "if",
        "as",
        "although",
        "though",
    ):
        return False
    if low in PREPOSITIONS | {"because", "since"} and reading.word[first : last + 1].count(",") < 2:
        return False
    return any(
        reading.low[k] in AUXILIARIES or reading.low[k].endswith(("ed", "s")) or reading.quoted[k] >= 0
        for k in range(first + 1, last)
    )


def _after(reading: Reading, cue: Cue, limit: int, has_before: bool) -> tuple[int, int] | None:
    at = cue.ends + 1 if cue.phrase is not None and cue.phrase.first > cue.last else cue.last + 1
    at = _addressed(reading, cue, at, limit)
    at = _past_time(reading, at, limit)
    if at > limit:
        return None
    opening = _opening(reading, cue, at, limit, has_before)
    if opening is None:
        return None
    end = _clause_end(reading, opening, limit)
    return (opening, end) if opening <= end else None


def _addressed(reading: Reading, cue: Cue, at: int, limit: int) -> int:
    """Past "reporters" of "told reporters", "to the court" of "said to the court"."""
    listens = cue.verb.takes is Takes.LISTENER or (cue.verb.base == "ask" and cue.phrase is not None)
    if at > limit or not listens or reading.low[at] in ("that", "of"):
        return at
    if reading.low[at] in ("him", "her", "them", "us", "me", "you", "it") and not reading.capital(at):
        cue.addressee = (at, at)
        return at + 1
    who = phrase_after(reading, at, limit)
    if who is None:
        return at
    last = min(who.last, limit)
    for k in range(at + 1, last + 1):
        if reading.low[k] in PRONOUNS or (reading.low[k] in DETERMINERS and reading.low[k - 1] not in PREPOSITIONS):
            last = k - 1
            break
    cue.addressee = (at, last)
    return last + 1


def _past_time(reading: Reading, at: int, limit: int) -> int:
    while at <= limit and at in reading.time_starting:
        at = reading.time_starting[at] + 1
    return at


def _opening(reading: Reading, cue: Cue, at: int, limit: int, has_before: bool) -> int | None:
    """Where the words reported after a cue begin; None where none are."""
    takes, word, low = cue.verb.takes, reading.word[at], reading.low[at]
    if word in (":", ",") and at < limit:
        if reading.quoted[at + 1] >= 0:
            return at + 1
        if word == ":":
            return at + 1
        if not has_before and takes is not Takes.OBJECT:
            return _later_opening(reading, at, limit)
        return _quotation_alone(reading, at, limit) if has_before else None
    if reading.quoted[at] >= 0 or low == "that":
        return at
    if takes is Takes.OBJECT:
        quoted = any(reading.quoted[k] >= 0 for k in range(at, limit + 1))
        return at if quoted or (cue.verb.base in _STRONG and limit - at >= 1) else None
    if takes is Takes.PROOF:
        return _later_opening(reading, at, limit) if low in _MEDIA else None
    if has_before:
        return _quotation_alone(reading, at, limit)
    if low == "to" and cue.verb.base in _TO_CLAUSE:
        return at
    if low in _MEDIA or low in ("of", "about", "after", "as"):
        later = _later_opening(reading, at, limit)
        if later is not None or low in ("in", "on", "at", "to", "during"):
            return later
        return at if low in ("of", "about") and cue.verb.base in ("warn", "speak", "complain") else None
    return None if word in _MARKS or limit - at < 2 else at


def _later_opening(reading: Reading, at: int, limit: int) -> int | None:
    """Past "in a statement": the next "that", colon or quotation, or the clause after the statement."""
    for k in range(at, limit):
        if reading.low[k] == "that" and reading.low[k - 1] not in PREPOSITIONS:
            return k
        if reading.word[k] == ":":
            return k + 1
        if reading.quoted[k] >= 0:
            return k
        if reading.low[k] in _SPEECH and reading.low[k + 1] not in PREPOSITIONS and k - at < 6:
            after = _past_time(reading, k + 1, limit)
            if after > limit:
                return None
            if reading.word[after] not in _MARKS and reading.low[after] not in PREPOSITIONS | CONJUNCTIONS - {"that"}:
                return after
    return None


def _quotation_alone(reading: Reading, at: int, limit: int) -> int | None:
    """A quotation that takes up where the one before the cue broke off."""
    for k in range(at, min(at + 12, limit) + 1):
        if reading.quoted[k] >= 0:
            return k if reading.word[k - 1] in (",", ":", ";", ".", "—", "–") or k == at else None
    return None


def _clause_end(reading: Reading, opening: int, limit: int) -> int:
    """The last word reported: the sentence's end, or the comma where the reporter goes on in his own words."""
    if reading.quoted[opening] >= 0:
        number, end = reading.quoted[opening], opening
        while end < limit and reading.quoted[end + 1] == number:
            end += 1
        following = end + 1
        if following > limit or reading.word[following] in _MARKS or reading.low[following] in PREPOSITIONS | BREAKS:
            rest = [k for k in range(following, limit + 1) if reading.quoted[k] >= 0]
            if not rest:
                return end if following > limit or reading.word[following] in _MARKS else limit
        return limit
    for k in range(opening + 3, limit):
        if reading.word[k] == "," and reading.quoted[k] < 0:
            low = reading.low[k + 1]
            if low in ("while", "although", "though", "whereas") or (
                low in ("but", "as", "and") and _new_subject(reading, k + 2, limit)
            ):
                return k - 1
    return limit


def _new_subject(reading: Reading, at: int, limit: int) -> bool:
    if at + 1 > limit or reading.quoted[at] >= 0 or reading.low[at] in PRONOUNS | NOBODY:
        return False
    phrase = phrase_after(reading, at, limit)
    return phrase is not None and phrase.last < limit and reading.low[phrase.last + 1] in verbs()


def _trimmed(reading: Reading, first: int, last: int) -> tuple[int, int] | None:
    """Without the marks at both ends that are not the speaker's."""
    while first <= last and reading.word[first] in _MARKS and reading.quoted[first] < 0:
        first += 1
    while last >= first and reading.word[last] in _MARKS and reading.quoted[last] < 0:
        last -= 1
    while last >= first and reading.low[last] in ("and", "but") and reading.quoted[last] < 0:
        last -= 1
    while last >= first and reading.word[last] in _MARKS and reading.quoted[last] < 0:
        last -= 1
    return (first, last) if first <= last else None

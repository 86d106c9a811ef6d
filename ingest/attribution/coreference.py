"""Who is meant: names and descriptions in a text, and which of them are one and the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from ingest.attribution.document import Reading
from ingest.attribution.phrases import Phrase, name_runs
from retrieval.english.function_words import DETERMINERS, OPENERS
from retrieval.english.name_words import (
    FAMILY_FIRST,
    FEMALE,
    HONORIFICS,
    MALE,
    MEN,
    ORGANISATION,
    PERSONAL,
    PLACE_FIRST,
    ROLES,
    TITLES,
    WOMEN,
)

_LEADING = frozenset("leader president chancellor premier king queen prime head chief chairman".split())
"""Offices whose bearer is called a leader: "the Russian leader" is the Russian president."""

_REACH = 400
"""How many words back a pronoun may look for whom it means."""


@dataclass(slots=True)
class Speaker:
    """Somebody of the article. `gender` is "m", "f" or unknown; `plain` for what is neither person nor name."""

    name: str
    gender: str | None = None
    role: str | None = None
    person: bool = True
    aliases: dict[str, None] = field(default_factory=dict)
    mentions: list[int] = field(default_factory=list)


def _gender_of(honorific: str | None, name: list[str]) -> str | None:
    if honorific in MALE:
        return "m"
    if honorific in FEMALE:
        return "f"
    first = name[0].lower()
    if len(name) > 1 and first in MEN:
        return "m"
    if len(name) > 1 and first in WOMEN:
        return "f"
    return None


def bare(word: str) -> str:
    """A word without a possessive ending."""
    return word[:-2] if word.endswith(("'s", "’s")) else word.rstrip("’'")


def _split_name(words: list[str]) -> tuple[str | None, list[str]]:
    """The honorific and the name proper of a run of capitals; titles are left out."""
    honorific, begin = None, 0
    for at, word in enumerate(words[:-1]):
        low = word.lower()
        if low in HONORIFICS:
            honorific, begin = low, at + 1
        elif low in TITLES or word.endswith(("'s", "’s")) or low.endswith(("-based", "-born", "-owned", "-listed")):
            begin = at + 1
    # "Actor Bruce Willis" opens a sentence: three words, of which the first says what he is.
    if begin == 0 and len(words) > 2 and words[0].lower() in ROLES:
        begin = 1
    return honorific, [bare(word) if at == len(words) - 1 else word for at, word in enumerate(words)][begin:]


def _is_person(name: list[str]) -> bool:
    lows = [word.lower() for word in name]
    return not (lows[0] in PLACE_FIRST or lows[0] in ("the", "a", "an") or any(low in ORGANISATION for low in lows))


class Cast:
    """The people and bodies of one article, learned from its names; then asked, in reading order, who is meant."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._known: dict[str, Speaker] = {}
        self._by_last: defaultdict[str, list[Speaker]] = defaultdict(list)
        self._by_first: defaultdict[str, list[Speaker]] = defaultdict(list)
        self._salient: list[tuple[int, Speaker]] = []
        self._mentions: list[tuple[int, Speaker]] = []
        titled: list[tuple[int, str | None, list[str]]] = []
        for run in name_runs(reading):
            honorific, name = _split_name([reading.word[at] for at in run])
            if len(name) > 1:
                self._meet(run, honorific, name)
            else:
                titled.append((run[-1], honorific, name))
        for at, honorific, name in titled:
            found = self._single(name[0], honorific, at)
            if found is not None:
                found.gender = found.gender or _gender_of(honorific, name)
                self._mentions.append((at, found))
        self._mentions.sort(key=lambda mention: mention[0])
        self._passed = 0

    def _meet(self, run: range, honorific: str | None, name: list[str]) -> None:
        speaker = self._full(name)
        speaker.gender = speaker.gender or _gender_of(honorific, name)
        speaker.mentions.append(run[-1])
        self._mentions.append((run[-1], speaker))
        if speaker.role is None:
            speaker.role = role_before(self._reading, run, len(name)) or role_after(self._reading, run[-1])

    def _full(self, name: list[str]) -> Speaker:
        """The speaker of a full name; "Paul D. Ryan" and "Paul Ryan" are one."""
        text = " ".join(name)
        if text in self._known:
            return self._known[text]
        for other in self._by_last[name[-1].lower()]:
            if other.name.split()[0] == name[0] and other.person:
                if len(text) > len(other.name):
                    other.name = text
                self._known[text] = other
                return other
        made = self._known[text] = Speaker(text, person=_is_person(name))
        self._by_last[name[-1].lower()].append(made)
        self._by_first[name[0].lower()].append(made)
        return made

    def _single(self, name: str, honorific: str | None, at: int) -> Speaker | None:
        """Whom one word of a name means: the latest bearer of it as a last name, else of the first name."""
        gender = _gender_of(honorific, [name])
        fits = [s for s in self._by_last.get(name.lower(), ()) if not (gender and s.gender and s.gender != gender)]
        fits = [s for s in fits if s.person or honorific is None]
        if fits:
            return max(fits, key=lambda s: (_latest(s.mentions, at), -s.mentions[0]))
        firsts = [s for s in self._by_first.get(name.lower(), ()) if s.person]
        low = name.lower()
        if firsts and honorific is None and (low in MEN or low in WOMEN or low in FAMILY_FIRST):
            return max(firsts, key=lambda s: len(s.mentions))
        return None

    def of(self, phrase: Phrase, at: int) -> Speaker | None:
        """The speaker whom a phrase means; None for a pronoun that nobody fits."""
        if phrase.pronoun:
            return self._pronoun(phrase.pronoun, at)
        if phrase.name is None:
            return self._described(phrase, at)
        honorific, name = _split_name([self._reading.word[i] for i in phrase.name])
        text = " ".join(name)
        found = self._known.get(text) or (self._single(name[0], honorific, at) if len(name) == 1 else None)
        if found is None:
            shown = f"{self._reading.word[phrase.name[0]]} {text}" if honorific and len(name) == 1 else text
            found = self._known.setdefault(
                shown, Speaker(shown, person=honorific is not None or phrase.role is not None)
            )
            found.gender = found.gender or _gender_of(honorific, name)
        alias = f"{honorific.capitalize()} {text}" if honorific else text
        found.aliases.setdefault(alias)
        found.aliases.setdefault(name[-1])
        if phrase.role and any(bare(word) in ROLES for word in phrase.role.lower().split()):
            found.role = found.role or phrase.role
        return found

    def _described(self, phrase: Phrase, at: int) -> Speaker:
        words = [self._reading.low[i] for i in range(phrase.first, phrase.head + 1)]
        text = " ".join(self._reading.words(phrase.first, phrase.last).split())
        head = words[-1].rsplit("-", 2)
        noun = "year-old" if words[-1].endswith("year-old") else words[-1]
        definite = words[0] in ("the", "his", "her") and len(head) > 0
        if definite and (found := self._by_role(set(words) - DETERMINERS, noun, at)):
            return found
        if definite and phrase.last == phrase.head and noun in ROLES:
            # "The Bishop" is the Bishop of Durham where no other has spoken.
            bearers = [one for name, one in self._known.items() if name.lower().startswith(f"{noun} of ")]
            if len(bearers) == 1:
                return bearers[0]
        if definite and phrase.last == phrase.head and noun in PERSONAL:
            recent = self._recent(at, None)
            if recent is not None:
                return recent
        shown = text if words[0] != "the" else text.split(None, 1)[-1]
        person = noun in ROLES or noun in PERSONAL
        gender = "f" if noun.endswith("woman") else "m" if noun.endswith("man") else None
        return self._known.setdefault(shown, Speaker(shown, gender, person=person))

    def _by_role(self, words: set[str], noun: str, at: int) -> Speaker | None:
        """The latest person before `at` whose role has the noun, and if possible every word besides."""
        if noun not in ROLES:
            return None
        nouns = _LEADING if noun == "leader" else {noun}
        good: Speaker | None = None
        for _, speaker in reversed(self._before(at)):
            role = speaker.role.lower().replace("-", " ").split() if speaker.role and speaker.person else ()
            if nouns & set(role):
                if words - {noun} <= set(role):
                    return speaker
                good = good or speaker
        return good if len(words) <= 2 else None

    def _before(self, at: int) -> list[tuple[int, Speaker]]:
        while self._passed < len(self._mentions) and self._mentions[self._passed][0] < at:
            self._passed += 1
        near = self._mentions[max(0, self._passed - 40) : self._passed]
        return [mention for mention in near if mention[0] < at and at - mention[0] < _REACH]

    def _pronoun(self, pronoun: str, at: int) -> Speaker | None:
        if pronoun in ("he", "she"):
            found = self._recent(at, "m" if pronoun == "he" else "f")
            if found is not None and found.gender is None:
                found.gender = "m" if pronoun == "he" else "f"
            return found
        near = [speaker for where, speaker in self._salient[-6:] if where < at and at - where < _REACH]
        bodies = [speaker for speaker in near if not speaker.person]
        if bodies or pronoun != "they":
            return bodies[-1] if bodies else None
        return near[-1] if near else None

    def _recent(self, at: int, gender: str | None) -> Speaker | None:
        """The person last spoken of or speaking: those who acted first, others only when their gender is sure."""
        for where, speaker in reversed(self._salient[-12:]):
            if where < at and at - where < _REACH and speaker.person and _agrees(speaker, gender):
                return speaker
        near = [speaker for _, speaker in reversed(self._before(at)) if speaker.person]
        sure = [speaker for speaker in near if speaker.gender is not None and speaker.gender == gender]
        likely = sure or [speaker for speaker in near if speaker.gender is None]
        return likely[0] if likely else None

    def act(self, speaker: Speaker, at: int) -> None:
        """Take note that a speaker was the one who spoke or did something at a word of the text."""
        self._salient.append((at, speaker))


def _latest(mentions: list[int], at: int) -> int:
    return max((where for where in mentions[:200] if where <= at), default=-1)


def _agrees(speaker: Speaker, gender: str | None) -> bool:
    return gender is None or speaker.gender is None or speaker.gender == gender


def role_before(reading: Reading, run: range, length: int) -> str | None:
    """What stands before a name and tells what its bearer is: "US National Security spokesman" John Kirby."""
    last = run[-1] - length
    while last >= run[0] and reading.low[last] in HONORIFICS:
        last -= 1
    first = last + 1
    while first > 0 and last - first < 7 and _describes(reading, first - 1):
        first -= 1
    while first <= last and (reading.low[first] in DETERMINERS or reading.low[first] in OPENERS):
        first += 1
    if first > last or not any(bare(reading.low[at]) in ROLES for at in (last, max(first, last - 1))):
        return None
    return reading.words(first, last)


def _describes(reading: Reading, at: int) -> bool:
    word = reading.word[at]
    if not word[0].isalpha() or reading.quoted[at] >= 0 or reading.low[at] in HONORIFICS or at in reading.time_ending:
        return False
    return word[0].isupper() or bare(reading.low[at]) in ROLES or reading.low[at].endswith("-")


def role_after(reading: Reading, at: int) -> str | None:
    """What stands after a name between commas and tells what its bearer is."""
    if at + 2 >= len(reading.word) or reading.word[at + 1] != ",":
        return None
    first = at + 2
    last, stop = first, min(first + 14, len(reading.word))
    while last < stop and reading.word[last] not in ",.;:()" and reading.quoted[last] < 0:
        last += 1
    if last in (stop, first) or reading.word[last] not in ",.":
        return None
    if not any(reading.low[i] in ROLES for i in range(first, min(first + 6, last))):
        return None
    if reading.low[first] in ("who", "whose", "and", "but", "which") or reading.low[first] in HONORIFICS:
        return None
    first += reading.low[first] in ("the", "a", "an")
    return reading.words(first, last - 1) if first < last else None

"""Coreference: which names, descriptions and pronouns of an article mean the same person or organisation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from ingest.attribution.document import AnnotatedText
from ingest.attribution.phrases import Phrase, name_runs
from ingest.attribution.roles import role_after, role_before, without_possessive
from retrieval.english.function_words import DETERMINERS
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
"""Words of offices whose holders are called leaders: "the Russian leader" is the Russian president."""

_MAX_WORDS_BACK = 400
"""Words between a pronoun or description and the mention it refers to at most."""

_MAX_MENTIONS_BACK = 40
"""Mentions searched, latest first, for the person whom a pronoun or description means."""

_MAX_SUBJECTS_BACK = 12
"""Latest speakers and subjects of sentences searched for the person whom a pronoun means."""

_MAX_SUBJECTS_BACK_OF_IT = 6
"""The same for "it" and "they"."""

_MAX_MENTIONS_COMPARED = 200
"""First mentions of a person among which the latest before a word is sought."""


@dataclass(slots=True)
class Speaker:
    """A person or organisation that speaks in the article. `gender` is "m", "f" or None where it is not known.

    `mentions` are the indices of the last words of their full names in the text.
    """

    name: str
    gender: str | None = None
    role: str | None = None
    is_person: bool = True
    aliases: dict[str, None] = field(default_factory=dict)
    mentions: list[int] = field(default_factory=list)


def _gender_of(honorific: str | None, name: list[str]) -> str | None:
    """The gender that an honorific or, in a full name, the first name tells."""
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


def _split_name(words: list[str]) -> tuple[str | None, list[str]]:
    """(Honorific in lower case, name) of a run of capitalized words; titles before the name are left out."""
    honorific, begin = None, 0
    for at, word in enumerate(words[:-1]):
        lower = word.lower()
        if lower in HONORIFICS:
            honorific, begin = lower, at + 1
        elif lower in TITLES or word.endswith(("'s", "’s")) or lower.endswith(("-based", "-born", "-owned", "-listed")):
            begin = at + 1
    # "Actor Bruce Willis" at the start of a sentence: the first of three words is a role.
    if begin == 0 and len(words) > 2 and words[0].lower() in ROLES:
        begin = 1
    return honorific, [without_possessive(word) if at == len(words) - 1 else word for at, word in enumerate(words)][
        begin:
    ]


def _is_person_name(name: list[str]) -> bool:
    lower_words = [word.lower() for word in name]
    return not (
        lower_words[0] in PLACE_FIRST
        or lower_words[0] in ("the", "a", "an")
        or any(lower in ORGANISATION for lower in lower_words)
    )


class SpeakerResolver:
    """Resolves names, descriptions and pronouns to the speakers of one article.

    Learns the speakers from the names in the text. After that, phrases must be resolved in the order of the text.
    """

    def __init__(self, text: AnnotatedText) -> None:
        self._text = text
        self._by_name: dict[str, Speaker] = {}
        self._by_last: defaultdict[str, list[Speaker]] = defaultdict(list)
        self._by_first: defaultdict[str, list[Speaker]] = defaultdict(list)
        self._salient: list[tuple[int, Speaker]] = []
        self._mentions: list[tuple[int, Speaker]] = []
        # One word alone is resolved once all full names are known.
        single_names: list[tuple[int, str | None, list[str]]] = []
        for run in name_runs(text):
            honorific, name = _split_name([text.word[at] for at in run])
            if len(name) > 1:
                self._add_full_name(run, honorific, name)
            else:
                single_names.append((run[-1], honorific, name))
        for at, honorific, name in single_names:
            speaker = self._speaker_by_single_name(name[0], honorific, at)
            if speaker is not None:
                speaker.gender = speaker.gender or _gender_of(honorific, name)
                self._mentions.append((at, speaker))
        self._mentions.sort(key=lambda mention: mention[0])
        self._mentions_passed = 0

    def _add_full_name(self, run: range, honorific: str | None, name: list[str]) -> None:
        speaker = self._speaker_by_full_name(name)
        speaker.gender = speaker.gender or _gender_of(honorific, name)
        speaker.mentions.append(run[-1])
        self._mentions.append((run[-1], speaker))
        if speaker.role is None:
            speaker.role = role_before(self._text, run, len(name)) or role_after(self._text, run[-1])

    def _speaker_by_full_name(self, name: list[str]) -> Speaker:
        """The speaker of a full name, made if new; "Paul D. Ryan" and "Paul Ryan" are the same person."""
        full_name = " ".join(name)
        if full_name in self._by_name:
            return self._by_name[full_name]
        for other in self._by_last[name[-1].lower()]:
            if other.name.split()[0] == name[0] and other.is_person:
                if len(full_name) > len(other.name):
                    other.name = full_name
                self._by_name[full_name] = other
                return other
        speaker = self._by_name[full_name] = Speaker(full_name, is_person=_is_person_name(name))
        self._by_last[name[-1].lower()].append(speaker)
        self._by_first[name[0].lower()].append(speaker)
        return speaker

    def _speaker_by_single_name(self, name: str, honorific: str | None, at: int) -> Speaker | None:
        """The speaker meant by one word of a name: the last mentioned of that last name, else of that first name."""
        gender = _gender_of(honorific, [name])
        by_last_name = [
            speaker
            for speaker in self._by_last.get(name.lower(), ())
            if not (gender and speaker.gender and speaker.gender != gender)
        ]
        by_last_name = [speaker for speaker in by_last_name if speaker.is_person or honorific is None]
        if by_last_name:
            return max(by_last_name, key=lambda speaker: (_last_mention(speaker.mentions, at), -speaker.mentions[0]))
        by_first_name = [speaker for speaker in self._by_first.get(name.lower(), ()) if speaker.is_person]
        lower = name.lower()
        if by_first_name and honorific is None and (lower in MEN or lower in WOMEN or lower in FAMILY_FIRST):
            return max(by_first_name, key=lambda speaker: len(speaker.mentions))
        return None

    def resolve(self, phrase: Phrase, at: int) -> Speaker | None:
        """The speaker whom the phrase at word `at` means; None for a pronoun that fits nobody."""
        if phrase.pronoun:
            return self._speaker_by_pronoun(phrase.pronoun, at)
        if phrase.name is None:
            return self._speaker_by_description(phrase, at)
        honorific, name = _split_name([self._text.word[i] for i in phrase.name])
        full_name = " ".join(name)
        speaker = self._by_name.get(full_name) or (
            self._speaker_by_single_name(name[0], honorific, at) if len(name) == 1 else None
        )
        if speaker is None:
            shown = f"{self._text.word[phrase.name[0]]} {full_name}" if honorific and len(name) == 1 else full_name
            speaker = self._by_name.setdefault(
                shown, Speaker(shown, is_person=honorific is not None or phrase.role is not None)
            )
            speaker.gender = speaker.gender or _gender_of(honorific, name)
        alias = f"{honorific.capitalize()} {full_name}" if honorific else full_name
        speaker.aliases.setdefault(alias)
        speaker.aliases.setdefault(name[-1])
        if phrase.role and any(without_possessive(word) in ROLES for word in phrase.role.lower().split()):
            speaker.role = speaker.role or phrase.role
        return speaker

    def _speaker_by_description(self, phrase: Phrase, at: int) -> Speaker:
        """The known speaker whom a definite description ("the minister") means, else one named by the description."""
        words = [self._text.lower[i] for i in range(phrase.first, phrase.head + 1)]
        description = " ".join(self._text.substring(phrase.first, phrase.last).split())
        noun = "year-old" if words[-1].endswith("year-old") else words[-1]
        is_definite = words[0] in ("the", "his", "her")
        if is_definite and (speaker := self._speaker_by_role(set(words) - DETERMINERS, noun, at)):
            return speaker
        if is_definite and phrase.last == phrase.head and noun in ROLES:
            # "The Bishop" is the Bishop of Durham if the article names no other bishop.
            holders = [holder for name, holder in self._by_name.items() if name.lower().startswith(f"{noun} of ")]
            if len(holders) == 1:
                return holders[0]
        if is_definite and phrase.last == phrase.head and noun in PERSONAL:
            person = self._latest_person(at, None)
            if person is not None:
                return person
        shown = description if words[0] != "the" else description.split(None, 1)[-1]
        is_person = noun in ROLES or noun in PERSONAL
        gender = "f" if noun.endswith("woman") else "m" if noun.endswith("man") else None
        return self._by_name.setdefault(shown, Speaker(shown, gender, is_person=is_person))

    def _speaker_by_role(self, words: set[str], noun: str, at: int) -> Speaker | None:
        """The last person mentioned before `at` whose role contains the noun and, if possible, all the other words."""
        if noun not in ROLES:
            return None
        nouns = _LEADING if noun == "leader" else {noun}
        partial_match: Speaker | None = None
        for _, speaker in reversed(self._mentions_before(at)):
            role = speaker.role.lower().replace("-", " ").split() if speaker.role and speaker.is_person else ()
            if nouns & set(role):
                if words - {noun} <= set(role):
                    return speaker
                partial_match = partial_match or speaker
        return partial_match if len(words) <= 2 else None

    def _mentions_before(self, at: int) -> list[tuple[int, Speaker]]:
        """Recent (word, speaker) mentions before word `at`, in order."""
        while self._mentions_passed < len(self._mentions) and self._mentions[self._mentions_passed][0] < at:
            self._mentions_passed += 1
        recent = self._mentions[max(0, self._mentions_passed - _MAX_MENTIONS_BACK) : self._mentions_passed]
        return [mention for mention in recent if mention[0] < at and at - mention[0] < _MAX_WORDS_BACK]

    def _speaker_by_pronoun(self, pronoun: str, at: int) -> Speaker | None:
        if pronoun in ("he", "she"):
            person = self._latest_person(at, "m" if pronoun == "he" else "f")
            if person is not None and person.gender is None:
                person.gender = "m" if pronoun == "he" else "f"
            return person
        recent = [
            speaker
            for position, speaker in self._salient[-_MAX_SUBJECTS_BACK_OF_IT:]
            if position < at and at - position < _MAX_WORDS_BACK
        ]
        organisations = [speaker for speaker in recent if not speaker.is_person]
        if organisations or pronoun != "they":
            return organisations[-1] if organisations else None
        return recent[-1] if recent else None

    def _latest_person(self, at: int, gender: str | None) -> Speaker | None:
        """The latest fitting person: speakers and subjects first, then others mentioned, of known gender first."""
        for position, speaker in reversed(self._salient[-_MAX_SUBJECTS_BACK:]):
            if (
                position < at
                and at - position < _MAX_WORDS_BACK
                and speaker.is_person
                and _gender_agrees(speaker, gender)
            ):
                return speaker
        people = [speaker for _, speaker in reversed(self._mentions_before(at)) if speaker.is_person]
        of_known_gender = [speaker for speaker in people if speaker.gender is not None and speaker.gender == gender]
        likely = of_known_gender or [speaker for speaker in people if speaker.gender is None]
        return likely[0] if likely else None

    def mark_salient(self, speaker: Speaker, at: int) -> None:
        """Note that a speaker spoke or was the subject of a sentence at word `at`: pronouns likely mean them."""
        self._salient.append((at, speaker))


def _last_mention(mentions: list[int], at: int) -> int:
    """The index of the last mention up to word `at`; -1 if there is none."""
    return max((position for position in mentions[:_MAX_MENTIONS_COMPARED] if position <= at), default=-1)


def _gender_agrees(speaker: Speaker, gender: str | None) -> bool:
    return gender is None or speaker.gender is None or speaker.gender == gender

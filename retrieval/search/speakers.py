"""Finds the speakers of the articles whom a phrase names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from retrieval.english.speaker_words import PHRASE_TITLES
from retrieval.search.search_limits import MAX_LIKELY_SPEAKERS, MAX_NAMESAKES, MAX_TITLED_SPEAKERS
from retrieval.store.reader import CatalogReader
from retrieval.store.speaker_names import UNTOLD
from retrieval.text import stems
from retrieval.text.person_names import kind_of, one_typo_away, proper_words, words_of

_CALLINGS = tuple(
    frozenset(group.split())
    for group in (
        "chief boss head leader director executive ceo president chairman chairwoman chair minister secretary manager"
        " founder commissioner chancellor governor commander",
        "analyst expert researcher research economist strategist scientist professor fellow academic",
        "spokesman spokeswoman spokesperson official",
        "lawyer attorney solicitor barrister counsel",
        "coach manager trainer",
        "actor actress star singer player striker midfielder captain",
    )
)
"""Groups of words for an occupation that questions use for one another. A role fits a question where it has a word of
each group that the question has a word of."""

_ANYONE = frozenset("guy man woman person lady bloke chap one dude rep representative".split())
_METONYMS = {"pentagon": "defense", "kremlin": "russian", "tory": "conservative", "tories": "conservative"}
"""Words that stand for an organisation or party which roles in articles call by another word."""

_ARTICLE = re.compile(r"(?:the|an?)\b", re.I)
"""The beginning of a phrase that describes somebody and does not name them."""

_PAST = frozenset("former ex late".split())

_MIN_NICKNAME_LETTERS = 4
"""Minimum number of letters for the beginning of a first name to stand for the whole ("Rafa", "Steph")."""


def find_speakers(phrase: str, db: CatalogReader, *, names_only: bool = False) -> tuple[str, ...]:
    """Speakers whom a phrase names ("Kirby", "bob neill", "the North Korean official"), in alphabetical order.

    A last name stands for all who bear it; a longer name for those who bear all of it, or all of it that articles give.
    `names_only`: whether a role does not count as a name.
    """
    asked = words_of(phrase)
    core = [word for word in asked if word not in PHRASE_TITLES] or asked
    whose = re.split(r"['’]s (?=\S)", phrase)
    # "Vindman's boss" is not Vindman, and articles call the boss by other words.
    if not core or (len(whose) > 1 and set(words_of(whose[-1])) <= PHRASE_TITLES):
        return ()
    head = _head(phrase)
    is_cut = head != phrase.strip()
    # "The parents of" somebody are not a speaker called Parents.
    is_description = is_cut and _ARTICLE.match(head) is not None
    if is_cut and not is_description and (bearers := _last_name_bearers(words_of(head), db)):
        return _all_names(bearers, words_of(head), words_of(head), db)
    if not names_only and (described := _find_by_description(phrase, db)):
        return _all_names(described, [], [], db)
    matching = _speakers_by_word(core, asked, db)
    by_name, by_role = _split_by_name_and_role(asked, core, matching)
    if set(core) <= PHRASE_TITLES:
        # Thousands of speakers may be called "Mr".
        by_name = db.most_quoted(by_name, MAX_TITLED_SPEAKERS)
    if not by_name and len(core) == 1:
        # Thousands of speakers may share a first name.
        by_name = db.most_quoted((speaker for speaker in matching if core[0] in words_of(speaker)), MAX_NAMESAKES)
    if not by_name and not by_role and core[-1].endswith("s") and phrase.rstrip().endswith("s"):
        # "Sturgeons reaction": the apostrophe was not typed.
        return find_speakers(phrase.rstrip()[:-1], db, names_only=True)
    is_unnamed = all(kind_of(speaker) == "unnamed" for speaker in by_name) and not is_description
    if not names_only and is_unnamed and (bearers := _last_name_bearers(_words_without_owner(phrase), db)):
        # "Lerach the Enron lawyer": the name precedes the description.
        return _all_names(bearers, [], [], db)
    if not by_name and not names_only:
        by_name = db.most_quoted(by_role, MAX_NAMESAKES)
    if not by_name and len(core) == 1 and phrase.strip()[0].isupper():
        by_name = _find_by_nickname(core[0], db)
        core = asked = [] if by_name else core
    return _all_names(by_name, core, asked, db)


def _find_by_description(phrase: str, db: CatalogReader) -> list[str]:
    """Speakers of an organisation whom a phrase describes in words other than their role: "the IDC analyst" may be
    IDC's research director.

    None where the phrase names no organisation, or where it describes several persons.
    """
    asked = [_METONYMS.get(word, word) for word in words_of(phrase) if word not in stems.STOPWORDS]
    callings = [group for group in _CALLINGS if group & set(asked)]
    organisation = [word for word in asked if word not in _ANYONE and not any(word in group for group in callings)]
    if not organisation or (not callings and not _ANYONE & set(asked)):
        return []
    likely = [speaker for speaker in sorted(db.speakers_by_all(organisation)) if kind_of(speaker) == "person"]
    if len(likely) > MAX_LIKELY_SPEAKERS:
        return []
    roles = {speaker: {word for role in db.roles([speaker]) for word in words_of(role.role)} for speaker in likely}
    likely = [speaker for speaker in likely if not _PAST & roles[speaker] - set(asked)]
    fitting = [
        speaker
        for speaker in likely
        if set(organisation) <= roles[speaker] and all(roles[speaker] & group for group in callings)
    ]
    return fitting if len(fitting) == 1 or len(db.persons(fitting)) == 1 else []


def _find_by_nickname(word: str, db: CatalogReader) -> list[str]:
    """The names of the one person whose first name begins with a word; none where several persons' does."""
    if len(word) < _MIN_NICKNAME_LETTERS:
        return []
    matching = [
        person
        for person in db.speakers(word, MAX_LIKELY_SPEAKERS)
        if any(words_of(name)[0].startswith(word) for name in person.names)
    ]
    persons = [person for person in matching if person.kind == "person"]
    return list(persons[0].names) if len(persons) == 1 else []


def _speakers_by_word(core: Sequence[str], asked: Sequence[str], db: CatalogReader) -> Mapping[str, set[str]]:
    """Speakers whose name or role has the last distinctive word, each with all the asked words that theirs have.

    Nobody without that word is meant, so the other words are only looked up among those who have it: each of them may
    be shared by thousands.
    """
    last = next((word for word in reversed(core) if word not in UNTOLD), core[-1])
    by_speaker = db.speakers_by_word([last])
    others = set(asked) - {last} - UNTOLD
    if by_speaker and others:
        for speaker, words in db.speakers_by_word(others, among=by_speaker).items():
            by_speaker[speaker] |= words
    return by_speaker


def _split_by_name_and_role(
    asked: Sequence[str], core: Sequence[str], by_speaker: Mapping[str, set[str]]
) -> tuple[list[str], list[str]]:
    """(speakers whose name is asked for, speakers whose role is)."""
    by_name: list[str] = []
    by_role: list[str] = []
    for speaker, words in by_speaker.items():
        own = words_of(speaker)
        proper = [word for word in own if word not in PHRASE_TITLES] or own
        if set(core) <= set(own) and (len(core) > 1 or core[0] == proper[-1] or len(proper) == 1):
            by_name.append(speaker)
        elif core[-1] == proper[-1] and set(proper) <= set(core):
            by_name.append(speaker)
        elif len(asked) > 1 and set(asked) - UNTOLD <= words:
            by_role.append(speaker)
    return by_name, by_role


def _head(phrase: str) -> str:
    """A phrase without what follows the name: "Rob McIvor" of "Rob McIvor of the FSA", "Oza" of "Oza from Kotak"."""
    return re.split(r" (?:of|from|at|for) |, ", phrase.strip(), maxsplit=1)[0]


def _words_without_owner(phrase: str) -> list[str]:
    """The words of a phrase without a possessive before the name: "shotwell" of "SpaceX's Shotwell"."""
    return words_of(re.split(r"['’]s ", _head(phrase))[-1])


def _last_name_bearers(asked: Sequence[str], db: CatalogReader) -> list[str]:
    """Persons whose last name is one of the words asked for; of these, those who share the most words."""
    ending = db.speakers_ending(set(asked) - PHRASE_TITLES - stems.STOPWORDS)
    persons = [speaker for speaker in ending if kind_of(speaker) == "person"]
    by_speaker = db.speakers_by_word(asked, among=persons) if persons else {}
    scores: dict[str, float] = {}
    for speaker, words in by_speaker.items():
        proper = proper_words(speaker)
        misspelt = sum(
            bool(one_typo_away(word) & set(proper[:-1])) for word in asked if word not in words and len(word) > 3
        )
        scores[speaker] = len(words) + 0.5 * misspelt
    best = max(scores.values(), default=0)
    return [speaker for speaker, score in scores.items() if score == best]


def _all_names(
    speakers: Sequence[str], core: Sequence[str], asked: Sequence[str], db: CatalogReader
) -> tuple[str, ...]:
    """All names of the persons whom these names stand for; of several persons, those who bear what was asked for."""
    if not speakers:
        return ()
    persons = db.persons(speakers)
    bearers = [person for person in persons if any(set(core) <= set(words_of(name)) for name in person.names)]
    if not set(core) <= PHRASE_TITLES:
        # "Gordon Brown's closest ally" has the words of the name but is somebody else.
        exact = [person for person in bearers if any(set(words_of(name)) == set(asked) for name in person.names)]
        bearers = [person for person in bearers if person.kind != "unnamed" or person in exact] or bearers
    return tuple(sorted({name for person in bearers or persons for name in person.names}))

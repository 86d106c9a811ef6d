"""Whom a phrase names, of those who speak in the articles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from retrieval.store.reader import Reader
from retrieval.store.speaker_names import UNTOLD
from retrieval.text import stems
from retrieval.text.person_names import TITLES, kind_of, near, proper_words, words_of

_NAMESAKES = 100
"""Speakers taken into account where they share only a first name or a role: those who say most."""

_TITLED = 500
"""The same where nothing but a title is given: "a spokesman"."""

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
"""Words for what somebody is that questions use for one another; a role that has none of the asked kind fits less."""

_ANYONE = frozenset("guy man woman person lady bloke chap one dude rep representative".split())
_METONYMS = {"pentagon": "defense", "kremlin": "russian", "tory": "conservative", "tories": "conservative"}
"""Words by which an office is meant that articles call otherwise."""

_ARTICLE = re.compile(r"(?:the|an?)\b", re.I)
"""How a phrase begins that says what somebody is, not his name."""

_PAST = frozenset("former ex late".split())

_LIKELY = 20
"""Speakers of an organisation whose roles are compared with what was asked for."""

_NICKNAME = 4
"""Letters of a first name from which on it stands for a longer one ("Rafa", "Steph")."""


def speakers_called(phrase: str, db: Reader, *, names_only: bool = False) -> tuple[str, ...]:
    """Speakers whom a phrase names ("Kirby", "bob neill", "the North Korean official"), in alphabetical order.

    A last name stands for all its bearers; a longer name for those who bear all of it, or all that the articles give.
    """
    asked = words_of(phrase)
    core = [word for word in asked if word not in TITLES] or asked
    whose = re.split(r"['’]s (?=\S)", phrase)
    # "Vindman's boss" is not Vindman, and who that is the articles tell in their own words.
    if not core or (len(whose) > 1 and set(words_of(whose[-1])) <= TITLES):
        return ()
    head = _head(phrase)
    cut = head != phrase.strip()
    # "The parents of" somebody are no Parents.
    somebodys = cut and _ARTICLE.match(head) is not None
    if cut and not somebodys and (named := _bearing(words_of(head), db)):
        return _in_full(named, words_of(head), words_of(head), db)
    if not names_only and (called := _called(phrase, db)):
        return _in_full(called, [], [], db)
    found = _going_by(core, asked, db)
    by_name, by_role = _fitting(asked, core, found)
    if set(core) <= TITLES:
        # "Mr" is that of thousands, too.
        by_name = db.foremost(by_name, _TITLED)
    if not by_name and len(core) == 1:
        # A first name may be that of thousands.
        by_name = db.foremost((speaker for speaker in found if core[0] in words_of(speaker)), _NAMESAKES)
    if not by_name and not by_role and core[-1].endswith("s") and phrase.rstrip().endswith("s"):
        # "Sturgeons reaction": an apostrophe that was not typed.
        return speakers_called(phrase.rstrip()[:-1], db, names_only=True)
    unnamed = all(kind_of(one) == "unnamed" for one in by_name) and not somebodys
    if not names_only and unnamed and (named := _bearing(_own(phrase), db)):
        # "Lerach the Enron lawyer": the name goes before what he is called.
        return _in_full(named, [], [], db)
    if not by_name and not names_only:
        by_name = db.foremost(by_role, _NAMESAKES)
    if not by_name and len(core) == 1 and phrase.strip()[0].isupper():
        by_name = _nicknamed(core[0], db)
        core = asked = [] if by_name else core
    return _in_full(by_name, core, asked, db)


def _called(phrase: str, db: Reader) -> list[str]:
    """Those of a body who are what a phrase calls somebody, in other words: "the IDC analyst" is its research director.

    None where the phrase names no body, or where several fit.
    """
    asked = [_METONYMS.get(word, word) for word in words_of(phrase) if word not in stems.STOPWORDS]
    callings = [group for group in _CALLINGS if group & set(asked)]
    body = [word for word in asked if word not in _ANYONE and not any(word in group for group in callings)]
    if not body or (not callings and not _ANYONE & set(asked)):
        return []
    likely = [speaker for speaker in sorted(db.speakers_by_all(body)) if kind_of(speaker) == "person"]
    if len(likely) > _LIKELY:
        return []
    roles = {one: {word for role in db.roles([one]) for word in words_of(role.role)} for one in likely}
    likely = [one for one in likely if not _PAST & roles[one] - set(asked)]
    fitting = [one for one in likely if set(body) <= roles[one] and all(roles[one] & group for group in callings)]
    return fitting if len(fitting) == 1 or len(db.persons(fitting)) == 1 else []


def _nicknamed(word: str, db: Reader) -> list[str]:
    """The one person whose first name begins so; nobody where several may be meant."""
    if len(word) < _NICKNAME:
        return []
    found = [one for one in db.speakers(word, _LIKELY) if any(words_of(name)[0].startswith(word) for name in one.names)]
    persons = [one for one in found if one.kind == "person"]
    return list(persons[0].names) if len(persons) == 1 else []


def _going_by(core: Sequence[str], asked: Sequence[str], db: Reader) -> Mapping[str, set[str]]:
    """Speakers who go by the last word that tells anything, each with all of the words asked for that they go by.

    Nobody is called so who does not go by that word, and only of those who do is it asked what else they go by: of the
    other words each may be that of thousands.
    """
    last = next((word for word in reversed(core) if word not in UNTOLD), core[-1])
    found = db.speakers_by_word([last])
    others = set(asked) - {last} - UNTOLD
    if found and others:
        for speaker, its in db.speakers_by_word(others, among=found).items():
            found[speaker] |= its
    return found


def _fitting(asked: Sequence[str], core: Sequence[str], found: Mapping[str, set[str]]) -> tuple[list[str], list[str]]:
    """(speakers whose name the words are, speakers whose role they are)."""
    by_name: list[str] = []
    by_role: list[str] = []
    for speaker, fitting in found.items():
        own = words_of(speaker)
        proper = [word for word in own if word not in TITLES] or own
        if set(core) <= set(own) and (len(core) > 1 or core[0] == proper[-1] or len(proper) == 1):
            by_name.append(speaker)
        elif core[-1] == proper[-1] and set(proper) <= set(core):
            by_name.append(speaker)
        elif len(asked) > 1 and set(asked) - UNTOLD <= fitting:
            by_role.append(speaker)
    return by_name, by_role


def _head(phrase: str) -> str:
    """A phrase without what follows a name to tell whose it is: "Rob McIvor of the FSA", "Oza from Kotak"."""
    return re.split(r" (?:of|from|at|for) |, ", phrase.strip(), maxsplit=1)[0]


def _own(phrase: str) -> list[str]:
    """The words of a phrase for somebody without those that say whose he is: "SpaceX's Shotwell" is Shotwell."""
    return words_of(re.split(r"['’]s ", _head(phrase))[-1])


def _bearing(asked: Sequence[str], db: Reader) -> list[str]:
    """Persons whose last name is one of the words asked for, those of whom most of the words are known."""
    ending = db.speakers_ending(set(asked) - TITLES - stems.STOPWORDS)
    persons = [one for one in ending if kind_of(one) == "person"]
    known = db.speakers_by_word(asked, among=persons) if persons else {}
    fitting: dict[str, float] = {}
    for speaker, its in known.items():
        proper = proper_words(speaker)
        misspelt = sum(bool(near(word) & set(proper[:-1])) for word in asked if word not in its and len(word) > 3)
        fitting[speaker] = len(its) + 0.5 * misspelt
    most = max(fitting.values(), default=0)
    return [speaker for speaker, number in fitting.items() if number == most]


def _in_full(speakers: Sequence[str], core: Sequence[str], asked: Sequence[str], db: Reader) -> tuple[str, ...]:
    """All names of the persons whom these names stand for; of several, those who bear what was asked for."""
    if not speakers:
        return ()
    persons = db.persons(speakers)
    bearing = [one for one in persons if any(set(core) <= set(words_of(name)) for name in one.names)]
    if not set(core) <= TITLES:
        # "Gordon Brown's closest ally" bears the name and is somebody else.
        exact = [one for one in bearing if any(set(words_of(name)) == set(asked) for name in one.names)]
        bearing = [one for one in bearing if one.kind != "unnamed" or one in exact] or bearing
    return tuple(sorted({name for one in bearing or persons for name in one.names}))

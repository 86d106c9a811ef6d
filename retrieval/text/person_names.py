"""Groups the speakers' names that articles give into persons and organisations.

Persons are derived from the statements each time; nothing is copied. Names are joined by their form: "Kirby" and "US
National Security spokesman John Kirby" are John Kirby if no other Kirby speaks; otherwise "Kirby" stays by itself.
Merges and splits by an admin take precedence. An unnamed source ("a spokesman", "analysts") is never an alias.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

TITLES = frozenset(
    """the a an mr mrs ms miss dr sir lord lady dame prof professor president minister prime chancellor senator mayor
    guy man woman person spokesman spokeswoman spokesperson official director chief executive boss head leader
    secretary party who is at of for in from s""".split()
)
"""Words of a description of a person that are not part of the name."""

_HONORIFICS = frozenset("mr mrs ms miss mx dr sir lord lady dame prof professor".split())
_OFFICES = TITLES | frozenset(
    """captain coach governor general judge justice editor analyst economist lawyer former deputy vice foreign
    commissioner ambassador archbishop bishop pope detective inspector superintendent colonel major sergeant dj
    star striker midfielder manager founder chairman chairwoman mp""".split()
)
_BODIES = frozenset(
    """ministry department party committee university council inc corp association union bank agency office court
    government congress parliament senate administration commission institute group organisation organization company
    federation police army society centre center authority club league fund airlines international ltd plc network
    board trust foundation forum alliance service house chiefs""".split()
)
"""Words in the names of organisations."""

_DETERMINERS = frozenset("a an some one another his her their its both many most all several other".split())
_PARTICLES = frozenset("de van von der den del della di da dos du la le el al bin ibn abu ben ter ten".split())
_NOBODY = frozenset(
    """analysts analyst critics experts officials sources source reports report campaigners ministers opponents
    supporters lawyers police researchers scientists observers others some many however people witnesses doctors
    economists investors fans users unions friends everyone nobody residents spokesman spokeswoman spokesperson he she
    they it i we you who one study survey research company government firm""".split()
)

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz'’àáâäãåæçèéêëìíîïñòóôöõøœšßùúûüýžłćčđğşı")
"""Letters tried when correcting a typing error."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

_COMMONER = 3
"""Minimum ratio of statements by "Gordon Brown" to those by "Exchequer Gordon Brown" for both to be one person."""


def words_of(text: str) -> list[str]:
    """The words of a name, role or question, in lower case and without possessive 's."""
    return list(_words_of(text))


@lru_cache(maxsize=20_000)  # autocompletion looks at the same names for every letter typed
def _words_of(text: str) -> tuple[str, ...]:
    return tuple(
        word[:-2] if word.endswith(("'s", "’s")) else word for word in (found.lower() for found in _WORD.findall(text))
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A person or organisation that speaks in the articles.

    `names`: the names that articles use, each with its number of statements, the most used first. `name`: the fullest
    of them, or the one that an admin chose.
    """

    name: str
    kind: str
    names: Mapping[str, int] = field(default_factory=dict)

    @property
    def statements(self) -> int:
        """Number of statements under all names."""
        return sum(self.names.values())


@dataclass(frozen=True, slots=True)
class Role:
    """A role that articles give a person, with the first and last day on which they do; None: undated articles.

    The role is known only for those days: the person need not hold it still.
    """

    role: str
    first: str | None
    last: str | None
    statements: int


@lru_cache(maxsize=20_000)
def kind_of(name: str) -> str:
    """The kind of a name: "person", "organisation", or "unnamed" for a source that is described but not named."""
    words = name.split()
    described = words[0][:1].islower() and words[0] not in _PARTICLES
    if described or words[0].lower() in _DETERMINERS or words[-1][:1].islower():
        return "unnamed"
    proper = [word for word in words if word[:1].isupper() and word.lower().strip(".,") not in _NOBODY]
    if not proper or all(word.lower() in _OFFICES for word in proper):
        return "unnamed"
    if any(word.lower().strip(".") in _BODIES for word in words) or (len(words) == 1 and name.isupper()):
        return "organisation"
    return "person"


@lru_cache(maxsize=20_000)
def proper_words(name: str) -> tuple[str, ...]:
    """The words of the name itself in lower case, without honorifics and the office before it."""
    words = words_of(name)
    begin = 0
    for at, word in enumerate(words[:-1]):
        if word in _OFFICES or word in _HONORIFICS:
            begin = at + 1
    return tuple(words[begin:])


def joined(counts: Mapping[str, int], identities: Mapping[str, str]) -> list[Person]:
    """The names (with their numbers of statements) grouped into persons, those with the most statements first.

    `identities`: the person to whom an admin assigned a name, by name. `counts` must contain all names that share a
    last name; otherwise a name that is ambiguous in the library would not look ambiguous.
    """
    owner = {name: identities[name] for name in counts if name in identities}
    free = [name for name in counts if name not in owner]
    full: dict[tuple[str, ...], list[str]] = {}
    for name in sorted(free, key=lambda name: (-len(proper_words(name)), -counts[name], name)):
        if kind_of(name) != "unnamed":
            full.setdefault(_key(proper_words(name)), []).append(name)
    heads = {key: min(names, key=lambda name: (_titled(name), -counts[name], name)) for key, names in full.items()}
    heads |= {_key(proper_words(person)): person for person in owner.values()}
    by_last: dict[str, set[str]] = {}
    for key, head in heads.items():
        if len(key) == 2 or (len(key) > 2 and key[-2:] not in heads):
            by_last.setdefault(key[-1], set()).add(head)
    # "Van Der Beek" alone is a last name; it stands for the person whose name ends with all of it.
    by_family: dict[tuple[str, ...], set[str]] = {}
    for key, head in heads.items():
        for at in range(1, len(key) - 1):
            if key[at] in _PARTICLES:
                by_family.setdefault(key[at:], set()).add(head)
    for key in sorted(full, key=len):
        names = full[key]
        if len(key) > 2 and _more_often(key[-2:], names, full, counts):
            owner |= dict.fromkeys(names, owner.get(heads[key[-2:]], heads[key[-2:]]))
            continue
        bearers = by_last.get(key[0], set()) if len(key) == 1 else by_family.get(key, set())
        owner |= dict.fromkeys(names, next(iter(bearers)) if len(bearers) == 1 else heads[key])
    persons: dict[str, dict[str, int]] = {}
    for name, number in counts.items():
        persons.setdefault(owner.get(name, name), {})[name] = number
    made = [
        Person(name, kind_of(name), dict(sorted(names.items(), key=lambda counted: (-counted[1], counted[0]))))
        for name, names in persons.items()
    ]
    return sorted(made, key=lambda person: (-person.statements, person.name))


def _key(proper: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a name without middle initials: "Paul D. Ryan" is Paul Ryan."""
    middle = [word for word in proper[1:-1] if len(word) > 1]
    return (proper[0], *middle, proper[-1]) if len(proper) > 2 else proper


def _more_often(
    key: tuple[str, ...], names: Sequence[str], full: Mapping[tuple[str, ...], list[str]], counts: Mapping[str, int]
) -> bool:
    """Whether the short form `key` is so much more common than `names` that their other words are not of the name."""
    return sum(counts[name] for name in full.get(key, ())) >= _COMMONER * sum(counts[name] for name in names)


def _titled(name: str) -> int:
    """Number of words before the name itself."""
    return len(words_of(name)) - len(proper_words(name))


def which(phrase: str, persons: Sequence[Person]) -> str:
    """The question to the user when a name is ambiguous: "which Brown? Gordon Brown (41 statements), …"."""
    first, *others = [(person.name, person.statements) for person in persons]
    shown = [f"{first[0]} ({first[1]} statement{'s' * (first[1] != 1)})", *(f"{n} ({number})" for n, number in others)]
    return f"which {phrase}? {', '.join(shown)}"


@lru_cache(maxsize=64)  # the same word is compared with the names of many speakers
def near(word: str) -> frozenset[str]:
    """The words that differ from `word` by one typing error after its first letter: a letter added, missing or wrong,
    or two neighbours swapped (including the first two)."""
    letters = _LETTERS | set(word)
    cuts = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
    less = {a + b[1:] for a, b in cuts if b}
    more = {a + letter + b for a, b in cuts for letter in letters}
    other = {a + letter + b[1:] for a, b in cuts if b for letter in letters}
    exchanged = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    return frozenset((less | more | other | exchanged) - {word})

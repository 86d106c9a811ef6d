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

from retrieval.english.name_words import PARTICLES
from retrieval.english.normal_form import normal_form, plain_marks
from retrieval.english.speaker_words import (
    BODIES,
    INDEFINITE_DETERMINERS,
    OFFICES,
    PLAIN_HONORIFICS,
    UNNAMED_SOURCES,
)

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz'")
"""Letters tried when correcting a typing error."""

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")

_MIN_COMMONER_RATIO = 3
"""Minimum ratio of statements by "Gordon Brown" to those by "Exchequer Gordon Brown" for both to be one person."""


def words_of(text: str) -> list[str]:
    """The words of a name, role or question in their normal form, without possessive 's."""
    return list(_words_of(text))


@lru_cache(maxsize=20_000)  # autocompletion looks at the same names for every letter typed
def _words_of(text: str) -> tuple[str, ...]:
    return tuple(word.removesuffix("'s") for word in _WORD.findall(normal_form(text)))


def plain_words(text: str) -> list[str]:
    """The same words with their accents, in lower case: the lexical index folds accents by rules of its own."""
    return [word.removesuffix("'s") for word in _WORD.findall(plain_marks(text).lower())]


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
    described = words[0][:1].islower() and words[0] not in PARTICLES
    if described or words[0].lower() in INDEFINITE_DETERMINERS or words[-1][:1].islower():
        return "unnamed"
    proper = [word for word in words if word[:1].isupper() and word.lower().strip(".,") not in UNNAMED_SOURCES]
    if not proper or all(word.lower() in OFFICES for word in proper):
        return "unnamed"
    if any(word.lower().strip(".") in BODIES for word in words) or (len(words) == 1 and name.isupper()):
        return "organisation"
    return "person"


@lru_cache(maxsize=20_000)
def proper_words(name: str) -> tuple[str, ...]:
    """The words of the name itself in lower case, without honorifics and the office before it."""
    words = words_of(name)
    begin = 0
    for at, word in enumerate(words[:-1]):
        if word in OFFICES or word in PLAIN_HONORIFICS:
            begin = at + 1
    return tuple(words[begin:])


def group_names(counts: Mapping[str, int], identities: Mapping[str, str]) -> list[Person]:
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
    heads = {
        key: min(names, key=lambda name: (_count_title_words(name), -counts[name], name)) for key, names in full.items()
    }
    heads |= {_key(proper_words(person)): person for person in owner.values()}
    by_last: dict[str, set[str]] = {}
    for key, head in heads.items():
        if len(key) == 2 or (len(key) > 2 and key[-2:] not in heads):
            by_last.setdefault(key[-1], set()).add(head)
    # "Van Der Beek" alone is a last name; it stands for the person whose name ends with all of it.
    by_family: dict[tuple[str, ...], set[str]] = {}
    for key, head in heads.items():
        for at in range(1, len(key) - 1):
            if key[at] in PARTICLES:
                by_family.setdefault(key[at:], set()).add(head)
    for key in sorted(full, key=len):
        names = full[key]
        if len(key) > 2 and _is_more_common(key[-2:], names, full, counts):
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


def _is_more_common(
    key: tuple[str, ...], names: Sequence[str], full: Mapping[tuple[str, ...], list[str]], counts: Mapping[str, int]
) -> bool:
    """Whether the short form `key` is so much more common than `names` that their other words are not of the name."""
    return sum(counts[name] for name in full.get(key, ())) >= _MIN_COMMONER_RATIO * sum(counts[name] for name in names)


def _count_title_words(name: str) -> int:
    """Number of words before the name itself."""
    return len(words_of(name)) - len(proper_words(name))


def ambiguity_question(phrase: str, persons: Sequence[Person]) -> str:
    """The question to the user when a name is ambiguous: "which Brown? Gordon Brown (41 statements), …"."""
    first, *others = [(person.name, person.statements) for person in persons]
    shown = [f"{first[0]} ({first[1]} statement{'s' * (first[1] != 1)})", *(f"{n} ({number})" for n, number in others)]
    return f"which {phrase}? {', '.join(shown)}"


@lru_cache(maxsize=64)  # the same word is compared with the names of many speakers
def one_typo_away(word: str) -> frozenset[str]:
    """The words that differ from `word` by one typing error after its first letter: a letter added, missing or wrong,
    or two neighbours swapped (including the first two)."""
    letters = _LETTERS | set(word)
    cuts = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
    less = {a + b[1:] for a, b in cuts if b}
    more = {a + letter + b for a, b in cuts for letter in letters}
    other = {a + letter + b[1:] for a, b in cuts if b for letter in letters}
    exchanged = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    return frozenset((less | more | other | exchanged) - {word})

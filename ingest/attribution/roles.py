"""Roles: the words beside a name that tell the position of the person, such as "harbour master"."""

from __future__ import annotations

from ingest.attribution.document import AnnotatedText
from retrieval.english.function_words import DETERMINERS, OPENERS
from retrieval.english.name_words import HONORIFICS, ROLES


def without_possessive(word: str) -> str:
    """A word without a possessive ending."""
    return word[:-2] if word.endswith(("'s", "’s")) else word.rstrip("’'")


def role_before(text: AnnotatedText, run: range, length: int) -> str | None:
    """The role before the name of `length` words that ends a run: "spokesman" of "spokesman John Kirby"."""
    last = run[-1] - length
    while last >= run[0] and text.lower[last] in HONORIFICS:
        last -= 1
    first = last + 1
    while first > 0 and last - first < 7 and _can_be_in_role(text, first - 1):
        first -= 1
    while first <= last and (text.lower[first] in DETERMINERS or text.lower[first] in OPENERS):
        first += 1
    if first > last or not any(without_possessive(text.lower[at]) in ROLES for at in (last, max(first, last - 1))):
        return None
    return text.substring(first, last)


def _can_be_in_role(text: AnnotatedText, at: int) -> bool:
    """Whether a word can be part of a role before a name: capitalized, a known role, or a prefix such as "vice-"."""
    word = text.word[at]
    if not word[0].isalpha() or text.quoted[at] >= 0 or text.lower[at] in HONORIFICS or at in text.time_ending:
        return False
    return word[0].isupper() or without_possessive(text.lower[at]) in ROLES or text.lower[at].endswith("-")


def role_after(text: AnnotatedText, at: int) -> str | None:
    """The role that stands after a name between commas: "the harbour master" of "Mara Wendt, the harbour master,"."""
    if at + 2 >= len(text.word) or text.word[at + 1] != ",":
        return None
    first = at + 2
    last, stop = first, min(first + 14, len(text.word))
    while last < stop and text.word[last] not in ",.;:()" and text.quoted[last] < 0:
        last += 1
    if last in (stop, first) or text.word[last] not in ",.":
        return None
    if not any(text.lower[i] in ROLES for i in range(first, min(first + 6, last))):
        return None
    if text.lower[first] in ("who", "whose", "and", "but", "which") or text.lower[first] in HONORIFICS:
        return None
    first += text.lower[first] in ("the", "a", "an")
    return text.substring(first, last - 1) if first < last else None

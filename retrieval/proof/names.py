"""Names in a claim: each must stand in what the claim rests on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from retrieval.english.calendar import CALENDAR, MONTH_ABBREVIATIONS
from retrieval.english.function_words import CLAIM_OPENERS
from retrieval.text import stems
from retrieval.text.normalize import counts
from retrieval.text.stems import STOPWORDS
from retrieval.types import Span

_CAPITAL = re.compile(r"(?<![\w’'])[^\W\d_a-zß-öø-ÿ][\w&.’'-]*|(?<![\w])[a-z]+[A-Z]\w*")
_CALENDAR = CALENDAR | MONTH_ABBREVIATIONS
_JOINED = re.compile(r"[\w&.’'-]+-\Z")
_PARTICIPLE = re.compile(r"^[A-Z][a-z]{3,}(?:ing|ed|ly)$")
_SAME_FROM = 4
"""Letters that "Russian" and "Russia" must share at least to be one name."""


def unnamed(claim: str, evidence: Iterable[str], known: Callable[[str], bool]) -> Iterator[str]:
    """The names of a claim (its quotations and dates blanked) that its evidence does not hold, in order.

    `known`: whether a word is a name by all that was given to the model: one that begins a sentence may be any word.
    """
    text = "\n".join(evidence)
    there = {_bare(word).lower() for word in re.findall(r"[\w&.’'-]+", text)}
    for match in _CAPITAL.finditer(claim):
        word = _bare(match[0])
        low = word.lower()
        if not word or low in _CALENDAR or word == "I" or low in there or counts(low):
            continue
        if (joined := _JOINED.search(claim, 0, match.start())) and joined[0].lower() + low in there:
            continue  # "non-Indian" is there, which "Indian" alone is not
        if _begins(claim, match.start()) and (
            low in STOPWORDS or low in CLAIM_OPENERS or set(stems.stems(word)) <= set(stems.stems(text))
        ):
            continue
        if _begins(claim, match.start()) and _PARTICIPLE.match(word) and not known(word):
            continue
        if _stands(low, there) or low.replace(".", "") in _initials(text) or _abbreviated(word, there, claim):
            continue
        yield word


def proper(text: str) -> set[str]:
    """Capitalised words that begin no sentence."""
    return {
        _bare(match[0])
        for match in _CAPITAL.finditer(text)
        if not _begins(text, match.start()) and match[0].lower() not in STOPWORDS
    }


def holding(names: Collection[str], text: str, spans: Iterable[Span]) -> list[Span]:
    """Of the spans those in which most of the names stand."""
    counted = [(sum(name.lower() in span.of(text).lower() for name in names), span) for span in spans]
    best = max((number for number, _ in counted), default=0)
    return [span for number, span in counted if number == best and best]


def _begins(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t\n\"“”‘'«(\ufffc")
    return not before or before[-1] in ".!?:;\n"


def _bare(word: str) -> str:
    bare = word.rstrip(".’'&-")
    return bare[:-2].rstrip(".’'&-") if bare.endswith(("'s", "’s")) else bare


def _stands(low: str, there: Collection[str]) -> bool:
    """Whether a word stands in the evidence in another of its forms: Russian and Russia, EU's and EU, U.S. and US."""
    plain = low.replace(".", "")
    if plain in {one.replace(".", "") for one in there}:
        return True
    if "-" in low and all(part in there or part in STOPWORDS for part in low.split("-")):
        return True
    stem = low[: max(_SAME_FROM, len(low) - 3)]
    return len(low) >= _SAME_FROM and any(one.startswith(stem) and abs(len(one) - len(low)) <= 3 for one in there)


def _initials(text: str) -> set[str]:
    """What the runs of capitalised words are abbreviated to: "UN" for United Nations."""
    out = set()
    for run in re.findall(r"[A-Z][\w'’-]*(?:\s+(?:of|the|and|for|de)?\s?[A-Z][\w'’-]*)+", text):
        initials = [word[0].lower() for word in run.split() if word[0].isupper()]
        for first in range(len(initials)):
            for last in range(first + 2, len(initials) + 1):
                out.add("".join(initials[first:last]))
    return out


def _abbreviated(word: str, there: Collection[str], claim: str) -> bool:
    """Whether the word is part of a name that the evidence abbreviates."""
    plain = {one.replace(".", "") for one in there if one.replace(".", "").isalpha()}
    return any(
        initials in plain and word in run.split()
        for run in re.findall(r"[A-Z][\w'’-]*(?:\s+(?:of|the|and|for)?\s?[A-Z][\w'’-]*)+", claim)
        for initials in _initials(run)
        if len(initials) >= 2
    )

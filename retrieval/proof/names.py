"""Checks the names in a claim: each must be in the claim's evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

from retrieval.english.calendar import CALENDAR, MONTH_ABBREVIATIONS
from retrieval.english.function_words import CLAIM_OPENERS
from retrieval.english.normal_form import normal_form, plain_hyphens
from retrieval.text import stems
from retrieval.text.normalize import is_number_word
from retrieval.text.stems import STOPWORDS
from retrieval.types import Span

_CAPITAL = re.compile(r"(?<![\w’'])[^\W\d_a-zß-öø-ÿ][\w&.’'-]*|(?<![\w])[a-z]+[A-Z]\w*")
_CALENDAR = CALENDAR | MONTH_ABBREVIATIONS
_JOINED = re.compile(r"[\w&.’'-]+-\Z")
_PARTICIPLE = re.compile(r"^[A-Z][a-z]{3,}(?:ing|ed|ly)$")
_MIN_SHARED_LETTERS = 4
"""Minimum number of first letters that "Russian" and "Russia" must share to be one name."""


def unsupported_names(claim: str, evidence: Iterable[str], known: Callable[[str], bool]) -> Iterator[str]:
    """The names in a claim (its quotations and dates masked) that are not in its evidence, in order.

    `known`: whether a word is a name anywhere in what the model was given; needed because the first word of a sentence
    is capitalised in any case.
    """
    text, claim = plain_hyphens("\n".join(evidence)), plain_hyphens(claim)
    evidence_words = {normal_form(_strip_possessive(word)) for word in re.findall(r"[\w&.’'-]+", text)}
    for match in _CAPITAL.finditer(claim):
        word = _strip_possessive(match[0])
        low = normal_form(word)
        if not word or low in _CALENDAR or word == "I" or low in evidence_words or is_number_word(low):
            continue
        if (joined := _JOINED.search(claim, 0, match.start())) and normal_form(joined[0]) + low in evidence_words:
            continue  # "non-Indian" is in the evidence though "Indian" alone is not
        if _begins_sentence(claim, match.start()) and (
            low in STOPWORDS or low in CLAIM_OPENERS or set(stems.stems(word)) <= set(stems.stems(text))
        ):
            continue
        if _begins_sentence(claim, match.start()) and _PARTICIPLE.match(word) and not known(word):
            continue
        if _occurs_in_other_form(low, evidence_words) or low.replace(".", "") in _initials(text):
            continue
        if _is_abbreviated(word, evidence_words, claim):
            continue
        yield word


def capitalised_words(text: str) -> set[str]:
    """The capitalised words that do not begin a sentence."""
    return {
        _strip_possessive(match[0])
        for match in _CAPITAL.finditer(text)
        if not _begins_sentence(text, match.start()) and match[0].lower() not in STOPWORDS
    }


def spans_with_names(names: Collection[str], text: str, spans: Iterable[Span]) -> list[Span]:
    """The spans that contain the most of the names, if any contains one."""
    counted = [(sum(normal_form(name) in normal_form(span.of(text)) for name in names), span) for span in spans]
    best = max((number for number, _ in counted), default=0)
    return [span for number, span in counted if number == best and best]


def _begins_sentence(text: str, at: int) -> bool:
    """Whether a sentence begins at this offset."""
    before = text[:at].rstrip(" \t\n\"“”‘'«(\ufffc")
    return not before or before[-1] in ".!?:;\n"


def _strip_possessive(word: str) -> str:
    """A word without trailing punctuation and possessive 's."""
    bare = word.rstrip(".’'&-")
    return bare[:-2].rstrip(".’'&-") if bare.endswith(("'s", "’s")) else bare


def _occurs_in_other_form(low: str, evidence_words: Collection[str]) -> bool:
    """Whether the evidence has a word in another of its forms: Russian and Russia, EU's and EU, U.S. and US."""
    plain = low.replace(".", "")
    if plain in {word.replace(".", "") for word in evidence_words}:
        return True
    if "-" in low and all(part in evidence_words or part in STOPWORDS for part in low.split("-")):
        return True
    stem = low[: max(_MIN_SHARED_LETTERS, len(low) - 3)]
    return len(low) >= _MIN_SHARED_LETTERS and any(
        word.startswith(stem) and abs(len(word) - len(low)) <= 3 for word in evidence_words
    )


def _initials(text: str) -> set[str]:
    """The initials of the runs of capitalised words: "un" for United Nations."""
    out = set()
    for run in re.findall(r"[A-Z][\w'’-]*(?:\s+(?:of|the|and|for|de)?\s?[A-Z][\w'’-]*)+", text):
        initials = [word[0].lower() for word in run.split() if word[0].isupper()]
        for first in range(len(initials)):
            for last in range(first + 2, len(initials) + 1):
                out.add("".join(initials[first:last]))
    return out


def _is_abbreviated(word: str, evidence_words: Collection[str], claim: str) -> bool:
    """Whether the word is part of a name in the claim that the evidence has as an abbreviation."""
    without_dots = (evidence_word.replace(".", "") for evidence_word in evidence_words)
    plain = {abbreviation for abbreviation in without_dots if abbreviation.isalpha()}
    return any(
        initials in plain and word in run.split()
        for run in re.findall(r"[A-Z][\w'’-]*(?:\s+(?:of|the|and|for)?\s?[A-Z][\w'’-]*)+", claim)
        for initials in _initials(run)
        if len(initials) >= 2
    )

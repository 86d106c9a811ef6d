"""Finds the person meant by a pronoun at the beginning of a quoted sentence.

The name is shown in brackets next to the quoted words, which themselves stay as they are. Nothing is shown where the
person is uncertain. It is certain in two cases: this pronoun is the mention of a statement's speaker, or the sentence
before is about one person alone, that is, it opens with their name, names nobody else, and no title contradicts ("Mrs"
before "he").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from retrieval.english.calendar import CALENDAR
from retrieval.english.speaker_words import PHRASE_TITLES
from retrieval.proof import reports
from retrieval.proof.evidence import is_quoted
from retrieval.text import stems
from retrieval.text.person_names import kind_of, proper_words
from retrieval.text.sentences import sentences
from retrieval.types import Article, Span, Statement

_OPENS = re.compile(r"(?:(?:But|And|So|Then|Yet) )?(he|she)\b", re.IGNORECASE)
_SEARCHED_CHARACTERS = 600
"""Number of characters before a sentence in which the person is looked for."""

_MAX_SENTENCES_BACK = 3
"""Maximum number of sentences looked at, going back past those that open with the same pronoun."""

_MALE, _FEMALE = frozenset(("mr", "sir", "lord")), frozenset(("mrs", "ms", "miss", "lady", "dame"))
_PLACED = re.compile(r"\b(?:in|at|from|near|to|of|outside) (?:the )?$")
"""What precedes the name of a place or an organisation."""


def opens_with_pronoun(article: Article, span: Span) -> bool:
    """Whether an excerpt opens with a pronoun for a person."""
    return _OPENS.match(article.text, span.start, span.end) is not None


def resolve_pronoun(article: Article, span: Span, statements: Sequence[Statement]) -> tuple[int, str] | None:
    """(offset into the excerpt after which the name belongs, the name); None where no pronoun opens the excerpt, or
    where it is uncertain whom it means. `statements`: those of the article."""
    opening = _OPENS.match(span.of(article.text))
    if opening is None:
        return None
    at = span.start + opening.start(1)
    if is_quoted(article.text, Span(at, span.start + opening.end(1))):
        return None
    for statement in statements:
        if statement.mention and statement.mention.start == at and kind_of(statement.speaker) == "person":
            return opening.end(1), statement.speaker
    name = _person_before(article.text, span.start, opening[1].lower(), statements)
    return (opening.end(1), name) if name else None


def _person_before(text: str, start: int, pronoun: str, statements: Sequence[Statement]) -> str | None:
    """The name of the one person whom the sentences before `start` are about."""
    begin = max(0, start - _SEARCHED_CHARACTERS)
    if not text[begin:start].strip():
        return None
    # The first sentence may be cut off at its beginning.
    earlier = sentences(text, Span(begin, start))[1 if begin else 0 :]
    for sentence in earlier[: -_MAX_SENTENCES_BACK - 1 : -1]:
        names = list(_possible_names(text, sentence))
        opening = _OPENS.match(sentence.of(text))
        if opening and opening[1].lower() == pronoun and not names:
            continue
        return _subject(text, sentence, names, pronoun, statements)
    return None


def _possible_names(text: str, sentence: Span) -> Iterator[tuple[str, Span, bool]]:
    """(name, its span, whether it is a possessive) of each possible name of a person in a sentence.

    That is a run of capitalised words that is no date, place or organisation.
    """
    for run, span, possessive in reports.find_names(text, sentence):
        parts = run.split()
        while parts and (parts[0].lower() in stems.STOPWORDS or parts[0].lower() in CALENDAR):
            parts.pop(0)
        name = " ".join(parts)
        if not parts or not name[0].isalpha() or all(part.lower() in CALENDAR for part in parts):
            continue
        is_place = len(parts) == 1 and _PLACED.search(text, sentence.start, span.start)
        if not is_place and kind_of(name) != "organisation":
            yield name, Span(span.end - len(name), span.end), possessive


def _subject(
    text: str, sentence: Span, names: Sequence[tuple[str, Span, bool]], pronoun: str, statements: Sequence[Statement]
) -> str | None:
    """The full name of the one person whom a sentence opens with and is about; None where that is uncertain."""
    if not names:
        return None
    (first, span, possessive), *others = names
    last_name = first.split()[-1]
    if possessive or any(other.split()[-1] != last_name for other, _, _ in others):
        return None
    opening = text[sentence.start : span.start].lower().split()
    after = re.match(r" ([a-z]+)", text[span.end : sentence.end])
    if len(opening) > 1 or opening[:1] not in ([], ["but"], ["and"], ["yet"]) or (after and after[1] in PHRASE_TITLES):
        return None
    title = first.split()[0].lower().rstrip(".")
    if title in (_FEMALE if pronoun == "he" else _MALE):
        return None
    full_name = _full_name(text, last_name, statements)
    is_certain = title in _MALE | _FEMALE or full_name is not None
    return (full_name or first) if is_certain else None


def _full_name(text: str, last_name: str, statements: Sequence[Statement]) -> str | None:
    """The full name of the one person of an article who bears a last name; None where there is none, or several."""
    speakers = {statement.speaker for statement in statements if statement.speaker.split()[-1:] == [last_name]}
    speakers = {speaker for speaker in speakers if " " in speaker and kind_of(speaker) == "person"}
    if speakers:
        return next(iter(speakers)) if len(speakers) == 1 else None
    form = re.compile(rf"\b([A-Z][\w'’-]+) {re.escape(last_name)}\b")
    names = {f"{first} {last_name}" for first in form.findall(text) if kind_of(f"{first} {last_name}") == "person"}
    names = {name for name in names if len(proper_words(name)) > 1 and name.split()[0].lower() not in stems.STOPWORDS}
    return next(iter(names)) if len(names) == 1 else None

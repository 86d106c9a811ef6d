"""Whom the pronoun means that opens a quoted sentence: shown in brackets beside the excerpt, never inside it.

Only where it is sure. Either the article's statements say so: that who speaks is mentioned by this pronoun. Or the
sentence before is about one person alone: it opens with his name, names nobody else, and no title contradicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from retrieval.proof import reports
from retrieval.proof.evidence import quoted_at
from retrieval.text import stems
from retrieval.text.dates import CALENDAR
from retrieval.text.person_names import TITLES, kind_of, proper_words
from retrieval.text.sentences import sentences
from retrieval.types import Article, Span, Statement

_OPENS = re.compile(r"(?:(?:But|And|So|Then|Yet) )?(he|she)\b", re.IGNORECASE)
_BEFORE = 600
"""Characters before a sentence in which whom it means is looked for."""

_BACK = 3
"""Sentences gone back over that open with the pronoun themselves."""

_MALE, _FEMALE = frozenset(("mr", "sir", "lord")), frozenset(("mrs", "ms", "miss", "lady", "dame"))
_PLACED = re.compile(r"\b(?:in|at|from|near|to|of|outside) (?:the )?$")
"""What stands before a name that is a place's or a body's."""


def opens_with_pronoun(article: Article, span: Span) -> bool:
    """Whether an excerpt opens with a pronoun for a person."""
    return _OPENS.match(article.text, span.start, span.end) is not None


def explained(article: Article, span: Span, statements: Sequence[Statement]) -> tuple[int, str] | None:
    """(characters of the excerpt after which the name belongs, the name); None where no pronoun opens it, or where it
    is not sure whom it means. `statements`: those of the article."""
    opening = _OPENS.match(span.of(article.text))
    if opening is None:
        return None
    at = span.start + opening.start(1)
    if quoted_at(article.text, Span(at, span.start + opening.end(1))):
        return None
    for statement in statements:
        if statement.mention and statement.mention.start == at and kind_of(statement.speaker) == "person":
            return opening.end(1), statement.speaker
    name = _before(article.text, span.start, opening[1].lower(), statements)
    return (opening.end(1), name) if name else None


def _before(text: str, start: int, pronoun: str, statements: Sequence[Statement]) -> str | None:
    """The one person whom the sentences before are about."""
    begin = max(0, start - _BEFORE)
    if not text[begin:start].strip():
        return None
    # The first of them may be cut.
    earlier = sentences(text, Span(begin, start))[1 if begin else 0 :]
    for sentence in earlier[: -_BACK - 1 : -1]:
        named = list(_named(text, sentence))
        opens = _OPENS.match(sentence.of(text))
        if opens and opens[1].lower() == pronoun and not named:
            continue
        return _subject(text, sentence, named, pronoun, statements)
    return None


def _named(text: str, sentence: Span) -> Iterator[tuple[str, Span, bool]]:
    """What may be names of persons in a sentence: runs of capitals that are no days, no places and no bodies."""
    for run, place, possessive in reports.names(text, sentence):
        parts = run.split()
        while parts and (parts[0].lower() in stems.STOPWORDS or parts[0].lower() in CALENDAR):
            parts.pop(0)
        shown = " ".join(parts)
        if not parts or not shown[0].isalpha() or all(part.lower() in CALENDAR for part in parts):
            continue
        placed = len(parts) == 1 and _PLACED.search(text, sentence.start, place.start)
        if not placed and kind_of(shown) != "organisation":
            yield shown, Span(place.end - len(shown), place.end), possessive


def _subject(
    text: str, sentence: Span, named: Sequence[tuple[str, Span, bool]], pronoun: str, statements: Sequence[Statement]
) -> str | None:
    if not named:
        return None
    (first, place, possessive), *others = named
    last = first.split()[-1]
    if possessive or any(other.split()[-1] != last for other, _, _ in others):
        return None
    opening = text[sentence.start : place.start].lower().split()
    after = re.match(r" ([a-z]+)", text[place.end : sentence.end])
    if len(opening) > 1 or opening[:1] not in ([], ["but"], ["and"], ["yet"]) or (after and after[1] in TITLES):
        return None
    title = first.split()[0].lower().rstrip(".")
    if title in (_FEMALE if pronoun == "he" else _MALE):
        return None
    full = _in_full(text, last, statements)
    sure = title in _MALE | _FEMALE or full is not None
    return (full or first) if sure else None


def _in_full(text: str, last: str, statements: Sequence[Statement]) -> str | None:
    """The whole name of the one person of an article who bears a last name."""
    spoken = {one.speaker for one in statements if one.speaker.split()[-1:] == [last]}
    spoken = {one for one in spoken if " " in one and kind_of(one) == "person"}
    if spoken:
        return next(iter(spoken)) if len(spoken) == 1 else None
    form = re.compile(rf"\b([A-Z][\w'’-]+) {re.escape(last)}\b")
    found = {f"{first} {last}" for first in form.findall(text) if kind_of(f"{first} {last}") == "person"}
    found = {one for one in found if len(proper_words(one)) > 1 and one.split()[0].lower() not in stems.STOPWORDS}
    return next(iter(found)) if len(found) == 1 else None

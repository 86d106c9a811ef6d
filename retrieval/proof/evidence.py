"""Evidence as a model gets it: passages under keys that mean nothing, and what is known about who speaks in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain

from retrieval.proof.names import proper
from retrieval.text import quote_marks
from retrieval.text.matching import Folded
from retrieval.text.person_names import words_of
from retrieval.text.sentences import sentences
from retrieval.types import Article, Span, Statement

_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class EvidencePassage:
    """A part of an article under its key; `speaker`: whose statement it is, where it is offered as one."""

    key: str
    article: Article
    span: Span
    speaker: str | None = None

    @property
    def text(self) -> str:
        """Its words."""
        return self.span.of(self.article.text)


@dataclass(frozen=True, slots=True)
class Place:
    """A span of an article that proves something."""

    article: Article
    span: Span

    @property
    def text(self) -> str:
        """Its words."""
        return self.span.of(self.article.text)


@dataclass(frozen=True)
class Evidence:
    """All that a model is given for one question.

    `statements` are those of each article by its id; `persons` the words of every name that a speaker goes by.
    `private` is what the model was told besides and must not repeat.
    """

    passages: tuple[EvidencePassage, ...]
    statements: Mapping[str, Sequence[Statement]] = field(default_factory=dict)
    persons: Mapping[str, frozenset[str]] = field(default_factory=dict)
    private: str = ""
    _folded: dict[tuple[str, str], Folded] = field(default_factory=dict, repr=False)

    @cached_property
    def by_key(self) -> dict[str, EvidencePassage]:
        """The passages by their keys."""
        return {one.key: one for one in self.passages}

    @cached_property
    def texts(self) -> dict[str, str]:
        """The articles' texts by their ids."""
        return {one.article.id: one.article.text for one in self.passages}

    @cached_property
    def names(self) -> frozenset[str]:
        """Capitalised words of all passages and speakers: what is known to be a name."""
        texts = chain((one.text for one in self.passages), (one.article.title for one in self.passages), self.persons)
        return frozenset(word for text in texts for word in proper(f"x {text}"))

    def is_name(self, word: str) -> bool:
        """Whether a capitalised word is a name by any of the passages."""
        return word in self.names

    def repeats(self, text: str) -> bool:
        """Whether a text repeats a run of words of what the model was told."""
        return not _runs(self.private).isdisjoint(_runs(text))

    def find(self, article: Article, words: str, within: Span | None = None) -> Iterator[Span]:
        """Where words stand in an article (in a part of it), their marks, dashes and white space folded."""
        key = (article.id, article.version)
        if key not in self._folded:
            self._folded[key] = Folded(article.text)
        return self._folded[key].find(words, within)

    def said_at(self, place: Place) -> list[Statement]:
        """The statements whose sentences a place shares."""
        return [one for one in self.statements.get(place.article.id, ()) if one.context.overlaps(place.span)]

    def words_of_speaker(self, speaker: str) -> frozenset[str]:
        """The words of every name that somebody goes by."""
        return self.persons.get(speaker) or frozenset(words_of(speaker))

    def speakers(self, article_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Who speaks in these articles, with the words of their names."""
        found = {one.speaker for article_id in article_ids for one in self.statements.get(article_id, ())}
        return {name: self.words_of_speaker(name) for name in found}


_RUN = 6
"""Words in a row that nobody repeats by chance."""


@lru_cache(maxsize=64)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = words_of(text)
    return frozenset(zip(*(words[at:] for at in range(_RUN)), strict=False))


def paragraph(text: str, span: Span) -> Span:
    """The paragraphs that a span lies in."""
    start = text.rfind(_BREAK, 0, span.start)
    end = text.find(_BREAK, span.end)
    return Span(start + len(_BREAK) if start >= 0 else 0, end if end >= 0 else len(text))


def whole_sentences(text: str, span: Span) -> list[Span]:
    """The sentences that a span shares a character with."""
    return [one for one in _sentences(text, paragraph(text, span)) if one.overlaps(span)]


@lru_cache(maxsize=256)
def _sentences(text: str, within: Span) -> tuple[Span, ...]:
    return tuple(sentences(text, within))


def before(text: str, span: Span, within: Span, number: int) -> list[Span]:
    """Up to `number` sentences of a part of the text before a span, the nearest last."""
    if within.start >= span.start:
        return []
    return [one for one in sentences(text, Span(within.start, span.start)) if one.end <= span.start][-number:]


def quoted_at(text: str, span: Span) -> bool:
    """Whether a span lies in quotation marks."""
    return any(inner.holds(span) for inner in quote_marks.quotations(text, paragraph(text, span)).inner)


def headings(articles: Iterable[Article]) -> Iterator[str]:
    """What is shown with a citation of each article: title and source."""
    for article in articles:
        yield " · ".join(part for part in (article.title, article.source, *article.authors) if part)

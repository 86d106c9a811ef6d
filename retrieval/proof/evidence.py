"""Evidence as given to a model: passages under meaningless keys, and what is known about who speaks in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain

from retrieval.english.normal_form import normal_form, plain_hyphens
from retrieval.proof.names import capitalised_words
from retrieval.text import quote_marks
from retrieval.text.matching import FoldedText
from retrieval.text.person_names import words_of
from retrieval.text.sentences import sentences
from retrieval.types import Article, Span, Statement

_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class EvidencePassage:
    """A part of an article under its key; `speaker`: who made the statement, if the passage is given as one."""

    key: str
    article: Article
    span: Span
    speaker: str | None = None

    @property
    def text(self) -> str:
        """The passage's text."""
        return self.span.of(self.article.text)


@dataclass(frozen=True, slots=True)
class Place:
    """A span of an article, as part of a proof."""

    article: Article
    span: Span

    @property
    def text(self) -> str:
        """The text of the span."""
        return self.span.of(self.article.text)


@dataclass(frozen=True)
class Evidence:
    """Everything that a model is given for one question.

    `statements`: the statements of each article, by article id. `persons`: for each speaker, the words of all their
    names. `private`: the instructions to the model, which it must not repeat.
    """

    passages: tuple[EvidencePassage, ...]
    statements: Mapping[str, Sequence[Statement]] = field(default_factory=dict)
    persons: Mapping[str, frozenset[str]] = field(default_factory=dict)
    private: str = ""
    _folded: dict[tuple[str, str], FoldedText] = field(default_factory=dict, repr=False)

    @cached_property
    def by_key(self) -> dict[str, EvidencePassage]:
        """The passages by their keys."""
        return {passage.key: passage for passage in self.passages}

    @cached_property
    def texts(self) -> dict[str, str]:
        """The articles' texts by their ids."""
        return {passage.article.id: passage.article.text for passage in self.passages}

    @cached_property
    def names(self) -> frozenset[str]:
        """The capitalised words of all passages, titles and speakers: known names, in their normal form."""
        titles = (passage.article.title for passage in self.passages)
        texts = chain((passage.text for passage in self.passages), titles, self.persons)
        return frozenset(normal_form(word) for text in texts for word in capitalised_words(f"x {plain_hyphens(text)}"))

    def is_name(self, word: str) -> bool:
        """Whether a capitalised word is a name in any of the passages."""
        return normal_form(word) in self.names

    def repeats_instructions(self, text: str) -> bool:
        """Whether a text repeats a run of words from the instructions to the model."""
        return not _word_runs(self.private).isdisjoint(_word_runs(text))

    def find(self, article: Article, words: str, within: Span | None = None) -> Iterator[Span]:
        """Where words occur in an article (or in a part of it), whatever their quotation marks, dashes and spaces."""
        key = (article.id, article.version)
        if key not in self._folded:
            self._folded[key] = FoldedText(article.text)
        return self._folded[key].find(words, within)

    def statements_at(self, place: Place) -> list[Statement]:
        """The statements whose sentences overlap a place."""
        statements = self.statements.get(place.article.id, ())
        return [statement for statement in statements if statement.context.overlaps(place.span)]

    def words_of_speaker(self, speaker: str) -> frozenset[str]:
        """The words of all names of a speaker."""
        return self.persons.get(speaker) or frozenset(words_of(speaker))

    def speakers(self, article_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """The speakers in these articles, each with the words of their names."""
        names = {statement.speaker for article_id in article_ids for statement in self.statements.get(article_id, ())}
        return {name: self.words_of_speaker(name) for name in names}


_REPEATED_RUN_WORDS = 6
"""Number of consecutive words that nobody repeats by chance."""


@lru_cache(maxsize=64)
def _word_runs(text: str) -> frozenset[tuple[str, ...]]:
    words = words_of(text)
    return frozenset(zip(*(words[at:] for at in range(_REPEATED_RUN_WORDS)), strict=False))


def paragraph(text: str, span: Span) -> Span:
    """The span of the paragraphs that a span lies in."""
    start = text.rfind(_BREAK, 0, span.start)
    end = text.find(_BREAK, span.end)
    return Span(start + len(_BREAK) if start >= 0 else 0, end if end >= 0 else len(text))


def whole_sentences(text: str, span: Span) -> list[Span]:
    """The sentences that overlap a span."""
    return [sentence for sentence in _sentences(text, paragraph(text, span)) if sentence.overlaps(span)]


@lru_cache(maxsize=256)
def _sentences(text: str, within: Span) -> tuple[Span, ...]:
    return tuple(sentences(text, within))


def sentences_before(text: str, span: Span, within: Span, number: int) -> list[Span]:
    """Up to `number` sentences before a span and inside the part `within`, the nearest last."""
    if within.start >= span.start:
        return []
    earlier = sentences(text, Span(within.start, span.start))
    return [sentence for sentence in earlier if sentence.end <= span.start][-number:]


def is_quoted(text: str, span: Span) -> bool:
    """Whether a span lies inside quotation marks."""
    return any(inner.holds(span) for inner in quote_marks.find_quotations(text, paragraph(text, span)).inner)


def headings(articles: Iterable[Article]) -> Iterator[str]:
    """The heading shown with a citation of each article: title, source and authors."""
    for article in articles:
        yield " · ".join(part for part in (article.title, article.source, *article.authors) if part)

"""A text annotated for attribution: its words, quotations, and sentences in which quotations are kept whole.

Throughout this package `at` is the index of a word in an `AnnotatedText`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.attribution.quote_marks import Quote, quotes
from retrieval.english.abbreviations import BEFORE_NAMES
from retrieval.english.time_phrases import WHEN
from retrieval.text.sentences import paragraphs, sentences
from retrieval.types import Span

_TOKEN = re.compile(
    rf"(?:{BEFORE_NAMES})\.(?=\W)"
    r"|(?:[^\W\d_]\.){2,}|[A-Z]\.(?= [A-Z])"
    # "in BeijingHe said": the full stop and space between two sentences are missing.
    r"|[A-Z]?[a-z]{2,}+(?=(?:He|She|They|It|We|The|But|And|His|Her|Their|This|That|These|Mr|Mrs|Ms|Dr)\b)"
    # A full stop ends a word even if the space after it is missing: "late.Mara".
    r"|[^\W_]+(?:(?:[’'&‐‑-]|\.(?=\w)(?!(?<=[a-z]\.)[A-Z][a-z])|,(?=\d{3}))[^\W_]+)*(?:[’'](?=\s)(?<=s.))?|''|``|\S"
)


_LOST_SPACE = re.compile(r"(?<=[a-z]{3}[.!?])(?=[A-Z][a-z]+\s)")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or several over which one quotation runs: first and last word, span, and number of its paragraph."""

    first: int
    last: int
    span: Span
    paragraph: int


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text with its words as parallel lists: `word`, `lower` case, `start` and `end` offsets, and `quoted`.

    `quoted` is the index in `quotes` of the quotation that a word stands in, -1 outside quotations. `time_ending` maps
    the last word of each time expression ("on Monday") to its first, `time_starting` the first to the last.
    """

    string: str
    word: list[str]
    lower: list[str]
    start: list[int]
    end: list[int]
    quoted: list[int]
    quotes: list[Quote]
    sentences: list[Span]
    units: list[Unit]
    time_ending: dict[int, int]
    time_starting: dict[int, int]

    def span(self, first: int, last: int) -> Span:
        """The span from word `first` to word `last`, both included."""
        return Span(self.start[first], self.end[last])

    def substring(self, first: int, last: int) -> str:
        """The characters from word `first` to word `last`, both included."""
        return self.string[self.start[first] : self.end[last]]

    def is_capitalized(self, at: int) -> bool:
        """Whether a word begins with a capital letter."""
        return self.word[at][0].isupper()

    def is_word(self, at: int) -> bool:
        """Whether it is a word or a number rather than a punctuation mark."""
        return self.word[at][0].isalnum()

    def word_at(self, offset: int) -> int:
        """The index of the first word that ends after an offset."""
        return bisect_right(self.end, offset)

    def unit_of(self, at: int) -> Unit:
        """The unit that contains a word."""
        return self.units[max(0, bisect_right(self.units, at, key=lambda unit: unit.first) - 1)]

    def unit_at(self, offset: int) -> Unit:
        """The unit that contains an offset."""
        return self.units[max(0, bisect_right(self.units, offset, key=lambda unit: unit.span.start) - 1)]

    def paragraph_of(self, at: int) -> int:
        """The number of the paragraph that contains a word."""
        return self.unit_of(min(max(at, 0), len(self.word) - 1)).paragraph

    def quote_run(self, number: int) -> tuple[int, int] | None:
        """The first and last word of a quotation, including its marks; None if it contains no words."""
        quote = self.quotes[number].span
        first, last = bisect_right(self.end, quote.start), bisect_left(self.start, quote.end) - 1
        return (first, last) if any(self.is_word(at) for at in range(first, last + 1)) else None


def annotate(text: str) -> AnnotatedText:
    """Annotate a text, in time linear in its length."""
    spans = [match.span() for match in _TOKEN.finditer(text)]
    word, start, end = [text[a:b] for a, b in spans], [a for a, _ in spans], [b for _, b in spans]
    paragraph_spans = paragraphs(text)
    sentence_spans = [piece for sentence in sentences(text) for piece in _split_sentence(text, sentence)]
    quotations = quotes(text, paragraph_spans, sentence_spans)
    quoted = [-1] * len(word)
    for number, quote in enumerate(quotations):
        for at in range(bisect_right(end, quote.span.start), bisect_left(start, quote.span.end)):
            quoted[at] = number
    ending, starting = {}, {}
    for match in WHEN.finditer(text):
        first, last = bisect_left(start, match.start()), bisect_left(end, match.end())
        if first <= last < len(word) and quoted[first] < 0:
            ending[last], starting[first] = first, last
    units = _units(paragraph_spans, sentence_spans, quotations, start)
    # "US" is the country, not the pronoun.
    lower = ["u.s." if w == "US" else w.lower().replace("’", "'") for w in word]
    return AnnotatedText(text, word, lower, start, end, quoted, quotations, sentence_spans, units, ending, starting)


def _split_sentence(text: str, sentence: Span) -> Iterator[Span]:
    """A sentence split where the space before the next one is missing: "It was late.Mara Wendt said"."""
    start = sentence.start
    for match in _LOST_SPACE.finditer(text, sentence.start, sentence.end):
        yield Span(start, match.end())
        start = match.end()
    yield Span(start, sentence.end)


def _units(
    paragraph_spans: list[Span], sentence_spans: list[Span], quotations: list[Quote], start: list[int]
) -> list[Unit]:
    """The sentences as units, those joined over whose ends a quotation runs; `start`: where each word starts."""
    units: list[Unit] = []
    next_quotation, paragraph, begin = 0, 0, None
    for sentence in sentence_spans:
        begin = sentence.start if begin is None else begin
        while next_quotation < len(quotations) and quotations[next_quotation].span.end <= sentence.end:
            next_quotation += 1
        while paragraph_spans[paragraph].end <= begin:
            paragraph += 1
        is_inside_quotation = next_quotation < len(quotations) and quotations[next_quotation].span.start < sentence.end
        if is_inside_quotation and sentence.end < paragraph_spans[paragraph].end:
            continue
        first, last = bisect_left(start, begin), bisect_left(start, sentence.end) - 1
        if first <= last:
            units.append(Unit(first, last, Span(begin, sentence.end), paragraph))
        begin = None
    return units

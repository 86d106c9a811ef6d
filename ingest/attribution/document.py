"""A text made ready for finding who said what: words, quotations, and sentences with quotations kept whole."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.attribution.quote_marks import Quote, quotes
from retrieval.english.time_phrases import WHEN
from retrieval.text.sentences import paragraphs, sentences
from retrieval.types import Span

_TOKEN = re.compile(
    r"(?:Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|Maj|Adm|Jr|Sr|St|Hon|Messrs)\.(?=\W)"
    r"|(?:[^\W\d_]\.){2,}|[A-Z]\.(?= [A-Z])"
    # "in BeijingHe said": a sentence that begins where the one before lost its full stop.
    r"|[A-Z]?[a-z]{2,}+(?=(?:He|She|They|It|We|The|But|And|His|Her|Their|This|That|These|Mr|Mrs|Ms|Dr)\b)"
    # A full stop without the space after it ends a word all the same: "late.Mara".
    r"|[^\W_]+(?:(?:[’'&-]|\.(?=\w)(?!(?<=[a-z]\.)[A-Z][a-z])|,(?=\d{3}))[^\W_]+)*(?:[’'](?=\s)(?<=s.))?|''|``|\S"
)


_LOST_SPACE = re.compile(r"(?<=[a-z]{3}[.!?])(?=[A-Z][a-z]+\s)")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, or several where a quotation runs over their ends: its words as a range, and its span."""

    first: int
    last: int
    span: Span
    paragraph: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Words of a text as parallel tuples: `word`, its lower case, where it starts and ends, the quotation it is in."""

    text: str
    word: list[str]
    low: list[str]
    start: list[int]
    end: list[int]
    quoted: list[int]
    quotes: list[Quote]
    lines: list[Span]
    units: list[Unit]
    time_ending: dict[int, int]
    time_starting: dict[int, int]

    def span(self, first: int, last: int) -> Span:
        """The characters from word `first` to word `last`, both included."""
        return Span(self.start[first], self.end[last])

    def words(self, first: int, last: int) -> str:
        """The same as text."""
        return self.text[self.start[first] : self.end[last]]

    def capital(self, at: int) -> bool:
        """Whether a word begins with a capital."""
        return self.word[at][0].isupper()

    def is_word(self, at: int) -> bool:
        """Whether it is a word or a number and no mark."""
        return self.word[at][0].isalnum()

    def word_at(self, offset: int) -> int:
        """The first word that ends after a character."""
        return bisect_right(self.end, offset)

    def unit_of(self, at: int) -> Unit:
        """The unit that holds a word."""
        return self.units[max(0, bisect_right(self.units, at, key=lambda unit: unit.first) - 1)]

    def unit_at(self, offset: int) -> Unit:
        """The unit that holds a character."""
        return self.units[max(0, bisect_right(self.units, offset, key=lambda unit: unit.span.start) - 1)]

    def paragraph_of(self, at: int) -> int:
        """The number of the paragraph that holds a word."""
        return self.unit_of(min(max(at, 0), len(self.word) - 1)).paragraph

    def quote_run(self, number: int) -> tuple[int, int] | None:
        """The first and last word of a quotation, its marks included; None where it holds no word."""
        quote = self.quotes[number].span
        first, last = bisect_right(self.end, quote.start), bisect_left(self.start, quote.end) - 1
        return (first, last) if any(self.is_word(at) for at in range(first, last + 1)) else None


def read(text: str) -> Reading:
    """The reading of a text, in time linear in its length."""
    spans = [match.span() for match in _TOKEN.finditer(text)]
    word, start, end = [text[a:b] for a, b in spans], [a for a, _ in spans], [b for _, b in spans]
    parts, lines = paragraphs(text), [piece for line in sentences(text) for piece in _parted(text, line)]
    found = quotes(text, parts, lines)
    quoted = [-1] * len(word)
    for number, quote in enumerate(found):
        for at in range(bisect_right(end, quote.span.start), bisect_left(start, quote.span.end)):
            quoted[at] = number
    ending, starting = {}, {}
    for match in WHEN.finditer(text):
        first, last = bisect_left(start, match.start()), bisect_left(end, match.end())
        if first <= last < len(word) and quoted[first] < 0:
            ending[last], starting[first] = first, last
    units = _units(parts, lines, found, start)
    # The country is no pronoun.
    low = ["u.s." if w == "US" else w.lower().replace("’", "'") for w in word]
    return Reading(text, word, low, start, end, quoted, found, lines, units, ending, starting)


def _parted(text: str, line: Span) -> Iterator[Span]:
    """A sentence, parted where the next begins without a space before it: "It was late.Mara Wendt said"."""
    begin = line.start
    for match in _LOST_SPACE.finditer(text, line.start, line.end):
        yield Span(begin, match.end())
        begin = match.end()
    yield Span(begin, line.end)


def _units(parts: list[Span], lines: list[Span], found: list[Quote], start: list[int]) -> list[Unit]:
    out: list[Unit] = []
    quote, paragraph, begin = 0, 0, None
    for line in lines:
        begin = line.start if begin is None else begin
        while quote < len(found) and found[quote].span.end <= line.end:
            quote += 1
        while parts[paragraph].end <= begin:
            paragraph += 1
        cut = quote < len(found) and found[quote].span.start < line.end
        if cut and line.end < parts[paragraph].end:
            continue
        first, last = bisect_left(start, begin), bisect_left(start, line.end) - 1
        if first <= last:
            out.append(Unit(first, last, Span(begin, line.end), paragraph))
        begin = None
    return out

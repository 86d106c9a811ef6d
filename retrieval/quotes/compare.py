"""Compares a quotation with a passage: word for word, nearly, or not at all. Nothing here reads the library."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from retrieval.english.negations import negates
from retrieval.quotes.parse import Gap, Quotation
from retrieval.text.normalize import Wording, ends_sentence, is_number_word, occurrences
from retrieval.text.stems import STOPWORDS
from retrieval.types import Span

_STOP_WORD_WEIGHT = 0.4
"""Weight of a stop word such as "the"; a content word weighs 1."""

_EXTRA_WORD_WEIGHT = 0.5
"""Weight of a word of the passage that the quotation leaves out; a word of the quotation weighs 1."""

_MAX_WORDS_TO_NEGATION = 2
"""Number of words before a quotation among which a negation reverses its meaning: "not a good idea" is no "good idea".
Only stop words may come between: "a fall" may be quoted from "I do not expect a fall"."""

_NEIGHBOUR_LINES = range(-2, 3)
"""Offsets of the neighbouring lines that count as one line (a line: all words at one distance from their place in the
quotation)."""

_MAX_LINES = 3
"""Maximum number of places in a passage that are aligned with the quotation."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where a quotation lies in a passage: indices of the first and last word, and the likeness (at most 1).

    `difference` is None if the quotation is there word for word; otherwise it is the quotation's words, with words
    found only in the passage as [-words-] and words found only in the quotation as {+words+}.
    """

    first: int
    last: int
    likeness: float
    difference: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedText:
    """The words of a text that a quotation is compared with: all of a part, or those that one speaker says there."""

    text: str
    wording: Wording

    def span(self, alignment: Alignment) -> Span:
        """The span of the text where the quotation lies."""
        return self.wording.span(alignment.first, alignment.last)


def contains_quotation(quote: Quotation, words: Sequence[str]) -> bool:
    """Whether the words contain the quotation."""
    return bool(_find_chains(quote, words))


def find_verbatim(quote: Quotation, passage: ComparedText) -> Iterator[Alignment]:
    """Every place in the passage with the quotation's words, in order.

    If the words left out or cut off contain a negation, or a bracket replaces a negation or another number, the
    alignment has a difference: such a quotation says something else.
    """
    for places in _find_chains(quote, passage.wording.words):
        first, last = places[0], places[-1] + len(quote.segments[-1]) - 1
        lost = _find_omitted_meaning(quote, passage, places) or _find_cut_negation(passage, first, last)
        if lost:
            first, last = min(first, *lost), max(last, *lost)
            picked = passage.wording.select(range(first, last + 1))
            yield Alignment(first, last, 1.0, _difference(quote, passage.text, picked))
        else:
            yield Alignment(first, last, 1.0)


def _find_chains(quote: Quotation, words: Sequence[str]) -> list[list[int]]:
    """The places (a word index for each run) with the quotation's runs in order and no further apart than the gaps
    allow."""
    segments = quote.segments
    chains = [[at] for at in occurrences(words, segments[0])]
    for gap, before, segment in zip(quote.gaps, segments, segments[1:], strict=False):
        ends = [chain[-1] + len(before) for chain in chains]
        longer = []
        for at in occurrences(words, segment):
            nearest = bisect_right(ends, at) - 1
            if nearest >= 0 and at - ends[nearest] <= gap.max_words:
                longer.append([*chains[nearest], at])
        chains = longer
    return chains


def _find_omitted_meaning(quote: Quotation, passage: ComparedText, places: Sequence[int]) -> list[int]:
    """Indices of the words in gaps without which the quotation says something else."""
    out: list[int] = []
    for gap, segment, start, after in zip(quote.gaps, quote.segments, places, places[1:], strict=False):
        before = start + len(segment) - 1
        out += [at for at in range(before + 1, after) if _changes_meaning(gap, passage, before, at, after)]
    return out


def _changes_meaning(gap: Gap, passage: ComparedText, before: int, at: int, after: int) -> bool:
    """Whether leaving out the word at index `at`, between the words `before` and `after`, changes the meaning."""
    word = passage.wording.words[at]
    if gap.inserted is not None:
        return word not in gap.inserted and (negates(word) or is_number_word(word))
    return negates(word) and not (
        _sentence_ends_between(passage, before, at) and _sentence_ends_between(passage, at, after)
    )


def _sentence_ends_between(passage: ComparedText, before: int, after: int) -> bool:
    """Whether a sentence ends between two words."""
    return ends_sentence(passage.text[passage.wording.ends[before] : passage.wording.starts[after]])


def _find_cut_negation(passage: ComparedText, first: int, last: int) -> list[int]:
    """The index of a negation right before or after the words with no punctuation between; empty if there is none."""
    wording = passage.wording

    def runs_on(at: int) -> bool:
        return not passage.text[wording.ends[at] : wording.starts[at + 1]].strip()

    at = first
    while at > 0 and first - at < _MAX_WORDS_TO_NEGATION and runs_on(at - 1):
        at -= 1
        if negates(wording.words[at]):
            return [at]
        if wording.words[at] not in STOPWORDS:
            break
    follows = last + 1
    if follows < len(wording.words) and runs_on(last) and negates(wording.words[follows]):
        return [follows]
    return []


def find_nearest(quote: Quotation, passage: ComparedText) -> Alignment | None:
    """The place most like the quotation, with the difference; None if no word is shared."""
    found = [_align(quote, passage, line) for line in score_lines(quote, passage.wording.words)[1]]
    best = max((alignment for alignment in found if alignment), key=lambda alignment: alignment.likeness, default=None)
    if best is None:
        return None
    picked = passage.wording.select(range(best.first, best.last + 1))
    return replace(best, difference=_difference(quote, passage.text, picked))


def _align(quote: Quotation, passage: ComparedText, at: int) -> Alignment | None:
    """The quotation aligned with the passage near word index `at` for its first word; the difference is not set."""
    words, source = quote.wording.words, passage.wording.words
    room = 4 + len(words) // 4 + sum(min(gap.max_words, 40) for gap in quote.gaps)
    begin, end = max(0, at - room), min(len(source), at + len(words) + room)
    operations = _trim(SequenceMatcher(None, source[begin:end], words, autojunk=False).get_opcodes())
    if not operations:
        return None
    first, last = begin + operations[0][1], begin + operations[-1][2] - 1
    if last < first:
        return None
    return Alignment(first, last, _likeness(quote, source[begin:end], operations))


def score_lines(quote: Quotation, words: Sequence[str]) -> tuple[float, list[int]]:
    """A quick measure of how much of the quotation is in line: at the same distances from each other as in it.

    Returns (the share of the quotation's words that are in the best line, the indices where its first word would be in
    the best few lines). If the quotation has content words, only these count.
    """
    places: dict[str, list[int]] = {}
    has_content = any(word not in STOPWORDS for word in quote.wording.words)
    for number, word in enumerate(quote.wording.words):
        if not (has_content and word in STOPWORDS):
            places.setdefault(word, []).append(number)
    votes = Counter(at - number for at, word in enumerate(words) if word in places for number in places[word])
    if not votes:
        return 0, []
    # An inserted or missing word moves the words after it to the next line.
    around = {line: sum([votes[line + step] for step in _NEIGHBOUR_LINES if line + step in votes]) for line in votes}
    best = sorted(around, key=lambda line: (-around[line], -votes[line], line))
    lines: list[int] = []
    for line in best:
        if len(lines) < _MAX_LINES and all(abs(line - other) > 2 for other in lines):
            lines.append(line)
    return around[best[0]] / sum(map(len, places.values())), lines


Operation = tuple[str, int, int, int, int]


def _trim(operations: Sequence[Operation]) -> list[Operation]:
    """Edit operations from source to quotation, without the source's words before and after the quotation."""
    out = list(operations)
    if not any(kind == "equal" for kind, *_ in out):
        return []
    kind, a, b, c, d = out[0]
    if kind != "equal":
        out[0] = ("replace", max(a, b - (d - c)), b, c, d)
    kind, a, b, c, d = out[-1]
    if kind != "equal":
        out[-1] = ("replace", a, min(b, a + (d - c)), c, d)
    return [operation for operation in out if operation[1] < operation[2] or operation[3] < operation[4]]


def _likeness(quote: Quotation, source: Sequence[str], operations: Sequence[Operation]) -> float:
    """The weighted share of the quotation's words that are in the source in order, lowered by words in between."""
    words = quote.wording.words
    gaps = {first for first, _ in quote.runs[1:]}
    shared = extra = 0.0
    for kind, a, b, c, d in operations:
        if kind == "equal":
            counted = d - c > 1 or words[c] not in STOPWORDS
            shared += sum(map(_weight, words[c:d])) if counted else 0.0
        elif b - a > d - c and c not in gaps and d not in gaps:
            extra += sum(map(_weight, source[a + (d - c) : b]))
    return shared / (sum(map(_weight, words)) + _EXTRA_WORD_WEIGHT * extra)


def _weight(word: str) -> float:
    return _STOP_WORD_WEIGHT if word in STOPWORDS else 1.0


def _difference(quote: Quotation, text: str, source: Wording) -> str:
    """The quotation's words with the differences marked."""
    parts = []
    matcher = SequenceMatcher(None, source.words, quote.wording.words, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            parts.append(_join_words(quote.text, quote.wording, c, d))
            continue
        if a < b:
            parts.append(f"[-{_join_words(text, source, a, b)}-]")
        if c < d:
            parts.append(f"{{+{_join_words(quote.text, quote.wording, c, d)}+}}")
    return " ".join(parts)


def _join_words(text: str, wording: Wording, first: int, end: int) -> str:
    """The text of the words from index `first` up to `end`, with single spaces."""
    return " ".join(text[wording.starts[first] : wording.ends[end - 1]].split())

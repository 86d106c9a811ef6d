"""How a quotation stands to a passage: word for word, nearly, or not at all. Nothing here reads a library."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from retrieval.english.negations import negates
from retrieval.quotes.parse import Gap, Quotation
from retrieval.text.normalize import Wording, counts, ends_sentence, occurrences
from retrieval.text.stems import STOPWORDS
from retrieval.types import Span

_LIGHT = 0.4
"""What a word like "the" weighs against one that says something."""

_EXTRA = 0.5
"""What a word that the quotation leaves out weighs against one that it has."""

_BEFORE = 2
"""Words before a quotation among which a negation turns it round: "not a good idea" is no "good idea". Only light
words may stand between: "I do not expect a fall" may be quoted for "a fall"."""


_BESIDE = range(-2, 3)
"""Lines that count as one."""

_LINES = 3
"""Places of a passage that are looked at closely."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a quotation stands in a passage, by number of the first and last word, and how near it comes (1: all).

    `difference` is None for a quotation that stands there word for word; else its words, those of the passage alone as
    [-words-] and those of the quotation alone as {+words+}.
    """

    first: int
    last: int
    likeness: float
    difference: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a text to compare with: all of a part of it, or those that somebody said there."""

    text: str
    wording: Wording

    def span(self, standing: Standing) -> Span:
        """Where in the text a quotation stands."""
        return self.wording.span(standing.first, standing.last)


def stands_in(quote: Quotation, words: Sequence[str]) -> bool:
    """Whether the quotation's words stand among these."""
    return bool(_chains(quote, words))


def verbatim(quote: Quotation, passage: Passage) -> Iterator[Standing]:
    """Every place where the quotation's words stand, in order.

    Where what is left out or cut off holds a negation, or a bracket stands for a negation or another number, the place
    is given with the difference: such a quotation says something else.
    """
    for places in _chains(quote, passage.wording.words):
        first, last = places[0], places[-1] + len(quote.segments[-1]) - 1
        lost = _lost(quote, passage, places) or _cut_off(passage, first, last)
        if lost:
            first, last = min(first, *lost), max(last, *lost)
            picked = passage.wording.picked(range(first, last + 1))
            yield Standing(first, last, 1.0, _difference(quote, passage.text, picked))
        else:
            yield Standing(first, last, 1.0)


def _chains(quote: Quotation, words: Sequence[str]) -> list[list[int]]:
    """Where each run of the quotation stands, the runs in order and no further apart than the gaps allow."""
    segments = quote.segments
    chains = [[at] for at in occurrences(words, segments[0])]
    for gap, before, segment in zip(quote.gaps, segments, segments[1:], strict=False):
        ends = [chain[-1] + len(before) for chain in chains]
        longer = []
        for at in occurrences(words, segment):
            nearest = bisect_right(ends, at) - 1
            if nearest >= 0 and at - ends[nearest] <= gap.most:
                longer.append([*chains[nearest], at])
        chains = longer
    return chains


def _lost(quote: Quotation, passage: Passage, places: Sequence[int]) -> list[int]:
    """Numbers of the words in gaps without which the quotation says something else."""
    out: list[int] = []
    for gap, segment, at, then in zip(quote.gaps, quote.segments, places, places[1:], strict=False):
        out += [one for one in range(at + len(segment), then) if _turns(gap, passage, at + len(segment) - 1, one, then)]
    return out


def _turns(gap: Gap, passage: Passage, before: int, at: int, after: int) -> bool:
    word = passage.wording.words[at]
    if gap.inserted is not None:
        return word not in gap.inserted and (negates(word) or counts(word))
    return negates(word) and not (_parted(passage, before, at) and _parted(passage, at, after))


def _parted(passage: Passage, one: int, other: int) -> bool:
    """Whether a sentence ends between two words."""
    return ends_sentence(passage.text[passage.wording.ends[one] : passage.wording.starts[other]])


def _cut_off(passage: Passage, first: int, last: int) -> list[int]:
    """The negation that stands right before or after the words, in the same breath."""
    wording = passage.wording

    def runs_on(at: int) -> bool:
        return not passage.text[wording.ends[at] : wording.starts[at + 1]].strip()

    at = first
    while at > 0 and first - at < _BEFORE and runs_on(at - 1):
        at -= 1
        if negates(wording.words[at]):
            return [at]
        if wording.words[at] not in STOPWORDS:
            break
    follows = last + 1
    if follows < len(wording.words) and runs_on(last) and negates(wording.words[follows]):
        return [follows]
    return []


def nearest(quote: Quotation, passage: Passage) -> Standing | None:
    """The place that comes nearest to the quotation, with what differs; None where no word is shared."""
    found = [_aligned(quote, passage, line) for line in in_line(quote, passage.wording.words)[1]]
    best = max((one for one in found if one), key=lambda one: one.likeness, default=None)
    if best is None:
        return None
    picked = passage.wording.picked(range(best.first, best.last + 1))
    return replace(best, difference=_difference(quote, passage.text, picked))


def _aligned(quote: Quotation, passage: Passage, at: int) -> Standing | None:
    """The quotation laid beside the passage where its first word would stand at `at`, the difference left open."""
    words, source = quote.wording.words, passage.wording.words
    room = 4 + len(words) // 4 + sum(min(gap.most, 40) for gap in quote.gaps)
    begin, end = max(0, at - room), min(len(source), at + len(words) + room)
    operations = _trimmed(SequenceMatcher(None, source[begin:end], words, autojunk=False).get_opcodes())
    if not operations:
        return None
    first, last = begin + operations[0][1], begin + operations[-1][2] - 1
    if last < first:
        return None
    return Standing(first, last, _likeness(quote, source[begin:end], operations))


def in_line(quote: Quotation, words: Sequence[str]) -> tuple[float, list[int]]:
    """(the share of the quotation's words that stand in line with it, where its first word would then stand: the best
    few places).

    Only words that say something count, where there are any. A quick measure of how near a passage can come.
    """
    places: dict[str, list[int]] = {}
    telling = any(word not in STOPWORDS for word in quote.wording.words)
    for number, word in enumerate(quote.wording.words):
        if not (telling and word in STOPWORDS):
            places.setdefault(word, []).append(number)
    votes = Counter(at - number for at, word in enumerate(words) if word in places for number in places[word])
    if not votes:
        return 0, []
    # A word more or less moves what follows to the next line.
    around = {line: sum([votes[line + step] for step in _BESIDE if line + step in votes]) for line in votes}
    best = sorted(around, key=lambda line: (-around[line], -votes[line], line))
    lines: list[int] = []
    for line in best:
        if len(lines) < _LINES and all(abs(line - other) > 2 for other in lines):
            lines.append(line)
    return around[best[0]] / sum(map(len, places.values())), lines


Operation = tuple[str, int, int, int, int]


def _trimmed(operations: Sequence[Operation]) -> list[Operation]:
    """Operations from source to quotation, without what of the source lies before and after the quotation's words."""
    out = list(operations)
    if not any(kind == "equal" for kind, *_ in out):
        return []
    kind, a, b, c, d = out[0]
    if kind != "equal":
        out[0] = ("replace", max(a, b - (d - c)), b, c, d)
    kind, a, b, c, d = out[-1]
    if kind != "equal":
        out[-1] = ("replace", a, min(b, a + (d - c)), c, d)
    return [one for one in out if one[1] < one[2] or one[3] < one[4]]


def _likeness(quote: Quotation, source: Sequence[str], operations: Sequence[Operation]) -> float:
    """The weighted share of the quotation's words that stand in the source in order, less for words in between."""
    words = quote.wording.words
    gaps = {first for first, _ in quote.runs[1:]}
    shared = extra = 0.0
    for kind, a, b, c, d in operations:
        if kind == "equal":
            telling = d - c > 1 or words[c] not in STOPWORDS
            shared += sum(map(_weight, words[c:d])) if telling else 0.0
        elif b - a > d - c and c not in gaps and d not in gaps:
            extra += sum(map(_weight, source[a + (d - c) : b]))
    return shared / (sum(map(_weight, words)) + _EXTRA * extra)


def _weight(word: str) -> float:
    return _LIGHT if word in STOPWORDS else 1.0


def _difference(quote: Quotation, text: str, source: Wording) -> str:
    """The quotation's words with what differs marked."""
    parts = []
    matcher = SequenceMatcher(None, source.words, quote.wording.words, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            parts.append(_shown(quote.text, quote.wording, c, d))
            continue
        if a < b:
            parts.append(f"[-{_shown(text, source, a, b)}-]")
        if c < d:
            parts.append(f"{{+{_shown(quote.text, quote.wording, c, d)}+}}")
    return " ".join(parts)


def _shown(text: str, wording: Wording, first: int, end: int) -> str:
    return " ".join(text[wording.starts[first] : wording.ends[end - 1]].split())

"""Numbers in prose, compared by value: "50bn" is "$50 billion", "twenty-one" is 21, "5 per cent" is 5%."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from retrieval.english.number_words import (
    CARDINAL,
    CARDINALS,
    CURRENCIES,
    FRACTIONS,
    MULTIPLES,
    ORDINAL,
    ORDINALS,
    SCALE,
    SCALES,
    SHORT_SCALES,
)
from retrieval.text import stems
from retrieval.text.dates import find_dates
from retrieval.types import Span

_SCALES = SCALES | SHORT_SCALES
_PARTS = {
    "half": FRACTIONS["half"],
    "quarter": FRACTIONS["quarter"],
    "twice": Fraction(MULTIPLES["twice"]),
    "double": Fraction(MULTIPLES["double"]),
}
_SHARES = {Fraction(1, 2): 50, Fraction(1, 4): 25, Fraction(3, 4): 75}

_SIGN = r"[$£€¥₹]"
_NUMBER = re.compile(
    rf"""(?P<joined>(?<![\w.])\d+(?:[-–—:/]\d+)+(?![\w]))
    |(?:(?P<sign>{_SIGN})\s?)?(?<![\w.,])(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)
        (?:(?P<ordinal>st|nd|rd|th)\b|(?:[\s-]?(?P<scale>(?:{SCALE}|k|mn?|bn?|trn|tn))\b|(?P<kind>[a-z]{{1,5}}))?\b(?![.,]?\d))
    |\b(?P<words>(?:(?:a\s)?(?:{CARDINAL}|{SCALE})\b(?:(?:\s|-|\sand\s)(?=(?:{CARDINAL}|{SCALE})\b))?)+)
    |\b(?P<part>half|quarter|twice|double)\b
    |\b(?P<nth>{ORDINAL})\b""",
    re.VERBOSE | re.IGNORECASE,
)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b|pc\b|percentage\b)", re.IGNORECASE)
_MONEY = re.compile(rf"\s(?:us\s)?({'|'.join(CURRENCIES)})\b", re.IGNORECASE)
_NOT_COUNTED = re.compile(
    r"\bone\s(?:of|another|day|more|thing)\b|\b(?:no|any|every|some|the|this|that|which|each|only)[\s-]one\b", re.I
)
_BESIDE = re.compile(r"[^\W\d_]+|%")
_CONTEXT_WORDS = 4
"""Number of words on each side of a number that are taken as context for what it counts."""

_MIN_CONTEXT_LEAD = 2
"""How many more context words a claimed number must share with another number than with its equal, to be refused as
standing in that number's place."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a text: as written, its value, its unit ("%", a currency sign, letters or nothing), and the stems of
    the words before and after it.

    `value` is None for several numbers joined, such as a score or a time of day, which are compared as written.
    """

    text: str
    value: Fraction | None
    unit: str
    span: Span
    before: frozenset[str]
    after: frozenset[str]
    ordinal: bool = False

    def equals(self, other: Number) -> bool:
        """Whether both mean the same; a unit that only one of them has is no difference."""
        if self.value is None or other.value is None:
            return self.value is other.value and _unify_dashes(self.text) == _unify_dashes(other.text)
        if {self.unit, other.unit} == {"", "%"} and _percent_value(self) == _percent_value(other):
            return True
        units = {self.unit, other.unit} - {""}
        return self.value == other.value and len(units) <= 1 and not (units == {"%"} and self.unit != other.unit)

    def shared_context(self, other: Number) -> int:
        """How many context words the two share, before and after them."""
        return len(self.before & other.before) + len(self.after & other.after)


@lru_cache(maxsize=2_000)
def find_numbers(text: str) -> tuple[Number, ...]:
    """The numbers of a text in order."""
    return tuple(_parse_numbers(text))


def find_unsupported_number(claim: str, evidence: Sequence[str]) -> str | None:
    """The reason why the numbers of a claim do not follow from the texts of its evidence; None if they do.

    Dates are checked elsewhere; here their digits are only checked for standing in another number's place.
    """
    claimed = find_numbers(claim)
    if not claimed:
        return None
    date_spans = [mention.span for mention in find_dates(claim)]
    known = [number for text in evidence for number in find_numbers(text)]
    for number in claimed:
        same = [other for other in known if number.equals(other)]
        if not same:
            in_date = any(span.overlaps(number.span) for span in date_spans)
            if in_date or (number.value == 1 and _is_single(number, evidence)):
                continue
            return f"the number “{number.text}” does not stand in the words it rests on"
        others = [other for other in known if other.unit == number.unit and not number.equals(other)]
        fits = max((number.shared_context(other) for other in others), default=0)
        if fits >= _MIN_CONTEXT_LEAD + max(number.shared_context(other) for other in same):
            return f"the number “{number.text}” belongs to something else in the words it rests on"
    return None


def _is_single(number: Number, evidence: Sequence[str]) -> bool:
    """Whether "one" corresponds to "a", "an", "single" or "sole" before the same word in the evidence."""
    if number.ordinal:
        return False
    for text in evidence:
        for match in re.finditer(r"\b(?:an?|single|sole)\s+([^\W\d_]+)(?:\s+([^\W\d_]+))?", text, re.I):
            if any(stems.stem(word) in number.after for word in match.groups() if word):
                return True
    return False


def _parse_numbers(text: str) -> Iterator[Number]:
    skipped = [match.span() for match in _NOT_COUNTED.finditer(text)]
    matches = [match for match in _NUMBER.finditer(text) if not _is_word(match, text, skipped)]
    edges = [0, *(match.end() for match in matches)], [*(match.start() for match in matches), len(text)]
    for at, match in enumerate(matches):
        # Words beyond the next number are that number's context.
        before = _stems(_BESIDE.findall(text, max(edges[0][at], match.start() - 60), match.start())[-_CONTEXT_WORDS:])
        after = _stems(_BESIDE.findall(text, match.end(), min(edges[1][at + 1], match.end() + 60))[:_CONTEXT_WORDS])
        span = Span(match.start(), match.end())
        ordinal = bool(match["ordinal"] or match["nth"])
        yield Number(match[0].strip(), _value(match), _unit(match, text), span, before, after, ordinal)


def _is_word(match: re.Match[str], text: str, skipped: Sequence[tuple[int, int]]) -> bool:
    """Whether a match is not a number: "no one", "seconds"."""
    shown = match[0].strip().lower()
    if shown == "one":
        return any(a <= match.start() < b or a < match.end() <= b for a, b in skipped)
    return shown == "second" and text[match.end() : match.end() + 1] == "s"


def _stems(words: Sequence[str]) -> frozenset[str]:
    return frozenset(stems.stem(word) for word in words)


def _value(match: re.Match[str]) -> Fraction | None:
    if match["joined"]:
        return None
    if match["digits"]:
        scale = _SCALES[match["scale"].lower()] if match["scale"] else 1
        return Fraction(match["digits"].replace(",", "")) * scale
    if match["part"]:
        return _PARTS[match["part"].lower()]
    if match["nth"]:
        return Fraction(ORDINALS[match["nth"].lower()])
    total = current = 0
    for word in re.split(r"[\s-]+", match["words"].lower()):
        if word in _SCALES:
            current = (current or 1) * _SCALES[word]
            if _SCALES[word] >= 1_000:
                total, current = total + current, 0
        elif word not in ("a", "and", ""):
            current += CARDINALS.get(word, 0)
    return Fraction(total + current)


def _unit(match: re.Match[str], text: str) -> str:
    if match["sign"]:
        return str(match["sign"])
    if match["kind"]:
        return str(match["kind"]).lower()
    if _PERCENT.match(text, match.end()):
        return "%"
    money = _MONEY.match(text, match.end())
    return CURRENCIES[money[1].lower()] if money else ""


def _percent_value(number: Number) -> Fraction | None:
    return number.value if number.unit == "%" else Fraction(_SHARES[number.value]) if number.value in _SHARES else None


def _unify_dashes(text: str) -> str:
    return re.sub(r"[–—]", "-", text)

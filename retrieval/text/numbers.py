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
from retrieval.text.dates import dates
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
_WINDOW = 4
"""Words on each side of a number that tell what it counts."""

_CLEARLY = 2
"""How many more words beside a number must speak for another one, for it to stand in that one's place."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text: as written, its value, its unit ("%", a currency's sign or nothing), and what is beside it.

    `value` is None for numbers joined to one, such as a score or a time of day, which are compared as they stand.
    """

    text: str
    value: Fraction | None
    unit: str
    span: Span
    before: frozenset[str]
    after: frozenset[str]
    ordinal: bool = False

    def equals(self, other: Number) -> bool:
        """Whether both say the same; a unit that one of them leaves out is no difference."""
        if self.value is None or other.value is None:
            return self.value is other.value and _joined(self.text) == _joined(other.text)
        if {self.unit, other.unit} == {"", "%"} and _share(self) == _share(other):
            return True
        units = {self.unit, other.unit} - {""}
        return self.value == other.value and len(units) <= 1 and not (units == {"%"} and self.unit != other.unit)

    def beside(self, other: Number) -> int:
        """How many words the two have in common before and after them."""
        return len(self.before & other.before) + len(self.after & other.after)


@lru_cache(maxsize=2_000)
def numbers(text: str) -> tuple[Number, ...]:
    """The numbers of a text in order."""
    return tuple(_read(text))


def unproven(claim: str, evidence: Sequence[str]) -> str | None:
    """Why the numbers of a claim do not follow from texts of its evidence; None where they do.

    Whether dates follow is asked elsewhere; here their digits must only not stand in each other's place.
    """
    claimed = numbers(claim)
    if not claimed:
        return None
    dated = [one.span for one in dates(claim)]
    known = [number for text in evidence for number in numbers(text)]
    for one in claimed:
        same = [other for other in known if one.equals(other)]
        if not same:
            if any(span.overlaps(one.span) for span in dated) or (one.value == 1 and _single(one, evidence)):
                continue
            return f"the number “{one.text}” does not stand in the words it rests on"
        others = [other for other in known if other.unit == one.unit and not one.equals(other)]
        fits = max((one.beside(other) for other in others), default=0)
        if fits >= _CLEARLY + max(one.beside(other) for other in same):
            return f"the number “{one.text}” belongs to something else in the words it rests on"
    return None


def _single(one: Number, evidence: Sequence[str]) -> bool:
    """Whether a one is an article or a "single" in the evidence, before the same word."""
    if one.ordinal:
        return False
    for text in evidence:
        for match in re.finditer(r"\b(?:an?|single|sole)\s+([^\W\d_]+)(?:\s+([^\W\d_]+))?", text, re.I):
            if any(stems.stem(word) in one.after for word in match.groups() if word):
                return True
    return False


def _read(text: str) -> Iterator[Number]:
    skipped = [match.span() for match in _NOT_COUNTED.finditer(text)]
    found = [match for match in _NUMBER.finditer(text) if not _is_word(match, text, skipped)]
    edges = [0, *(match.end() for match in found)], [*(match.start() for match in found), len(text)]
    for at, match in enumerate(found):
        # What stands beyond the next number belongs to that one.
        before = _stems(_BESIDE.findall(text, max(edges[0][at], match.start() - 60), match.start())[-_WINDOW:])
        after = _stems(_BESIDE.findall(text, match.end(), min(edges[1][at + 1], match.end() + 60))[:_WINDOW])
        span = Span(match.start(), match.end())
        ordinal = bool(match["ordinal"] or match["nth"])
        yield Number(match[0].strip(), _value(match), _unit(match, text), span, before, after, ordinal)


def _is_word(match: re.Match[str], text: str, skipped: Sequence[tuple[int, int]]) -> bool:
    """Whether what looks like a number is none: "no one", "seconds"."""
    shown = match[0].strip().lower()
    if shown == "one":
        return any(a <= match.start() < b or a < match.end() <= b for a, b in skipped)
    return shown == "second" and text[match.end() : match.end() + 1] == "s"


def _stems(found: Sequence[str]) -> frozenset[str]:
    return frozenset(stems.stem(word) for word in found)


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


def _share(one: Number) -> Fraction | None:
    return one.value if one.unit == "%" else Fraction(_SHARES[one.value]) if one.value in _SHARES else None


def _joined(text: str) -> str:
    return re.sub(r"[–—]", "-", text)

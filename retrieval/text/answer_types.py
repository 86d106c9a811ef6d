"""The type of answer that a question asks for by its form, and patterns of sentences that contain such an answer."""

from __future__ import annotations

import re
from collections.abc import Callable

from retrieval.english.calendar import MONTH, WEEKDAY, capitalize
from retrieval.english.number_words import NUMERAL
from retrieval.text import stems

_MONTH = rf"(?:{capitalize(MONTH)})\b"
_NUMBER = re.compile(rf"\d[\d,.]*|\b(?:{NUMERAL})\b", re.I)
_MONEY = re.compile(
    r"[$£€¥]\s?\d|\d[\d.,]*\s?(?:m|bn|million|billion|trillion)?\s?(?:pounds|dollars|euros?|pence|cents)", re.I
)
_SHARE = re.compile(r"\d\s?(?:%|per ?cent|percentage)", re.I)
_TIME = re.compile(
    rf"\b(?:(?:1[5-9]|20)\d\d|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}|{_MONTH}\.? \d"
    rf"|(?:[Ii]n|[Ll]ast|[Nn]ext|[Bb]y|[Ss]ince) {_MONTH}"
    rf"|{capitalize(WEEKDAY)}|yesterday|today|tomorrow|(?:last|next|this) (?:week|month|year)"
    r"|\d+ (?:years?|months?|weeks?|days?)|\d{4} GMT|(?:age|aged) (?:of )?\w+)"
)
_SPAN = re.compile(rf"(?:\d[\d.,]*|\b(?:{NUMERAL}))[ -](?:year|month|week|day|hour|minute|second|decade|night)", re.I)
_REASON = re.compile(
    r"\b(?:because|due to|after|since|owing to|as a result|so that|in order to|reasons?|blam\w+|caus\w+|citing|over"
    r"|amid|led to|to avoid|to protect|thanks to|following|diagnosed|forced)\b",
    re.I,
)
_PLACE = re.compile(r"\b(?:in|at|to|from|near|on|outside|across|off) (?:the )?(?:[a-z]+ )?[A-Z][\w'’-]+")
_NAME = re.compile(r"(?<![.!?\"“] )(?<!^)\b[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*|^(?:[\"“])?[A-Z][\w'’-]+ [A-Z][\w'’-]+")
_CAPITAL = re.compile(r"[A-Z][\w'’-]+")

_FORMS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"\b(?:how much|price|cost|costs|worth|fee|salary|earn|paid|pay|fine|budget|loan)\b", re.I), _MONEY),
    (re.compile(r"\b(?:percent|per cent|percentage|share of|rate)\b", re.I), _SHARE),
    (re.compile(r"\bhow (?:long|old)\b", re.I), _SPAN),
    (
        re.compile(
            r"\bhow (?:many|much|far|big|large|fast|high|tall|often|long|old)\b|\b(?:size|number|amount|price|cost"
            r"|value|range|horsepower|total|score)\b|\bwhat (?:age|percentage|share)\b",
            re.I,
        ),
        _NUMBER,
    ),
    (re.compile(r"\b(?:when|since when|by when|(?:what|which) (?:year|day|date|month|time)|what age)\b", re.I), _TIME),
    (re.compile(r"\b(?:who|whose|whos|who's|whom|which (?:person|man|woman|actor|player|analyst))\b", re.I), _NAME),
    (re.compile(r"\b(?:where|(?:which|what) (?:city|country|state|town|place|region|jail|stadium))\b", re.I), _PLACE),
    (re.compile(r"\b(?:why|how come|what (?:reason|caused))\b", re.I), _REASON),
    (re.compile(r"\b(?:which|what) (?!did|does|do|is|was|are|were|has|have|will|happened)\w", re.I), _NAME),
)

ANSWER_TYPE_STEMS = frozenset(
    stems.stem(word)
    for word in "size number amount price cost value long many old big year day date month time kind type".split()
)
"""Stems of words that name the type of answer and need not be in the answering sentence."""


def answer_checks(question: str) -> list[Callable[[str], bool]]:
    """For each type of answer that the question asks for, a check whether a sentence contains one.

    A number, name or time that is in the question itself does not count.
    """
    asked = {word.lower() for word in re.findall(r"[\w'’-]+", question)}

    def holds(pattern: re.Pattern[str]) -> Callable[[str], bool]:
        def check(sentence: str) -> bool:
            return any(_is_new(match[0], asked) for match in pattern.finditer(sentence))

        return check

    return [holds(answer) for form, answer in _FORMS if form.search(question)]


def asks_for_number(question: str) -> bool:
    """Whether the question asks for a number."""
    return any(form.search(question) for form, answer in _FORMS if answer in (_MONEY, _SHARE, _SPAN, _NUMBER))


def _is_new(text: str, asked: set[str]) -> bool:
    """Whether a number, name or time says more than the question did."""
    words = _CAPITAL.findall(text) or re.findall(r"[\w'’-]+", text)
    return any(
        word.lower() not in asked and word.lower().removesuffix("'s").removesuffix("’s") not in asked for word in words
    )

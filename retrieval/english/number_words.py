"""Words for numbers, with their values."""

from __future__ import annotations

from fractions import Fraction

UNITS = {
    word: value
    for value, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
}
TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
SHORT_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9, "tn": 10**12, "trn": 10**12}
"""How figures are abbreviated: "50bn"."""

ORDINALS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 1
    )
}
FRACTIONS = {"half": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4)}
MULTIPLES = {"once": 1, "twice": 2, "double": 2, "triple": 3}

CARDINALS = UNITS | TENS
TO_TEN = {word: value for word, value in UNITS.items() if 1 <= value <= 10}
TO_TWENTY = {word: value for word, value in CARDINALS.items() if value <= 20}

CURRENCIES = {"dollar": "$", "dollars": "$", "pound": "£", "pounds": "£", "euro": "€", "euros": "€", "yen": "¥"}
"""Names of currencies, each with its sign."""

CARDINAL, SCALE, ORDINAL = "|".join(CARDINALS), "|".join(SCALES), "|".join(ORDINALS)
NUMERAL = "|".join(
    [*(word for word in CARDINALS if word != "zero"), *(f"{word}s?" for word in SCALES), *FRACTIONS, "twice", "double"]
)
"""Patterns of these words."""

COUNTING = frozenset([*CARDINALS, *SCALES, *list(ORDINALS)[:3], "half", "twice", "m", "bn", "%"])
"""Words by which one quotation may say another number than its source."""

TELLING = frozenset(
    [*list(TENS)[1:], *SCALES, *(f"{word}s" for word in SCALES), *FRACTIONS, *list(ORDINALS)[:10], *MULTIPLES]
)
"""Words for numbers, besides those of `TO_TWENTY`, that do not differ between two copies of a story."""

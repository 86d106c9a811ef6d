"""Quotation marks, apostrophes and dashes: which there are, and which of them are pairs."""

from __future__ import annotations

CLOSED_BY = {"“": "”", "„": "“”", "«": "»", "‟": "”"}
"""Opening double marks, each with the marks that may close it."""

CLOSED_BY_ABROAD = {"„": "“”", "»": "«", "”": "”"}
"""What closes a mark that opens a quotation in other languages: „so“, »so«, ”so”."""

OPENING, CLOSING = "“„«", "”»"
"""Double marks of which it is certain what they do in an English text."""

DOUBLE = OPENING + CLOSING + '"'
ALL_DOUBLE = DOUBLE + "‟"
SINGLE_OPENING, SINGLE_CLOSING = "‘'", "’'"

TYPED_OPENING, TYPED_CLOSING = ("``", "‘‘"), ("’’",)
"""Double marks made of two single ones; two straight ones may be either."""

APOSTROPHES = "'’‘ʼ`´＇"
"""Characters that stand for an apostrophe."""

MARKS = "\"'“”„‟‘’‚‛«»‹›`´ʼ′″＂＇"
"""Every quotation mark there is, and the characters taken for one."""

DASHES = "-‐‑‒–—―−﹣－"
"""Hyphens, dashes and minus signs."""


def quotation_pattern(least: int) -> str:
    """A pattern of quotations in double marks of at least so many characters, their marks included."""
    size = f"{{{least},}}"
    curly = (f"{opened}[^{opened}{closed}]{size}[{closed}]" for opened, closed in (("“", "”"), ("«", "»"), ("„", "“”")))
    return "|".join([*curly, rf'(?<!\w)"[^"]{size}"(?!\w)'])

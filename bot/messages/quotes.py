"""Quotations in what people write."""

from __future__ import annotations

import re

from retrieval.english.quotation_marks import quoted

_QUOTATION = re.compile(rf"{quoted(2)}|^>[^\S\n]?.+", re.MULTILINE)


def longest_quotation(text: str) -> str | None:
    """The longest quotation in a text, its marks left on: between quotation marks, or a line that begins with ">"."""
    found = [match[0].removeprefix(">").strip() for match in _QUOTATION.finditer(text)]
    return max(found, key=len, default=None)

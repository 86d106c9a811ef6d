"""What models cost, in dollars for a million tokens: for budgets and estimates, never for bills.

The table holds list prices of OpenAI's models as they were published in the spring of 2025; `ONRECORD_PRICES` corrects
and extends it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for a million tokens read, and for a million written."""

    read: float
    written: float = 0.0

    def micros(self, read: int, written: int) -> int:
        """Millionths of a dollar, rounded up."""
        return math.ceil(read * self.read + written * self.written)


KNOWN: Mapping[str, Price] = {
    "gpt-4.1": Price(2, 8),
    "gpt-4.1-mini": Price(0.4, 1.6),
    "gpt-4.1-nano": Price(0.1, 0.4),
    "gpt-4o": Price(2.5, 10),
    "gpt-4o-mini": Price(0.15, 0.6),
    "o4-mini": Price(1.1, 4.4),
    "text-embedding-3-small": Price(0.02),
    "text-embedding-3-large": Price(0.13),
    "text-embedding-ada-002": Price(0.1),
}


def read_prices(given: str) -> dict[str, Price]:
    """A table as a setting gives it: "model=0.4/1.6, other=0.02". Raises ValueError with what to write."""
    out = {}
    for part in given.split(","):
        if not part.strip():
            continue
        name, _, amounts = part.partition("=")
        try:
            read, *written = (float(one) for one in amounts.split("/"))
            price = Price(read, *written)
        except (ValueError, TypeError):
            raise ValueError("use MODEL=READ/WRITTEN in dollars for a million tokens, parted by commas") from None
        if min(price.read, price.written) < 0 or not name.strip() or not math.isfinite(price.read + price.written):
            raise ValueError("use MODEL=READ/WRITTEN in dollars for a million tokens, parted by commas")
        out[name.strip()] = price
    return out


def price_of(model: str, given: Mapping[str, Price]) -> Price | None:
    """What a model costs, a dated name (gpt-4.1-mini-2025-04-14) as the plain one; None where nobody said."""
    table = {**KNOWN, **given}
    fitting = [name for name in table if model == name or model.startswith(f"{name}-2")]
    return table[max(fitting, key=len)] if fitting else None

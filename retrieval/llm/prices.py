"""What models cost, in dollars for a million tokens: for budgets and estimates, never for bills.

The table holds list prices of OpenAI's standard tier as price pages of 2026 give them: those of the gpt-4 and o4 models
and of the embeddings between March and June, confirmed or unchanged since 2025; those of the gpt-5 models of March to
May, on which newer prices may be lower. `ONRECORD_PRICES` corrects and extends it.
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
    "gpt-5": Price(1.25, 10),
    "gpt-5-mini": Price(0.25, 2),
    "gpt-5-nano": Price(0.05, 0.4),
    "gpt-5.1": Price(1.25, 10),
    "gpt-5.4": Price(2.5, 15),
    "gpt-5.4-mini": Price(0.75, 4.5),
    "gpt-5.4-nano": Price(0.2, 1.25),
    "gpt-5.5": Price(5, 30),
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

"""What models cost, in dollars per million tokens: for budgets and estimates, never for bills.

The table holds the list prices of OpenAI's standard tier, as price pages of 2026 give them: for the gpt-4 and o4 models
and the embeddings between March and June, confirmed or unchanged since 2025; for the gpt-5 models between March and
May, since when prices may have fallen. `ONRECORD_PRICES` corrects and extends it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars per million tokens read, and per million written."""

    read: float
    written: float = 0.0

    def micros(self, read: int, written: int) -> int:
        """The cost in millionths of a dollar, rounded up."""
        return math.ceil(read * self.read + written * self.written)


LIST_PRICES: Mapping[str, Price] = {
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
    """A price table in the form of the setting: "model=0.4/1.6, other=0.02". Raises ValueError saying what to write."""
    out = {}
    for part in given.split(","):
        if not part.strip():
            continue
        name, _, amounts = part.partition("=")
        try:
            read, *written = (float(amount) for amount in amounts.split("/"))
            price = Price(read, *written)
        except (ValueError, TypeError):
            raise ValueError("use MODEL=READ/WRITTEN in dollars for a million tokens, parted by commas") from None
        if min(price.read, price.written) < 0 or not name.strip() or not math.isfinite(price.read + price.written):
            raise ValueError("use MODEL=READ/WRITTEN in dollars for a million tokens, parted by commas")
        out[name.strip()] = price
    return out


def price_of(model: str, given: Mapping[str, Price]) -> Price | None:
    """The price of a model, a dated name (gpt-4.1-mini-2025-04-14) as the plain one; None where it is not known."""
    table = {**LIST_PRICES, **given}
    matching_names = [name for name in table if model == name or model.startswith(f"{name}-2")]
    return table[max(matching_names, key=len)] if matching_names else None

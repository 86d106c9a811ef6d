"""Small functions for collections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
V = TypeVar("V")


def group_pairs(pairs: Iterable[tuple[T, V]]) -> dict[T, list[V]]:
    """The second items of the pairs, grouped by the first."""
    out: dict[T, list[V]] = {}
    for first, second in pairs:
        out.setdefault(first, []).append(second)
    return out


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """A sequence in parts of up to `size` items."""
    return (items[at : at + size] for at in range(0, len(items), size))

"""What became of the claims that a model wrote: the operator's view of an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dropped:
    """A claim that was not shown: the kind of what is wrong with it, and the reason in words."""

    claim: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """Of one answer: the model, how many claims held, which did not, and what it cost (tokens, millionths of a dollar).

    A claim that was refused, tried again and then held counts as held alone.
    """

    model: str
    held: int = 0
    dropped: tuple[Dropped, ...] = ()
    tokens: int = 0
    micros: int = 0

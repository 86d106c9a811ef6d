"""What was fitted to questions with known answers: weights of features and thresholds, in `calibrated.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def calibrated(part: str) -> dict[str, float]:
    """A part of what was calibrated: the weight of each of its features."""
    found: dict[str, dict[str, float]] = json.loads((files("retrieval.search") / "calibrated.json").read_text("utf-8"))
    return found[part]


def weighted(part: str, features: Mapping[str, float]) -> float:
    """The sum of features, each with its weight in a part of what was calibrated."""
    known = calibrated(part)
    return sum(known[name] * value for name, value in features.items())


def likelihood(part: str, features: Mapping[str, float]) -> float:
    """The probability that a logistic regression, a part of what was calibrated, gives to what is so described."""
    return 1 / (1 + math.exp(-weighted(part, features)))

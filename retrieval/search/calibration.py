"""Weights of features and thresholds that were fitted to questions with known answers (`calibrated.json`)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def calibration(part: str) -> dict[str, float]:
    """One part of the fitted numbers: a weight for each feature, or the thresholds."""
    parts: dict[str, dict[str, float]] = json.loads((files("retrieval.search") / "calibrated.json").read_text("utf-8"))
    return parts[part]


def weighted_sum(part: str, features: Mapping[str, float]) -> float:
    """The sum of the features, each times its weight in this part of the fitted numbers."""
    weights = calibration(part)
    return sum(weights[name] * value for name, value in features.items())


def likelihood(part: str, features: Mapping[str, float]) -> float:
    """The probability that the logistic regression with this part's weights gives to the features."""
    return 1 / (1 + math.exp(-weighted_sum(part, features)))

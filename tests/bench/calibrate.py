"""Fit what `retrieval/calibrated.json` holds, on the calibrating halves of the question sets.

usage: PYTHONPATH=. python tests/bench/calibrate.py SET=FOLDER…    such as bbc-dev=/var/lib/onrecord-bbc
Each folder is a library that holds the articles of the set. The weights of sentences maximise the share that sentences
with evidence have of a softmax over all sentences of a question; those of answering and of a speaker's topic are
logistic regressions, for which each answerable question is also asked with the articles that answer it taken away.
Thresholds are set by hand from the curve that it prints.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from data import open_model, questions

from bot.asking import as_asked
from retrieval import abstaining, rating, words
from retrieval.library import Library, open_library
from retrieval.quality import Gold, calibrates, gold, plain
from retrieval.question import understand
from retrieval.search import search, weigh
from retrieval.spelling import mended
from retrieval.types import PUBLIC, Intent, Passage, Query

Matrix = npt.NDArray[np.float64]
_K = 12
_DEEP = 60
_REAL = 3.0
"""What an unanswerable question of a set weighs against one made by taking articles away."""

_WITHOUT = 0.4
_PRIOR = np.array([-1.5 if feature == "unkind" else 0.0 for feature in abstaining.FEATURES])
"""What is believed of a feature that the sets hardly show: who asks for a figure is not answered without one."""


def main() -> None:
    """Fit and print, ready to be put into `calibrated.json`."""
    described = [one for given in sys.argv[1:] for one in _of_set(*given.split("=", 1))]
    sentence = _softmax([(one.sentences, one.right) for one in described if one.right is not None and one.right.any()])
    rows = [row for one in described for row in one.rows]
    matrix = np.array([values for values, _, _ in rows])
    answerable = np.array([label for _, label, _ in rows], float)
    weight = np.array([weight for _, _, weight in rows])
    answer = _logistic(matrix, answerable, weight)
    shown = {
        "sentence": dict(zip(rating.FEATURES, sentence.round(2).tolist(), strict=True)),
        "answer": dict(zip(abstaining.FEATURES, answer.round(2).tolist(), strict=True)),
    }
    print(json.dumps(shown, indent=1))
    print(curve(matrix @ answer, answerable, weight != _WITHOUT))


def curve(logits: Matrix, answerable: Matrix, real: npt.NDArray[np.bool_]) -> str:
    """Precision and recall of abstaining for thresholds, on the questions of the sets alone."""
    chance, known = 1 / (1 + np.exp(-logits[real])), answerable[real]
    lines = ["| threshold | precision | recall |", "|---|---|---|"]
    for threshold in np.arange(0.1, 0.7, 0.05):
        silent = chance < threshold
        right = float((silent & (known == 0)).sum())
        lines.append(
            f"| {threshold:.2f} | {right / max(1, silent.sum()):.2f} | {right / max(1, (known == 0).sum()):.2f} |"
        )
    return "\n".join(lines)


class Described:
    """A question with its sentences' features, which of them are right, and rows for the decision to answer."""

    def __init__(
        self, sentences: Matrix, right: npt.NDArray[np.bool_] | None, rows: list[tuple[list[float], int, float]]
    ):
        self.sentences, self.right, self.rows = sentences, right, rows


def _of_set(name: str, folder: str) -> Iterator[Described]:
    library = open_library(Path(folder), open_model())
    for row in questions(f"{name}.jsonl"):
        if calibrates(str(row["id"])):
            yield _described(library, row)
    library.close()


def _described(library: Library, row: dict[str, Any]) -> Described:
    query, history = as_asked(row, Query("", (PUBLIC,)))
    known = gold(row)
    with library.read(query.scopes) as db:
        query = understand(replace(query, text=mended(query.text, db, library.is_word)[0]), history, db)
        whole, vector = library.embedder.embed_array([f"{query.context} {query.text}".strip(), query.text])
        passages = search(library, db, query, _DEEP, whole)
        size = db.counts()["chunks"]
        context = weigh(db, words.content(query.context), size)
        terms = weigh(db, words.content(query.text), size).leaning_on(context)

        def decided(found: Sequence[Passage]) -> list[float] | None:
            rated = rating.rated(library, db, query, found, terms, vector)
            if not rated:
                return None
            features = abstaining.features(rated, found, terms, words.content(query.text), library.is_word)
            return [features[feature] for feature in abstaining.FEATURES]

        rated = rating.rated(library, db, query, passages[:_K], terms, vector)
        matrix = np.array([[one.features[feature] for feature in rating.FEATURES] for one in rated])
        right = np.array([_proves(known, one.text) for one in rated]) if known.answerable and rated else None
        asked = [(passages[:_K], int(known.answerable), 1.0 if known.answerable else _REAL)]
        if known.answerable:
            asked.append(([one for one in passages if not known.is_in(one.article)][:_K], 0, _WITHOUT))
        rows = [(values, label, weight) for found, label, weight in asked if (values := decided(found))]
        return Described(matrix, right, rows if query.intent is not Intent.SAID else [])


def _proves(known: Gold, text: str) -> bool:
    """Whether a sentence holds most of an evidence text, or little else than a part of one."""
    said = Counter(plain(text).split())
    for part in known.evidence:
        wanted = Counter(part.split())
        shared = (wanted & said).total()
        if shared >= 0.5 * wanted.total() or (said.total() > 5 and shared >= 0.85 * said.total()):
            return True
    return False


def _softmax(groups: Sequence[tuple[Matrix, npt.NDArray[np.bool_]]], decay: float = 0.003, steps: int = 1500) -> Matrix:
    """Weights that give right rows the largest share, by Adam (Kingma and Ba 2015)."""
    weights = np.zeros(len(rating.FEATURES))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        slope = decay * weights
        for rows, right in groups:
            share = np.exp(rows @ weights - (rows @ weights).max())
            share /= share.sum()
            good = share * right
            slope += (share - good / good.sum()) @ rows / len(groups)
        first, second = 0.9 * first + 0.1 * slope, 0.99 * second + 0.01 * slope**2
        weights -= 0.02 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return weights


def _logistic(rows: Matrix, labels: Matrix, weight: Matrix, decay: float = 0.005, steps: int = 6000) -> Matrix:
    """Logistic regression by gradient descent, held to `_PRIOR`; the last column is the bias and is not held."""
    weights = _PRIOR.copy()
    held = np.append(np.ones(rows.shape[1] - 1), 0.0)
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-rows @ weights))
        weights -= rows.T @ (weight * (chance - labels)) / weight.sum() + decay * held * (weights - _PRIOR)
    return weights


if __name__ == "__main__":
    main()

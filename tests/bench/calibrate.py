"""Fit what `retrieval/search/calibrated.json` holds, on questions with known answers.

usage: PYTHONPATH=. python tests/bench/calibrate.py bbc=FOLDER realtimeqa=FOLDER [web=FOLDER]
Each folder is a library that holds the articles of the set. The questions are those of `asked.jsonl.gz` that the
reranker was not trained on. Weights of chunks maximise the share that chunks with an answer have of a softmax over all
that were found. Whether to answer, and whether a speaker's statements are on a topic, are logistic regressions whose
weights keep the sign that they are believed to have; questions of one set, asked of another's library, stand for those
about what nobody wrote of. Thresholds are set by hand from the curve that it prints, and the weights of sentences
before they are read were fitted on the calibrating halves of the question sets.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from data import open_model, open_reranker

from retrieval.answer import abstention, statements
from retrieval.answer.sentence_ranking import rate_sentences
from retrieval.library import Library, open_library
from retrieval.search import chunk_ranking, search
from retrieval.search.hybrid import HIGHEST_FUSED_SCORE
from retrieval.search.query import understand
from retrieval.search.spelling import correct_spelling
from retrieval.search.term_weights import weigh
from retrieval.store.reader import CatalogReader
from retrieval.text import stems
from retrieval.types import PUBLIC, Intent, Query

Matrix = npt.NDArray[np.float64]
Json = dict[str, Any]
_ASKED = Path(__file__).with_name("asked.jsonl.gz")
_MOST = 800
"""Questions of each set, and a quarter as many that are asked of another's library."""

_K, _DEEP = 12, 40
_ELSEWHERE = 2.3
"""What a question asked of another's library weighs: there are fewer of these than of those nearly answered."""

_SIGNS = {"unkind": -1, "unknown": -1, "bias": 0}
"""The sign of a weight, where it is not plus: what is unlike an answer speaks against one, whatever a sample says."""


class Gathered:
    """Rows of features with what is right, for each part: (rows, labels, weight), a group for each question."""

    def __init__(self) -> None:
        self.found: list[tuple[Matrix, Matrix]] = []
        self.answer: list[tuple[list[float], float, float]] = []
        self.said: list[tuple[list[float], float, float]] = []

    def ask(self, library: Library, row: Json, *, elsewhere: bool = False) -> None:
        """Ask a question and keep its features."""
        with library.open_reader((PUBLIC,)) as db:
            query = understand(Query(correct_spelling(row["question"], db, library.is_word)[0], (PUBLIC,)), (), db)
            vector = library.embedder.embed_array([query.text])[0]
            size = db.counts()["chunks"]
            right = {} if elsewhere else {row["article"]: row["answers"]}
            if query.intent is Intent.SAID and self._of_speaker(library, db, query, size, vector, right):
                return
            terms = weigh(db, stems.content_stems(query.text), size)
            passages = search(library, db, query, _DEEP, vector)
            if row["answers"] and not elsewhere:
                self._chunks(db, query, passages, terms, vector, right)
            best = rate_sentences(library, db, query, passages[:_K], terms, vector)
            if best:
                named = stems.content_stems(query.text)
                features = abstention.features(best, passages[:_K], terms, named, library.is_word)
                label = float(bool(row["answers"]) and not elsewhere)
                self.answer.append(
                    ([features[one] for one in abstention.FEATURES], label, _ELSEWHERE if elsewhere else 1.0)
                )

    def _chunks(self, db: CatalogReader, query: Query, passages: Any, terms: Any, vector: Any, right: Json) -> None:
        rows, labels = [], []
        for one, features in chunk_ranking.describe_chunks(db, query, passages, terms, vector, HIGHEST_FUSED_SCORE):
            rows.append([features[name] for name in chunk_ranking.FEATURES])
            starts = right.get(one.article.id, ())
            labels.append(any(one.chunk.span.start <= start < one.chunk.span.end for start in starts))
        if any(labels):
            self.found.append((np.array(rows), np.array(labels, float)))

    def _of_speaker(
        self, library: Library, db: CatalogReader, query: Query, size: int, vector: Any, right: Json
    ) -> bool:
        terms = statements.topic_terms(db, query, size)
        spoken = db.statements(query, speakers=query.speakers)
        if not terms.weights or not spoken:
            return False
        stories = statements.topic_features(library, db, query, spoken, terms, vector[None])
        for article, features in stories.items():
            row = [features[name] for name in statements.TOPIC_FEATURES]
            self.said.append((row, float(bool(right.get(article))), 1 / len(stories) ** 0.5))
        return True


def main() -> None:
    """Fit and print, ready to be put into `calibrated.json`."""
    reranker = open_reranker()
    libraries = {
        name: open_library(Path(folder), open_model(), reranker)
        for name, folder in (given.split("=", 1) for given in sys.argv[1:])
    }
    with gzip.open(_ASKED, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["held"] and row["set"] in libraries]
    drawn = random.Random(1)
    gathered = Gathered()
    for name, library in libraries.items():
        mine = [row for row in rows if row["set"] == name]
        drawn.shuffle(mine)
        for row in mine[:_MOST]:
            gathered.ask(library, row)
        for other in libraries.keys() - {name, "web"}:
            for row in mine[: _MOST // 4]:
                gathered.ask(libraries[other], row, elsewhere=True)
    answer = _logistic(gathered.answer, abstention.FEATURES)
    fitted = {
        "found": _named(chunk_ranking.FEATURES, _softmax(gathered.found)),
        "said": _named(statements.TOPIC_FEATURES, _logistic(gathered.said, statements.TOPIC_FEATURES)),
        "answer": _named(abstention.FEATURES, answer),
    }
    print(json.dumps(fitted, indent=1))
    print(curve(gathered.answer, answer))


def _named(features: Sequence[str], weights: Matrix) -> dict[str, float]:
    return dict(zip(features, weights.round(2).tolist(), strict=True))


def curve(rows: Sequence[tuple[list[float], float, float]], weights: Matrix) -> str:
    """Shares of questions that are not answered: of those with an answer, nearly with one, about nothing here."""
    chance = 1 / (1 + np.exp(-np.array([row for row, _, _ in rows]) @ weights))
    labels, elsewhere = np.array([label for _, label, _ in rows]), np.array([weight != 1 for *_, weight in rows])
    lines = ["| threshold | with an answer | nearly | elsewhere |", "|---|---|---|---|"]
    kinds = (labels == 1, (labels == 0) & ~elsewhere, elsewhere)
    for threshold in np.arange(0.1, 0.55, 0.05):
        shares = " | ".join(f"{(chance[kind] < threshold).mean():.2f}" for kind in kinds)
        lines.append(f"| {threshold:.2f} | {shares} |")
    return "\n".join(lines)


def _softmax(groups: Sequence[tuple[Matrix, Matrix]], decay: float = 0.001, steps: int = 500) -> Matrix:
    """Weights that give right rows the largest share, by Adam."""

    def slope(weights: Matrix) -> Matrix:
        out = decay * weights
        for rows, right in groups:
            share = np.exp(rows @ weights - (rows @ weights).max())
            share /= share.sum()
            good = share * right
            out += (share - good / good.sum()) @ rows / len(groups)
        return out

    return _adam(slope, np.zeros(groups[0][0].shape[1]), steps)


def _adam(slope: Callable[[Matrix], Matrix], weights: Matrix, steps: int) -> Matrix:
    """Descent with moments (Kingma and Ba 2015)."""
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps + 1):
        down = slope(weights)
        first, second = 0.9 * first + 0.1 * down, 0.99 * second + 0.01 * down**2
        weights = weights - 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return weights


def _logistic(
    rows: Sequence[tuple[list[float], float, float]], features: Sequence[str], decay: float = 0.003, steps: int = 4000
) -> Matrix:
    """Logistic regression over standardised features by gradient descent; a weight of the wrong sign is none."""
    values = np.array([row for row, _, _ in rows])
    labels, weight = np.array([label for _, label, _ in rows]), np.array([each for *_, each in rows])
    mean, spread = values.mean(0), values.std(0) + 1e-6
    mean[-1], spread[-1] = 0, 1
    standard = (values - mean) / spread
    signs = np.array([_SIGNS.get(name, 1) for name in features])
    weights = np.zeros(values.shape[1])
    held = np.append(np.ones(len(features) - 1), 0)
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-standard @ weights))
        weights -= 0.3 * (standard.T @ (weight * (chance - labels)) / weight.sum() + decay * held * weights)
        weights[weights * signs < 0] = 0
    out: Matrix = weights / spread
    out[-1] = weights[-1] - (weights[:-1] * mean[:-1] / spread[:-1]).sum()
    return out


if __name__ == "__main__":
    main()

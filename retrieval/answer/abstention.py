"""Whether the evidence found carries an answer: a probability, computed from a few features of the best sentences.

The model is a logistic regression. Its weights and threshold are in `retrieval/search/calibrated.json`, fitted by
`tests/bench/calibrate.py` on questions with an answer, near misses, and questions that no article is about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from retrieval.answer.answer_limits import ABSTENTION_SENTENCES, abstention_threshold
from retrieval.answer.sentence_ranking import Sentence, answer_odds
from retrieval.search.calibration import likelihood
from retrieval.search.hybrid import distinct_articles
from retrieval.search.term_weights import Terms
from retrieval.text import stems
from retrieval.types import Passage

FEATURES = ("around", "cosine", "chunk", "unkind", "unknown", "read", "bias")
"""Features of a question's evidence:

- `around`: weighted share of the question's terms in and around the best sentence;
- `cosine`: cosine similarity of the most similar of the best sentences;
- `chunk`: cosine similarity of the most similar chunk;
- `unkind`: 1 where none of the best sentences holds the kind of thing asked for, such as a number or a person;
- `unknown`: weighted share of terms that are no common words and occur in none of the best articles, such as a name
  that no article mentions;
- `read`: log odds, by the reranker, that one of the sentences answers;
- `bias`: 1.
"""

NEUTRAL_READ = 0.5
"""The feature `read` where the reranker has no say: about its mean over questions."""


def features(
    ranked: Sequence[Sentence],
    passages: Sequence[Passage],
    terms: Terms,
    words: Mapping[str, str],
    is_word: Callable[[str], bool],
) -> dict[str, float]:
    """The features (`FEATURES`) of the evidence for a question.

    `ranked`: sentences, best first, not empty. `words`: the question's terms, each with the word it comes from.
    """
    top = ranked[:ABSTENTION_SENTENCES]
    articles = distinct_articles(passages)[:ABSTENTION_SENTENCES]
    known: frozenset[str] = frozenset().union(*(stems.stems(f"{article.title} {article.text}") for article in articles))
    unknown = {term for term, word in words.items() if term not in known and not is_word(word)}
    return {
        "around": ranked[0].features["around"],
        "cosine": max(sentence.features["cosine"] for sentence in top),
        "chunk": max((passage.scores.get("vector", 0.0) for passage in passages), default=0.0),
        "unkind": float(all(sentence.features["unkind"] for sentence in top)),
        "unknown": terms.coverage(unknown),
        "read": NEUTRAL_READ if (odds := answer_odds(ranked)) is None else math.log(odds),
        "bias": 1.0,
    }


def is_answerable(evidence: dict[str, float]) -> bool:
    """Whether evidence with these features is likely enough to carry an answer."""
    return likelihood("answer", evidence) >= abstention_threshold()

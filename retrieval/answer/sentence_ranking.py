"""How likely each sentence of the found articles is to answer a question.

Each sentence is described by features (`FEATURES`, each 0 to about 1), and its score is their weighted sum. The weights
were fitted on the calibrating halves of the question sets, so that the sentences that hold the evidence get the largest
share of a softmax over all sentences of a question. The reranker then reads the best ones beside the question
(`rerank`), and its logit is added to their score.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from retrieval.answer.answer_limits import (
    MAX_ARTICLES_RANKED,
    MAX_ARTICLES_RANKED_WHOLE,
    MAX_SENTENCES_DESCRIBED,
    MAX_SENTENCES_EMBEDDED,
    MAX_SENTENCES_RANKED,
    MAX_SENTENCES_RERANKED,
)
from retrieval.library import Library
from retrieval.models import Reranker
from retrieval.search.calibration import weighted_sum
from retrieval.search.chunk_ranking import FUSED
from retrieval.search.hybrid import distinct_articles
from retrieval.search.term_weights import Terms
from retrieval.store.reader import CatalogReader
from retrieval.text import answer_types
from retrieval.text import stems as words
from retrieval.text.dates import blank_dates, find_dates
from retrieval.text.furniture import furniture, is_caption
from retrieval.text.sentences import sentences
from retrieval.types import Article, Passage, Query, Span

FEATURES = (
    "own",
    "before",
    "after",
    "around",
    "title",
    "rarest",
    "pairs",
    "local",
    "beside",
    "kind",
    "unkind",
    "article",
    "chunk",
    "short",
    "long",
    "asks",
    "lead",
    "cosine",
)
_MAX_GAP_TO_EMBED = 1.5
"""How far a sentence's score without its vector may lie behind the best for it to be embedded: more than a vector can
make up for."""

_WINDOW = 3
"""Number of sentences on each side that count as a sentence's surroundings."""

_RAREST_TERM_SHARE = 0.9
"""Share (0 to 1) of the highest weight from which a term is one of the rarest."""

_KIND_WORD_WEIGHT = 0.25
"""Factor for the weight of a term that only says what kind of thing is asked for ("how many people")."""

_SHORT_WORDS, _USUAL_WORDS = 6, 25
"""Length in words below which a sentence hardly says anything, and the length of a usual sentence."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article with its features and score.

    `at` is its number in the article, `terms` are the terms of the question that occur in it.
    """

    article: Article
    span: Span
    text: str
    at: int
    terms: frozenset[str]
    features: Mapping[str, float]
    score: float = 0.0


def rate_sentences(
    library: Library,
    db: CatalogReader,
    query: Query,
    passages: Sequence[Passage],
    terms: Terms,
    vector: npt.NDArray[np.float32],
) -> list[Sentence]:
    """Sentences of the passages' articles with their scores, best first. `vector`: of the question."""
    described = describe_sentences(query, passages, terms)
    stored = db.sentence_vectors({sentence.article.id for sentence in described})
    vectors = [stored.get((sentence.article.id, sentence.span.start)) for sentence in described]
    cosines = {
        at: float(stored_vector @ vector) for at, stored_vector in enumerate(vectors) if stored_vector is not None
    }
    if len(cosines) < len(described):
        without_vector = {at: sentence for at, sentence in enumerate(described) if at not in cosines}
        cosines |= _cosines_by_embedding(library, without_vector, vector)
    features = {at: {**described[at].features, "cosine": value} for at, value in cosines.items()}
    scored = [
        replace(described[at], features=values, score=weighted_sum("sentence", values))
        for at, values in features.items()
    ]
    best = _best_first(scored)[:MAX_SENTENCES_RANKED]
    return best if library.reranker is None else rerank(library.reranker, _question_to_read(query), best)


def rerank(reranker: Reranker, question: str, ranked: Sequence[Sentence]) -> list[Sentence]:
    """The best of the sentences in the order that they have once the reranker has read them beside the question."""
    best = ranked[:MAX_SENTENCES_RERANKED]
    logits = reranker.score_spans(question, [(sentence.article, sentence.span) for sentence in best])
    out = []
    for sentence, logit in zip(best, logits, strict=True):
        features = {**sentence.features, "read": logit}
        score = weighted_sum("read", {"rated": sentence.score, "read": logit})
        out.append(replace(sentence, features=features, score=score))
    return _best_first(out)


def answer_odds(ranked: Sequence[Sentence]) -> float | None:
    """The odds that one of these sentences answers, by the reranker; None where it did not read them all."""
    if not all("read" in sentence.features for sentence in ranked):
        return None
    return sum(math.exp(sentence.score) for sentence in ranked)


def names_days(query: Query) -> bool:
    """Whether the question names days by which articles are selected, so that sentences need not name them."""
    return bool(query.since or query.until) and bool(find_dates(query.text))


def _question_to_read(query: Query) -> str:
    """The question as the reranker reads it: without the days by which articles are selected."""
    return " ".join(blank_dates(query.text).split()) if names_days(query) else query.text


def _best_first(scored: Iterable[Sentence]) -> list[Sentence]:
    return sorted(scored, key=lambda sentence: (-sentence.score, sentence.article.id, sentence.span))


def _cosines_by_embedding(
    library: Library, without_vector: Mapping[int, Sentence], vector: npt.NDArray[np.float32]
) -> dict[int, float]:
    """The cosine similarities of the best of sentences that have no vector, by their keys.

    Only the very best are embedded; the others are taken to be as dissimilar as the least similar of these.
    """
    scores = {at: weighted_sum("sentence", sentence.features) for at, sentence in without_vector.items()}
    best = sorted(scores, key=lambda at: -scores[at])[:MAX_SENTENCES_RANKED]
    in_reach = sum(scores[at] >= scores[best[0]] - _MAX_GAP_TO_EMBED for at in best)
    compared = best[: min(max(in_reach, 2), MAX_SENTENCES_EMBEDDED)]
    cosines = (library.embedder.embed_array([without_vector[at].text for at in compared]) @ vector).tolist()
    return dict.fromkeys(best, min(cosines)) | dict(zip(compared, cosines, strict=True))


@dataclass(frozen=True, slots=True)
class _Question:
    """What each sentence is compared with."""

    terms: Terms
    rarest: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    """Neighbouring terms."""

    kinds: Sequence[Callable[[str], bool]]
    """Tests for the kinds of things asked for, such as a number or a person."""

    best_fused: float
    """The highest fused score of a passage."""


@dataclass(frozen=True, slots=True)
class _SentenceTable:
    """An article cut into sentences, with the stems of each."""

    article: Article
    rank: int
    """Place of the article among those found (0 = first)."""

    spans: list[Span]
    texts: list[str]
    stems: list[list[str]]
    stem_sets: list[frozenset[str]]
    title_stems: frozenset[str]
    local_terms: Terms
    """The question's terms that occur in the article; the fewer of its sentences have a term, the more it weighs."""

    def stems_between(self, first: int, last: int) -> frozenset[str]:
        """The stems of the sentences `first` to `last` (inclusive), as far as these exist."""
        return frozenset().union(*self.stem_sets[max(0, first) : last + 1])


def describe_sentences(query: Query, passages: Sequence[Passage], terms: Terms) -> list[Sentence]:
    """The sentences of the best articles with all features but those that need vectors."""
    question = _question(query, terms, max((passage.scores[FUSED] for passage in passages), default=1.0))
    ranked = distinct_articles(passages)[:MAX_ARTICLES_RANKED]
    out: list[Sentence] = []
    seen: set[str] = set()
    for rank, article in enumerate(ranked):
        own_passages = [passage for passage in passages if passage.article.id == article.id]
        for sentence in _describe(_sentence_table(article, rank, question), own_passages, question):
            if sentence.text not in seen and len(out) < MAX_SENTENCES_DESCRIBED:
                seen.add(sentence.text)
                out.append(sentence)
    return out


def _question(query: Query, terms: Terms, best_fused: float) -> _Question:
    weights = {
        term: weight * (_KIND_WORD_WEIGHT if term in answer_types.ANSWER_TYPE_STEMS else 1.0)
        for term, weight in terms.weights.items()
    }
    highest = max(weights.values(), default=0.0)
    stems = words.stems(query.text)
    return _Question(
        Terms(weights),
        frozenset(term for term, weight in weights.items() if weight >= _RAREST_TERM_SHARE * highest),
        frozenset((a, b) for a, b in pairwise(stems) if a in weights and b in weights),
        answer_types.answer_checks(query.text),
        best_fused,
    )


def _sentence_table(article: Article, rank: int, question: _Question) -> _SentenceTable:
    spans = sentences(article.text)
    texts = [span.of(article.text) for span in spans]
    stems = [words.stems(text) for text in texts]
    stem_sets = [frozenset(sentence_stems) for sentence_stems in stems]
    counts = Counter(stem for stem_set in stem_sets for stem in stem_set if stem in question.terms.weights)
    local_terms = Terms({term: math.log(1 + len(spans) / n) for term, n in counts.items()})
    title_stems = frozenset(words.stems(article.title))
    return _SentenceTable(article, rank, spans, texts, stems, stem_sets, title_stems, local_terms)


def _describe(table: _SentenceTable, passages: Sequence[Passage], question: _Question) -> Iterator[Sentence]:
    """The sentences of an article that may be evidence. `passages`: those of the article."""
    for at, span in enumerate(table.spans):
        fused = max((p.scores[FUSED] for p in passages if p.chunk.span.overlaps(span)), default=0.0)
        if (fused or table.rank < MAX_ARTICLES_RANKED_WHOLE) and not _is_furniture(table, at):
            features = _word_features(table, at, question) | _form_features(table, at, fused / question.best_fused)
            terms = frozenset(term for term in question.terms.weights if term in table.stem_sets[at])
            yield Sentence(table.article, span, table.texts[at], at, terms, features)


def _is_furniture(table: _SentenceTable, at: int) -> bool:
    """Whether a sentence is a caption or a pointer to something else, which is never evidence."""
    span, text = table.spans[at], table.article.text
    is_alone = text[max(0, span.start - 1) : span.start] in ("", "\n") and text[span.end : span.end + 1] in ("", "\n")
    return is_caption(table.texts[at]) or furniture(table.texts[at], alone=is_alone) is not None


def _word_features(table: _SentenceTable, at: int, question: _Question) -> dict[str, float]:
    """Features of the words of a sentence and of those around it."""
    own = question.terms.coverage(table.stem_sets[at])
    window = table.stems_between(at - _WINDOW, at + _WINDOW)
    matches = [is_of_kind(table.texts[at]) for is_of_kind in question.kinds]
    return {
        "own": own,
        "before": question.terms.coverage(table.stems_between(at - 1, at)) - own,
        "after": question.terms.coverage(table.stems_between(at, at + 1)) - own,
        "around": question.terms.coverage(window | table.title_stems),
        "title": question.terms.coverage(table.title_stems),
        "rarest": float(bool(question.rarest & window)),
        "pairs": len(question.pairs & set(pairwise(table.stems[at]))) / max(1, len(question.pairs)),
        "local": table.local_terms.coverage(table.stem_sets[at]),
        "beside": table.local_terms.coverage(table.stems_between(at - 1, at + 1)),
        "kind": sum(matches) / len(matches) if matches else 0.0,
        "unkind": float(bool(matches) and not any(matches)),
    }


def _form_features(table: _SentenceTable, at: int, chunk: float) -> dict[str, float]:
    """Features of a sentence's place and form. `chunk`: the score of its passage (0 to 1)."""
    length = len(table.stems[at])
    return {
        "article": 1 / (1 + table.rank),
        "chunk": chunk,
        "short": float(length < _SHORT_WORDS),
        "long": max(0.0, math.log(max(length, 1) / _USUAL_WORDS)),
        "asks": float(table.texts[at].rstrip("\"”’' ").endswith("?")),
        "lead": float(at == 0),
    }

"""How likely each sentence of the found articles is to answer a question.

Each sentence is described by features (`FEATURES`, each 0 to about 1), and its score is their weighted sum. The weights
were fitted on the calibrating halves of the question sets, so that the sentences that hold the evidence get the largest
share of a softmax over all sentences of a question. The best are read beside the question then (`reranked`), and what
comes of that is added.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from retrieval.library import Library
from retrieval.models import Reranker
from retrieval.search.calibration import weighted
from retrieval.search.chunk_ranking import FUSED
from retrieval.search.hybrid import distinct
from retrieval.search.term_weights import Terms
from retrieval.store.reader import Reader
from retrieval.text import answer_types
from retrieval.text import stems as words
from retrieval.text.dates import dates, without
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
_ARTICLES = 4
"""Articles whose sentences are looked at; of the best `_WHOLE` all of them, of the others those of found chunks."""

_WHOLE = 2
_LOOKED_AT = 28
"""Sentences that may answer."""

_READ = 14
"""Those of them, the best, that are read beside the question: that takes longer than all the rest of an answer."""

_EMBEDDED = 6
"""Those of them, at most, that are embedded for it where they have no vector, as with an embedding that gives none for
sentences: that takes as long as all the rest of an answer. The others are taken to be as far off as the farthest."""

_IN_REACH = 1.5
"""How far a sentence's score may lie behind the best for its vector to be looked at: more than vectors make up for."""

_MOST = 240
_WINDOW = 3
"""Sentences on each side that are a sentence's surroundings."""

_RARE = 0.9
"""Share of the highest weight from which a term is one of the rarest."""

_SHORT, _USUAL = 6, 25
"""Words of a sentence that hardly says anything, and of one of usual length."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with what speaks for it: its features, the terms of the question in it, and its place."""

    article: Article
    span: Span
    text: str
    at: int
    terms: frozenset[str]
    features: Mapping[str, float]
    score: float = 0.0


def rated(
    library: Library,
    db: Reader,
    query: Query,
    passages: Sequence[Passage],
    terms: Terms,
    vector: npt.NDArray[np.float32],
) -> list[Sentence]:
    """Sentences of the found articles with their scores, best first."""
    found = described_sentences(query, passages, terms)
    known = db.sentence_vectors({one.article.id for one in found})
    vectors = [known.get((one.article.id, one.span.start)) for one in found]
    near = {at: float(one @ vector) for at, one in enumerate(vectors) if one is not None}
    if len(near) < len(found):
        near |= _embedded(library, {at: one for at, one in enumerate(found) if at not in near}, vector)
    features = {at: {**found[at].features, "cosine": value} for at, value in near.items()}
    full = [replace(found[at], features=its, score=weighted("sentence", its)) for at, its in features.items()]
    best = _best_first(full)[:_LOOKED_AT]
    return best if library.reranker is None else reranked(library.reranker, _asks(query), best)


def reranked(reranker: Reranker, question: str, rated: Sequence[Sentence]) -> list[Sentence]:
    """The best of rated sentences in the order that they have once they were read beside the question."""
    best = rated[:_READ]
    logits = reranker.of_spans(question, [(one.article, one.span) for one in best])
    out = []
    for one, logit in zip(best, logits, strict=True):
        its = {**one.features, "read": logit}
        out.append(replace(one, features=its, score=weighted("read", {"rated": one.score, "read": logit})))
    return _best_first(out)


def odds(rated: Sequence[Sentence]) -> float | None:
    """The odds that one of these sentences answers, by what was read beside the question; None where nothing was."""
    if not all("read" in one.features for one in rated):
        return None
    return sum(math.exp(one.score) for one in rated)


def names_days(query: Query) -> bool:
    """Whether the question names days by which articles are chosen: their sentences need not name them."""
    return bool(query.since or query.until) and bool(dates(query.text))


def _asks(query: Query) -> str:
    return " ".join(without(query.text).split()) if names_days(query) else query.text


def _best_first(rated: Iterable[Sentence]) -> list[Sentence]:
    return sorted(rated, key=lambda one: (-one.score, one.article.id, one.span))


def _embedded(library: Library, unknown: Mapping[int, Sentence], vector: npt.NDArray[np.float32]) -> dict[int, float]:
    """The nearness of the best of sentences that have no vector."""
    scores = {at: weighted("sentence", one.features) for at, one in unknown.items()}
    best = sorted(scores, key=lambda at: -scores[at])[:_LOOKED_AT]
    reach = sum(scores[at] >= scores[best[0]] - _IN_REACH for at in best)
    compared = best[: min(max(reach, 2), _EMBEDDED)]
    near = (library.embedder.embed_array([unknown[at].text for at in compared]) @ vector).tolist()
    return dict.fromkeys(best, min(near)) | dict(zip(compared, near, strict=True))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What of a question each sentence is compared with."""

    terms: Terms
    rarest: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    kinds: Sequence[Callable[[str], bool]]
    best: float
    """The most that the channels gave a passage."""


@dataclass(frozen=True, slots=True)
class _Story:
    """An article in sentences, with the terms of each."""

    article: Article
    place: int
    lines: list[Span]
    texts: list[str]
    stems: list[list[str]]
    held: list[frozenset[str]]
    heading: frozenset[str]
    local: Terms
    """The question's terms that stand in the article, weighing more the fewer of its sentences they stand in."""

    def terms(self, first: int, last: int) -> frozenset[str]:
        """The terms of some sentences, as far as there are so many."""
        return frozenset().union(*self.held[max(0, first) : last + 1])


def described_sentences(query: Query, passages: Sequence[Passage], terms: Terms) -> list[Sentence]:
    """The sentences of the best articles with all features but those that need vectors."""
    asked = _asked(query, terms, max((one.scores[FUSED] for one in passages), default=1.0))
    ranked = distinct(passages)[:_ARTICLES]
    out: list[Sentence] = []
    seen: set[str] = set()
    for place, article in enumerate(ranked):
        mine = [passage for passage in passages if passage.article.id == article.id]
        for one in _of_article(_story(article, place, asked), mine, asked):
            if one.text not in seen and len(out) < _MOST:
                seen.add(one.text)
                out.append(one)
    return out


def _asked(query: Query, terms: Terms, best: float) -> _Asked:
    weighed = {
        term: weight * (0.25 if term in answer_types.KIND_WORDS else 1.0) for term, weight in terms.weights.items()
    }
    highest = max(weighed.values(), default=0.0)
    stems = words.stems(query.text)
    return _Asked(
        Terms(weighed),
        frozenset(term for term, weight in weighed.items() if weight >= _RARE * highest),
        frozenset((a, b) for a, b in pairwise(stems) if a in weighed and b in weighed),
        answer_types.kinds(query.text),
        best,
    )


def _story(article: Article, place: int, asked: _Asked) -> _Story:
    lines = sentences(article.text)
    texts = [line.of(article.text) for line in lines]
    stems = [words.stems(text) for text in texts]
    held = [frozenset(one) for one in stems]
    counts = Counter(term for one in held for term in one if term in asked.terms.weights)
    local = Terms({term: math.log(1 + len(lines) / n) for term, n in counts.items()})
    return _Story(article, place, lines, texts, stems, held, frozenset(words.stems(article.title)), local)


def _of_article(story: _Story, passages: Sequence[Passage], asked: _Asked) -> Iterator[Sentence]:
    for at, line in enumerate(story.lines):
        chunk = max((p.scores[FUSED] for p in passages if p.chunk.span.overlaps(line)), default=0.0)
        if (chunk or story.place < _WHOLE) and not _is_furniture(story, at):
            features = _worded(story, at, asked) | _placed(story, at, chunk / asked.best)
            terms = frozenset(term for term in asked.terms.weights if term in story.held[at])
            yield Sentence(story.article, line, story.texts[at], at, terms, features)


def _is_furniture(story: _Story, at: int) -> bool:
    """Whether a sentence is a caption or a pointer that stands in the text all the same: never evidence."""
    line, text = story.lines[at], story.article.text
    alone = text[max(0, line.start - 1) : line.start] in ("", "\n") and text[line.end : line.end + 1] in ("", "\n")
    return is_caption(story.texts[at]) or furniture(story.texts[at], alone=alone) is not None


def _worded(story: _Story, at: int, asked: _Asked) -> dict[str, float]:
    """What the words of a sentence and those around it say."""
    own = asked.terms.coverage(story.held[at])
    window = story.terms(at - _WINDOW, at + _WINDOW)
    fits = [kind(story.texts[at]) for kind in asked.kinds]
    return {
        "own": own,
        "before": asked.terms.coverage(story.terms(at - 1, at)) - own,
        "after": asked.terms.coverage(story.terms(at, at + 1)) - own,
        "around": asked.terms.coverage(window | story.heading),
        "title": asked.terms.coverage(story.heading),
        "rarest": float(bool(asked.rarest & window)),
        "pairs": len(asked.pairs & set(pairwise(story.stems[at]))) / max(1, len(asked.pairs)),
        "local": story.local.coverage(story.held[at]),
        "beside": story.local.coverage(story.terms(at - 1, at + 1)),
        "kind": sum(fits) / len(fits) if fits else 0.0,
        "unkind": float(bool(fits) and not any(fits)),
    }


def _placed(story: _Story, at: int, chunk: float) -> dict[str, float]:
    """What the place of a sentence and its form say."""
    length = len(story.stems[at])
    return {
        "article": 1 / (1 + story.place),
        "chunk": chunk,
        "short": float(length < _SHORT),
        "long": max(0.0, math.log(max(length, 1) / _USUAL)),
        "asks": float(story.texts[at].rstrip("\"”’' ").endswith("?")),
        "lead": float(at == 0),
    }

"""The sentences of found passages that answer a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval import words
from retrieval.library import Library
from retrieval.search import Terms
from retrieval.sentences import sentences
from retrieval.types import Article, Passage, Query, Span

_EMBEDDED = 10
"""Sentences whose vectors are compared with the question's."""

_ENOUGH = 0.5
"""Score from which a sentence is taken for an answer; calibrated on the question sets (`make bench`)."""

_BESIDE = 0.8
"""Share of the best score from which another sentence is cited as well."""

_MOST = 4
_LEANS = 0.25
"""How much more of the question a sentence has together with the one before it, for the two to be cited as one."""

_DEPENDENT = 20
"""Different words of a sentence, below which it may lean on the one before."""

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_NUMBER = (
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion"
    r"|half|twice)\b"
)
_TIME = (
    rf"\b(?:\d{{4}}|\d{{1,2}} (?:{_MONTH})|(?:{_MONTH}) \d|(?:[Ii]n|[Ll]ast|[Nn]ext) (?:{_MONTH})"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|tomorrow|(?:last|next) (?:week|month|year))\b"
)
_HOW = r"many|much|long|far|old|big|large|fast|high|tall|often"
_SIZE = r"what (?:is|was) the (?:size|number|amount|price|cost|value)"
_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(rf"\b(?:how (?:{_HOW})|{_SIZE}|price|cost)\b", re.I), re.compile(_NUMBER, re.I)),
    (re.compile(r"\b(?:when|(?:what|which) (?:year|day|date|month))\b", re.I), re.compile(_TIME)),
    (
        re.compile(r"\b(?:who|whose|whom|which (?:person|man|woman))\b", re.I),
        re.compile(r"(?<=[a-z,] )[A-Z][a-z]+|^[A-Z][a-z]+ [A-Z]"),
    ),
    (re.compile(r"\bwhere\b", re.I), re.compile(r"\b(?:in|at|to|from|near|on) (?:the )?[A-Z][a-z]+")),
)
"""Forms of questions, and what the sentence that answers one is likely to hold."""

_KIND_WORDS = frozenset(
    words.stem(word) for word in "size number amount price cost value long many old big year day date month".split()
)
"""Words that name the kind of answer and need not stand beside it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of an article put forward as evidence, with whose words it reports."""

    article: Article
    span: Span
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with what speaks for it: the share of the question's terms that stand in it, in it and its
    neighbour, in these and its heading; and whether it holds the kind of thing asked for (None: no kind)."""

    article: Article
    span: Span
    text: str
    own: float
    near: float
    titled: float
    fits: bool | None

    @property
    def worded(self) -> float:
        """Evidence by words, 0 to about 1."""
        kind = 0.0 if self.fits is None else 0.1 if self.fits else -0.1
        return 0.5 * self.own + 0.25 * self.near + 0.25 * self.titled + kind


def best_sentences(
    library: Library, query: Query, passages: Sequence[Passage], terms: Terms, vector: npt.NDArray[np.float32]
) -> list[Candidate]:
    """The sentences that carry the answer, in the order of their article; none where the evidence is too thin."""
    scored = rated(library, query, passages, terms, vector)
    if not scored or scored[0][0] < _ENOUGH:
        return []
    chosen = [one for value, one in scored if value >= _BESIDE * scored[0][0]][:_MOST]
    first = chosen[0].article.id
    chosen.sort(key=lambda one: (one.article.id != first, one.article.id, one.span))
    return [Candidate(one.article, one.span) for one in chosen]


def rated(
    library: Library, query: Query, passages: Sequence[Passage], terms: Terms, vector: npt.NDArray[np.float32]
) -> list[tuple[float, Sentence]]:
    """Sentences with their scores, best first: words, and nearness in meaning for the best of them."""
    found = sorted(_worded(query, passages, terms), key=lambda one: -one.worded)[:_EMBEDDED]
    if not found:
        return []
    near = library.embedder.embed_array([one.text for one in found]) @ vector
    both = [((one.worded + float(cosine)) / 2, one) for one, cosine in zip(found, near, strict=True)]
    return sorted(both, key=lambda pair: -pair[0])


def _worded(query: Query, passages: Sequence[Passage], terms: Terms) -> Iterator[Sentence]:
    kinds = [answer for question, answer in _KINDS if question.search(query.text)]
    asked = Terms({term: weight * (0.25 if term in _KIND_WORDS else 1.0) for term, weight in terms.weights.items()})
    seen: set[str] = set()
    for passage in passages:
        article = passage.article
        heading = set(words.stems(passage.chunk.heading))
        lines = sentences(article.text, passage.chunk.span)
        present = [set(words.stems(line.of(article.text))) for line in lines]
        for at, line in enumerate(lines):
            text = line.of(article.text)
            if text in seen:
                continue
            seen.add(text)
            own = asked.coverage(present[at])
            pair = present[at] | present[at - 1] if at else present[at]
            near = asked.coverage(pair)
            if near - own > _LEANS and len(present[at]) < _DEPENDENT:
                # A short sentence that says little without the one before it is cited together with it.
                line, own = Span(lines[at - 1].start, line.end), (own + near) / 2
            fits = any(kind.search(text) for kind in kinds) if kinds else None
            yield Sentence(article, line, text, own, near, asked.coverage(pair | heading), fits)

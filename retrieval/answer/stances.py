"""Both sides of a claim: the statements that make it and those that deny it, over all speakers of the articles.

Nobody's stance is guessed: a statement takes a side by its own words and by the verb that reports it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from retrieval.answer.answer_limits import MAX_STANCE_PASSAGES, MAX_STATEMENTS_PER_SIDE, MIN_STANCE_COVERAGE
from retrieval.answer.statements import LocatedStatement
from retrieval.english.negations import REBUTTING, negates
from retrieval.library import Library
from retrieval.search import search
from retrieval.search.term_weights import Terms, weigh
from retrieval.search.words_only import search_with_fallback
from retrieval.text import stems as words
from retrieval.text.normalize import find_words
from retrieval.types import Article, Query, Statement

_DENYING = re.compile(rf"\b(?:{REBUTTING})\b", re.I)
_SENTENCE = re.compile(r"(?<=[.!?;])[\"”’')\]]*\s+")
_NEGATED_WORDS_BEFORE = 4
"""Number of words before the first of the claim's words in which a negation negates it: "there is no proof that …"."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Statements that make a claim, and statements that deny it; those that share most of its terms first."""

    speaks: tuple[LocatedStatement, ...]
    denies: tuple[LocatedStatement, ...]


def find_sides(library: Library, base: Query, claim: str) -> Sides:
    """Both sides of a claim, within the query's scopes, dates and sources."""
    return search_with_fallback(library, lambda view: _sides(view, base, claim))[0]


def _sides(library: Library, base: Query, claim: str) -> Sides:
    vector = library.embedder.embed_array([claim])[0]
    with library.open_reader(base.scopes) as db:
        passages = search(library, db, replace(base, text=claim), MAX_STANCE_PASSAGES, vector)
        located = db.statements(base, article_ids=sorted({passage.article.id for passage in passages}))
        terms = weigh(db, words.content_stems(claim), db.counts()["chunks"])
    claim_negates = any(map(negates, find_words(claim).words))
    speaks: list[tuple[float, LocatedStatement]] = []
    denies: list[tuple[float, LocatedStatement]] = []
    for statement, article in located:
        share, statement_negates = _stance(statement, article, terms)
        if share >= MIN_STANCE_COVERAGE:
            (denies if statement_negates != claim_negates else speaks).append((share, (statement, article)))
    return Sides(_best(speaks), _best(denies))


def _stance(statement: Statement, article: Article, terms: Terms) -> tuple[float, bool]:
    """(weighted share of a claim's terms in the best sentence of a statement, whether the statement negates them).

    "Denied that it leaked" and "it never leaked" negate; "denied that it never leaked" does not.
    """
    cue = statement.cue.of(article.text) if statement.cue else ""
    best = 0.0, False
    for sentence in _SENTENCE.split(statement.quote(article.text)):
        sentence_words = find_words(sentence).words
        stems = [words.stems(word) for word in sentence_words]
        at = [number for number, word_stems in enumerate(stems) if any(stem in terms.weights for stem in word_stems)]
        share = terms.coverage({stem for word_stems in stems for stem in word_stems})
        if share > best[0]:
            near = sentence_words[max(0, at[0] - _NEGATED_WORDS_BEFORE) : at[-1] + 1]
            best = share, any(map(negates, near)) != (_DENYING.search(cue) is not None)
    return best


def _best(scored: list[tuple[float, LocatedStatement]]) -> tuple[LocatedStatement, ...]:
    ordered = sorted(scored, key=lambda pair: -pair[0])
    return tuple(located for _, located in ordered[:MAX_STATEMENTS_PER_SIDE])

"""Who speaks of a claim, and who says that it is not so: both sides, over every speaker of the articles.

Nobody's stance is guessed: a statement takes a side by its own words and by the verb that reports it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from retrieval.english.negations import REBUTTING, negates
from retrieval.library import Library
from retrieval.search import search
from retrieval.search.term_weights import Terms, weigh
from retrieval.search.words_only import searched
from retrieval.text import stems as words
from retrieval.text.normalize import worded
from retrieval.types import Article, Query, Statement

_DENYING = re.compile(rf"\b(?:{REBUTTING})\b", re.I)
_SENTENCE = re.compile(r"(?<=[.!?;])[\"”’')\]]*\s+")
_PASSAGES = 40
"""Passages whose articles are looked through for statements."""

_LEAST = 0.6
"""Share of a claim's terms, by weight, that one sentence of a statement must have for it to take a side."""

_BEFORE = 4
"""Words before the first of the claim's in which a negation turns a sentence round: "there is no proof that …"."""

_MOST = 20

Found = tuple[Statement, Article]


@dataclass(frozen=True, slots=True)
class Sides:
    """Statements that speak of a claim, and those that say that it is not so; those nearest to it first."""

    speaks: tuple[Found, ...]
    denies: tuple[Found, ...]


def sides(library: Library, base: Query, claim: str) -> Sides:
    """Both sides of a claim, within the query's scopes, dates and sources."""
    return searched(library, lambda there: _sides(there, base, claim))[0]


def _sides(library: Library, base: Query, claim: str) -> Sides:
    vector = library.embedder.embed_array([claim])[0]
    with library.read(base.scopes) as db:
        passages = search(library, db, replace(base, text=claim), _PASSAGES, vector)
        found = db.statements(base, article_ids=sorted({one.article.id for one in passages}))
        terms = weigh(db, words.content(claim), db.counts()["chunks"])
    turned = any(map(negates, worded(claim).words))
    speaks: list[tuple[float, Found]] = []
    denies: list[tuple[float, Found]] = []
    for statement, article in found:
        share, negated = _stance(statement, article, terms)
        if share >= _LEAST:
            (denies if negated != turned else speaks).append((share, (statement, article)))
    return Sides(_best(speaks), _best(denies))


def _stance(statement: Statement, article: Article, terms: Terms) -> tuple[float, bool]:
    """(the share of a claim that a statement has in one sentence, whether it says that it is not so).

    "Denied that it leaked" and "it never leaked" do, and "denied that it never leaked" does not.
    """
    cue = statement.cue.of(article.text) if statement.cue else ""
    best = 0.0, False
    for sentence in _SENTENCE.split(statement.quote(article.text)):
        spoken = worded(sentence).words
        stems = [words.stems(word) for word in spoken]
        at = [number for number, its in enumerate(stems) if any(stem in terms.weights for stem in its)]
        share = terms.coverage({stem for its in stems for stem in its})
        if share > best[0]:
            near = spoken[max(0, at[0] - _BEFORE) : at[-1] + 1]
            best = share, any(map(negates, near)) != (_DENYING.search(cue) is not None)
    return best


def _best(found: list[tuple[float, Found]]) -> tuple[Found, ...]:
    return tuple(one for _, one in sorted(found, key=lambda one: -one[0])[:_MOST])

"""What is found for a question, as an offer to a model: passages under keys that mean nothing, as many as fit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.generation.prompts import WRITE
from retrieval.proof.evidence import Offer, Offered
from retrieval.proof.injection import is_unsafe
from retrieval.search.term_weights import Terms, weigh
from retrieval.store.articles import Version
from retrieval.store.reader import Reader
from retrieval.text import stems
from retrieval.text.dates import without
from retrieval.text.person_names import Person, words_of
from retrieval.text.token_count import Counter, estimate
from retrieval.types import Article, Candidate, Passage, Query, Span

_MOST_TOKENS = 6_000
"""Tokens of all passages together: ten of the usual length take half of it."""

_LETTERS = "bcdfghjkmnpqrstvwxz"
_DIGITS = "23456789"


@dataclass(frozen=True, slots=True)
class Gathered:
    """The offer, what the question is about, and the versions of its articles."""

    offer: Offer
    terms: Terms
    history: Mapping[str, Sequence[Version]]
    articles: tuple[Article, ...]


class Gathering:
    """Watches a question being answered by quoting and keeps what a model is to be offered (`gathered`)."""

    def __init__(self, count: Counter = estimate, most_tokens: int = _MOST_TOKENS) -> None:
        self._count = count
        self._most = most_tokens
        self.gathered: Gathered | None = None

    def __call__(self, db: Reader, query: Query, passages: Sequence[Passage], candidates: Sequence[Candidate]) -> None:
        """Take what was found, from the same state of the library."""
        chosen = self._fitting(_parts(passages, candidates))
        ids = {part.article.id for part in chosen}
        statements = db.statements_in(ids)
        spoken = {one.speaker for found in statements.values() for one in found}
        persons = {
            name: _words_of(person, name) for person in (db.persons(spoken) if spoken else ()) for name in person.names
        }
        # A date tells when, not what about.
        terms = weigh(db, stems.content(without(query.text)), db.counts()["chunks"])
        offer = Offer(tuple(chosen), statements, persons, WRITE)
        articles = tuple({part.article.id: part.article for part in chosen}.values())
        self.gathered = Gathered(offer, terms, db.history(ids), articles)

    def _fitting(self, parts: Sequence[tuple[Article, Span, str | None]]) -> list[Offered]:
        """The parts under keys, as many as the model is to read; none whose headline is an order."""
        out: list[Offered] = []
        keys: set[str] = set()
        spent = 0
        for article, span, speaker in parts:
            if is_unsafe(article.title):
                continue
            spent += self._count(span.of(article.text)) + self._count(article.title)
            if out and spent > self._most:
                break
            out.append(Offered(_key(keys), article, span, speaker))
        return out


def _words_of(person: Person, name: str) -> frozenset[str]:
    """The words of a name and of all others that somebody goes by; not those of a name that joins somebody else to it:
    "Kirby and Wendt", however it was counted, does not make Kirby a name of Wendt."""
    names = [each for each in person.names if each == name or "and" not in words_of(each)]
    return frozenset(word for each in names for word in words_of(each))


def _parts(passages: Sequence[Passage], candidates: Sequence[Candidate]) -> list[tuple[Article, Span, str | None]]:
    """What answers by quoting first: as the passage that holds it, or, where none does, by itself."""
    spans = [(passage.article, passage.chunk.span) for passage in passages]
    out: list[tuple[Article, Span, str | None]] = []
    for one in candidates:
        holding = next((part for part in spans if part[0].id == one.article.id and part[1].holds(one.span)), None)
        part = (*holding, None) if holding else (one.article, one.span, one.speaker)
        if part not in out:
            out.append(part)
    return out + [(article, span, None) for article, span in spans if (article, span, None) not in out]


def _key(taken: set[str]) -> str:
    """A key that is no word, no number and not given yet."""
    while True:
        key = "".join(secrets.choice(_LETTERS) + secrets.choice(_DIGITS) for _ in range(3))
        if key not in taken:
            taken.add(key)
            return key

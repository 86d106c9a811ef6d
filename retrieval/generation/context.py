"""The evidence that a model is given for a question: as many passages as fit, under meaningless keys."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.generation.prompts import WRITE
from retrieval.proof.evidence import Evidence, EvidencePassage
from retrieval.proof.injection import unsafe_reason
from retrieval.search.term_weights import Terms, weigh
from retrieval.store.articles import ArticleVersion
from retrieval.store.reader import CatalogReader
from retrieval.text import stems
from retrieval.text.dates import blank_dates
from retrieval.text.person_names import Person, words_of
from retrieval.text.token_count import TokenCounter, estimate_tokens
from retrieval.types import Article, Candidate, Passage, Query, Span

_MAX_EVIDENCE_TOKENS = 6_000
"""Maximum number of tokens in all passages together; ten passages of the usual length take half of it."""

_KEY_LETTERS = "bcdfghjkmnpqrstvwxz"
_KEY_DIGITS = "23456789"


@dataclass(frozen=True, slots=True)
class CollectedEvidence:
    """The evidence, what the question is about, and the versions of the articles in it."""

    offer: Evidence
    terms: Terms
    history: Mapping[str, Sequence[ArticleVersion]]
    articles: tuple[Article, ...]


class EvidenceCollector:
    """Observes a question being answered by quoting, and keeps the evidence for a model (`gathered`)."""

    def __init__(self, count: TokenCounter = estimate_tokens, most_tokens: int = _MAX_EVIDENCE_TOKENS) -> None:
        self._count = count
        self._most = most_tokens
        self.collected: CollectedEvidence | None = None

    def __call__(
        self, db: CatalogReader, query: Query, passages: Sequence[Passage], candidates: Sequence[Candidate]
    ) -> None:
        """Collect what was found, reading the same state of the library."""
        chosen = self._passages_that_fit(_evidence_parts(passages, candidates))
        ids = {part.article.id for part in chosen}
        statements = db.statements_in(ids)
        speakers = {statement.speaker for found in statements.values() for statement in found}
        persons = {
            name: _words_of_names(person, name)
            for person in (db.persons(speakers) if speakers else ())
            for name in person.names
        }
        # A date says when something happened, not what the question is about.
        terms = weigh(db, stems.content_stems(blank_dates(query.text)), db.counts()["chunks"])
        offer = Evidence(tuple(chosen), statements, persons, WRITE)
        articles = tuple({part.article.id: part.article for part in chosen}.values())
        self.collected = CollectedEvidence(offer, terms, db.history(ids), articles)

    def _passages_that_fit(self, parts: Sequence[tuple[Article, Span, str | None]]) -> list[EvidencePassage]:
        """As many parts as fit, each under a key; articles whose headline gives orders are left out."""
        out: list[EvidencePassage] = []
        keys: set[str] = set()
        spent = 0
        for article, span, speaker in parts:
            if unsafe_reason(article.title):
                continue
            spent += self._count(span.of(article.text)) + self._count(article.title)
            if out and spent > self._most:
                break
            out.append(EvidencePassage(_new_key(keys), article, span, speaker))
        return out


def _words_of_names(person: Person, name: str) -> frozenset[str]:
    """The words of all names of a person, except names that join another person to theirs.

    "Kirby and Wendt" does not make Kirby a name of Wendt.
    """
    names = [other for other in person.names if other == name or "and" not in words_of(other)]
    return frozenset(word for other in names for word in words_of(other))


def _evidence_parts(
    passages: Sequence[Passage], candidates: Sequence[Candidate]
) -> list[tuple[Article, Span, str | None]]:
    """Parts for the evidence: first what answers by quoting, as the passage that holds it or alone; then the rest."""
    spans = [(passage.article, passage.chunk.span) for passage in passages]
    out: list[tuple[Article, Span, str | None]] = []
    for candidate in candidates:
        holding = next(
            (part for part in spans if part[0].id == candidate.article.id and part[1].holds(candidate.span)), None
        )
        part = (*holding, None) if holding else (candidate.article, candidate.span, candidate.speaker)
        if part not in out:
            out.append(part)
    return out + [(article, span, None) for article, span in spans if (article, span, None) not in out]


def _new_key(taken: set[str]) -> str:
    """A new key that is neither a word nor a number."""
    while True:
        key = "".join(secrets.choice(_KEY_LETTERS) + secrets.choice(_KEY_DIGITS) for _ in range(3))
        if key not in taken:
            taken.add(key)
            return key

"""Answers questions by quoting. Read `answer_question` first.

Everything in such an answer is word for word in an article, and is cited. Where the articles do not carry an answer it
abstains.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from retrieval.answer.abstention import NEUTRAL_READ, features, is_answerable
from retrieval.answer.answer_limits import MAX_PASSAGES, NEAREST_ARTICLES_SHOWN, STALE_AFTER_DAYS
from retrieval.answer.conflicts import find_conflict
from retrieval.answer.pronouns import opens_with_pronoun, resolve_pronoun
from retrieval.answer.selection import select_sentences
from retrieval.answer.sentence_ranking import names_days, rate_sentences
from retrieval.answer.statements import (
    ambiguity_notices,
    sentences_on_speaker,
    statements_as_evidence,
    statements_in_sentences,
    topic_terms,
)
from retrieval.library import Library
from retrieval.models.fallback import UNMEASURED_SIMILARITY
from retrieval.proof import cite
from retrieval.search import search
from retrieval.search.hybrid import distinct_articles
from retrieval.search.query import Turn, understand
from retrieval.search.spelling import correct_spelling
from retrieval.search.term_weights import terms_of
from retrieval.search.words_only import has_vectors, search_with_fallback
from retrieval.store.articles import ArticleVersion
from retrieval.store.reader import CatalogReader
from retrieval.text import stems
from retrieval.types import Answer, Article, Candidate, Citation, Claim, Intent, Passage, Query, Span, Status

ABSTAINED = "The articles do not answer this."
"""The text of an answer that abstains, or its beginning."""

_EMPTY = "empty: there are no articles here yet; onrecord ingest reads some"


@dataclass(frozen=True, slots=True)
class _SearchResult:
    """A question as it was understood, and the passages found for it."""

    query: Query
    vector: npt.NDArray[np.float32]
    """Vector of the question without the conversation. For a follow-up, the conversation's words help to find the
    article, and the question's own words find the sentence in it."""

    passages: list[Passage]
    corrected_words: dict[str, str]
    """Words taken for typing errors, each with the word it was read as."""


EvidenceCallback = Callable[[CatalogReader, Query, Sequence[Passage], Sequence[Candidate]], None]
"""Called with the evidence, and with the reader it comes from while that is still open."""


def answer_question(
    library: Library, base: Query, history: Sequence[Turn] = (), on_evidence: EvidenceCallback | None = None
) -> Answer:
    """The answer to `base.text` from the articles of its scopes, dates and sources.

    Where the embedding service is out of reach, the search goes by words alone and the answer has a notice. Raises
    QuestionError for a question that cannot be asked.
    """
    answer, notice = search_with_fallback(library, lambda view: _answer(view, base, history, on_evidence))
    return replace(answer, notices=(*answer.notices, notice)) if notice else answer


def _answer(library: Library, base: Query, history: Sequence[Turn], on_evidence: EvidenceCallback | None) -> Answer:
    begun = time.perf_counter()
    with library.open_reader(base.scopes) as db:
        found = _search(library, db, base, history, MAX_PASSAGES)
        search_ended = time.perf_counter()
        candidates, evidence_notices = _evidence(library, db, found)
        notices = (*_notices(db, found, candidates), *evidence_notices)
        articles = db.counts()["articles"]
        pronoun_names = _pronoun_names(db, candidates)
        if on_evidence is not None:
            on_evidence(db, found.query, found.passages, candidates)
    timings = {"search": search_ended - begun, "answer": time.perf_counter() - search_ended}
    timings_ms = {name: round(seconds * 1000, 2) for name, seconds in timings.items()}
    if not candidates:
        nearest = tuple(distinct_articles(found.passages)[:NEAREST_ARTICLES_SHOWN])
        text = f"{ABSTAINED} {_describe_search(found.query, articles)}" if articles else ABSTAINED
        return Answer(base.text, Status.ABSTAINED, text, nearest=nearest, notices=notices, timings_ms=timings_ms)
    return replace(_compose(base.text, candidates, pronoun_names), notices=notices, timings_ms=timings_ms)


def find_articles(library: Library, base: Query, history: Sequence[Turn], n: int) -> list[Article]:
    """The `n` best articles found for a question, best first. Raises QuestionError."""

    def find(view: Library) -> list[Article]:
        with view.open_reader(base.scopes) as db:
            return distinct_articles(_search(view, db, base, history, 5 * n).passages)[:n]

    return search_with_fallback(library, find)[0]


def _search(library: Library, db: CatalogReader, base: Query, history: Sequence[Turn], k: int) -> _SearchResult:
    """Understand the question and find the `k` best passages for it."""
    spelled, corrected_words = correct_spelling(base.text, db, library.is_word)
    query = understand(replace(base, text=spelled), history, db)
    texts = [f"{query.context} {query.text}", query.text] if query.context else [query.text]
    vectors = library.embedder.embed_array(texts)
    return _SearchResult(query, vectors[-1], search(library, db, query, k, vectors[0]), corrected_words)


def _evidence(library: Library, db: CatalogReader, found: _SearchResult) -> tuple[list[Candidate], list[str]]:
    """(what to show, notices on it)."""
    query, passages = found.query, found.passages
    size = db.counts()["chunks"]
    if query.intent is Intent.SAID:
        if statements := statements_as_evidence(library, db, query, size, found.vector):
            return statements, []
        topic = topic_terms(db, query, size)
        on_speaker = sentences_on_speaker(query, rate_sentences(library, db, query, passages, topic, found.vector))
        if on_speaker or db.statements(query, speakers=query.speakers):
            return select_sentences(query, on_speaker), []
        # No statement of the speaker is of the days and sources asked for; what is reported of them may still answer.
    terms = terms_of(db, query, size)
    ranked = rate_sentences(library, db, query, passages, terms, found.vector)
    words = stems.content_stems(query.text)
    if not ranked:
        return [], []
    described = features(ranked, passages, terms, words, library.is_word)
    if names_days(query):
        # The question asks for what happened on some days; the reranker cannot tell, as no sentence need name them.
        described |= {"read": NEUTRAL_READ}
    if not is_answerable(described if has_vectors(library) else described | {"chunk": UNMEASURED_SIMILARITY}):
        return [], []
    if query.intent is Intent.WHO_SAID and (statements := statements_in_sentences(db, query, ranked)):
        return statements, []
    selected = select_sentences(query, ranked)
    conflict = find_conflict(query, ranked, selected)
    return (selected + conflict[0], [conflict[1]]) if conflict else (selected, [])


def _describe_search(query: Query, articles: int) -> str:
    """A sentence that says what was looked for, and in how many articles."""
    what = f"“{query.topic}”" if query.topic else f"“{query.text}”"
    whom = f" by {query.speaker}" if query.speaker and query.topic else ""
    return f"Looked for {what}{whom} in {articles:,} article{'s' * (articles != 1)}."


def _notices(db: CatalogReader, found: _SearchResult, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """Notices on an empty library, corrected typing errors, old or corrected articles, and ambiguous names."""
    if not db.counts()["articles"]:
        return (_EMPTY,)
    notices = [f"spelling: read “{typed}” as “{read_as}”" for typed, read_as in found.corrected_words.items()]
    query = found.query
    if candidates:
        return (
            *_stale_notices(query, candidates),
            *notices,
            *_correction_notices(db, candidates),
            *ambiguity_notices(db, query),
        )
    if query.intent is Intent.SAID and (elsewhere := len(db.statements(query, speakers=query.speakers))):
        name = max(query.speakers, key=len)
        notices.append(f'elsewhere: {name} is quoted on other matters ({elsewhere}): onrecord said "{name}" lists them')
    return tuple(notices)


def _stale_notices(query: Query, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """A notice where a question asks for the latest and the newest article cited is old."""
    days = [candidate.article.published.date() for candidate in candidates if candidate.article.published]
    now = query.now or datetime.now(UTC).date()
    if query.intent is not Intent.LATEST or not days or (now - max(days)).days <= STALE_AFTER_DAYS:
        return ()
    return (f"stale: the newest of these articles is of {max(days).day} {max(days):%B %Y}",)


def _correction_notices(db: CatalogReader, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    cited = [(candidate.article, candidate.span) for candidate in candidates]
    return correction_notices(db.history({article.id for article, _ in cited}), cited)


def correction_notices(
    history: Mapping[str, Sequence[ArticleVersion]], cited: Sequence[tuple[Article, Span]]
) -> tuple[str, ...]:
    """A notice for each cited article that was changed after it was stored; it says whether the cited words changed.

    `history`: the versions of each article by its id, oldest first.
    """
    articles = {article.id: article for article, _ in cited}
    notices = []
    for article_id, article in articles.items():
        versions = history.get(article_id, ())
        if len(versions) < 2:
            continue
        excerpts = [" ".join(span.of(article.text).split()) for other, span in cited if other.id == article_id]
        earlier_texts = [" ".join(version.text.split()) for version in versions[:-1]]
        differs = any(excerpt not in text for excerpt in excerpts for text in earlier_texts)
        notices.append(
            f"corrected: “{article.title}” was changed after it was first stored (version {len(versions)}, "
            f"{versions[-1].stored[:10]}); what is cited {'differs from' if differs else 'stood in'} the earlier text"
        )
    return tuple(notices)


PronounNames = Mapping[tuple[str, Span], tuple[int, str]]
"""(offset after which the name belongs, the name) for excerpts that open with a pronoun, by article id and span."""


def _pronoun_names(db: CatalogReader, candidates: Sequence[Candidate]) -> PronounNames:
    """The names for pronouns that excerpts open with, where no speaker's name precedes and the person is certain."""
    opening = [
        candidate
        for candidate in candidates
        if not candidate.speaker and opens_with_pronoun(candidate.article, candidate.span)
    ]
    if not opening:
        return {}
    statements = db.statements_in({candidate.article.id for candidate in opening})
    names = (
        (candidate, resolve_pronoun(candidate.article, candidate.span, statements.get(candidate.article.id, ())))
        for candidate in opening
    )
    return {(candidate.article.id, candidate.span): name for candidate, name in names if name}


def _compose(question: str, candidates: Sequence[Candidate], pronoun_names: PronounNames) -> Answer:
    citations: list[Citation] = []
    claims: list[Claim] = []
    numbers: dict[tuple[str, Span], int] = {}
    for candidate in candidates:
        key = (candidate.article.id, candidate.span)
        if key not in numbers:
            numbers[key] = len(numbers) + 1
            citations.append(cite(candidate.article, candidate.span, numbers[key], candidate.speaker))
            claims.append(Claim(citations[-1].excerpt, (numbers[key],)))
    text = _text(claims, citations, pronoun_names)
    return Answer(question, Status.ANSWERED, text, tuple(claims), tuple(citations))


def _text(claims: Sequence[Claim], citations: Sequence[Citation], pronoun_names: PronounNames) -> str:
    """The claims, each on a line with its number; before them the speaker's name and, with several days, the day."""
    lines, previous_heading = [], ""
    has_several_days = len({_day(citation) for citation in citations}) > 1
    for claim, citation in zip(claims, citations, strict=True):
        day = _day(citation) if has_several_days else ""
        heading = f"{citation.speaker}{day}:" if citation.speaker else ""
        if heading and heading != previous_heading:
            lines.append(heading)
        previous_heading = heading
        text = claim.text
        if pronoun_name := pronoun_names.get((citation.article.id, citation.span)):
            at, name = pronoun_name
            text = f"{text[:at]} [{name}]{text[at:]}"
        lines.append(f"{' '.join(text.split())} [{claim.citations[0]}]")
    return "\n".join(lines)


def _day(citation: Citation) -> str:
    """The day of a citation's article, in brackets as it follows a name."""
    published = citation.article.published
    return f" ({published.day} {published:%B %Y})" if published else " (undated)"

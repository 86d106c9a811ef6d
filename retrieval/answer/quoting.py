"""Questions to answers. Read `answer_question` first.

This is the answerer that quotes: whatever it says stands in an article, word for word, and is cited. It abstains where
the articles do not carry an answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from retrieval.answer.abstention import UNDECIDED, enough, features
from retrieval.answer.conflicts import conflicting
from retrieval.answer.pronouns import explained, opens_with_pronoun
from retrieval.answer.selection import chosen
from retrieval.answer.sentence_ranking import names_days, rated
from retrieval.answer.statements import ambiguity, by_speaker, reported, topic_terms, who_told
from retrieval.library import Library
from retrieval.models.fallback import ALIKE
from retrieval.proof import cite
from retrieval.search import search
from retrieval.search.hybrid import distinct
from retrieval.search.query import Turn, understand
from retrieval.search.spelling import mended
from retrieval.search.term_weights import terms_of
from retrieval.search.words_only import measures, searched
from retrieval.store.articles import Version
from retrieval.store.reader import Reader
from retrieval.text import stems
from retrieval.types import Answer, Article, Candidate, Citation, Claim, Intent, Passage, Query, Span, Status

_PASSAGES = 12
NEAREST = 3
"""Articles shown where the question is not answered."""

_FRESH = 30
"""Days up to which an article is new to a question for the latest."""

ABSTAINED = "The articles do not answer this."
_EMPTY = "empty: there are no articles here yet; onrecord ingest reads some"


@dataclass(frozen=True, slots=True)
class _Found:
    query: Query
    vector: npt.NDArray[np.float32]
    """Of the question without the conversation: what a follow-up leans on finds the article, and its own words the
    sentence in it."""

    passages: list[Passage]
    misspelt: dict[str, str]


Watch = Callable[[Reader, Query, Sequence[Passage], Sequence[Candidate]], None]
"""Called with the evidence while the state of the library that it comes from can still be read."""


def answer_question(library: Library, base: Query, history: Sequence[Turn] = (), watch: Watch | None = None) -> Answer:
    """The answer to `base.text` from the articles of its scopes, dates and sources.

    Where the embedding's service stays away, what is searched is searched by words alone, with a notice. Raises
    QuestionError for a question that cannot be asked.
    """
    answer, notice = searched(library, lambda there: _answered(there, base, history, watch))
    return replace(answer, notices=(*answer.notices, notice)) if notice else answer


def _answered(library: Library, base: Query, history: Sequence[Turn], watch: Watch | None) -> Answer:
    begun = time.perf_counter()
    with library.read(base.scopes) as db:
        found = _find(library, db, base, history, _PASSAGES)
        searched = time.perf_counter()
        candidates, differing = _evidence(library, db, found)
        notices = (*_notices(db, found, candidates), *differing)
        articles = db.counts()["articles"]
        meant = _meant(db, candidates)
        if watch is not None:
            watch(db, found.query, found.passages, candidates)
    timings = {"search": searched - begun, "answer": time.perf_counter() - searched}
    in_ms = {name: round(seconds * 1000, 2) for name, seconds in timings.items()}
    if not candidates:
        nearest = tuple(distinct(found.passages)[:NEAREST])
        text = f"{ABSTAINED} {_sought(found.query, articles)}" if articles else ABSTAINED
        return Answer(base.text, Status.ABSTAINED, text, nearest=nearest, notices=notices, timings_ms=in_ms)
    return replace(_composed(base.text, candidates, meant), notices=notices, timings_ms=in_ms)


def articles_found(library: Library, base: Query, history: Sequence[Turn], n: int) -> list[Article]:
    """The `n` articles that a question finds, best first. Raises QuestionError."""

    def find(there: Library) -> list[Article]:
        with there.read(base.scopes) as db:
            return distinct(_find(there, db, base, history, 5 * n).passages)[:n]

    return searched(library, find)[0]


def _find(library: Library, db: Reader, base: Query, history: Sequence[Turn], k: int) -> _Found:
    """The question as understood, and the `k` best passages for it."""
    spelled, misspelt = mended(base.text, db, library.is_word)
    query = understand(replace(base, text=spelled), history, db)
    texts = [f"{query.context} {query.text}", query.text] if query.context else [query.text]
    vectors = library.embedder.embed_array(texts)
    return _Found(query, vectors[-1], search(library, db, query, k, vectors[0]), misspelt)


def _evidence(library: Library, db: Reader, found: _Found) -> tuple[list[Candidate], list[str]]:
    """What to show, and notices on it."""
    query, passages = found.query, found.passages
    size = db.counts()["chunks"]
    if query.intent is Intent.SAID:
        if said := by_speaker(library, db, query, size, found.vector):
            return said, []
        topic = topic_terms(db, query, size)
        about = reported(query, rated(library, db, query, passages, topic, found.vector))
        if about or db.statements(query, speakers=query.speakers):
            return chosen(query, about), []
        # Nothing that he said is of the days and sources asked for: what is reported of him may still answer.
    terms = terms_of(db, query, size)
    best = rated(library, db, query, passages, terms, found.vector)
    named = stems.content(query.text)
    if not best:
        return [], []
    described = features(best, passages, terms, named, library.is_word)
    if names_days(query):
        # It asks for what is of some days, and no sentence need say that it is of them.
        described |= {"read": UNDECIDED}
    if not enough(described if measures(library) else described | {"chunk": ALIKE}):
        return [], []
    if query.intent is Intent.WHO_SAID and (told := who_told(db, query, best)):
        return told, []
    picked = chosen(query, best)
    differing = conflicting(query, best, picked)
    return (picked + differing[0], [differing[1]]) if differing else (picked, [])


def _sought(query: Query, articles: int) -> str:
    """What was looked for, and in how much."""
    what = f"“{query.topic}”" if query.topic else f"“{query.text}”"
    whom = f" by {query.speaker}" if query.speaker and query.topic else ""
    return f"Looked for {what}{whom} in {articles:,} article{'s' * (articles != 1)}."


def _notices(db: Reader, found: _Found, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """What is to be known besides: an empty library, words read otherwise, names that are several persons'."""
    if not db.counts()["articles"]:
        return (_EMPTY,)
    out = [f"spelling: read “{typed}” as “{meant}”" for typed, meant in found.misspelt.items()]
    query = found.query
    if candidates:
        return (*_stale(query, candidates), *out, *_corrections(db, candidates), *ambiguity(db, query))
    if query.intent is Intent.SAID and (elsewhere := len(db.statements(query, speakers=query.speakers))):
        name = max(query.speakers, key=len)
        out.append(f'elsewhere: {name} is quoted on other matters ({elsewhere}): onrecord said "{name}" lists them')
    return tuple(out)


def _stale(query: Query, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    """That the newest article cited is older than a question for the latest implies."""
    days = [one.article.published.date() for one in candidates if one.article.published]
    now = query.now or datetime.now(UTC).date()
    if query.intent is not Intent.LATEST or not days or (now - max(days)).days <= _FRESH:
        return ()
    return (f"stale: the newest of these articles is of {max(days).day} {max(days):%B %Y}",)


def _corrections(db: Reader, candidates: Sequence[Candidate]) -> tuple[str, ...]:
    cited = [(candidate.article, candidate.span) for candidate in candidates]
    return corrections(db.history({article.id for article, _ in cited}), cited)


def corrections(history: Mapping[str, Sequence[Version]], cited: Sequence[tuple[Article, Span]]) -> tuple[str, ...]:
    """A notice for each cited article that was changed since it was stored: whether what is cited changed with it.

    `history`: the versions of each article by its id, oldest first.
    """
    articles = {article.id: article for article, _ in cited}
    out = []
    for article_id, article in articles.items():
        versions = history.get(article_id, ())
        if len(versions) < 2:
            continue
        shown = [" ".join(span.of(article.text).split()) for one, span in cited if one.id == article_id]
        earlier = [" ".join(one.text.split()) for one in versions[:-1]]
        new = any(text not in old for text in shown for old in earlier)
        out.append(
            f"corrected: “{article.title}” was changed after it was first stored (version {len(versions)}, "
            f"{versions[-1].stored[:10]}); what is cited {'differs from' if new else 'stood in'} the earlier text"
        )
    return tuple(out)


Meant = Mapping[tuple[str, Span], tuple[int, str]]
"""For excerpts that open with a pronoun, by article and span: after how many characters whose name belongs."""


def _meant(db: Reader, candidates: Sequence[Candidate]) -> Meant:
    """Whom the pronouns mean that open what is shown, where no name stands before it and it is sure."""
    opening = [one for one in candidates if not one.speaker and opens_with_pronoun(one.article, one.span)]
    if not opening:
        return {}
    statements = db.statements_in({one.article.id for one in opening})
    found = ((one, explained(one.article, one.span, statements.get(one.article.id, ()))) for one in opening)
    return {(one.article.id, one.span): name for one, name in found if name}


def _composed(question: str, candidates: Sequence[Candidate], meant: Meant) -> Answer:
    citations: list[Citation] = []
    claims: list[Claim] = []
    numbers: dict[tuple[str, Span], int] = {}
    for candidate in candidates:
        key = (candidate.article.id, candidate.span)
        if key not in numbers:
            numbers[key] = len(numbers) + 1
            citations.append(cite(candidate.article, candidate.span, numbers[key], candidate.speaker))
            claims.append(Claim(citations[-1].excerpt, (numbers[key],)))
    return Answer(question, Status.ANSWERED, _text(claims, citations, meant), tuple(claims), tuple(citations))


def _text(claims: Sequence[Claim], citations: Sequence[Citation], meant: Meant) -> str:
    """The claims a line each with their numbers, after the name of whoever said them and, of several days, the day."""
    lines, before = [], ""
    several = len({_day(citation) for citation in citations}) > 1
    for claim, citation in zip(claims, citations, strict=True):
        heading = f"{citation.speaker}{_day(citation) if several else ''}:" if citation.speaker else ""
        if heading and heading != before:
            lines.append(heading)
        before = heading
        text = claim.text
        if known := meant.get((citation.article.id, citation.span)):
            at, name = known
            text = f"{text[:at]} [{name}]{text[at:]}"
        lines.append(f"{' '.join(text.split())} [{claim.citations[0]}]")
    return "\n".join(lines)


def _day(citation: Citation) -> str:
    """The day of a citation's article, as it follows a name."""
    published = citation.article.published
    return f" ({published.day} {published:%B %Y})" if published else " (undated)"

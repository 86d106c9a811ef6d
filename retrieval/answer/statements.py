"""Statements as evidence: what somebody said on a topic, or who said something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from retrieval.answer.answer_limits import (
    MAX_STATEMENT_WORDS,
    MAX_STATEMENTS,
    MAX_STATEMENTS_COMPARED,
    MAX_STATEMENTS_EMBEDDED,
    MAX_STATEMENTS_RERANKED,
    MAX_STATEMENTS_WITHOUT_TOPIC,
    MAX_WHO_SAID_SENTENCES,
    MIN_REPORT_COVERAGE,
    MIN_REPORT_ODDS,
    MIN_SHARE_OF_BEST_ARTICLE,
    topic_threshold,
)
from retrieval.answer.sentence_ranking import Sentence, answer_odds
from retrieval.english.negations import DENYING, negates
from retrieval.english.verb_sets import REACTING, THINKING
from retrieval.library import Library
from retrieval.models import Reranker
from retrieval.models.reranker import UNDECIDED_LOGIT, UNREAD_LOGIT
from retrieval.search.calibration import likelihood
from retrieval.search.search_limits import MAX_SPEAKERS_SUGGESTED
from retrieval.search.speakers import find_speakers
from retrieval.search.term_weights import Terms, weigh
from retrieval.search.words_only import search_with_fallback
from retrieval.store.reader import CatalogReader
from retrieval.text import stems
from retrieval.text.normalize import find_words
from retrieval.text.person_names import Person, ambiguity_question, proper_words, words_of
from retrieval.types import Article, Candidate, Intent, Query, Span, Statement
from retrieval.util import group_pairs

TOPIC_FEATURES = ("own", "around", "article", "title", "cosine", "read", "bias")
"""Features of a speaker's statements in an article that tell whether they are on a topic:

- `own`, `around`: weighted share of the topic's terms in the best statement, and in its surroundings too;
- `article`, `title`: the same share in the article, and in its title;
- `cosine`: cosine similarity of the most similar statement;
- `read`: the highest logit that the reranker gives to a statement;
- `bias`: 1.
"""

_SURROUNDING_CHARACTERS = 400
"""Number of characters on each side of a statement that count as its surroundings."""

_DENYING = re.compile(rf"\b(?:{DENYING})\b", re.I)

_THOUGHT = re.compile(rf"\b(?:{THINKING})s?\b", re.I)
"""Words of a question that asks for thoughts as well."""

_REACTING = re.compile(rf"\b(?:{REACTING})\b", re.I)

_SENTENCES_AFTER_NAME = 2
"""Number of sentences after one that names the speaker that may be about them as well."""

LocatedStatement = tuple[Statement, Article]
"""A statement with its article."""


def statements_as_evidence(
    library: Library, db: CatalogReader, query: Query, size: int, vector: npt.NDArray[np.float32]
) -> list[Candidate]:
    """Every statement of the query's speakers on its topic, as evidence.

    `size`: number of chunks in the library. `vector`: of the question.
    """
    located = _statements_on_topic(library, db, query, size, vector[None])
    return [
        Candidate(article, statement.context, statement.speaker)
        for statement, article in located[:MAX_STATEMENTS_WITHOUT_TOPIC]
    ]


def statements_by(
    library: Library, base: Query, speaker: str, topic: str | None, addressee: str | None = None
) -> tuple[list[Person], list[LocatedStatement]]:
    """(persons whom the name may mean, their statements on the topic and to the addressee, oldest first)."""
    return search_with_fallback(library, lambda view: _statements_by(view, base, speaker, topic, addressee))[0]


def _statements_by(
    library: Library, base: Query, speaker: str, topic: str | None, addressee: str | None
) -> tuple[list[Person], list[LocatedStatement]]:
    with library.open_reader(base.scopes) as db:
        names = find_speakers(speaker, db)
        if not names:
            return db.speakers(speaker, MAX_SPEAKERS_SUGGESTED), []
        query = replace(base, intent=Intent.SAID, speaker=speaker, speakers=names, topic=topic)
        vectors = library.embedder.embed_array([topic]) if topic else np.empty((0, 0), np.float32)
        located = _statements_on_topic(library, db, query, db.counts()["chunks"], vectors)
        if addressee:
            sought = set(words_of(addressee))
            located = [pair for pair in located if sought <= set(words_of(pair[0].addressee or ""))]
        return db.persons(names), located


def _statements_on_topic(
    library: Library, db: CatalogReader, query: Query, size: int, vectors: npt.NDArray[np.float32]
) -> list[LocatedStatement]:
    """Every statement of the query's speakers on its topic, oldest first; none where no article is on the topic.

    `vectors`: of the question or the topic, shape (n, dimension).
    """
    located = db.statements(query, speakers=query.speakers, thoughts=_THOUGHT.search(query.text) is not None)
    terms = topic_terms(db, query, size)
    if not terms.weights or not located:
        return located
    features = topic_features(library, db, query, located, terms, vectors)
    likelihoods = {article_id: likelihood("said", values) for article_id, values in features.items()}
    least = max(topic_threshold(), MIN_SHARE_OF_BEST_ARTICLE * max(likelihoods.values()))
    kept = [pair for pair in located if likelihoods[pair[1].id] >= least]
    return _most_similar(library, db, kept, terms, vectors) if len(kept) > MAX_STATEMENTS else kept


def topic_terms(db: CatalogReader, query: Query, size: int) -> Terms:
    """The terms of a question's topic without those of the speaker's name. `size`: number of chunks in the library."""
    topic = stems.content_stems(query.topic or "")
    for name in (query.speaker or "", *query.speakers):
        for term in stems.content_stems(name):
            topic.pop(term, None)
    return weigh(db, topic, size)


def topic_features(
    library: Library,
    db: CatalogReader,
    query: Query,
    located: Sequence[LocatedStatement],
    terms: Terms,
    vectors: npt.NDArray[np.float32],
) -> dict[str, dict[str, float]]:
    """The features (`SAID`) of each article with statements of the speaker, by the article's id."""
    own = [terms.coverage(frozenset(stems.stems(statement.context.of(article.text)))) for statement, article in located]
    compared = sorted(range(len(located)), key=lambda at: -own[at])[:MAX_STATEMENTS_COMPARED]
    cosines = dict(zip(compared, _cosines(library, db, [located[at] for at in compared], vectors), strict=True))
    # A reaction need not name what it is to: the article tells that, and the reranker, which reads the statement alone,
    # has no say.
    is_reaction = _REACTING.search(query.text) is not None
    to_read = [located[at] for at in compared[:MAX_STATEMENTS_RERANKED]]
    logits = {} if is_reaction else _best_logits(library.reranker, query, to_read)

    out: dict[str, dict[str, float]] = {}
    for at, (statement, article) in enumerate(located):
        if article.id not in out:
            whole = frozenset(stems.stems(f"{article.title} {article.text}"))
            title = terms.coverage(frozenset(stems.stems(article.title)))
            out[article.id] = dict.fromkeys(TOPIC_FEATURES, 0.0) | {
                "article": terms.coverage(whole),
                "title": title,
                "bias": 1.0,
            }
            out[article.id]["read"] = UNDECIDED_LOGIT if is_reaction else logits.get(article.id, UNREAD_LOGIT)
        features = out[article.id]
        surroundings = frozenset(stems.stems(_surroundings(statement, article)))
        features["own"] = max(features["own"], own[at])
        features["around"] = max(features["around"], terms.coverage(surroundings))
        features["cosine"] = max(features["cosine"], cosines.get(at, 0.0))
    if is_reaction:
        out = {
            article_id: features | {"own": features["article"], "around": features["article"]}
            for article_id, features in out.items()
        }
    return out


def _surroundings(statement: Statement, article: Article) -> str:
    start = max(0, statement.context.start - _SURROUNDING_CHARACTERS)
    end = min(len(article.text), statement.context.end + _SURROUNDING_CHARACTERS)
    return Span(start, end).of(article.text)


def _best_logits(reranker: Reranker | None, query: Query, located: Sequence[LocatedStatement]) -> dict[str, float]:
    """The highest logit that the reranker gives to a statement of each article, by the article's id."""
    if reranker is None:
        return {article.id: UNDECIDED_LOGIT for _, article in located}
    has_topic = query.topic is not None and query.topic in query.text
    question = query.text if has_topic else f"What did {query.speaker} say about {query.topic}?"
    logits = reranker.score_spans(question, [(article, statement.context) for statement, article in located])
    pairs = ((article.id, logit) for (_, article), logit in zip(located, logits, strict=True))
    return {article_id: max(values) for article_id, values in group_pairs(pairs).items()}


def _cosines(
    library: Library, db: CatalogReader, located: Sequence[LocatedStatement], vectors: npt.NDArray[np.float32]
) -> list[float]:
    """The highest cosine similarity of each statement, by its sentences, to any of these vectors."""
    stored = db.sentence_vectors({article.id for _, article in located})
    by_article = group_pairs((key[0], (key[1], vector)) for key, vector in stored.items())
    out = []
    without_vector: list[int] = []
    for at, (statement, article) in enumerate(located):
        starts = range(statement.context.start, statement.context.end)
        rows = [vector for start, vector in by_article.get(article.id, ()) if start in starts]
        if not rows:
            without_vector.append(at)
        out.append(float((np.array(rows) @ vectors.T).max()) if rows else 0.0)
    texts = [located[at][0].context.of(located[at][1].text) for at in without_vector[:MAX_STATEMENTS_EMBEDDED]]
    if texts:
        embedded = (library.embedder.embed_array(texts) @ vectors.T).max(axis=1)
        for at, value in zip(without_vector, embedded.tolist(), strict=False):
            out[at] = value
    return out


def _most_similar(
    library: Library,
    db: CatalogReader,
    located: list[LocatedStatement],
    terms: Terms,
    vectors: npt.NDArray[np.float32],
) -> list[LocatedStatement]:
    """The statements most similar to the topic, in their order."""
    contexts = [statement.context.of(article.text) for statement, article in located]
    share = [terms.coverage(frozenset(stems.stems(text))) for text in contexts]
    best = sorted(range(len(located)), key=lambda at: -share[at])[:MAX_STATEMENTS_COMPARED]
    cosines = _cosines(library, db, [located[at] for at in best], vectors)
    score = {at: share[at] + cosine for at, cosine in zip(best, cosines, strict=True)}
    return [located[at] for at in sorted(sorted(score, key=lambda at: -score[at])[:MAX_STATEMENTS])]


def statements_in_sentences(db: CatalogReader, query: Query, ranked: Sequence[Sentence]) -> list[Candidate]:
    """The statements in the best sentences, each with its speaker; none where these hold no statement.

    For a question that asks who denied something, only statements that deny.
    """
    top = ranked[:MAX_WHO_SAID_SENTENCES]
    statements = db.statements_in({sentence.article.id for sentence in top})
    asks_denial = _DENYING.search(query.text) is not None
    out: dict[tuple[str, Span], Candidate] = {}
    for sentence in top:
        article, span = sentence.article, sentence.span
        for statement in statements.get(article.id, ()):
            if statement.context.overlaps(span) and (not asks_denial or _denies(statement, article)):
                whole = Span(min(statement.context.start, span.start), max(statement.context.end, span.end))
                is_long = len(whole.of(article.text).split()) > MAX_STATEMENT_WORDS
                shown = span if is_long else whole
                out.setdefault((article.id, span), Candidate(article, shown, statement.speaker))
    return list(out.values())


def sentences_on_speaker(query: Query, ranked: Sequence[Sentence]) -> list[Sentence]:
    """Of sentences ranked by the topic alone, those on it that name the speaker or closely follow one that does.

    They answer where no statement is on the topic but an article tells of the speaker in other words. There are none
    where the reranker has read them beside a topic and found that they hardly answer.
    """
    last_names = {stems.stem(proper[-1]) for name in query.speakers if (proper := proper_words(name))}
    naming = {(sentence.article.id, sentence.at) for sentence in ranked if last_names & set(stems.stems(sentence.text))}
    on_speaker = [
        sentence
        for sentence in ranked
        if sentence.features["around"] >= MIN_REPORT_COVERAGE
        and any(
            (sentence.article.id, at) in naming for at in range(sentence.at - _SENTENCES_AFTER_NAME, sentence.at + 1)
        )
    ]
    odds = answer_odds(on_speaker)
    return [] if query.topic and odds is not None and odds < MIN_REPORT_ODDS else on_speaker


def _denies(statement: Statement, article: Article) -> bool:
    """Whether a statement denies something, by the verb that reports it or by its own words."""
    cue = statement.cue.of(article.text) if statement.cue else ""
    quoted = find_words(statement.quote(article.text)).words
    return _DENYING.search(cue) is not None or any(map(negates, quoted))


def ambiguity_notices(db: CatalogReader, query: Query) -> tuple[str, ...]:
    """A notice that asks which person is meant, where the question's speaker is the name of several."""
    persons = [person for person in db.persons(query.speakers) if person.kind != "unnamed"] if query.speakers else []
    return (ambiguity_question(query.speaker or "", persons),) if len(persons) > 1 else ()

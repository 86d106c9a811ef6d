"""Statements as evidence: all that somebody said, or who said a thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from retrieval.english.verb_sets import REACTING, THINKING
from retrieval.english.negations import DENYING, negates
from retrieval.answer.sentence_ranking import Sentence, odds
from retrieval.library import Library
from retrieval.models import Reranker
from retrieval.models.reranker import UNDECIDED, UNREAD
from retrieval.search.calibration import calibrated, likelihood
from retrieval.search.speakers import speakers_called
from retrieval.search.term_weights import Terms, weigh
from retrieval.search.words_only import searched
from retrieval.store.reader import Reader
from retrieval.text import stems
from retrieval.text.normalize import worded
from retrieval.text.person_names import Person, proper_words, which, words_of
from retrieval.types import Article, Candidate, Intent, Query, Span, Statement
from retrieval.util import grouped

SAID = ("own", "around", "article", "title", "cosine", "read", "bias")
"""What says that a speaker's statements in an article are on a topic: the share of the topic's terms in the best of
them, around it, in the article and in its title; the nearness in meaning of the best; the best of their logits when
read beside the question."""

_BESIDE = 0.6
"""Share of the best article's likelihood from which another article's statements are listed too."""

_COMPARED = 24
"""Statements whose vectors help to tell which articles are on the topic, and which to list of many that are."""

_READ = 12
"""Those of them, at most, that are read beside the question."""

_EMBEDDED = 6
"""Those of them, at most, that are embedded for it where their sentences have no vectors."""

_AROUND = 400
"""Characters on each side of a statement that are its surroundings."""

_MOST = 12
"""Statements in one answer."""

_DENYING = re.compile(rf"\b(?:{DENYING})\b", re.I)

_THOUGHT = re.compile(rf"\b(?:{THINKING})s?\b", re.I)
"""Words of a question that asks for thoughts as well."""

_REACTING = re.compile(rf"\b(?:{REACTING})\b", re.I)

_CANDIDATES = 5
"""Speakers offered where nobody goes by the name that was asked for."""

_AROUND_LEAST = 0.5
"""Share of the topic's terms that must stand around a sentence that is no statement."""

_FOLLOWING = 2

_ODDS = 0.25
"""Odds, by what was read, from which sentences that are no statements answer: one in five."""

_TOLD = 3
"""Sentences in which it is looked for who said a thing."""

_LONG = 60
"""Words past which a statement is not shown with all the sentences that it stands in."""

Found = tuple[Statement, Article]


def by_speaker(
    library: Library, db: Reader, query: Query, size: int, vector: npt.NDArray[np.float32]
) -> list[Candidate]:
    """Every statement of the query's speakers on its topic as evidence; `vector`: of the question."""
    return _candidates(_spoken(library, db, query, size, vector[None]))


def statements_by(
    library: Library, base: Query, speaker: str, topic: str | None, addressee: str | None = None
) -> tuple[list[Person], list[Found]]:
    """(whom the name may mean, every statement on the topic and to the addressee, oldest first)."""
    return searched(library, lambda there: _statements_by(there, base, speaker, topic, addressee))[0]


def _statements_by(
    library: Library, base: Query, speaker: str, topic: str | None, addressee: str | None
) -> tuple[list[Person], list[Found]]:
    with library.read(base.scopes) as db:
        names = speakers_called(speaker, db)
        if not names:
            return db.speakers(speaker, _CANDIDATES), []
        query = replace(base, intent=Intent.SAID, speaker=speaker, speakers=names, topic=topic)
        vectors = library.embedder.embed_array([topic]) if topic else np.empty((0, 0), np.float32)
        found = _spoken(library, db, query, db.counts()["chunks"], vectors)
        if addressee:
            sought = set(words_of(addressee))
            found = [one for one in found if sought <= set(words_of(one[0].addressee or ""))]
        return db.persons(names), found


def _spoken(library: Library, db: Reader, query: Query, size: int, vectors: npt.NDArray[np.float32]) -> list[Found]:
    """Every statement of the query's speakers on its topic, oldest first; none where no article is on the topic.

    `vectors`: of the question or the topic, shape (n, dimension).
    """
    found = db.statements(query, speakers=query.speakers, thoughts=_THOUGHT.search(query.text) is not None)
    terms = topic_terms(db, query, size)
    if not terms.weights or not found:
        return found
    likely = {
        key: likelihood("said", story) for key, story in on_topic(library, db, query, found, terms, vectors).items()
    }
    least = max(calibrated("threshold")["said"], _BESIDE * max(likely.values()))
    kept = [one for one in found if likely[one[1].id] >= least]
    return _nearest(library, db, kept, terms, vectors) if len(kept) > _MOST else kept


def topic_terms(db: Reader, query: Query, size: int) -> Terms:
    """The terms of a question's topic, without those of the speaker's name."""
    topic = stems.content(query.topic or "")
    for name in (query.speaker or "", *query.speakers):
        for term in stems.content(name):
            topic.pop(term, None)
    return weigh(db, topic, size)


def on_topic(
    library: Library, db: Reader, query: Query, found: Sequence[Found], terms: Terms, vectors: npt.NDArray[np.float32]
) -> dict[str, dict[str, float]]:
    """For each article with statements of the speaker what says that they are on the topic (`SAID`)."""
    own = [terms.coverage(frozenset(stems.stems(statement.context.of(article.text)))) for statement, article in found]
    compared = sorted(range(len(found)), key=lambda at: -own[at])[:_COMPARED]
    near = dict(zip(compared, _near(library, db, [found[at] for at in compared], vectors), strict=True))
    # Who reacts to a thing need not name it: what it is the article tells, and reading has no say.
    reacting = _REACTING.search(query.text) is not None
    read = {} if reacting else _read(library.reranker, query, [found[at] for at in compared[:_READ]])
    out: dict[str, dict[str, float]] = {}
    for at, (statement, article) in enumerate(found):
        if article.id not in out:
            whole = frozenset(stems.stems(f"{article.title} {article.text}"))
            title = terms.coverage(frozenset(stems.stems(article.title)))
            out[article.id] = dict.fromkeys(SAID, 0.0) | {"article": terms.coverage(whole), "title": title, "bias": 1.0}
            out[article.id]["read"] = UNDECIDED if reacting else read.get(article.id, UNREAD)
        mine = out[article.id]
        around = Span(
            max(0, statement.context.start - _AROUND), min(len(article.text), statement.context.end + _AROUND)
        )
        mine["own"] = max(mine["own"], own[at])
        mine["around"] = max(mine["around"], terms.coverage(frozenset(stems.stems(around.of(article.text)))))
        mine["cosine"] = max(mine["cosine"], near.get(at, 0.0))
    if reacting:
        out = {key: its | {"own": its["article"], "around": its["article"]} for key, its in out.items()}
    return out


def _read(reranker: Reranker | None, query: Query, found: Sequence[Found]) -> dict[str, float]:
    """For each article the best logit of these statements, read beside the question."""
    if reranker is None:
        return {article.id: UNDECIDED for _, article in found}
    whole = query.topic is not None and query.topic in query.text
    asked = query.text if whole else f"What did {query.speaker} say about {query.topic}?"
    logits = reranker.of_spans(asked, [(article, statement.context) for statement, article in found])
    pairs = ((article.id, logit) for (_, article), logit in zip(found, logits, strict=True))
    return {article: max(its) for article, its in grouped(pairs).items()}


def _near(library: Library, db: Reader, found: Sequence[Found], vectors: npt.NDArray[np.float32]) -> list[float]:
    """How near each statement is to the nearest of these vectors: the nearest of the sentences that it stands in."""
    known = db.sentence_vectors({article.id for _, article in found})
    by_article = grouped((key[0], (key[1], vector)) for key, vector in known.items())
    out = []
    unknown: list[int] = []
    for at, (statement, article) in enumerate(found):
        around = range(statement.context.start, statement.context.end)
        rows = [vector for start, vector in by_article.get(article.id, ()) if start in around]
        if not rows:
            unknown.append(at)
        out.append(float((np.array(rows) @ vectors.T).max()) if rows else 0.0)
    texts = [found[at][0].context.of(found[at][1].text) for at in unknown[:_EMBEDDED]]
    if texts:
        made = (library.embedder.embed_array(texts) @ vectors.T).max(axis=1)
        for at, value in zip(unknown, made.tolist(), strict=False):
            out[at] = value
    return out


def _nearest(
    library: Library, db: Reader, kept: list[Found], terms: Terms, vectors: npt.NDArray[np.float32]
) -> list[Found]:
    """The statements nearest to the topic, in their order."""
    contexts = [statement.context.of(article.text) for statement, article in kept]
    share = [terms.coverage(frozenset(stems.stems(text))) for text in contexts]
    best = sorted(range(len(kept)), key=lambda at: -share[at])[:_COMPARED]
    near = _near(library, db, [kept[at] for at in best], vectors)
    score = {at: share[at] + value for at, value in zip(best, near, strict=True)}
    return [kept[at] for at in sorted(sorted(score, key=lambda at: -score[at])[:_MOST])]


def who_told(db: Reader, query: Query, rated: Sequence[Sentence]) -> list[Candidate]:
    """The statements that the best sentences report, each with its speaker; none where these report none."""
    top = rated[:_TOLD]
    reported = db.statements_in({one.article.id for one in top})
    denying = _DENYING.search(query.text) is not None
    out: dict[tuple[str, Span], Candidate] = {}
    for one in top:
        for statement in reported.get(one.article.id, ()):
            if statement.context.overlaps(one.span) and (not denying or _denies(statement, one.article)):
                span = Span(min(statement.context.start, one.span.start), max(statement.context.end, one.span.end))
                long = len(span.of(one.article.text).split()) > _LONG
                out.setdefault(
                    (one.article.id, one.span), Candidate(one.article, one.span if long else span, statement.speaker)
                )
    return list(out.values())


def reported(query: Query, rated: Sequence[Sentence]) -> list[Sentence]:
    """Of sentences rated by the topic alone, those on it that name the speaker, or follow close on one that does.

    What an article reports without the forms of speech is found so, where no statement is on the topic. There are none
    where they hardly answer the question for a topic beside which they were read.
    """
    lasts = {stems.stem(proper[-1]) for name in query.speakers if (proper := proper_words(name))}
    named = {(one.article.id, one.at) for one in rated if lasts & set(stems.stems(one.text))}
    found = [
        one
        for one in rated
        if one.features["around"] >= _AROUND_LEAST
        and any((one.article.id, at) in named for at in range(one.at - _FOLLOWING, one.at + 1))
    ]
    answering = odds(found)
    return [] if query.topic and answering is not None and answering < _ODDS else found


def _denies(statement: Statement, article: Article) -> bool:
    """Whether a statement says that something is not so: by the verb that reports it, or by its own words."""
    cue = statement.cue.of(article.text) if statement.cue else ""
    said = worded(statement.quote(article.text)).words
    return _DENYING.search(cue) is not None or any(map(negates, said))


def ambiguity(db: Reader, query: Query) -> tuple[str, ...]:
    """The question back, where a question for somebody's words names several persons by one name."""
    persons = [one for one in db.persons(query.speakers) if one.kind != "unnamed"] if query.speakers else []
    return (which(query.speaker or "", persons),) if len(persons) > 1 else ()


def _candidates(found: Sequence[Found]) -> list[Candidate]:
    return [Candidate(article, statement.context, statement.speaker) for statement, article in found[: 4 * _MOST]]

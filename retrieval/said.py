"""Statements as evidence: all that somebody said, or who said a thing."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from retrieval import words
from retrieval.catalog import Reader
from retrieval.directory import Person, which
from retrieval.library import Library
from retrieval.passages import Candidate
from retrieval.question import speakers_called
from retrieval.rating import calibrated
from retrieval.rows import words_of
from retrieval.search import Terms, weigh
from retrieval.types import Article, Intent, Passage, Query, Span, Statement
from retrieval.wording import negates, worded

SAID = ("own", "around", "article", "title", "cosine", "bias")
"""What says that a speaker's statements in an article are on a topic: the share of the topic's terms in the best of
them, around it, in the article and in its title; the nearness in meaning of the best."""

_BESIDE = 0.6
"""Share of the best article's likelihood from which another article's statements are listed too."""

_EMBEDDED = 24
_AROUND = 400
"""Characters on each side of a statement that are its surroundings."""

_MOST = 12
"""Statements in one answer."""

_DENYING = re.compile(r"\b(?:den(?:y|ies|ied|ying)|disput\w+|reject\w*|dismiss\w*|contradict\w*|refut\w+)\b", re.I)

_CANDIDATES = 5
"""Speakers offered where nobody goes by the name that was asked for."""

_WHO = 0.5
"""Share of a question's terms that a statement with its article must have to answer who said it."""

Found = tuple[Statement, Article]


def by_speaker(library: Library, db: Reader, query: Query, size: int) -> list[Candidate]:
    """Every statement of the query's speakers on its topic as evidence."""
    return _candidates(_spoken(library, db, query, size))


def statements_by(
    library: Library, base: Query, speaker: str, topic: str | None, addressee: str | None = None
) -> tuple[list[Person], list[Found]]:
    """(whom the name may mean, every statement on the topic and to the addressee, oldest first)."""
    with library.read(base.scopes) as db:
        names = speakers_called(speaker, db)
        if not names:
            return db.speakers(speaker, _CANDIDATES), []
        query = replace(base, intent=Intent.SAID, speaker=speaker, speakers=names, topic=topic)
        found = _spoken(library, db, query, db.counts()["chunks"])
        if addressee:
            sought = set(words_of(addressee))
            found = [one for one in found if sought <= set(words_of(one[0].addressee or ""))]
        return db.persons(names), found


def _spoken(library: Library, db: Reader, query: Query, size: int) -> list[Found]:
    """Every statement of the query's speakers on its topic, oldest first; none where no article is on the topic."""
    found = db.statements(query, speakers=query.speakers)
    terms = topic_terms(db, query, size)
    if not terms.weights or not found:
        return found
    stories = on_topic(library, found, terms, query)
    on = {key for key, features in stories.items() if _likely(features) >= calibrated("threshold")["said"]}
    best = max((_likely(features) for features in stories.values()), default=0.0)
    kept = [one for one in found if one[1].id in on and _likely(stories[one[1].id]) >= _BESIDE * best]
    return _nearest(library, kept, terms, query) if len(kept) > _MOST else kept


def topic_terms(db: Reader, query: Query, size: int) -> Terms:
    """The terms of a question's topic, without those of the speaker's name."""
    topic = words.content(query.topic or "")
    for name in (query.speaker or "", *query.speakers):
        for term in words.content(name):
            topic.pop(term, None)
    return weigh(db, topic, size)


def on_topic(library: Library, found: Sequence[Found], terms: Terms, query: Query) -> dict[str, dict[str, float]]:
    """For each article with statements of the speaker what says that they are on the topic (`SAID`)."""
    asked = f"{query.speaker} {query.topic}"
    own = [terms.coverage(frozenset(words.stems(statement.context.of(article.text)))) for statement, article in found]
    embedded = sorted(range(len(found)), key=lambda at: -own[at])[:_EMBEDDED]
    contexts = [found[at][0].context.of(found[at][1].text) for at in embedded]
    vectors = library.embedder.embed_array([query.topic or "", asked, *contexts])
    near = dict(zip(embedded, np.maximum(vectors[2:] @ vectors[0], vectors[2:] @ vectors[1]).tolist(), strict=True))
    out: dict[str, dict[str, float]] = {}
    for at, (statement, article) in enumerate(found):
        if article.id not in out:
            whole = frozenset(words.stems(f"{article.title} {article.text}"))
            title = terms.coverage(frozenset(words.stems(article.title)))
            out[article.id] = dict.fromkeys(SAID, 0.0) | {"article": terms.coverage(whole), "title": title, "bias": 1.0}
        mine = out[article.id]
        around = Span(max(0, statement.context.start - _AROUND), min(len(article.text), statement.context.end + _AROUND))
        mine["own"] = max(mine["own"], own[at])
        mine["around"] = max(mine["around"], terms.coverage(frozenset(words.stems(around.of(article.text)))))
        mine["cosine"] = max(mine["cosine"], near.get(at, 0.0))
    return out


def _likely(features: dict[str, float]) -> float:
    weights = calibrated("said")
    return 1 / (1 + math.exp(-sum(weights[name] * value for name, value in features.items())))


def _nearest(library: Library, kept: list[Found], terms: Terms, query: Query) -> list[Found]:
    """The statements nearest to the topic, in their order."""
    contexts = [statement.context.of(article.text) for statement, article in kept]
    share = [terms.coverage(frozenset(words.stems(text))) for text in contexts]
    best = sorted(range(len(kept)), key=lambda at: -share[at])[:_EMBEDDED]
    near = library.embedder.embed_array([contexts[at] for at in best]) @ library.embedder.embed_array([query.topic or ""])[0]
    score = {at: share[at] + float(cosine) for at, cosine in zip(best, near, strict=True)}
    return [kept[at] for at in sorted(sorted(score, key=lambda at: -score[at])[:_MOST])]


def by_topic(library: Library, db: Reader, query: Query, passages: Sequence[Passage], terms: Terms) -> list[Candidate]:
    """The statements that best fit what is asked about, for "who said …"; none where none fits."""
    found = db.statements(query, article_ids=list({passage.article.id for passage in passages}))
    if _DENYING.search(query.text):
        found = [one for one in found if _denies(*one)]
    scored: list[tuple[float, Found]] = []
    titles = {article.id: set(words.stems(article.title)) for _, article in found}
    for statement, article in found:
        own = terms.coverage(set(words.stems(statement.context.of(article.text))))
        scored.append((0.8 * own + 0.2 * terms.coverage(titles[article.id]), (statement, article)))
    scored.sort(key=lambda one: -one[0])
    top = scored[:8]
    if not top:
        return []
    contexts = [statement.context.of(article.text) for _, (statement, article) in top]
    asked = library.embedder.embed_array([query.topic or query.text, *contexts])
    near = asked[1:] @ asked[0]
    fused = sorted(zip(near + [score for score, _ in top], range(len(top)), strict=True), key=lambda one: -one[0])
    best = fused[0][0]
    chosen = [top[at][1] for value, at in fused[:3] if value >= 0.85 * best and value >= _WHO]
    return _candidates(chosen)


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

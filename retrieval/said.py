"""Statements as evidence: all that somebody said, or who said a thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from retrieval import words
from retrieval.catalog import Reader
from retrieval.directory import Person, which
from retrieval.library import Library
from retrieval.passages import Candidate
from retrieval.question import speakers_called
from retrieval.rows import words_of
from retrieval.search import Terms, weigh
from retrieval.types import Article, Intent, Passage, Query, Statement
from retrieval.wording import negates, worded

_ON_TOPIC = 0.55
"""Share of a topic's terms, by weight, that an article must have for its statements to be about the topic."""

_MOST = 12
"""Statements in one answer."""

_DENYING = re.compile(r"\b(?:den(?:y|ies|ied|ying)|disput\w+|reject\w*|dismiss\w*|contradict\w*|refut\w+)\b", re.I)

_THOUGHT = re.compile(r"\b(?:think|thought|believe|feel|hope|fear|want|expect|opinion|view)s?\b", re.I)
"""Words of a question that asks for thoughts as well."""

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
    found = db.statements(query, speakers=query.speakers, thoughts=_THOUGHT.search(query.text) is not None)
    topic = words.content(query.topic or "")
    for term in words.content(query.speaker or ""):
        topic.pop(term, None)
    if topic:
        found = _on_topic(library, found, weigh(db, topic, size), query.topic or "")
    return found


def _on_topic(library: Library, found: list[Found], terms: Terms, topic: str) -> list[Found]:
    """Statements of the articles that are on the topic; where they are many, those nearest to it."""
    present = {article.id: set(words.stems(f"{article.title} {article.text}")) for _, article in found}
    covered = {article_id: terms.coverage(stems) for article_id, stems in present.items()}
    best = max(covered.values(), default=0.0)
    kept = [one for one in found if covered[one[1].id] >= max(_ON_TOPIC, 0.8 * best)]
    if len(kept) <= _MOST:
        return kept
    contexts = [statement.context.of(article.text) for statement, article in kept]
    near = library.embedder.embed_array(contexts[:200]) @ library.embedder.embed_array([topic])[0]
    score = [
        float(cosine) + terms.coverage(set(words.stems(text))) for cosine, text in zip(near, contexts, strict=False)
    ]
    chosen = sorted(sorted(range(len(score)), key=lambda at: -score[at])[:_MOST])
    return [kept[at] for at in chosen]


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

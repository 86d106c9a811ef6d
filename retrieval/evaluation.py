"""Measures answers against a question set: pure functions over replies and gold answers.

The measures, and the words they count, are those of the independent scorer that comes with the question sets, so that
both print the same figures: texts are compared in lower case with plain marks, and evidence is covered where the
excerpts have at least 60% of its words. Only the rank of the right article is measured here and not there.
"""

from __future__ import annotations

import hashlib
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retrieval.types import Answer, Article, Status

MIN_EVIDENCE_SHARE = 0.6
"""Share (0 to 1) of an evidence text's words that the excerpts must have to cover it."""

UNANSWERABLE = "unanswerable"
_PLAIN = str.maketrans("’‘“”–—", "''\"\"--")
_WORD = re.compile(r"[a-z0-9$£€%]+")
_RANKS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Gold:
    """A question's gold answer: its type, the strings that a right answer has (with alternatives), and its evidence."""

    id: str
    type: str
    must: tuple[tuple[str, ...], ...]
    evidence: tuple[str, ...]
    addresses: frozenset[str]

    @property
    def answerable(self) -> bool:
        """Whether the articles have an answer."""
        return self.type != UNANSWERABLE

    def is_in(self, article: Article) -> bool:
        """Whether an article is one of those with the answer, by its address or by its text."""
        if article.url in self.addresses:
            return True
        text = plain_text(article.text)
        return any(part in text for part in self.evidence)


@dataclass(frozen=True, slots=True)
class Reply:
    """The parts of an answer that are measured; of this system or of a baseline."""

    abstained: bool
    text: str
    excerpts: tuple[str, ...] = ()
    urls: tuple[str | None, ...] = ()
    unproven: int = 0
    """Number of claims that cite nothing."""


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """The result of one question; None where a measure does not apply."""

    type: str
    abstained: bool
    words: int
    bad: int
    hit: bool | None = None
    evidence: float | None = None
    complete: bool | None = None
    cited: bool | None = None
    rank: int | None = None
    """Rank of the first right article (1 = first); 0 where none was found."""


def gold(row: Mapping[str, Any]) -> Gold:
    """The gold answer in a row of a question set."""
    must = row.get("must_include") or [row["answer"]]
    evidence = dict.fromkeys(plain_text(part["text"]).strip() for part in row.get("evidence") or ())
    return Gold(
        str(row["id"]),
        row["type"],
        tuple(tuple(plain_text(part) for part in alternatives.split("|")) for alternatives in must),
        tuple(evidence),
        frozenset(row.get("gold_articles") or ()),
    )


def is_for_calibration(question_id: str) -> bool:
    """Whether a question is in the half that thresholds may be fitted to; the other half is reported."""
    return hashlib.sha256(question_id.encode()).digest()[0] % 2 == 0


def plain_text(text: str) -> str:
    """A text in lower case, with plain quotation marks and dashes and single spaces."""
    return re.sub(r"\s+", " ", text.lower().translate(_PLAIN))


def reply(answer: Answer) -> Reply:
    """The parts of an answer that are measured."""
    return Reply(
        answer.status is Status.ABSTAINED,
        answer.text,
        tuple(citation.excerpt for citation in answer.citations),
        tuple(citation.article.url for citation in answer.citations),
        sum(not claim.citations for claim in answer.claims),
    )


def measure(asked: Gold, given: Reply, ranked: Sequence[Article]) -> QuestionResult:
    """The result of one question. `ranked`: the articles found, best first."""
    text = plain_text(given.text)
    bad = 0 if given.abstained else given.unproven + sum(not excerpt.strip() for excerpt in given.excerpts)
    if not asked.answerable:
        return QuestionResult(asked.type, given.abstained, len(text.split()), bad)
    body = f"{text} {plain_text(' '.join(given.excerpts))}"
    covered = [_is_covered(part, given.excerpts) for part in asked.evidence]
    return QuestionResult(
        asked.type,
        given.abstained,
        len(text.split()),
        bad,
        hit=not given.abstained and all(any(part in body for part in parts) for parts in asked.must),
        evidence=sum(covered) / len(covered) if covered else None,
        complete=all(covered) if covered else None,
        cited=bool(asked.addresses & set(given.urls)) if asked.addresses else None,
        rank=next((at for at, article in enumerate(ranked, 1) if asked.is_in(article)), 0),
    )


def _is_covered(part: str, excerpts: Iterable[str]) -> bool:
    """Whether one excerpt, or all of them together, have enough of an evidence text's words."""
    wanted = Counter(_WORD.findall(part))
    excerpt_words = [Counter(_WORD.findall(plain_text(excerpt))) for excerpt in excerpts]
    if not wanted:
        return True
    bags = [*excerpt_words, sum(excerpt_words, Counter())]
    return max((wanted & bag).total() for bag in bags) / wanted.total() >= MIN_EVIDENCE_SHARE


def figures(results: Sequence[QuestionResult]) -> dict[str, float]:
    """All measures over some results; a measure that applies to none of them is left out."""
    answerable = [result for result in results if result.type != UNANSWERABLE]
    abstained = [result for result in results if result.abstained]
    out: dict[str, float] = {"n": len(results)}
    if answerable:
        out |= _answerable_figures(answerable)
    if len(answerable) < len(results):
        out["abstain_recall"] = sum(result.abstained for result in results if result.type == UNANSWERABLE) / (
            len(results) - len(answerable)
        )
        if abstained:
            out["abstain_precision"] = sum(result.type == UNANSWERABLE for result in abstained) / len(abstained)
    out["bad_citations"] = sum(result.bad for result in results)
    return {name: round(value, 3) for name, value in out.items()}


def _answerable_figures(answerable: Sequence[QuestionResult]) -> dict[str, float]:
    shares: dict[str, Callable[[QuestionResult], float | None]] = {
        "hit": lambda result: result.hit,
        "evidence": lambda result: result.evidence,
        "complete": lambda result: result.complete,
        "article_cited": lambda result: result.cited,
    }
    out = {}
    for name, measure_of in shares.items():
        values = [value for value in map(measure_of, answerable) if value is not None]
        if values:
            out[name] = sum(values) / len(values)
    ranks = [result.rank for result in answerable if result.rank is not None]
    if ranks:
        out |= {f"article@{k}": sum(0 < rank <= k for rank in ranks) / len(ranks) for k in _RANKS}
        out["mrr@10"] = sum(1 / rank for rank in ranks if 0 < rank <= 10) / len(ranks)
    out["words"] = statistics.median([result.words for result in answerable])
    return out


def figures_by_type(results: Sequence[QuestionResult]) -> dict[str, dict[str, float]]:
    """The figures over all results, then over those of each type of question."""
    types = sorted({result.type for result in results})
    return {"all": figures(results)} | {
        kind: figures([result for result in results if result.type == kind]) for kind in types
    }

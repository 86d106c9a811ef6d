"""What an answer is worth, measured against a question set: pure functions over replies and gold.

The measures, and the words they count, are those of the independent scorer that the question sets come with, so that
both print the same figures: a text is compared in lower case with plain marks, evidence is covered where at least 60%
of its words stand in what is cited. What it does not have is how high the right article ranks.
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

COVERED = 0.6
"""Share of an evidence text's words that must stand in the excerpts."""

UNANSWERABLE = "unanswerable"
_PLAIN = str.maketrans("’‘“”–—", "''\"\"--")
_WORD = re.compile(r"[a-z0-9$£€%]+")
_RANKS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Gold:
    """What is known of a question: its type, the strings a right answer holds (alternatives apart), its evidence."""

    id: str
    type: str
    must: tuple[tuple[str, ...], ...]
    evidence: tuple[str, ...]
    addresses: frozenset[str]

    @property
    def answerable(self) -> bool:
        """Whether the articles hold an answer."""
        return self.type != UNANSWERABLE

    def is_in(self, article: Article) -> bool:
        """Whether an article is one of those that hold the answer: by address, or by what it says."""
        if article.url in self.addresses:
            return True
        text = plain(article.text)
        return any(part in text for part in self.evidence)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is measured, of this system or of a baseline."""

    abstained: bool
    text: str
    excerpts: tuple[str, ...] = ()
    urls: tuple[str | None, ...] = ()
    unproven: int = 0
    """Claims that cite nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One question's result; None where a measure does not apply."""

    type: str
    abstained: bool
    words: int
    bad: int
    hit: bool | None = None
    evidence: float | None = None
    complete: bool | None = None
    cited: bool | None = None
    rank: int | None = None
    """Place of the first right article, 0 for none found."""


def gold(row: Mapping[str, Any]) -> Gold:
    """The gold of a question set's row."""
    must = row.get("must_include") or [row["answer"]]
    evidence = dict.fromkeys(plain(one["text"]).strip() for one in row.get("evidence") or ())
    return Gold(
        str(row["id"]),
        row["type"],
        tuple(tuple(plain(part) for part in one.split("|")) for one in must),
        tuple(evidence),
        frozenset(row.get("gold_articles") or ()),
    )


def calibrates(question_id: str) -> bool:
    """Whether a question is of the half that thresholds may be fitted on; the other half is reported."""
    return hashlib.sha256(question_id.encode()).digest()[0] % 2 == 0


def plain(text: str) -> str:
    """Lower case, plain quotation marks and dashes, single spaces."""
    return re.sub(r"\s+", " ", text.lower().translate(_PLAIN))


def reply(answer: Answer) -> Reply:
    """An answer as it is measured."""
    return Reply(
        answer.status is Status.ABSTAINED,
        answer.text,
        tuple(one.excerpt for one in answer.citations),
        tuple(one.article.url for one in answer.citations),
        sum(not claim.citations for claim in answer.claims),
    )


def measure(asked: Gold, given: Reply, ranked: Sequence[Article]) -> Measured:
    """The result of one question; `ranked` are the articles found, best first."""
    text = plain(given.text)
    bad = 0 if given.abstained else given.unproven + sum(not excerpt.strip() for excerpt in given.excerpts)
    if not asked.answerable:
        return Measured(asked.type, given.abstained, len(text.split()), bad)
    body = f"{text} {plain(' '.join(given.excerpts))}"
    got = [_covered(part, given.excerpts) for part in asked.evidence]
    return Measured(
        asked.type,
        given.abstained,
        len(text.split()),
        bad,
        hit=not given.abstained and all(any(part in body for part in parts) for parts in asked.must),
        evidence=sum(got) / len(got) if got else None,
        complete=all(got) if got else None,
        cited=bool(asked.addresses & set(given.urls)) if asked.addresses else None,
        rank=next((at for at, article in enumerate(ranked, 1) if asked.is_in(article)), 0),
    )


def _covered(part: str, excerpts: Iterable[str]) -> bool:
    """Whether most words of an evidence text stand in one excerpt, or in all of several together."""
    wanted = Counter(_WORD.findall(part))
    held = [Counter(_WORD.findall(plain(excerpt))) for excerpt in excerpts]
    if not wanted:
        return True
    bags = [*held, sum(held, Counter())]
    return max((wanted & bag).total() for bag in bags) / wanted.total() >= COVERED


def figures(results: Sequence[Measured]) -> dict[str, float]:
    """All measures over some results; a measure that applies to none of them is left out."""
    answerable = [one for one in results if one.type != UNANSWERABLE]
    abstained = [one for one in results if one.abstained]
    out: dict[str, float] = {"n": len(results)}
    if answerable:
        out |= _over(answerable)
    if len(answerable) < len(results):
        out["abstain_recall"] = sum(one.abstained for one in results if one.type == UNANSWERABLE) / (
            len(results) - len(answerable)
        )
        if abstained:
            out["abstain_precision"] = sum(one.type == UNANSWERABLE for one in abstained) / len(abstained)
    out["bad_citations"] = sum(one.bad for one in results)
    return {name: round(value, 3) for name, value in out.items()}


def _over(answerable: Sequence[Measured]) -> dict[str, float]:
    shares: dict[str, Callable[[Measured], float | None]] = {
        "hit": lambda one: one.hit,
        "evidence": lambda one: one.evidence,
        "complete": lambda one: one.complete,
        "article_cited": lambda one: one.cited,
    }
    out = {}
    for name, of in shares.items():
        known = [value for value in map(of, answerable) if value is not None]
        if known:
            out[name] = sum(known) / len(known)
    ranks = [one.rank for one in answerable if one.rank is not None]
    if ranks:
        out |= {f"article@{k}": sum(0 < rank <= k for rank in ranks) / len(ranks) for k in _RANKS}
        out["mrr@10"] = sum(1 / rank for rank in ranks if 0 < rank <= 10) / len(ranks)
    answered = [one.words for one in answerable]
    out["words"] = statistics.median(answered)
    return out


def by_type(results: Sequence[Measured]) -> dict[str, dict[str, float]]:
    """The figures over all, then of each type of question."""
    types = sorted({one.type for one in results})
    return {"all": figures(results)} | {kind: figures([one for one in results if one.type == kind]) for kind in types}

"""Articles that give different figures for the same thing.

A question for a figure, answered by two articles in sentences that both hold most of what it asks about, and no figure
in common besides those of the question: both are shown, and a notice says so. Nothing is said of which is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.answer.sentence_ranking import Sentence
from retrieval.text import answer_types
from retrieval.types import Article, Candidate, Query

_CLOSE = 4.0
"""How much lower than the best (in logits) a sentence of another article may score."""

_SHARED = 0.6
"""Share of what the best sentence has of the question that the other must have too."""

_LEAST = 0.5
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")


def conflicting(
    query: Query, rated: Sequence[Sentence], shown: Sequence[Candidate]
) -> tuple[list[Candidate], str] | None:
    """(what to show besides, the notice), or None where no two articles differ."""
    if not answer_types.asks_number(query.text) or not rated or not shown:
        return None
    best = rated[0]
    asked = _figures(query.text)
    ours = _figures(best.text) - asked
    if not ours or best.features["own"] < _LEAST:
        return None
    for other in rated[1:]:
        theirs = _figures(other.text) - asked
        if (
            other.article.id != best.article.id
            and theirs
            and other.score >= best.score - _CLOSE
            and other.features["own"] >= _SHARED * best.features["own"]
            and not _figures(other.article.text) & ours
            and not _figures(best.article.text) & theirs
        ):
            told = [f"{_of(one.article)} has {_first(one.text, new)}" for one, new in ((best, ours), (other, theirs))]
            known = {(one.article.id, one.span) for one in shown}
            both = [Candidate(one.article, one.span) for one in (best, other)]
            return [one for one in both if (one.article.id, one.span) not in known], f"conflicting: {', '.join(told)}"
    return None


def _figures(text: str) -> set[str]:
    """The figures of a text, without marks of thousands; years are none."""
    return {found.replace(",", "") for found in _FIGURE.findall(text) if not _YEAR.fullmatch(found)}


def _first(text: str, figures: set[str]) -> str:
    return next(found[0] for found in _FIGURE.finditer(text) if found[0].replace(",", "") in figures)


def _of(article: Article) -> str:
    day = f", {article.published.day} {article.published:%B %Y}" if article.published else ""
    return f"“{article.title}” ({article.source or 'source unknown'}{day})"

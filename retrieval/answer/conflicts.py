"""Finds articles that give different figures for the same thing.

Two articles conflict where a question asks for a figure, both have a sentence with most of the question's terms, and
the two share no figure other than the question's own. Both sentences are shown with a notice, which does not say which
is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.answer.answer_limits import (
    MAX_CONFLICT_SCORE_GAP,
    MIN_CONFLICT_COVERAGE,
    MIN_CONFLICT_SHARE_OF_BEST,
)
from retrieval.answer.sentence_ranking import Sentence
from retrieval.text import answer_types
from retrieval.types import Article, Candidate, Query

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")


def find_conflict(
    query: Query, ranked: Sequence[Sentence], shown: Sequence[Candidate]
) -> tuple[list[Candidate], str] | None:
    """(evidence to show besides `shown`, the notice), or None where no two articles conflict."""
    if not answer_types.asks_for_number(query.text) or not ranked or not shown:
        return None
    best = ranked[0]
    question_figures = _figures(query.text)
    best_figures = _figures(best.text) - question_figures
    if not best_figures or best.features["own"] < MIN_CONFLICT_COVERAGE:
        return None
    for other in ranked[1:]:
        other_figures = _figures(other.text) - question_figures
        if (
            other.article.id != best.article.id
            and other_figures
            and other.score >= best.score - MAX_CONFLICT_SCORE_GAP
            and other.features["own"] >= MIN_CONFLICT_SHARE_OF_BEST * best.features["own"]
            and not _figures(other.article.text) & best_figures
            and not _figures(best.article.text) & other_figures
        ):
            return _conflict(best, best_figures, other, other_figures, shown)
    return None


def _conflict(
    best: Sentence, best_figures: set[str], other: Sentence, other_figures: set[str], shown: Sequence[Candidate]
) -> tuple[list[Candidate], str]:
    """The two sentences as far as they are not shown yet, and the notice."""
    accounts = [
        f"{_cite_article(sentence.article)} has {_first_figure(sentence.text, figures)}"
        for sentence, figures in ((best, best_figures), (other, other_figures))
    ]
    shown_spans = {(candidate.article.id, candidate.span) for candidate in shown}
    both = [Candidate(sentence.article, sentence.span) for sentence in (best, other)]
    missing = [candidate for candidate in both if (candidate.article.id, candidate.span) not in shown_spans]
    return missing, f"conflicting: {', '.join(accounts)}"


def _figures(text: str) -> set[str]:
    """The figures of a text without thousands separators; years do not count."""
    return {match.replace(",", "") for match in _FIGURE.findall(text) if not _YEAR.fullmatch(match)}


def _first_figure(text: str, figures: set[str]) -> str:
    """The first of these figures in a text, as it is written there."""
    return next(match[0] for match in _FIGURE.finditer(text) if match[0].replace(",", "") in figures)


def _cite_article(article: Article) -> str:
    day = f", {article.published.day} {article.published:%B %Y}" if article.published else ""
    return f"“{article.title}” ({article.source or 'source unknown'}{day})"

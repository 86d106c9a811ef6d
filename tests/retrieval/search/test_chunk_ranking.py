"""The second look at the chunks that were found."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from retrieval.library import Library
from retrieval.search.chunk_ranking import FUSED, rescored
from retrieval.search.term_weights import Terms
from retrieval.types import Article, Chunk, Passage, Precision, Query, Span

NO_VECTOR = np.zeros(384, np.float32)
TERMS = Terms({"harbour": 2.0, "crane": 3.0, "cost": 1.0})
ASKED = Query("what did the harbour crane cost", ("public",))


def passages(title: str, *texts: str, fused: float = 0.02, published: datetime | None = None) -> list[Passage]:
    """Chunks of one article as the channels found them."""
    precision = Precision.DAY if published else Precision.NONE
    article = Article.create(title=title, text="\n\n".join(texts), published=published, published_precision=precision)
    out, start = [], 0
    for at, text in enumerate(texts):
        span = Span(start, start + len(text))
        chunk = Chunk(article.id, article.version, at, span, title)
        out.append(Passage(article, chunk, fused, {FUSED: fused, "vector": 0.5}, at + 1))
        start = span.end + 2
    return out


def order(library: Library, *found: list[Passage], query: Query = ASKED) -> list[tuple[str, int]]:
    with library.read(("public",)) as db:
        ranked = rescored(db, query, [one for each in found for one in each], TERMS, NO_VECTOR, 2 / 31)
    return [(one.article.title, one.chunk.index) for one in ranked]


def test_what_holds_more_of_the_question_comes_first(library: Library) -> None:
    """Of two that the channels found alike."""
    some = passages("Ferry", "The harbour was full.")
    more = passages("Yard", "Nobody knew what the crane in the harbour would cost.")
    assert order(library, some, more) == [("Yard", 0), ("Ferry", 0)]


def test_an_article_counts_with_all_that_was_found_of_it(library: Library) -> None:
    """Terms that stand in another chunk of the article, or in its title, speak for it."""
    apart = passages("The harbour crane", "It would be dear.", "The cost was not known.")
    single = passages("Ferry", "The cost was not known here either.")
    assert order(library, single, apart)[0] == ("The harbour crane", 1)


def test_what_the_channels_say_decides_between_equals(library: Library) -> None:
    """A chunk that words and vectors had ahead stays ahead."""
    low, high = (passages(title, "A crane.", fused=fused) for title, fused in (("Low", 0.01), ("High", 0.06)))
    assert [title for title, _ in order(library, low, high)] == ["High", "Low"]


def test_the_days_asked_for_come_first(library: Library) -> None:
    """Of two alike, the one of the favoured days; an undated one is of no day."""
    day = date(2026, 3, 2)
    of_it = passages("Then", "The crane.", published=datetime(2026, 3, 2, tzinfo=UTC))
    before = passages("Before", "The crane.", published=datetime(2025, 3, 2, tzinfo=UTC))
    undated = passages("Undated", "The crane.")
    asked = Query(ASKED.text, ASKED.scopes, favoured=(day - timedelta(days=2), day))
    assert order(library, before, undated, of_it, query=asked)[0] == ("Then", 0)


def test_one_article_does_not_fill_the_place_of_others(library: Library) -> None:
    """After three of its chunks others have their turn; nothing is lost."""
    long = passages("Yard", *(f"What the harbour crane would cost, part {at}." for at in range(6)), fused=0.06)
    short = passages("Ferry", "The harbour.")
    ranked = order(library, long, short)
    assert [title for title, _ in ranked] == ["Yard", "Yard", "Yard", "Ferry", "Yard", "Yard", "Yard"]
    assert len(set(ranked)) == 7


def test_nothing_found_is_nothing(library: Library) -> None:
    """No passages, no scores."""
    assert order(library, []) == []


@pytest.mark.parametrize("terms", [Terms({}), TERMS])
def test_scores_are_in_their_order(library: Library, terms: Terms) -> None:
    """Within its turn, a better score comes first."""
    found = [one for at in range(5) for one in passages(f"Yard {at}", "A crane. " * at + "And more.", fused=0.01 * at)]
    with library.read(("public",)) as db:
        ranked = rescored(db, ASKED, found, terms, NO_VECTOR, 2 / 31)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)

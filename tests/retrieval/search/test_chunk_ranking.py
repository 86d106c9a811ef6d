"""The new order of the chunks that were found."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from retrieval.library import Library
from retrieval.search.chunk_ranking import FUSED, rank_chunks
from retrieval.search.term_weights import Terms
from retrieval.types import Article, Chunk, Passage, Precision, Query, Span

NO_VECTOR = np.zeros(384, np.float32)
TERMS = Terms({"harbour": 2.0, "crane": 3.0, "cost": 1.0})
ASKED = Query("what did the harbour crane cost", ("public",))


def passages(title: str, *texts: str, fused: float = 0.02, published: datetime | None = None) -> list[Passage]:
    """Chunks of one article with the scores of the channels."""
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
    with library.open_reader(("public",)) as db:
        ranked = rank_chunks(
            db, query, [passage for article_passages in found for passage in article_passages], TERMS, NO_VECTOR, 2 / 31
        )
    return [(passage.article.title, passage.chunk.index) for passage in ranked]


def test_what_holds_more_of_the_question_comes_first(library: Library) -> None:
    """Of two chunks with the same fused score, the one with more terms of the question comes first."""
    some = passages("Ferry", "The harbour was full.")
    more = passages("Yard", "Nobody knew what the crane in the harbour would cost.")
    assert order(library, some, more) == [("Yard", 0), ("Ferry", 0)]


def test_an_article_counts_with_all_that_was_found_of_it(library: Library) -> None:
    """Terms in another chunk of its article, or in the title, count for a chunk."""
    apart = passages("The harbour crane", "It would be dear.", "The cost was not known.")
    single = passages("Ferry", "The cost was not known here either.")
    assert order(library, single, apart)[0] == ("The harbour crane", 1)


def test_what_the_channels_say_decides_between_equals(library: Library) -> None:
    """Of two chunks that are equal in all else, the one with the higher fused score comes first."""
    low, high = (passages(title, "A crane.", fused=fused) for title, fused in (("Low", 0.01), ("High", 0.06)))
    assert [title for title, _ in order(library, low, high)] == ["High", "Low"]


def test_the_days_asked_for_come_first(library: Library) -> None:
    """Of equal chunks, the one of the favoured days comes first; one without a date is of no day."""
    day = date(2026, 3, 2)
    of_it = passages("Then", "The crane.", published=datetime(2026, 3, 2, tzinfo=UTC))
    before = passages("Before", "The crane.", published=datetime(2025, 3, 2, tzinfo=UTC))
    undated = passages("Undated", "The crane.")
    asked = Query(ASKED.text, ASKED.scopes, favoured=(day - timedelta(days=2), day))
    assert order(library, before, undated, of_it, query=asked)[0] == ("Then", 0)


def test_one_article_does_not_fill_the_place_of_others(library: Library) -> None:
    """After three chunks of an article others have their turn, and no chunk is lost."""
    long = passages("Yard", *(f"What the harbour crane would cost, part {at}." for at in range(6)), fused=0.06)
    short = passages("Ferry", "The harbour.")
    ranked = order(library, long, short)
    assert [title for title, _ in ranked] == ["Yard", "Yard", "Yard", "Ferry", "Yard", "Yard", "Yard"]
    assert len(set(ranked)) == 7


def test_no_passages_give_no_passages(library: Library) -> None:
    """An empty list stays empty."""
    assert order(library, []) == []


@pytest.mark.parametrize("terms", [Terms({}), TERMS])
def test_scores_are_in_their_order(library: Library, terms: Terms) -> None:
    """Where articles do not fill their turns, the chunks are in the order of their scores."""
    found = [
        passage
        for at in range(5)
        for passage in passages(f"Yard {at}", "A crane. " * at + "And more.", fused=0.01 * at)
    ]
    with library.open_reader(("public",)) as db:
        ranked = rank_chunks(db, ASKED, found, terms, NO_VECTOR, 2 / 31)
    assert [passage.score for passage in ranked] == sorted((passage.score for passage in ranked), reverse=True)

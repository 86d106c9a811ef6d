from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import CitationError, SpanError
from retrieval.proof import cite
from retrieval.types import Answer, Article, Claim, Kind, Precision, Query, Span, Statement, Status, canonical_url


@given(st.integers(-5, 40), st.integers(-5, 40))
def test_a_span_is_not_empty_or_negative(start: int, end: int) -> None:
    """A span that is empty, reversed or negative raises."""
    if 0 <= start < end:
        assert Span(start, end).of("x" * 40) == "x" * (end - start)
    else:
        with pytest.raises(SpanError):
            Span(start, end)


def test_a_span_past_the_text_raises() -> None:
    """Slicing a text that is too short raises."""
    with pytest.raises(SpanError):
        Span(0, 4).of("abc")


@given(st.text(min_size=1).filter(str.strip), st.integers(0, 50), st.integers(1, 50))
def test_cite_gives_the_slice_or_raises(text: str, start: int, length: int) -> None:
    """A citation's excerpt is the article's own characters; anything else raises."""
    article = Article.create(title="t", text=text)
    span = Span(start, start + length)
    if span.end <= len(text) and text[span.start : span.end].strip():
        assert cite(article, span, 1).excerpt == text[span.start : span.end]
    else:
        with pytest.raises(CitationError):
            cite(article, span, 1)


def test_trackers_and_fragments_do_not_make_another_article() -> None:
    """The id depends on the canonical address."""
    plain = Article.create(title="t", text="x", url="https://News.example/a?id=2")
    tracked = Article.create(title="t", text="y", url="https://news.example/a?utm_source=z&id=2#top")
    assert plain.id == tracked.id
    assert plain.version != tracked.version
    assert canonical_url("HTTPS://News.example") == "https://news.example/"


def test_scope_and_text_make_the_id_where_there_is_no_address() -> None:
    """The same text in two scopes makes two articles."""
    article = Article.create(title="t", text="words  here")
    assert article.id == Article.create(title="t", text="words here").id
    assert article.id != Article.create(title="t", text="words here", scope="77").id


def test_dates_are_aware_and_come_with_a_precision() -> None:
    """A date without a zone, or without a precision, is refused."""
    with pytest.raises(ValueError, match="time zone"):
        Article.create(title="t", text="x", published=datetime(2024, 1, 1), published_precision=Precision.DAY)
    with pytest.raises(ValueError, match="precision"):
        Article.create(title="t", text="x", published=datetime(2024, 1, 1, tzinfo=UTC))


def test_a_statement_keeps_its_content_inside_its_context() -> None:
    """Content outside the context, or overlapping, is refused."""
    make = {"article_id": "a", "version": "v", "speaker": "S", "kind": Kind.DIRECT, "context": Span(0, 10)}
    assert Statement(**make, content=(Span(0, 2), Span(5, 7))).quote("abcdefghij") == "ab … fg"
    for content in ((), (Span(5, 12),), (Span(0, 5), Span(4, 6))):
        with pytest.raises(SpanError):
            Statement(**make, content=content)


def test_an_answer_cannot_claim_without_a_citation() -> None:
    """The citations that a claim names exist."""
    with pytest.raises(ValueError, match="cites nothing"):
        Claim("x", ())
    with pytest.raises(ValueError, match="not there"):
        Answer("q", Status.ANSWERED, "x", (Claim("x", (1,)),))
    with pytest.raises(ValueError, match="has claims"):
        Answer("q", Status.ANSWERED, "x")


def test_a_query_names_its_scopes() -> None:
    """There is no default scope."""
    with pytest.raises(ValueError, match="scopes"):
        Query("q", ())

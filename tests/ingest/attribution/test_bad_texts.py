"""Difficult texts: marks that never close, no full stop, other languages, invisible characters."""

import io
import json
import tarfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.attribution import attribute
from retrieval.types import Article, Kind, Precision, Statement
from tests.conftest import shared


def statements(text: str) -> tuple[Statement, ...]:
    return attribute(Article.create(title="T", text=text))


def assert_spans_slice(text: str) -> tuple[Statement, ...]:
    """Return the statements of a text after checking that every span slices words out of it."""
    checked = statements(text)
    for statement in checked:
        spans = [*statement.content, statement.context, *(span for span in (statement.cue, statement.mention) if span)]
        assert all(span.of(text).strip() for span in spans)
    return checked


PIECES = st.lists(
    st.sampled_from(
        ["“", "”", '"', "''", "«", "said", "Mara Wendt", "she", "the crane is safe", ",", ".", "?", ":", "\n\n", "that",
         "told reporters", "according to", "added", "hopes to", "claim that", "criticised", "—", "\u200b", "\u202e",
         "שלום", "مرحبا", "é", "😀", "MARA:", "with", "calling it"]
    ),
    max_size=50,
).map(" ".join)  # fmt: skip


@given(st.one_of(PIECES, st.text(max_size=120)))
def test_offsets_slice_true_over_any_text(text: str) -> None:
    """Arbitrary Unicode, marks and cues in any order: offsets hold and nothing raises."""
    if text.strip():
        assert_spans_slice(text)


def test_marks_that_never_close_leave_the_other_speakers_alone() -> None:
    """A stray mark in each paragraph does not swallow the article."""
    names = ["Mara Wendt", "Ole Lindqvist", "Grace Oyelaran"] * 10
    text = "\n\n".join(f"A sign read “No entry. {name} said the quay was shut." for name in names)
    assert [statement.speaker for statement in assert_spans_slice(text) if statement.speaker != "A sign"] == names


def test_a_long_text_without_a_full_stop_takes_linear_time() -> None:
    """Four times the text takes no more than some eight times as long."""

    def seconds_for(size: int) -> float:
        text = "Mara Wendt said the crane was safe and then they went on to the quay " * size
        begin = time.process_time()
        assert_spans_slice(text)
        return time.process_time() - begin

    seconds_for(10)
    assert seconds_for(800) < 8 * seconds_for(200) + 2


def test_an_article_wholly_in_quotation_marks_is_read() -> None:
    """Nobody outside the marks speaks: at most the words are kept, without a speaker."""
    text = "“The harbour is shut.\n\n“Ole Lindqvist was at the quay. The crane fell.\n\n“Nobody was hurt.”"
    assert all(statement.kind is Kind.DIRECT for statement in assert_spans_slice(text))


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        (
            "Die Ministerin wies die Vorwürfe am Montag zurück. „Wir haben nichts davon gewusst“, sagte Anna Berg "
            "vor Journalisten in Kiel. Der Ausschuss tagt heute wieder.",
            "„Wir haben nichts davon gewusst“",
        ),
        (
            "La ministre a rejeté les accusations lundi. « Nous ne savions rien de cela », a déclaré Anne Berger "
            "devant les journalistes. La commission se réunit de nouveau mardi.",
            "« Nous ne savions rien de cela »",
        ),
        (
            "Министр отвергла обвинения в понедельник. «Мы ничего об этом не знали», сказала Анна Берг журналистам.",
            "«Мы ничего об этом не знали»",
        ),
    ],
)
def test_only_quotations_are_found_in_other_languages(text: str, quote: str) -> None:
    """The quoted words are kept as they stand, without a speaker."""
    statements_found = assert_spans_slice(text)
    assert [statement.quote(text) for statement in statements_found] == [quote]
    assert [(statement.kind, statement.speaker, statement.mention) for statement in statements_found] == [
        (Kind.DIRECT, "", None)
    ]


def test_invisible_characters_change_no_speaker() -> None:
    """Zero-width and direction marks inside a sentence leave the statement whole."""
    (only,) = assert_spans_slice("\u200bMara Wendt said\u200b that the crane was \u202asafe\u202c.")
    assert only.speaker == "Mara Wendt"


def test_a_column_speaks_for_its_author() -> None:
    """Outside quotation marks "I" is the article's author, or "the writer" if none is named."""
    text = "I believe that the bridge will be built."
    signed = Article.create(title="T", text=text, authors=("Grace Oyelaran",))
    assert [statement.speaker for statement in attribute(signed)] == ["Grace Oyelaran"]
    assert [statement.speaker for statement in statements(text)] == ["the writer"]


def test_mental_states_are_distinguished_from_words() -> None:
    """A hope is mental, not a quotation."""
    (hope, word) = statements("Mara Wendt hopes the bridge will be built. Ole Lindqvist said it would not.")
    assert (hope.kind, word.kind) == (Kind.MENTAL, Kind.INDIRECT)


def test_statements_of_the_seed_article() -> None:
    """The seed article: what Kirby called the visit and told reporters, and a quotation that gets no wrong speaker."""
    text = shared("data/seed/putin-visits-north-korea.txt").read_text(encoding="utf-8")
    day = datetime(2024, 6, 18, tzinfo=UTC)
    article = Article.create(title="", text=text, published=day, published_precision=Precision.DAY)
    statements_found = attribute(article)
    kirby = [statement.quote(text) for statement in statements_found if statement.speaker == "John Kirby"]
    assert kirby == [
        "that the Biden administration was not “concerned about the trip” itself … “What we are concerned about is the "
        "deepening of the relationship between these two countries.”",
        "Putin’s latest visit as a “charm attack”",
    ]
    assert {str(statement.said_on) for statement in statements_found if statement.speaker == "John Kirby"} == {
        "2024-06-17"
    }
    paradox = next(statement for statement in statements_found if "absurd paradox" in statement.quote(text))
    assert paradox.speaker == "a senior North Korean official"
    assert not any(
        "very quickly" in statement.quote(text) and statement.speaker == "Saudi Arabia"
        for statement in statements_found
    )


def test_speakers_of_news_articles_are_named_in_full() -> None:
    """In 20 BBC articles annotated by hand, at least 92% of statements have the speaker's fullest name."""
    rows = [json.loads(line) for line in (Path(__file__).parent / "speakers_bbc.jsonl").read_text().splitlines()]
    archive = shared("data/bbc-news/articles.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as tar:
        members = {member.name: member for member in tar.getmembers() if member.isfile()}
        correct = 0
        for name in {row["file"] for row in rows}:
            file = tar.extractfile(members[name])
            assert file is not None
            statements_found = statements(file.read().decode("utf-8", "replace"))
            for row in (row for row in rows if row["file"] == name):
                offset = row["start"]
                spoken = [
                    statement.speaker
                    for statement in statements_found
                    if any(s.start <= offset < s.end for s in statement.content)
                ]
                correct += row["speaker"] in spoken[:1]
    assert correct >= 0.92 * len(rows)

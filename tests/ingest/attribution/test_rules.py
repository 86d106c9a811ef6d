"""Attribution by rules, and the pairing of quotation marks."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.attribution import attribute
from ingest.attribution.quote_marks import quotes
from retrieval.text.sentences import paragraphs, sentences
from retrieval.types import Article, Kind, Precision


def article(text: str, published: datetime | None = None) -> Article:
    precision = Precision.DAY if published else Precision.NONE
    return Article.create(title="T", text=text, published=published, published_precision=precision)


def statements_of(text: str) -> list[tuple[str, str, str]]:
    """(speaker, kind, quote) of every statement."""
    source = article(text)
    return [(statement.speaker, statement.kind.value, statement.quote(source.text)) for statement in attribute(source)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“It is safe,” said Mara Wendt.", [("Mara Wendt", "direct", "“It is safe,”")]),
        ('Mara Wendt told reporters: "It is safe."', [("Mara Wendt", "direct", '"It is safe."')]),
        ("“It is safe,” Mara Wendt said, “for now.”", [("Mara Wendt", "direct", "“It is safe,” … “for now.”")]),
        ("Mara Wendt said the crane was safe.", [("Mara Wendt", "indirect", "the crane was safe")]),
        ("Mara Wendt said that the crane was safe.", [("Mara Wendt", "indirect", "that the crane was safe")]),
        ("The crane was safe, according to Mara Wendt.", [("Mara Wendt", "indirect", "The crane was safe")]),
        (
            "Mara Wendt said the crane was “safe for now”.",
            [("Mara Wendt", "mixed", "the crane was “safe for now”")],
        ),
        ("Mara Wendt arrived late. “It is safe,” she said.", [("Mara Wendt", "direct", "“It is safe,”")]),
        (
            "Mara Wendt, the port's director, spoke. Wendt said the quay was shut.",
            [("Mara Wendt", "indirect", "the quay was shut")],
        ),
        (
            "The Chief Constable, Mara Wendt, who has led the force for years, said the quay was shut.",
            [("Mara Wendt", "indirect", "the quay was shut")],
        ),
        (
            "Mara Wendt runs the crane. The 52-year-old on Tuesday said it was safe.",
            [("Mara Wendt", "indirect", "it was safe")],
        ),
    ],
)
def test_who_said_what(text: str, expected: list[tuple[str, str, str]]) -> None:
    """The common shapes of reported speech, each with its speaker and its exact words."""
    assert statements_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The crane fell on Monday.",
        "A sign reading “No entry” hung there.",
        "The film “Harbour Lights” opened.",
        "What everyone's talking about",
    ],
)
def test_texts_without_speech_have_no_statements(text: str) -> None:
    """Titles and signs in quotation marks are no statements, nor is a mention of talk without content."""
    assert statements_of(text) == []


def test_a_statement_carries_role_addressee_and_day() -> None:
    """The statement has the role, addressee and time that its sentence gives."""
    source = article(
        "“It is safe,” Mara Wendt, the harbour spokeswoman, told reporters on Monday.",
        datetime(2024, 6, 18, tzinfo=UTC),
    )
    (statement,) = attribute(source)
    assert statement.role is not None
    assert "harbour spokeswoman" in statement.role
    assert (statement.addressee, statement.when, statement.said_on) == ("reporters", "on Monday", date(2024, 6, 17))
    assert statement.cue is not None
    assert statement.cue.of(source.text) == "told"
    assert statement.mention is not None
    assert statement.mention.of(source.text).startswith("Mara Wendt")


def test_a_quotation_over_two_paragraphs_keeps_its_speaker() -> None:
    """A paragraph that opens with a mark after an unclosed quotation has the same speaker."""
    statements = statements_of("“It is safe,” Mara Wendt said. “We looked at it.\n\n“And we looked at it again.”")
    assert {speaker for speaker, _, _ in statements} == {"Mara Wendt"}
    assert any("And we looked at it again." in quote for _, _, quote in statements)


WORDS = st.lists(
    st.sampled_from(
        ["“", "”", '"', "'", "’", "‘", "said", "told", "Mara Wendt", "she", "the crane", ",", ".", "\n\n", "that",
         "according to", "Mr.", "on Monday", "Ole Lind", "—", "(", ")", "is", "safe", "\u200b", "é", "😀"]
    ),
    max_size=60,
).map(" ".join)  # fmt: skip


@given(st.one_of(WORDS, st.text(max_size=200)))
def test_every_span_is_a_slice_in_order(text: str) -> None:
    """Whatever the text, a statement's spans lie in it, and an indirect statement has a cue."""
    if not text.strip():
        return
    source = article(text)
    for statement in attribute(source):
        spans = [statement.context, *statement.content, *(span for span in (statement.cue, statement.mention) if span)]
        assert all(span.of(source.text).strip() for span in spans)
        # In a text that is not English statements have no speaker.
        assert statement.speaker.strip() or (statement.kind is Kind.DIRECT and not statement.cue)
        assert statement.cue is not None or statement.kind is not Kind.INDIRECT


@given(st.one_of(WORDS, st.text(alphabet="“”\"'’‘ ab.,\n", max_size=80)))
def test_quotations_never_overlap_nor_leave_their_paragraph(text: str) -> None:
    """Paired marks give spans in order, each inside one paragraph."""
    spans = [quote.span for quote in quotes(text, paragraphs(text), sentences(text))]
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert all(any(paragraph.holds(span) for paragraph in paragraphs(text)) for span in spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“One,” he said, “two.”", ["“One,”", "“two.”"]),
        ("'One,' he said. The dogs' bowl isn't 'two'.", ["'One,'", "'two'"]),
        ("He said \"one 'inner' two\" twice.", ["\"one 'inner' two\""]),
        ("``One,'' he said.", ["``One,''"]),
        ("«Un», dit-il.", ["«Un»"]),
        ("It's the '90s and rock 'n' roll.", []),
        ("“Never closed. Next sentence.", ["“Never closed."]),
    ],
)
def test_marks_are_paired(text: str, expected: list[str]) -> None:
    """Curly, straight, doubled and single marks are paired; apostrophes are not quotation marks."""
    assert [quote.span.of(text) for quote in quotes(text, paragraphs(text), sentences(text))] == expected


def test_an_addition_belongs_to_the_statement() -> None:
    """One statement has both parts of "told …, but added: …"."""
    text = "Port spokesman Ole Lindqvist told reporters that the crane was not “in doubt”, but added: “We will look.”"
    (statement,) = attribute(Article.create(title="T", text=text))
    assert [span.of(text) for span in statement.content] == ["that the crane was not “in doubt”", "“We will look.”"]

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.attribution import attribute
from ingest.attribution.quote_marks import quotes
from retrieval.text.sentences import paragraphs, sentences
from retrieval.types import Article, Kind, Precision


def article(text: str, published: datetime | None = None) -> Article:
    precision = Precision.DAY if published else Precision.NONE
    return Article.create(title="T", text=text, published=published, published_precision=precision)


def said(text: str) -> list[tuple[str, str, str]]:
    """(speaker, kind, quote) of every statement."""
    one = article(text)
    return [(each.speaker, each.kind.value, each.quote(one.text)) for each in attribute(one)]


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
    assert said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The crane fell on Monday.",
        "A sign reading “No entry” hung there.",
        "The film “Harbour Lights” opened.",
        "What everyone's talking about",
    ],
)
def test_where_nobody_speaks_nobody_is_quoted(text: str) -> None:
    """Titles and signs in quotation marks are no statements, nor is what only names that somebody talks."""
    assert said(text) == []


def test_a_statement_carries_role_addressee_and_day() -> None:
    """What the sentence says of the speaker and the time goes with the quotation."""
    one = article(
        "“It is safe,” Mara Wendt, the harbour spokeswoman, told reporters on Monday.",
        datetime(2024, 6, 18, tzinfo=UTC),
    )
    (only,) = attribute(one)
    assert only.role is not None
    assert "harbour spokeswoman" in only.role
    assert (only.addressee, only.when, only.said_on) == ("reporters", "on Monday", date(2024, 6, 17))
    assert only.cue is not None
    assert only.cue.of(one.text) == "told"
    assert only.mention is not None
    assert only.mention.of(one.text).startswith("Mara Wendt")


def test_a_quotation_over_two_paragraphs_keeps_its_speaker() -> None:
    """A paragraph that opens with a mark where the one before did not close goes on with the same speaker."""
    found = said("“It is safe,” Mara Wendt said. “We looked at it.\n\n“And we looked at it again.”")
    assert {speaker for speaker, _, _ in found} == {"Mara Wendt"}
    assert any("And we looked at it again." in quote for _, _, quote in found)


WORDS = st.lists(
    st.sampled_from(
        ["“", "”", '"', "'", "’", "‘", "said", "told", "Mara Wendt", "she", "the crane", ",", ".", "\n\n", "that",
         "according to", "Mr.", "on Monday", "Ole Lind", "—", "(", ")", "is", "safe", "\u200b", "é", "😀"]
    ),
    max_size=60,
).map(" ".join)  # fmt: skip


@settings(deadline=None)  # the first text loads the grammar
@given(st.one_of(WORDS, st.text(max_size=200)))
def test_every_span_is_a_slice_in_order(text: str) -> None:
    """Whatever the text, a statement's spans lie in it, and one in the reporter's words has a cue."""
    if not text.strip():
        return
    one = article(text)
    for each in attribute(one):
        spans = [each.context, *each.content, *(span for span in (each.cue, each.mention) if span)]
        assert all(span.of(one.text).strip() for span in spans)
        # Of a text that is not English nobody is named.
        assert each.speaker.strip() or (each.kind is Kind.DIRECT and not each.cue)
        assert each.cue is not None or each.kind is not Kind.INDIRECT


@given(st.one_of(WORDS, st.text(alphabet="“”\"'’‘ ab.,\n", max_size=80)))
def test_quotations_never_overlap_nor_leave_their_paragraph(text: str) -> None:
    """Paired marks give spans in order, each inside one paragraph."""
    found = [each.span for each in quotes(text, paragraphs(text), sentences(text))]
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(any(paragraph.holds(span) for paragraph in paragraphs(text)) for span in found)


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
    """Curly, straight, doubled and single marks; apostrophes are none."""
    assert [each.span.of(text) for each in quotes(text, paragraphs(text), sentences(text))] == expected


def test_what_was_added_belongs_to_the_statement() -> None:
    """ "told …, but added: …" is one statement with both parts."""
    text = "Port spokesman Ole Lindqvist told reporters that the crane was not “in doubt”, but added: “We will look.”"
    (statement,) = attribute(Article.create(title="T", text=text))
    assert [span.of(text) for span in statement.content] == ["that the crane was not “in doubt”", "“We will look.”"]

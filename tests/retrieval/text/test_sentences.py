import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.sentences import paragraphs, sentences
from retrieval.types import Span


@given(st.text(alphabet=st.sampled_from(list("aB .!?\n\"“”'’…)(1,Mr")), max_size=200))
def test_sentences_cover_every_visible_character_once(text: str) -> None:
    """Spans are in order, do not overlap, begin and end with a visible character, and leave out only white space."""
    spans = sentences(text)
    covered = "".join(span.of(text) for span in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(span.end <= following.start for span, following in itertools.pairwise(spans))
    assert all(span.of(text) == span.of(text).strip() for span in spans)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Smith went. He left.", ["Mr. Smith went.", "He left."]),
        ("It rose 2.5 per cent. Good.", ["It rose 2.5 per cent.", "Good."]),
        ("“Stop.” She left.", ["“Stop.”", "She left."]),
        ("He lives in the U.S. The Senate met.", ["He lives in the U.S.", "The Senate met."]),
        ("J. K. Rowling wrote. It sold.", ["J. K. Rowling wrote.", "It sold."]),
        ("One\n\nTwo", ["One", "Two"]),
        ("Really?! Yes…", ["Really?!", "Yes…"]),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, expected: list[str]) -> None:
    """Abbreviations, numbers and closing marks do not split a sentence wrongly."""
    assert [span.of(text) for span in sentences(text)] == expected


def test_within_cuts_to_the_part_asked_for() -> None:
    """Only the sentences inside a span are returned."""
    text = "One here. Two here. Three here."
    assert [span.of(text) for span in sentences(text, Span(10, 19))] == ["Two here."]


def test_a_paragraph_broken_by_a_mailer_is_one() -> None:
    """A line that begins in lower case belongs to the one before."""
    assert len(paragraphs("The mayor said\nit was late.\nThen she left.")) == 2

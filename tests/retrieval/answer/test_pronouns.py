from collections.abc import Callable

import pytest

from retrieval.answer.pronouns import resolve_pronoun
from retrieval.answer.quoting import answer_question
from retrieval.library import Library
from retrieval.types import Article, Query, Span


def name_for(text: str, sentence: str) -> str | None:
    """The name that is shown next to the pronoun of a sentence in a text."""
    at = text.index(sentence)
    found = resolve_pronoun(Article.create(title="Harbour", text=text), Span(at, at + len(sentence)), ())
    return found[1] if found else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ole Lindqvist runs the dock. Mr Lindqvist fell ill in May. He resigned in November.", "Ole Lindqvist"),
        ("Mr Lindqvist fell ill in Bergen.\n\nHe resigned in November.", "Mr Lindqvist"),
        ("Mr Lindqvist fell ill. He slept. He resigned in November.", "Mr Lindqvist"),
        ("But Mr Lindqvist fell ill. He resigned in November.", "Mr Lindqvist"),
        ("Mr Lindqvist met Mr Wendt. He resigned in November.", None),
        ("Mrs Lindqvist fell ill. He resigned in November.", None),
        ("Mr Lindqvist's lawyer fell ill. He resigned in November.", None),
        ("The inspector fell ill. He resigned in November.", None),
        ("Mr Lindqvist sighed: “It is late. He resigned in November. That is all.”", None),
        ("Bergen was dark. He resigned in November.", None),
    ],
)
def test_whom_a_pronoun_means(text: str, name: str | None) -> None:
    """A pronoun means the person whom the sentence before is about, and nobody where another may be meant."""
    assert name_for(text, "He resigned in November.") == name


def test_the_name_stands_outside_the_excerpt(library: Library, take_in: Callable[..., object]) -> None:
    """An answer has the name in brackets; the excerpt and the claim stay as the article has them."""
    take_in("-", stdin=b"Mr Lindqvist inspected the crane.\n\nHe found eleven cracks in the steel of its boom.")
    answer = answer_question(library, Query("how many cracks were found in the steel of the boom?", ("public",)))
    assert "He [Mr Lindqvist] found eleven cracks" in answer.text
    assert all("[" not in citation.excerpt for citation in answer.citations)
    assert all("[" not in claim.text for claim in answer.claims)

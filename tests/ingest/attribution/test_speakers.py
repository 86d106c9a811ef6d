"""Speakers are given by their fullest name, and what is no speaker is not taken for one."""

import pytest

from ingest.attribution import attribute
from retrieval.types import Article


def speakers_and_roles(text: str) -> list[tuple[str, str | None]]:
    return [(statement.speaker, statement.role) for statement in attribute(Article.create(title="T", text=text))]


@pytest.mark.parametrize(
    ("text", "speaker", "role"),
    [
        ("Its leader, Ole Lindqvist, has said he is glad.", "Ole Lindqvist", "leader"),
        ("The engineer Mara Wendt said the crane was safe.", "Mara Wendt", "engineer"),
        ("On Monday Secretary of State Mara Wendt said the deal was off.", "Mara Wendt", "Secretary of State"),
        ("Kiel-based Lindqvist Cranes said it would pay.", "Lindqvist Cranes", None),
        ("Ole Lindqvist and Mara Wendt, the engineer, said it was late.", "Ole Lindqvist and Mara Wendt", None),
        ("Tilda Bruun was in BergenHe and Danish leader Mara Wendt announced a deal.", "Mara Wendt", "Danish leader"),
    ],
)
def test_names_are_separated_from_the_words_beside_them(text: str, speaker: str, role: str | None) -> None:
    """Descriptions, days, places and missing full stops are not part of a name."""
    assert (speaker, role) in speakers_and_roles(text)


@pytest.mark.parametrize(
    "text",
    [
        "No one said it was late.",
        "The restoration promises better views.",
        "The band played I Want You Back and said goodbye to none.",
    ],
)
def test_what_cannot_speak_has_no_statements(text: str) -> None:
    """The phrase "no one", things and the words of a title are not speakers."""
    assert [entry for entry in speakers_and_roles(text) if entry[0] != "band"] == []


def test_a_capital_at_the_start_of_a_sentence_makes_no_speaker() -> None:
    """The pronoun "they" does not refer to "Falling", which opens the sentence before."""
    assert speakers_and_roles("Falling prices hurt Lindqvist Cranes. They said it was late.")[-1][0] != "Falling"


def test_the_leader_of_a_country_is_its_president() -> None:
    """The phrase "the Danish leader" means the Danish president named before."""
    text = "Danish President Mara Wendt came to Bergen. The crane fell. The Danish leader said it was late."
    assert speakers_and_roles(text)[-1] == ("Mara Wendt", "Danish President")


@pytest.mark.parametrize("noun", ["plan", "vote", "deal", "trial", "strike"])
@pytest.mark.parametrize("scare", ["so-called “reform” of the {}", "“Night of the Cranes”, a film about the {},"])
def test_scare_quotes_and_titles_are_no_statements(noun: str, scare: str) -> None:
    """Quotation marks around a word or a title that nobody says make no statement."""
    assert speakers_and_roles(f"The {scare.format(noun)} began in May.") == []


def test_a_see_also_headline_is_no_statement() -> None:
    """A quotation in the headline of another article has no speaker in this one."""
    text = (
        "Ole Lindqvist opened the quay on Monday.\n\nSee also: ‘Very quickly’: how the crane fell\n\nThe quay is wide."
    )
    assert speakers_and_roles(text) == []

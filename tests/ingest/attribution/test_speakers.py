"""Who is named as the speaker: the fullest name, and nothing that is none."""

import pytest

from ingest.attribution import attribute
from retrieval.types import Article


def spoken(text: str) -> list[tuple[str, str | None]]:
    return [(one.speaker, one.role) for one in attribute(Article.create(title="T", text=text))]


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
def test_names_are_told_from_what_stands_beside_them(text: str, speaker: str, role: str | None) -> None:
    """Descriptions, days, places and lost full stops are no part of a name."""
    assert (speaker, role) in spoken(text)


@pytest.mark.parametrize(
    "text",
    [
        "No one said it was late.",
        "The restoration promises better views.",
        "The band played I Want You Back and said goodbye to none.",
    ],
)
def test_what_does_not_speak_has_said_nothing(text: str) -> None:
    """Nobody, things and the words of a title are no speakers."""
    assert [one for one in spoken(text) if one[0] != "band"] == []


def test_a_word_with_the_sentences_capital_is_nobody() -> None:
    """ "They" are not "Falling", which opens the sentence before."""
    assert spoken("Falling prices hurt Lindqvist Cranes. They said it was late.")[-1][0] != "Falling"


def test_the_leader_of_a_country_is_who_holds_its_office() -> None:
    """ "The Danish leader" is the Danish president who was named before."""
    text = "Danish President Mara Wendt came to Bergen. The crane fell. The Danish leader said it was late."
    assert spoken(text)[-1] == ("Mara Wendt", "Danish President")


@pytest.mark.parametrize("noun", ["plan", "vote", "deal", "trial", "strike"])
@pytest.mark.parametrize("scare", ["so-called “reform” of the {}", "“Night of the Cranes”, a film about the {},"])
def test_scare_quotes_and_titles_are_nobodys_words(noun: str, scare: str) -> None:
    """Marks around a word or a title, with nobody who says it, make no statement."""
    assert spoken(f"The {scare.format(noun)} began in May.") == []


def test_a_see_also_headline_is_nobodys_statement() -> None:
    """A quotation in a list of other articles is spoken by nobody of this one."""
    text = (
        "Ole Lindqvist opened the quay on Monday.\n\nSee also: ‘Very quickly’: how the crane fell\n\nThe quay is wide."
    )
    assert spoken(text) == []

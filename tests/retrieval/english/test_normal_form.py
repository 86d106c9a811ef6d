"""A name is the same person's however its apostrophes, accents, dashes and spaces are typed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answer.quoting import answer_question
from retrieval.answer.statements import statements_by
from retrieval.english.normal_form import normal_form, plain_marks
from retrieval.library import Library
from retrieval.proof.names import unsupported_names
from retrieval.quotes import check
from retrieval.quotes.checker import Verdict
from retrieval.search.titles import find_by_title
from retrieval.text.normalize import find_words
from retrieval.types import Query, Status

SCOPES = ("public",)
STORY = """Ferry talks stall

{name} said on Monday: “The ferry will not sail before the spring.” {name} added that the pier was old.

The mayor, Olga Brandt, said that the harbour needed a new pier.
"""

PAIRS = [
    ("Mary O’Brien", "Mary O'Brien"),
    ("Mary O'Brien", "Mary O’Brien"),
    ("Renée Dupré", "Renee Dupre"),
    ("Renee Dupre", "Renée Dupré"),
    ("Jean-Luc Moreau", "Jean‑Luc Moreau"),
    ("Jean‑Luc Moreau", "Jean-Luc Moreau"),
    ("José Núñez", "JOSE NUNEZ"),
    ("Søren Ødegård", "Soren Odegard"),
    ("Łukasz Nowak", "Lukasz Nowak"),
    ("Mary O’Brien", "Mary O`Brien"),
    ("Anna Becker", "Anna\u00a0 Becker"),
    ("Anna Becker", "Anna\u200b Becker"),
    ("François D’Arcy", "francois d'arcy"),
    ("Zoë Håkansson", "Zoe Hakansson"),
]


@pytest.fixture(params=PAIRS, ids=[f"{one} as {other}" for one, other in PAIRS])
def pair(request: pytest.FixtureRequest, tmp_path: Path, take_in: Callable[..., object]) -> tuple[str, str]:
    """(the name as the article has it, the name as somebody types it), with the article in the library."""
    written, typed = request.param
    story = tmp_path / "ferry.txt"
    story.write_text(STORY.format(name=written), "utf-8")
    take_in(story)
    return written, typed


def test_said(pair: tuple[str, str], library: Library) -> None:
    """Their statements are listed."""
    _, found = statements_by(library, Query(pair[1], SCOPES), pair[1], None)
    assert len(found) == 2


def test_check(pair: tuple[str, str], library: Library) -> None:
    """Their quotation is theirs."""
    checked = check(library, "The ferry will not sail before the spring", SCOPES, pair[1])
    assert checked.verdict is Verdict.VERBATIM
    assert checked.matches[0].statement is not None


def test_ask(pair: tuple[str, str], library: Library) -> None:
    """A question for their words is answered with them."""
    answer = answer_question(library, Query(f"What did {pair[1]} say about the ferry?", SCOPES))
    assert answer.status is Status.ANSWERED
    assert any("will not sail" in citation.excerpt for citation in answer.citations)


def test_completion(pair: tuple[str, str], library: Library) -> None:
    """The name is offered for what was typed of it."""
    typed = plain_marks(pair[1]).split()[-1][:4]
    with library.open_reader(SCOPES) as db:
        assert any(normal_form(pair[0]) == normal_form(person.name) for person in db.speakers(typed, 5))


def test_two_spellings_are_one_person(library: Library, tmp_path: Path, take_in: Callable[..., object]) -> None:
    """Articles that spell a name differently speak of one person."""
    for number, name in enumerate(("Renée Dupré", "Renee Dupre")):
        story = tmp_path / f"{number}.txt"
        story.write_text(f"Story {number}\n\n{name} said on Monday that pier {number} would be closed for a year.\n")
        take_in(story)
    with library.open_reader(SCOPES) as db:
        (person,) = (person for person in db.speakers("dupre", 5))
    assert set(person.names) == {"Renée Dupré", "Renee Dupre"}


@given(st.text())
def test_a_normal_form_is_its_own(text: str) -> None:
    """Folding twice changes nothing more."""
    assert normal_form(normal_form(text)) == normal_form(text)


@given(st.text())
def test_words_keep_their_places(text: str) -> None:
    """However words are folded, each knows where it stands in the text."""
    wording = find_words(text)
    assert all(0 <= start < end <= len(text) for start, end in zip(wording.starts, wording.ends, strict=True))
    assert all(find_words(text[start:end]).words for start, end in zip(wording.starts, wording.ends, strict=True))


@pytest.mark.parametrize(("written", "typed"), PAIRS)
def test_a_claim_may_spell_a_name_otherwise(written: str, typed: str) -> None:
    """A written answer's name stands in the evidence however either spells it; another name does not."""
    evidence = [f"The pier was opened by the mayor, {written}, on Monday."]
    assert not list(unsupported_names(f"On Monday {typed} opened the pier.", evidence, lambda _: True))
    assert list(unsupported_names("On Monday Olga Brandt opened the pier.", evidence, lambda _: True)) == [
        "Olga",
        "Brandt",
    ]


@pytest.mark.parametrize("typed", ["Ødegård", "ødegå", "Łukasz Ødegård"])
def test_titles_keep_the_letters_of_the_index(typed: str, library: Library, take_in: Callable[..., object]) -> None:
    """An article is offered by letters that the lexical index does not fold."""
    take_in("-", stdin="Łukasz Ødegård wins the vote\n\nThe mayor said that the vote had been fair.".encode())
    with library.open_reader(SCOPES) as db:
        assert len(find_by_title(db, typed, 5)) == 1

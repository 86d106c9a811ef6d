from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.article.clean_text import clean_body, clean_pasted
from ingest.article.plain_text import plain

PAGE = """March 4, 2026

Estuary Towns

The Whole News

Ferry line cuts its winter timetable in half

Ferry line cuts its winter timetable in half

The ferry line will run half of its sailings from Monday, its owner said.

See also Storms to follow one another this week

The owner blamed the price of fuel, which rose

Ferry line cuts its winter timetable in half

by a third.

The harbour of Port Marrow with two ferries at rest, 2024.

“We had no choice,” she said.

Advertisement
"""


def test_what_surrounds_a_story_is_left_out() -> None:
    """Header, repeated headline, "See also", caption and advertisement go; the story's words stay as they are."""
    story = clean_pasted(PAGE)
    assert story.title == "Ferry line cuts its winter timetable in half"
    assert story.text.split("\n\n") == [
        "The ferry line will run half of its sailings from Monday, its owner said.",
        "The owner blamed the price of fuel, which rose",
        "by a third.",
        "“We had no choice,” she said.",
    ]


def test_a_date_that_merely_stands_there_is_no_publication_date() -> None:
    """The day printed on a page is kept as the page's, unless it is labelled as the article's."""
    assert (clean_pasted(PAGE).page_date, clean_pasted(PAGE).published) == (date(2026, 3, 4), None)
    labelled = clean_pasted("Ferry line cuts sailings\n\nPublished: 4 March 2026\n\nThe line will cut sailings.")
    assert (labelled.published, labelled.text) == (date(2026, 3, 4), "The line will cut sailings.")


@pytest.mark.parametrize(
    "line",
    [
        "See also: Storm warning for the coast",
        "Read more: Why the ferries stopped",
        "Related articles",
        "Image source, Harbour Wire",
        "Media caption The quay at dawn",
        "Sign up for our morning letter",
        "© 2026 The Whole News. All rights reserved.",
        "Share this",
    ],
)
def test_asides_between_paragraphs_go(line: str) -> None:
    """Lines that a site sets between paragraphs are no story."""
    story = clean_pasted(
        f"A headline here\n\nThe first paragraph is long enough.\n\n{line}\n\nAnd the second one ends."
    )
    assert story.text == "The first paragraph is long enough.\n\nAnd the second one ends."


@pytest.mark.parametrize(
    "line",
    [
        "Follow us into the dark, he whispered, and they did.",
        "The picture that she took in 2024 was sold for a fortune in 2025.",
        "“Subscribe to nothing,” he told the crowd.",
    ],
)
def test_sentences_that_look_a_little_like_asides_stay(line: str) -> None:
    """A finished sentence of the story is not taken for an aside by its first word."""
    text = f"The first paragraph is long enough.\n\n{line}\n\nAnd the second one ends."
    assert clean_pasted(f"A headline here\n\n{text}").text == text


def test_lines_broken_by_a_mail_program_are_joined() -> None:
    """A paragraph wrapped at 70 characters is one paragraph again."""
    wrapped = "\n".join(
        [
            "The council voted on Tuesday night to close the old road to cars for",
            "the whole of the summer, after a debate of four hours in which the",
            "mayor was twice asked to sit down.",
        ]
    )
    assert clean_pasted(f"Road to close\n\n{wrapped}").text == wrapped.replace("\n", " ")


def test_a_sentence_that_a_link_broke_is_whole_again() -> None:
    """What a page set apart in the middle of a sentence goes back into it; a list keeps its lines."""
    first = "The inquiry will look at the crane and at its owner, the port director told the"
    story = clean_body(f"{first}\n\nMarrow Ledger\n\n. “We shall see,” he said.\n\nNobody was hurt.", "A title")
    assert story.text == f"{first} Marrow Ledger. “We shall see,” he said.\n\nNobody was hurt."
    bare = "The Tollmann yard said on Tuesday that it was sorry\n\n, and that it would pay.\n\nIt stood at the quay."
    assert clean_body(bare, "A title").text.startswith(
        "The Tollmann yard said on Tuesday that it was sorry, and that it"
    )
    apart = "It was over.\n\n... and then it began again, the harbour master said of the storm."
    assert clean_body(apart, "A title").text == apart


@pytest.mark.parametrize("line", ["CNN —", "Port Marrow CNN Business —", "(CNN)", "AP", "The Associated Press"])
def test_where_a_report_was_sent_from_is_no_headline(line: str) -> None:
    """A dateline on a line of its own is neither title nor story, with a headline before it or without."""
    story = "The ferry line will run half of its sailings from Monday, its owner said."
    for title in ("", "Ferry line cuts its winter timetable in half"):
        cleaned = clean_pasted(f"{title}\n\n{line}\n\n{story}")
        assert (cleaned.title, cleaned.text) == (title, story)
        assert line in [removed.text for removed in cleaned.removed]


def test_a_headline_alone_is_no_story() -> None:
    """Nothing is left where there was nothing but a headline."""
    assert clean_pasted("Ferry line cuts its winter timetable in half\n").text == ""


def test_a_given_headline_is_not_repeated_in_the_body() -> None:
    """The headline that a row gives goes from the text beside it."""
    assert clean_body("Ferry line cuts sailings\n\nThe line cuts sailings.", "Ferry line cuts sailings").text == (
        "The line cuts sailings."
    )


def test_what_is_removed_from_a_pasted_text_is_told() -> None:
    """Each part with its rule, at the place in the text where it stood."""
    story = clean_pasted(PAGE)
    told = [(one.rule, one.text.split()[0], story.text[: one.at][-5:]) for one in story.removed]
    assert told == [
        ("site header", "March", ""),
        ("site header", "Estuary", ""),
        ("site header", "The", ""),
        ("headline", "Ferry", ""),
        ("headline", "Ferry", ""),
        ("link to another story", "See", "said."),
        ("repeated headline", "Ferry", " rose"),
        ("caption or picture credit", "The", "hird."),
        ("advertisement", "Advertisement", "said."),
    ]


@given(st.lists(st.sampled_from([*PAGE.split("\n\n"), "A line.", "Reporting by Joan Reyes"]), max_size=12))
def test_the_raw_text_can_be_put_together_again(lines: list[str]) -> None:
    """The text with every removed part back in its place is the raw text."""
    story = clean_pasted("\n\n".join(lines))
    parts, at = [], 0
    for one in story.removed:
        parts += [*filter(None, story.text[at : one.at].strip("\n").split("\n\n")), one.text]
        at = one.at
    parts += filter(None, story.text[at:].strip("\n").split("\n\n"))
    assert parts == [line.strip() for line in lines if line.strip()]


@given(st.text())
def test_any_text_can_be_cleaned(raw: str) -> None:
    """No input breaks it; what is left holds no invisible characters and cleaning plain text again changes nothing."""
    story = clean_pasted(raw)
    assert plain(story.text) == story.text
    assert "\u200b" not in story.text
    assert "\n\n\n" not in story.text

"""Escaped text is shown exactly as it is, and has no effect in Discord."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.markdown import button_label, choice_name, clean_text, clip, escape, one_line
from tests.bot.discord_markdown import RAW_MENTION, kinds, read, seen
from tests.bot.rich_text import PIECES, texts, to_be_seen, without_joiners


@pytest.mark.parametrize(
    ("source", "expected", "words"),
    [
        ("a **b *c* d** e", ["bold", "italic"], "a b c d e"),
        (r"\*a\* \_b\_", [], "*a* _b_"),
        ("# Title\n-# small", ["heading", "subtext"], "Title\nsmall"),
        ("a # b", [], "a # b"),
        ("> one\n> two\nthree", ["quote"], "one\ntwo\nthree"),
        ("[a b](<https://e.example/c>)", ["link"], "a b"),
        ("[a b](https://e.example/c)", ["previewed"], "a b"),
        (r"[\*a](<https://e.example>)", ["link"], r"\*a"),
        ("[a https://e.example](<https://f.example>)", ["address"], None),
        ("<@1> @here <t:5:R> :smile: ||x||", ["mention", "mention", "time", "emoji", "spoiler"], None),
        (r"\https://e.example", ["address"], None),
        (r"https\://e.example", [], "https://e.example"),
    ],
)
def test_the_reader_of_the_tests_reads_like_discord(source: str, expected: list[str], words: str | None) -> None:
    """The markdown reader of these tests sees markup exactly where Discord does."""
    nodes = read(source)
    assert set(expected) <= set(kinds(nodes)) and (expected or not kinds(nodes))
    assert words is None or seen(nodes) == words


@given(texts())
def test_escaped_text_is_seen_as_it_is(text: str) -> None:
    """Nothing in an escaped text is markup, and all its visible characters are shown."""
    escaped = escape(text)
    nodes = read(escaped)
    assert kinds(nodes) == []
    assert without_joiners(seen(nodes)) == without_joiners(to_be_seen(text))
    assert not RAW_MENTION.search(escaped)
    assert len(escaped) <= 2 * len(text)
    escaped.encode()


def test_no_two_pieces_of_markup_do_anything() -> None:
    """Every pair of marks, mentions and links is plain text, at the beginning of a line and in the middle."""
    for first in PIECES:
        for second in PIECES:
            text = f"{first}{second} x\ny {first}{second}z"
            nodes = read(escape(text))
            assert kinds(nodes) == []
            assert without_joiners(seen(nodes)) == without_joiners(to_be_seen(text))


@given(texts(12))
def test_escaped_text_stays_inside_what_is_around_it(text: str) -> None:
    """A line of escaped text does not end the bold or the block quote around it, nor change the words after it."""
    words = one_line(text, 500)
    if not words:
        return
    nodes = read(f"> **{escape(words)}** (<t:1:D>) end")
    assert kinds(nodes) == ["quote", "bold", "time"]
    assert without_joiners(seen(nodes)) == without_joiners(f"{words} (<t:1:D>) end")


@given(texts())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """Cleaning a cleaned text changes nothing."""
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("safe\u202etxt.exe", "safetxt.exe"),
        ("in\u200bvisi\u2060ble\ufeff", "invisible"),
        ("\u061c\u200e\u200f\u2066a\u2069", "a"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("a\u200db", "ab"),
        ("one\r\ntwo\u2028three\tfour \n", "one\ntwo\nthree four\n"),
        ("hidden\U000e0068\U000e0069", "hidden"),
    ],
)
def test_what_cannot_be_seen_goes_and_what_shapes_letters_stays(text: str, shown: str) -> None:
    """Direction marks, tags and zero-width characters are removed; joiners stay where a script or emoji needs them."""
    assert clean_text(text) == shown


@given(texts(60), st.integers(1, 200))
def test_a_line_is_one_and_no_longer_than_asked(text: str, most: int) -> None:
    """Titles and names are cut to one line of the given length, and "…" shows the cut."""
    short = one_line(text, most)
    assert len(short) <= most and "\n" not in short
    assert clip("word " * 50, 22) == "word word word word…"


@given(texts(60))
def test_labels_and_choices_hold_discords_limits(text: str) -> None:
    """Labels of buttons and names of choices are never empty and never too long."""
    assert 1 <= len(button_label(text)) <= 80
    assert 1 <= len(choice_name(text)) <= 100

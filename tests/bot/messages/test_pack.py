"""Blocks packed into messages: nothing is lost, and what belongs together stays together."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.pack import BOLD, UNDERLINED, Block, Run, cut_position, pack, text_block
from tests.bot.discord_markdown import RAW_MENTION, kinds, read, seen
from tests.bot.rich_text import texts, to_be_seen, without_joiners

PROSE = st.lists(
    st.sampled_from(
        [
            "The crane fell. [1]",
            "“It was loud. Nobody was hurt,” said Ana Petrov. [2][3]",
            "Why? [12]",
            "He said: “Stop! Go!”",
            "The U.S. harbour of St. John is open.",
            "\n",
        ]
    ),
    max_size=60,
).map(" ".join)


def letters(text: str) -> str:
    return re.sub(r"\s+", "", without_joiners(text))


@given(st.lists(st.tuples(texts(60), st.sampled_from(["", BOLD, UNDERLINED])), max_size=5), st.booleans())
def test_packing_loses_nothing(parts: list[tuple[str, str]], quoted: bool) -> None:
    """However a text is cut, each part fits, its markup is complete, and the parts together have all the words."""
    block = Block("", tuple(Run(text, mark) for text, mark in parts), quoted)
    contents = pack([block], 220)
    assert all(0 < len(content) <= 220 and content.strip() for content in contents)
    trees = [read(content) for content in contents]
    assert {kind for tree in trees for kind in kinds(tree)} <= {"quote", "bold", "underline"}
    assert not any(RAW_MENTION.search(content) for content in contents)
    assert "".join(letters(seen(tree)) for tree in trees) == letters("".join(to_be_seen(text) for text, _ in parts))
    if quoted:
        assert all(line.startswith("> ") for content in contents for line in content.split("\n"))


@given(PROSE, st.integers(220, 400))
def test_prose_is_cut_at_the_ends_of_sentences_outside_quotations(text: str, room: int) -> None:
    """Each part ends with a whole sentence and its reference marks; none has half a quotation."""
    contents = [seen(read(content)) for content in pack([text_block(text)], room)]
    for content in contents:
        assert content.count("“") == content.count("”")
        assert not content.startswith("[")
        assert content.endswith((".", "]", "”", "?")) and not content.endswith("St.")


@given(texts(60).filter(bool), st.integers(1, 300))
def test_a_cut_is_inside_and_before_the_limit(text: str, most: int) -> None:
    """There is always a place to cut."""
    if len(text) > most:
        assert 1 <= cut_position(text, most) <= most


@pytest.mark.parametrize(
    ("text", "most", "first"),
    [
        ("word " * 10, 12, "word word"),
        ("aaaa [12] bbbb", 7, "aaaa"),
        ("aaaaaaaa[12]bbbb", 10, "aaaaaaaa"),
        ("aaae\u0301\u0301bbbb", 5, "aaa"),
        ("aa\U0001f468\u200d\U0001f469bbbb", 4, "aa"),
        ("Ana Petrov:\nIt fell. It broke.", 22, "Ana Petrov:\nIt fell."),
        ("He said “it fell. It broke.” Then it rained again.", 40, "He said “it fell. It broke.”"),
        ("He said “it fell. It broke and then went on.”", 30, "He said “it fell."),
    ],
)
def test_where_a_text_is_cut(text: str, most: int, first: str) -> None:
    """At the end of a sentence outside a quotation, else of one inside, else at a space, else between characters."""
    assert text[: cut_position(text, most)].rstrip() == first


def test_blocks_stay_whole_where_they_fit() -> None:
    """A block that does not fit in a message begins the next, and a head stays with its text."""
    block = Block("**head**", (Run("It rained all day. " * 8),), quoted=True, apart=True)
    contents = pack([block] * 5, 400)
    assert len(contents) == 3
    assert all(content.startswith("**head**\n> It rained") for content in contents)
    assert contents[0].count("\n\n**head**") == 1

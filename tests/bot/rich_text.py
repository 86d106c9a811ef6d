"""Texts for the tests that are made of what Discord takes for markup."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import strategies as st

PIECES = (
    *("*", "**", "***", "_", "__", "~~", "|", "||", "`", "``", "```", "```py\n", "\\", "\\\\", "\n", "\n\n", "\r\n"),
    *(
        "> ",
        ">>> ",
        "# ",
        "## ",
        "### ",
        "-# ",
        "- ",
        "* ",
        "1. ",
        "12.",
        "#",
        "-",
        "  ",
        " ",
        "[",
        "]",
        "(",
        ")",
        "](",
    ),
    *(
        "[x](https://e.example)",
        "[x](<https://e.example>)",
        "https://e.example/a_b_c",
        "<https://e.example>",
        "http://",
    ),
    *(
        "<@1>",
        "<@!1>",
        "<@&2>",
        "<#3>",
        "</say:4>",
        "<t:5>",
        "<t:5:R>",
        "<:x:6>",
        "<a:y:7>",
        "<id:customize>",
        "<",
        ">",
    ),
    *(":smile:", ":", "::", ":a:b:", "@everyone", "@here", "@", "everyone", "discord.gg/abc", "Discord.com/invite/x"),
    *("\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u2028", "\x00", "\x1b", "\ud83d", "\U000e0041", "\U0001f44d"),
    *(
        "¯\\_(ツ)_/¯",
        "“",
        "”",
        "“It fell.”",
        '"',
        ". ",
        "! ",
        "The crane fell.",
        "quay",
        "é",
        "e\u0301",
        "字",
        "[1]",
        " [12]",
    ),
)


def rich(most: int = 30) -> st.SearchStrategy[str]:
    """Marks, mentions and links in any order, words between them."""
    return st.lists(st.sampled_from(PIECES), max_size=most).map("".join)


def texts(most: int = 30) -> st.SearchStrategy[str]:
    """Any Unicode, halves of surrogate pairs too, or texts rich in marks."""
    return st.one_of(st.text(st.characters(), max_size=most * 2), rich(most))


_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800")


def to_be_seen(text: str) -> str:
    """What of a text a reader is to see: no control or zero-width characters, one kind of line break, no space before
    it. Joiners are left out here on both sides: whether they stay depends on what they stand between."""
    text = re.sub("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text).replace("\t", " ")
    kept = (
        one
        for one in text
        if one == "\n" or (unicodedata.category(one) not in {"Cc", "Cf", "Cs"} and one not in _UNSEEN)
    )
    return "\n".join(line.rstrip() for line in "".join(kept).split("\n"))


def without_joiners(text: str) -> str:
    return re.sub("[\u200b-\u200d]", "", text)

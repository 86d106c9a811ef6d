import re

from hypothesis import given
from hypothesis import strategies as st

from retrieval.text.version_diff import Change, find_changes

WORDS = st.lists(st.sampled_from(["four", "six", "were", "hurt.", "The", "mayor", "said", "so."]), max_size=30)


def test_a_changed_number_is_shown_alone() -> None:
    """Only the words that differ are returned."""
    before = "A crane fell. Four people were hurt, the port said. It was windy."
    after = "A crane fell. Six people were hurt, the port said. It was windy. An inquiry is on."
    assert find_changes(before, after) == [Change("Four", "Six"), Change("", "An inquiry is on.")]


def test_white_space_is_no_change() -> None:
    """Texts that differ only in line breaks and spaces have no changes."""
    assert find_changes("A crane fell.\n\nIt was windy.", "A crane  fell. It was\nwindy.") == []


@given(WORDS, WORDS)
def test_the_changes_make_one_text_of_the_other(old: list[str], new: list[str]) -> None:
    """All removed words are in the old text in order, and all inserted words in the new one."""
    found = find_changes(" ".join(old), " ".join(new))
    assert (found == []) == (old == new)
    for side, words in (("before", old), ("after", new)):
        pattern = ".*".join(re.escape(getattr(change, side)) for change in found)
        assert re.search(pattern, " ".join(words), re.DOTALL)

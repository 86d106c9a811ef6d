"""Storing many articles together: the same as one after the other."""

import random
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.library import open_library
from retrieval.store.dedup import Entry, Outcome
from tests.retrieval.made import Hashed, content, entry

STORY = (
    "A ferry with 212 passengers ran aground on a sandbank off Port Marrow early on Monday, and all of them were taken "
    "ashore by fishing boats before noon. The lights of the channel were out, captain Mara Wendt told reporters. "
)
TEXTS = (
    STORY,
    f"By Mara Holm, Harbour Wire\n\n{STORY}",
    STORY.replace("212", "221"),
    STORY.replace(" ", "  "),
    "Bread rises: a loaf costs 2.40 crowns.",
)
PLACES = ("https://a.example/1", "https://a.example/2", "https://b.example/3", None, None)


def drawn(seed: int) -> list[Entry]:
    """Entries that meet each other often: few texts at few addresses and in few files, in two scopes."""
    rng = random.Random(seed)
    made = []
    for _ in range(14):
        place, scope = rng.choice(PLACES), rng.choice(("public", "public", "42"))
        file = None if place else rng.choice(("a.txt", "b.txt", None))
        made.append(entry(rng.choice(TEXTS), place, scope=scope, origin=file))
    return made


def put(folder: Path, parts: list[list[Entry]]) -> tuple[list[Outcome], dict[str, object]]:
    """What becomes of entries put in these parts, and all that the catalog then holds but for times."""
    with closing(open_library(folder, Hashed())) as library:
        outcomes = [one for part in parts for one in library.put(part)]
        assert library.check(deep=True).problems == ()
    held = content(folder / "catalog.sqlite")
    kept = {name: rows for name, rows in held.items() if not name.startswith("chunk_words") and name != "meta"}
    kept["articles"] = [row[:3] for row in held["articles"]]
    kept["versions"] = [row[:3] + row[4:] for row in held["versions"]]
    return outcomes, {name: sorted(map(repr, rows)) for name, rows in kept.items()}


@pytest.mark.parametrize("seed", range(9, 14))
def test_a_batch_is_its_articles_one_after_the_other(tmp_path: Path, seed: int) -> None:
    """Copies, corrections and returns within a batch end in the outcomes and rows that single puts end in."""
    entries = drawn(seed)
    singly = put(tmp_path / "singly", [[one] for one in entries])
    assert put(tmp_path / "together", [entries]) == singly
    assert put(tmp_path / "halves", [entries[:7], entries[7:]]) == singly

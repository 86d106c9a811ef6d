"""Storing many articles at once has the same result as storing them one by one."""

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


def random_entries(seed: int) -> list[Entry]:
    """Entries that are often copies of each other: few texts at few addresses and in few files, in two scopes."""
    rng = random.Random(seed)
    entries = []
    for _ in range(14):
        place, scope = rng.choice(PLACES), rng.choice(("public", "public", "42"))
        file = None if place else rng.choice(("a.txt", "b.txt", None))
        entries.append(entry(rng.choice(TEXTS), place, scope=scope, origin=file))
    return entries


def store_in_batches(folder: Path, batches: list[list[Entry]]) -> tuple[list[Outcome], dict[str, object]]:
    """The outcomes of storing these batches of entries, and everything the catalog then holds, apart from times."""
    with closing(open_library(folder, Hashed())) as library:
        outcomes = [outcome for batch in batches for outcome in library.put_entries(batch)]
        assert library.check(deep=True).problems == ()
    tables = content(folder / "catalog.sqlite")
    compared = {name: rows for name, rows in tables.items() if not name.startswith("chunk_words") and name != "meta"}
    compared["articles"] = [row[:3] for row in tables["articles"]]
    compared["versions"] = [row[:3] + row[4:] for row in tables["versions"]]
    return outcomes, {name: sorted(map(repr, rows)) for name, rows in compared.items()}


@pytest.mark.parametrize("seed", range(9, 14))
def test_a_batch_is_its_articles_one_after_the_other(tmp_path: Path, seed: int) -> None:
    """Copies, corrections and reverted texts in a batch lead to the same outcomes and rows as storing one by one."""
    entries = random_entries(seed)
    singly = store_in_batches(tmp_path / "singly", [[entry] for entry in entries])
    assert store_in_batches(tmp_path / "together", [entries]) == singly
    assert store_in_batches(tmp_path / "halves", [entries[:7], entries[7:]]) == singly

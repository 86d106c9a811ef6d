"""What a scope holds is seen in it alone, and goes with it."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from retrieval.library import Library, open_library
from retrieval.store.dedup import Entry
from retrieval.store.reader import Reader
from tests.retrieval.fakes import HashEmbedder, entry

GUILD = "4217"
MARK = "kwyjibo"
IN_FILES = MARK[2:].encode()
"""What of the mark stands in a file for certain: an index of words leaves out how a word begins, where the one before
it begins so too."""

NO_CONTENT = {"is_word", "close", "seal", "check", "damaged", "scopes", "resumed", "embedding_by"}
"""They return nothing, or figures, ids and names of problems over all scopes, for whoever runs the library, or
the library itself as another means of its embedding sees it."""

OF_A_READER = {"nearest", "exact"}
"""They return what lies in the scopes of the reader they are given."""

OF_THE_POLLER = {"take", "next_due", "seen", "note", "change"}
"""Whoever polls the feeds of all scopes, each on behalf of its own, takes one and tells of it."""

OF_ENTRIES = {"put", "outcomes", "replace"}
"""They return what becomes of articles that are given, each of which names its scope."""


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function, eval_str=True).parameters)


def test_no_door_of_the_library_opens_without_scopes() -> None:
    """Every public method names its scopes, without a default, or is known to return no content."""
    for name, member in inspect.getmembers(Library):
        if name.startswith("_") or name in NO_CONTENT:
            continue
        asked = _parameters(member)
        if name in OF_A_READER:
            assert asked["db"].annotation is Reader, name
        elif name in OF_ENTRIES:
            assert "Entry" in str(asked["entries"].annotation), name
        else:
            (scopes,) = (one for one in asked.values() if one.name in ("scope", "scopes"))
            assert scopes.default is inspect.Parameter.empty, name
    assert _parameters(Reader.__init__)["scopes"].default is inspect.Parameter.empty
    assert _parameters(Reader.__init__)["scopes"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD


def test_the_attributes_of_a_library_hold_no_content(tmp_path: Path) -> None:
    """What stands on an open library besides its methods is its folder, its models, and four parts that ask too."""
    library = open_library(tmp_path, HashEmbedder())
    parts = {name: part for name, part in vars(library).items() if not name.startswith("_")}
    assert parts.keys() == {"data_dir", "embedder", "reranker", "copies", "subscriptions", "replies", "channels"}
    for part in (library.copies, library.subscriptions, library.replies, library.channels):
        for name, member in inspect.getmembers(part, inspect.ismethod):
            if not name.startswith("_") and name not in OF_THE_POLLER | NO_CONTENT:
                (scopes,) = (one for one in _parameters(member).values() if one.name in ("scope", "scopes"))
                assert scopes.default is inspect.Parameter.empty, name
    library.close()


def _marked(paragraphs: int, note: str, *, scope: str) -> Entry:
    """An article with the mark in every part of it that is stored."""
    made = entry(
        [f"The {MARK} {note} of hall {number} is closed." for number in range(paragraphs)],
        title=f"Of {MARK.title()}s",
        url=f"https://{MARK}.example/story",
        scope=scope,
    )
    said = tuple(replace(one, speaker=f"Mara {MARK.title()}", role=f"{MARK} keeper") for one in made.statements)
    return replace(made, article=replace(made.article, source=f"The {MARK} Post"), statements=said)


def _files(folder: Path, wanted: bytes) -> list[str]:
    """The files that hold these bytes, in capitals or not."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if wanted.lower() in path.read_bytes().lower())


def test_a_removed_scope_leaves_nothing_in_any_file(tmp_path: Path) -> None:
    """After a guild is removed no file of the data folder holds a word or a vector of it; the others lost nothing."""
    library = open_library(tmp_path, HashEmbedder())
    others = [
        entry([f"Bread {n} of town {m} is cheaper." for m in range(9)], scope=s)
        for n in range(9)
        for s in ("public", "7")
    ]
    library.put(others[:9])
    secret = [_marked(30, "lift", scope=GUILD), _marked(12, "stair", scope=GUILD), _marked(40, "door", scope=GUILD)]
    for one in secret:
        library.put([one])
        library.put([Entry.of(replace(one.article, url=None), f"/srv/{MARK}/copy.txt")])
    library.seal(least=1)
    graphs = list(tmp_path.glob("chroma/*/*/data_level0.bin"))
    assert len(graphs) == 3
    # What the graphs have room for but do not hold is no memory of other scopes; the rest is looked through below.
    assert all(graph.read_bytes().endswith(bytes(9 * 396)) for graph in graphs)
    library.close()
    library = open_library(tmp_path, HashEmbedder())
    library.put([_marked(9, "roof", scope=GUILD), *others[9:]])
    public = ("public", "7")
    with library.read(public) as db:
        before = db.counts(), db.articles()
    assert _files(tmp_path, IN_FILES) == ["catalog.sqlite", "catalog.sqlite-wal"]
    assert [path for path in (tmp_path / "chroma").iterdir() if path.name.startswith(GUILD)]
    assert library.remove_scope(GUILD) == 1
    assert _files(tmp_path, IN_FILES) == []
    for one in secret:
        for vector in one.vectors:
            assert _files(tmp_path, vector.tobytes()[:12]) == []
    assert [path for path in (tmp_path / "chroma").iterdir() if path.name.startswith(GUILD)] == []
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as db_file:
        tables = [row[0] for row in db_file.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            rows = db_file.execute(f'select * from "{table}"').fetchall()  # noqa: S608 - of the catalog's own names
            assert [row for row in rows if MARK in repr(row).lower() or GUILD in map(str, row)] == [], table
    with library.read(public) as db:
        assert (db.counts(), db.articles()) == before
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged) == ((), frozenset())
    library.close()

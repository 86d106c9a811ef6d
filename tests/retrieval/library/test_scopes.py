"""The content of a scope is visible only in that scope, and is deleted with it."""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from retrieval.library import Library, open_library
from retrieval.store.channels import Channels
from retrieval.store.dedup import Entry
from retrieval.store.feeds import Subscriptions
from retrieval.store.http_cache import HttpCache
from retrieval.store.reader import CatalogReader
from retrieval.store.replies import Replies
from tests.retrieval.fakes import HashEmbedder, entry

GUILD = "4217"
MARK = "kwyjibo"
IN_FILES = MARK[2:].encode()
"""The part of the mark that is certain to be in a file: the lexical index leaves out the beginning that a word shares
with the word before it."""

WITHOUT_CONTENT: Sequence[object] = (
    Library.is_word,
    Library.close,
    Library.seal,
    Library.check,
    Library.has_damaged_index,
    Library.scopes,
    Library.reread_position,
    Library.with_embedder,
    Replies.scopes,
    Channels.scopes,
)
"""Members that return nothing, or only counts, ids and problems over all scopes for the library's operator, or the
library itself with another embedder."""

OF_A_READER: Sequence[object] = (Library.nearest, Library.nearest_among)
"""Members that return what is in the scopes of the reader they are given."""

OF_THE_POLLER: Sequence[object] = (
    Subscriptions.lease_next,
    Subscriptions.next_due,
    Subscriptions.seen_entries,
    Subscriptions.record_entries,
    Subscriptions.update,
    HttpCache.store_validators,
)
"""Members for the poller, which polls the feeds of all scopes, each on behalf of its own scope."""

OF_ENTRIES: Sequence[object] = (Library.put_entries, Library.outcomes, Library.replace)
"""Members that return what becomes of the given articles, each of which has its scope."""


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function, eval_str=True).parameters)


def _check_scopes(name: str, parameters: dict[str, inspect.Parameter]) -> None:
    (scopes,) = (parameter for parameter in parameters.values() if parameter.name in ("scope", "scopes"))
    assert scopes.default is inspect.Parameter.empty, name


def test_no_method_of_the_library_works_without_scopes() -> None:
    """Every public method of the library requires its scopes, or is known to return no content."""
    for name, member in inspect.getmembers(Library):
        if name.startswith("_") or member in WITHOUT_CONTENT:
            continue
        parameters = _parameters(member)
        if member in OF_A_READER:
            assert parameters["db"].annotation is CatalogReader, name
        elif member in OF_ENTRIES:
            assert "Entry" in str(parameters["entries"].annotation), name
        else:
            _check_scopes(name, parameters)
    assert _parameters(CatalogReader.__init__)["scopes"].default is inspect.Parameter.empty
    assert _parameters(CatalogReader.__init__)["scopes"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD


def test_the_attributes_of_a_library_hold_no_content(tmp_path: Path) -> None:
    """Besides methods, a library has its folder, its models, and four parts whose methods require scopes too."""
    library = open_library(tmp_path, HashEmbedder())
    parts = (library.http_cache, library.subscriptions, library.replies, library.channels)
    known = {id(value) for value in (library.data_dir, library.embedder, library.reranker, *parts)}
    attributes = [value for name, value in vars(library).items() if not name.startswith("_")]
    assert len(attributes) == len(known) == 7
    assert {id(value) for value in attributes} == known
    for part in parts:
        for name, member in inspect.getmembers(type(part), inspect.isfunction):
            if not name.startswith("_") and member not in (*OF_THE_POLLER, *WITHOUT_CONTENT):
                _check_scopes(name, _parameters(member))
    library.close()


def _marked_entry(paragraphs: int, note: str, *, scope: str) -> Entry:
    """An article with the mark in every part of it that is stored."""
    marked = entry(
        [f"The {MARK} {note} of hall {number} is closed." for number in range(paragraphs)],
        title=f"Of {MARK.title()}s",
        url=f"https://{MARK}.example/story",
        scope=scope,
    )
    statements = tuple(
        replace(statement, speaker=f"Mara {MARK.title()}", role=f"{MARK} keeper") for statement in marked.statements
    )
    return replace(marked, article=replace(marked.article, source=f"The {MARK} Post"), statements=statements)


def _files_with(folder: Path, wanted: bytes) -> list[str]:
    """The names of the files that contain these bytes, ignoring case."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if wanted.lower() in path.read_bytes().lower())


def test_a_removed_scope_leaves_nothing_in_any_file(tmp_path: Path) -> None:
    """After a guild is removed, no file holds a word or a vector of it; the other scopes lose nothing."""
    library = open_library(tmp_path, HashEmbedder())
    others = [
        entry([f"Bread {n} of town {m} is cheaper." for m in range(9)], scope=s)
        for n in range(9)
        for s in ("public", "7")
    ]
    library.put_entries(others[:9])
    secrets = [
        _marked_entry(paragraphs, note, scope=GUILD) for paragraphs, note in ((30, "lift"), (12, "stair"), (40, "door"))
    ]
    for secret in secrets:
        library.put_entries([secret])
        library.put_entries([Entry.of(replace(secret.article, url=None), f"/srv/{MARK}/copy.txt")])
    library.seal(least=1)
    graphs = list(tmp_path.glob("chroma/*/*/data_level0.bin"))
    assert len(graphs) == 3
    # The unused room in the graphs holds no memory of other scopes; the rest is searched below.
    assert all(graph.read_bytes().endswith(bytes(9 * 396)) for graph in graphs)
    library.close()
    library = open_library(tmp_path, HashEmbedder())
    library.put_entries([_marked_entry(9, "roof", scope=GUILD), *others[9:]])
    public = ("public", "7")
    with library.open_reader(public) as db:
        before = db.counts(), db.articles()
    assert _files_with(tmp_path, IN_FILES) == ["catalog.sqlite", "catalog.sqlite-wal"]
    assert [path for path in (tmp_path / "chroma").iterdir() if path.name.startswith(GUILD)]
    assert library.remove_scope(GUILD) == 1
    assert _files_with(tmp_path, IN_FILES) == []
    for secret in secrets:
        for vector in secret.vectors:
            assert _files_with(tmp_path, vector.tobytes()[:12]) == []
    assert [path for path in (tmp_path / "chroma").iterdir() if path.name.startswith(GUILD)] == []
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as db_file:
        tables = [row[0] for row in db_file.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            rows = db_file.execute(f'select * from "{table}"').fetchall()  # noqa: S608 - of the catalog's own names
            assert [row for row in rows if MARK in repr(row).lower() or GUILD in map(str, row)] == [], table
    with library.open_reader(public) as db:
        assert (db.counts(), db.articles()) == before
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())
    library.close()

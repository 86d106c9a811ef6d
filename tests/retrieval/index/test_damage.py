"""Damaged segments of the vector index: they are detected, searched without, and rebuilt."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.library import Library, open_library
from retrieval.search import search_text
from retrieval.types import Query
from tests.retrieval.fakes import HashEmbedder, entry

TEXTS = [f"Boat hull{number} left the harbour of town{number % 7}." for number in range(60)]
Damage = Callable[[Path], None]


def remove_a_file(segment: Path) -> None:
    next(segment.glob("*/data_level0.bin")).unlink()


def cut_a_file_short(segment: Path) -> None:
    file = next(segment.glob("*/data_level0.bin"))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def overwrite_a_file(segment: Path) -> None:
    file = next(segment.glob("*/data_level0.bin"))
    file.write_bytes(os.urandom(file.stat().st_size))


def drop_the_collection(segment: Path) -> None:
    _execute(segment, "delete from collections")


def lose_a_row(segment: Path) -> None:
    _execute(segment, "delete from embeddings where id = (select min(id) from embeddings)")


def say_that_a_later_release_built_it(segment: Path) -> None:
    manifest = json.loads((segment / "manifest.json").read_text())
    (segment / "manifest.json").write_text(json.dumps(manifest | {"format": manifest["format"] + 1}))


def say_that_a_later_chroma_wrote_it(segment: Path) -> None:
    _execute(
        segment,
        "update migrations set version = 99, filename = '00099-later.sql' where dir = 'sysdb' "
        "and version = (select max(version) from migrations where dir = 'sysdb')",
    )


DAMAGES = [remove_a_file, cut_a_file_short, overwrite_a_file, drop_the_collection, lose_a_row]
LATER_FORMATS = [say_that_a_later_release_built_it, say_that_a_later_chroma_wrote_it]


def _execute(segment: Path, statement: str) -> None:
    with closing(sqlite3.connect(segment / "chroma.sqlite3")) as db:
        assert db.execute(statement).rowcount > 0
        db.commit()


def make_library(folder: Path, scopes: Sequence[str]) -> Library:
    """A library with a segment for each of these scopes."""
    library = open_library(folder, HashEmbedder())
    library.put_entries([entry(TEXTS, scope=scope) for scope in scopes])
    library.seal(least=1)
    return library


def segment_of(library: Library, scope: str) -> Path:
    (folder,) = (library.data_dir / "chroma").glob(f"{scope}-*")
    return folder


@pytest.fixture(scope="module")
def sealed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed library whose index is built."""
    folder = tmp_path_factory.mktemp("sealed")
    make_library(folder, ["public"]).close()
    return folder


@pytest.fixture
def library(sealed_folder: Path, tmp_path: Path) -> Iterator[Library]:
    """An open copy of that library."""
    shutil.copytree(sealed_folder, tmp_path / "library")
    library = open_library(tmp_path / "library", HashEmbedder())
    yield library
    library.close()


def finds_all(library: Library, scope: str = "public") -> bool:
    """Whether the scope's texts are found: one by its words, and all by their vectors, the nearest first."""
    query = Query(TEXTS[3], (scope,))
    by_words = {p.scores["lexical"]: p.text for p in search_text(library, query, len(TEXTS)) if "lexical" in p.scores}
    with library.open_reader(query.scopes) as db:
        hits = library.nearest(db, library.embedder.embed_array([f"A title\n{TEXTS[3]}"])[0], len(TEXTS))
        chunk, article = db.chunks([hits[0][0]])[hits[0][0]]
    return by_words[max(by_words)] == chunk.span.of(article.text) == TEXTS[3] and len(hits) == len(TEXTS)


@pytest.mark.parametrize("damage", [*DAMAGES, *LATER_FORMATS])
def test_damage_is_found_and_done_without(library: Library, damage: Damage) -> None:
    """Whatever the damage to a segment, the first search detects it and misses nothing, and a check reports it."""
    segment = segment_of(library, "public")
    damage(segment)
    assert finds_all(library)
    assert library.has_damaged_index
    assert library.check().damaged_segments == {segment.name}
    assert finds_all(library)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_to_a_segment_in_use(library: Library, damage: Damage) -> None:
    """An open segment answers from memory until a check detects the damage to its files."""
    assert finds_all(library)
    segment = segment_of(library, "public")
    damage(segment)
    assert finds_all(library)
    assert library.check().damaged_segments == {segment.name}
    assert library.has_damaged_index
    assert finds_all(library)


def test_damage_is_healed(tmp_path: Path) -> None:
    """Sealing rebuilds every damaged segment, whatever its damage."""
    scopes = {str(number): damage for number, damage in enumerate([*DAMAGES, *LATER_FORMATS], 1)}
    make_library(tmp_path, list(scopes)).close()
    library = open_library(tmp_path, HashEmbedder())
    damaged = {segment_of(library, scope) for scope in scopes}
    for scope, damage in scopes.items():
        damage(segment_of(library, scope))
    assert library.check().damaged_segments == {path.name for path in damaged}
    library.seal(least=1)
    assert not library.has_damaged_index
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())
    assert checkup.figures["indexed"] == len(TEXTS) * len(scopes)
    assert not any(path.exists() for path in damaged)
    assert all(finds_all(library, scope) for scope in scopes)
    library.close()

"""Full disks, truncated or foreign files, clocks that jump: errors are clear, nothing is lost, searches go on."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from retrieval.errors import LibraryError, StorageFull
from retrieval.library import Library, open_library
from retrieval.search import search_text
from retrieval.types import Query
from tests.retrieval.crowd import ROOT
from tests.retrieval.fakes import PUBLIC, HashEmbedder, entry

PARTS = 20


def fill(library: Library, numbers: Iterator[int], limit: int) -> list[str]:
    """Store up to `limit` articles of 20 chunks. Returns their ids; raises StorageFull with those stored until then."""
    ids: list[str] = []
    for number in numbers:
        if len(ids) == limit:
            break
        wall = entry(
            [f"Stone{number} is part {part} of the long wall." for part in range(PARTS)], title=f"Wall {number}"
        )
        try:
            library.put_entries([wall])
        except StorageFull as full:
            raise StorageFull(str(full), ids) from full
        ids.append(wall.article.id)
    return ids


def holds_exactly(library: Library, ids: list[str]) -> bool:
    """Whether exactly these articles are stored, and are found by words and by vectors."""
    query = Query("stone0 wall part", PUBLIC)
    vector = library.embedder.embed_array([query.text])[0]
    with library.open_reader(PUBLIC) as db:
        stored = {article.id for article in db.articles()}
        near = len(library.nearest(db, vector, 40))
    words = [passage for passage in search_text(library, query, 5) if "lexical" in passage.scores]
    return stored == set(ids) and near == 40 and bool(words)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The folder of a file system of 3 MB; the test is skipped if mounting one is not allowed."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up(small_disk: Path) -> None:
    """Whether ingesting or sealing fails, all acknowledged articles are found, and with more room all is well."""
    library = open_library(small_disk / "library", HashEmbedder())
    numbers = count()
    ids = fill(library, numbers, 4)
    library.seal(least=1)
    with pytest.raises(StorageFull, match="disk is full") as error:
        fill(library, numbers, 1_000)
    ids += error.value.args[1]
    assert len(ids) > 4
    assert holds_exactly(library, ids)
    library.seal(least=1)
    assert len(list((small_disk / "library" / "chroma").iterdir())) == 1
    for _ in range(2):
        checkup = library.check(deep=True)
        assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())
        assert checkup.index_unchecked_reason is not None
        assert "disk is full" in checkup.index_unchecked_reason
        assert holds_exactly(library, ids)
    subprocess.run(["mount", "-o", "remount,size=60m", str(small_disk)], check=True)
    ids += fill(library, numbers, 2)
    library.seal(least=1)
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments, checkup.index_unchecked_reason) == ((), frozenset(), None)
    assert checkup.figures["indexed"] == checkup.figures["chunks"] == PARTS * len(ids)
    assert holds_exactly(library, ids)
    library.close()


def test_a_file_that_may_not_grow(tmp_path: Path) -> None:
    """The same with a limit on file sizes, which needs no privileges: exactly the acknowledged articles are stored."""
    files = []
    for number in range(60):
        text = " ".join(f"Stone{number} is part {part} of the long wall, said the mason." for part in range(60))
        files.append(tmp_path / f"{number}.jsonl")
        files[-1].write_text(json.dumps({"title": f"Wall {number}", "text": text}))
    (tmp_path / "steps.json").write_text(json.dumps([("put", str(file)) for file in files]))
    command = [sys.executable, "-m", "tests.retrieval.worker", str(tmp_path / "library"), str(tmp_path / "steps.json")]
    max_file_bytes = 600_000

    def run(limit: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, "0", "1"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)),
        )

    process = run(max_file_bytes)
    assert process.returncode == 1
    assert "StorageFull: the disk is full" in process.stderr
    acknowledged = {line.split()[2] for line in process.stdout.splitlines() if line.startswith("id ")}
    library = open_library(tmp_path / "library", HashEmbedder())
    with library.open_reader(PUBLIC) as db:
        assert {article.id for article in db.articles()} == acknowledged
    assert library.check(deep=True).problems == ()
    library.close()
    assert 0 < len(acknowledged) < len(files)


def truncate(catalog: Path) -> None:
    with catalog.open("r+b") as file:
        file.truncate(catalog.stat().st_size // 2)


def cut_to_nothing(catalog: Path) -> None:
    catalog.write_bytes(b"")


def put_another_files_content(catalog: Path) -> None:
    catalog.write_bytes(b"not a database at all" * 1_000)


def put_another_programs_database(catalog: Path) -> None:
    catalog.unlink()
    with closing(sqlite3.connect(catalog)) as db:
        db.execute("create table notes (text)")
        db.commit()


def put_another_programs_database_of_our_number(catalog: Path) -> None:
    with closing(sqlite3.connect(catalog)) as db:
        (number,) = db.execute("pragma user_version").fetchone()
    put_another_programs_database(catalog)
    with closing(sqlite3.connect(catalog)) as db:
        db.execute(f"pragma user_version = {number}")


WRECKS = [
    truncate,
    cut_to_nothing,
    put_another_files_content,
    put_another_programs_database,
    put_another_programs_database_of_our_number,
]


@pytest.fixture(scope="module")
def sealed_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed library with an index."""
    folder = tmp_path_factory.mktemp("sealed")
    library = open_library(folder, HashEmbedder())
    fill(library, count(), 30)
    library.seal(least=1)
    library.close()
    return folder


@pytest.fixture
def closed_library(sealed_folder: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return shutil.copytree(sealed_folder, tmp_path / "library")


@pytest.mark.parametrize("wreck", WRECKS)
def test_a_catalog_that_is_none(closed_library: Path, wreck: Callable[[Path], None]) -> None:
    """A file that is truncated or foreign is refused with a one-line error that says what to do, and left unchanged."""
    catalog = closed_library / "catalog.sqlite"
    wreck(catalog)
    before = catalog.read_bytes()
    with pytest.raises(LibraryError, match=r"catalog.*(restore|move it away)") as error:
        open_library(closed_library, HashEmbedder())
    assert "\n" not in str(error.value)
    assert catalog.read_bytes() == before


def test_a_catalog_with_a_damaged_half(closed_library: Path) -> None:
    """It opens, as its beginning is sound; reading the rest is a clear error, and a check reports the damage."""
    catalog = closed_library / "catalog.sqlite"
    size = catalog.stat().st_size
    with catalog.open("r+b") as file:
        file.seek(size // 2)
        file.write(os.urandom(size - size // 2))
    library = open_library(closed_library, HashEmbedder())
    with pytest.raises(LibraryError, match="restore a backup") as error:
        search_text(library, Query("stone0 wall", PUBLIC), 5)
    assert "\n" not in str(error.value)
    assert "restore a backup" in library.check(deep=True).problems[0]
    library.seal(least=1)
    library.close()


def test_a_clock_that_jumps_back(tmp_path: Path) -> None:
    """After a version was stored by a clock that was ahead, the version stored next is still the current one."""
    library = open_library(tmp_path, HashEmbedder())
    address = "https://news.example/wall"
    library.put_entries([entry(["The wall is 40 metres long."], url=address)])
    with closing(sqlite3.connect(tmp_path / "catalog.sqlite")) as db_file:
        db_file.execute("update versions set stored = '2099-01-01T00:00:00+00:00'")
        db_file.execute("update articles set added = '2099-01-01T00:00:00+00:00'")
        db_file.commit()
    newer = entry(["The wall is 50 metres long."], url=address)
    library.put_entries([newer])
    assert [p.text for p in search_text(library, Query("wall", PUBLIC), 5)] == ["The wall is 50 metres long."]
    with library.open_reader(PUBLIC) as db:
        versions = db.history([newer.article.id])[newer.article.id]
    assert [version.text for version in versions] == ["The wall is 40 metres long.", "The wall is 50 metres long."]
    assert versions[0].stored > versions[1].stored
    library.seal(least=1)
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())
    library.close()

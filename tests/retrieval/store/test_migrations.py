"""Opening a library of an earlier release, or something that is not a library."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from retrieval.errors import LibraryError, StorageFull
from retrieval.library import Library, open_library
from retrieval.search import search_text
from retrieval.store import backup
from retrieval.store.database import Catalog
from retrieval.store.dedup import Entry, PutStatus
from retrieval.store.schema import SCHEMA
from retrieval.types import Article, Query
from tests.retrieval.made import Hashed, content, first_schema, rows, small_disk

BOTH = ("public", "42")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return first_schema(tmp_path / "library")


def open_at(path: Path) -> Library:
    return open_library(path.parent, Hashed())


def stored_rows(path: Path, columns: dict[str, str]) -> dict[str, list[tuple[object, ...]]]:
    """The rows of some tables, by table; `columns` gives the columns to compare."""
    queries = {table: f"select {names} from {table} order by 1, 2" for table, names in columns.items()}  # noqa: S608
    return {table: rows(path, query) for table, query in queries.items()}


def schema(path: Path) -> set[tuple[str, ...]]:
    """Everything in the schema, ignoring white space and quotation marks, which SQLite adds to renamed tables."""
    entries = rows(path, "select type, name, tbl_name, coalesce(sql, '') from sqlite_master")
    return {tuple(" ".join(str(part).replace('"', "").split()) for part in row) for row in entries}


def test_a_migrated_library_is_as_a_fresh_one(old: Path, tmp_path: Path) -> None:
    """Its tables, indexes, views, triggers and schema number are the same as those of a new library."""
    open_at(old).close()
    fresh = tmp_path / "fresh" / "catalog.sqlite"
    open_at(fresh).close()
    assert schema(old) == schema(fresh)
    assert rows(old, "pragma user_version") == rows(fresh, "pragma user_version") == [(SCHEMA,)]


def test_the_newest_migration_leads_to_the_schema() -> None:
    """The migrations form one chain from the first schema to the one this release writes."""
    config = Config()
    config.set_main_option("script_location", "retrieval.store:migrations")
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    assert steps == [f"{number:04d}" for number in range(SCHEMA, 0, -1)]


def test_nothing_is_lost(old: Path) -> None:
    """Texts, versions, statements, chunks, names and vectors are unchanged, and the library is sound."""
    kept = {
        "versions": "article_id, version, stored, title, text, url, source, authors, published, published_precision",
        "articles": "id, scope, version, added",
        "statements": "*",
        "names": "*",
        "chunks": "*",
        "vectors": "chunk_id, vector",
    }
    before = stored_rows(old, kept)
    library = open_at(old)
    assert stored_rows(old, kept) == before
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())
    with library.open_reader(BOTH) as db:
        assert db.counts() == {"articles": 3, "chunks": 3, "statements": 4}
        (crane,) = [article for article in db.articles() if article.url]
        versions = db.history([crane.id])[crane.id]
        assert [(version.number, "six" in version.text) for version in versions] == [(1, False), (2, True)]
    library.close()


def test_a_migrated_library_goes_on(old: Path) -> None:
    """After the migration it finds articles, recognises copies of them, and reuses no chunk id."""
    library = open_at(old)
    found = search_text(library, Query("the ferry on Friday", ("public",)), 1)[0]
    assert found.text.startswith("The ferry sails again")
    with library.open_reader(BOTH) as db:
        articles = {article.title: article for article in db.articles()}
    crane = articles["Crane falls at the quay"]
    copy = Article.create(title="Ferry", text=articles["Ferry sails"].text, url="https://herald.example/ferry")
    outcomes = library.outcomes([Entry.of(crane), Entry.of(copy)])
    assert [outcome.status for outcome in outcomes] == [PutStatus.UNCHANGED, PutStatus.DUPLICATE]
    assert library.check(deep=True).problems == ()
    assert rows(old, "select seq from sqlite_sequence where name = 'chunks'") == [(5,)]
    library.close()


def test_the_old_index_goes(old: Path) -> None:
    """The files of the first schema's index are deleted when the index is rebuilt."""
    index = old.parent / "chroma"
    (index / "0a1b").mkdir(parents=True)
    (index / "chroma.sqlite3").write_bytes(b"old")
    library = open_at(old)
    library.seal(least=1)
    library.close()
    assert all((path / "manifest.json").is_file() for path in index.iterdir())
    assert rows(old, "select sum(rows) from segments") == [(3,)]


def test_it_is_kept_as_it_was(old: Path, tmp_path: Path) -> None:
    """The backup that a migration makes holds the library with its old schema and content."""
    before = content(old)
    open_at(old).close()
    (kept,) = (old.parent / "backups").iterdir()
    manifest = backup.extract(kept, tmp_path / "out.sqlite")
    assert manifest.schema == 1
    assert content(tmp_path / "out.sqlite") == before


@pytest.fixture
def statements() -> Iterator[list[Any]]:
    """A list of functions that are called with every SQL statement before it is executed."""
    checks: list[Any] = []

    def _before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        for check in checks:
            check(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", _before)
    yield checks
    sa.event.remove(sa.Engine, "before_cursor_execute", _before)


def test_an_error_at_any_point_changes_nothing(old: Path, tmp_path: Path, statements: list[Any]) -> None:
    """Wherever in the migration a statement fails, the library is unchanged, and the next opening migrates it."""
    before, old_schema = content(old), schema(old)
    executed: list[str] = []
    statements.append(executed.append)
    Catalog(first_schema(tmp_path / "other")).close()
    for number in range(0, len(executed), 5):
        allowed = iter(range(number))

        def fail(_statement: str, allowed: Iterator[int] = allowed) -> None:
            if next(allowed, None) is None:
                raise InterruptedError("stopped here")

        statements[:] = [fail]
        with pytest.raises(InterruptedError):
            Catalog(old)
        assert schema(old) == old_schema
    statements.clear()
    assert content(old) == before
    assert list((old.parent / "backups").iterdir()) == []
    open_at(old).close()
    assert rows(old, "pragma user_version") == [(SCHEMA,)]


_MIGRATE_AND_DIE = """
import os, signal, sys
from pathlib import Path
import sqlalchemy as sa
from retrieval.store.database import Catalog
sign = sys.argv[2]

@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def before(connection, cursor, statement, *rest):
    if statement.strip().lower().startswith(sign):
        os.kill(os.getpid(), signal.SIGKILL)

Catalog(Path(sys.argv[1]))
"""


@pytest.mark.parametrize("sign", ["drop table old_versions", "insert or ignore into bands", "pragma user_version = "])
def test_killed_half_way(old: Path, sign: str) -> None:
    """A process killed during the migration leaves the library unchanged, and the next opening migrates it."""
    before = content(old)
    process = subprocess.run([sys.executable, "-c", _MIGRATE_AND_DIE, str(old), sign], check=False, capture_output=True)
    assert process.returncode == -9
    assert content(old) == before
    assert len(list((old.parent / "backups").iterdir())) == 1
    library = open_at(old)
    assert library.check(deep=True).problems == ()
    library.close()


@pytest.mark.parametrize("room", [50_000, 150_000, 220_000])
def test_a_full_disk(old: Path, tmp_path: Path, room: int) -> None:
    """If the disk is too full for the backup or the migration, the library is unchanged; with room it is migrated."""
    before, size = content(old), old.stat().st_size
    with small_disk(tmp_path / "small", f"{(size + room) // 1024}k") as disk:
        path = first_schema(disk / "library")
        with pytest.raises(StorageFull, match="disk is full"):
            open_at(path)
        assert content(path) == before
        assert not list((path.parent / "backups").glob("*"))
        subprocess.run(["mount", "-o", "remount,size=20m", str(disk)], check=True)
        library = open_at(path)
        assert library.check(deep=True).problems == ()
        library.close()


def test_two_at_once(old: Path) -> None:
    """Of two processes that open it at the same time, one migrates it and both can use it."""
    code = (
        "import sys; from pathlib import Path; from retrieval.store.database import Catalog; Catalog(Path(sys.argv[1]))"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(old)], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1].count(b"Traceback") for process in processes] == [0, 0]
    assert [process.returncode for process in processes] == [0, 0]
    assert len(list((old.parent / "backups").iterdir())) == 1


def test_a_current_library_is_opened_without_alembic(tmp_path: Path) -> None:
    """A library that needs no migration does not wait for Alembic to be imported."""
    path = tmp_path / "catalog.sqlite"
    Catalog(path).close()
    code = (
        "import sys; from pathlib import Path; from retrieval.store.database import Catalog;"
        "Catalog(Path(sys.argv[1]));"
        "print([name for name in ('alembic', 'mako', 'retrieval.store.migrate') if name in sys.modules])"
    )
    process = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    assert process.stdout == "[]\n"


@pytest.mark.parametrize("version", [0, 1, SCHEMA, SCHEMA + 1])
def test_another_programs_database(tmp_path: Path, version: int) -> None:
    """It is refused and left unchanged, whatever its schema number."""
    path = tmp_path / "catalog.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(f"create table songs (id integer, title text); pragma user_version = {version}")
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="another program"):
        open_at(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("keep", [10, 100, 4096, 30_000])
def test_a_truncated_catalog(old: Path, keep: int) -> None:
    """A file that was cut short is refused and left unchanged."""
    whole = old.read_bytes()
    old.write_bytes(whole[:keep])
    with pytest.raises(LibraryError, match="cannot be used as a catalog"):
        open_at(old)
    assert old.read_bytes() == whole[:keep]


def test_a_later_release(old: Path) -> None:
    """It is refused with advice what to do, and left unchanged."""
    with closing(sqlite3.connect(old)) as db:
        db.execute(f"pragma user_version = {SCHEMA + 1}")
    before = old.read_bytes()
    with pytest.raises(LibraryError, match="upgrade onrecord"):
        open_at(old)
    assert old.read_bytes() == before


def test_the_newest_backups_are_kept(tmp_path: Path) -> None:
    """Three automatic backups are kept; other files in the folder are not touched."""
    path = tmp_path / "catalog.sqlite"
    Catalog(path).close()
    (tmp_path / "backups").mkdir()
    mine = tmp_path / "backups" / "before-the-move.onrecord"
    mine.write_text("mine")
    for _ in range(5):
        backup.write_automatic(path, "before-restore")
    backup.prune_automatic(path)
    names = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert names == [*(f"{number:04d}-before-restore.onrecord" for number in (3, 4, 5)), mine.name]

"""Backups of a library in use, and restoring them."""

import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from retrieval.errors import BackupError, ForeignDatabase, LibraryBusy, LibraryError
from retrieval.library import Library, open_library
from retrieval.library.reindex import reindex
from retrieval.library.restore import restore
from retrieval.search import search_text
from retrieval.store import backup
from retrieval.store.database import Catalog
from retrieval.store.schema import SCHEMA
from retrieval.types import Query
from tests.retrieval.made import Hashed, content, entry, first_schema, rows

PUBLIC = ("public",)


def texts(library: Library) -> set[str]:
    with library.open_reader(PUBLIC) as db:
        return {article.text for article in db.articles()}


def texts_in(folder: Path) -> set[str]:
    """The texts of a closed library, which is checked as well."""
    library = open_library(folder, Hashed())
    try:
        assert library.check(deep=True).problems == ()
        return texts(library)
    finally:
        library.close()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    library = open_library(tmp_path / "library", Hashed())
    library.put_entries([entry("The ferry sails on Friday."), entry("The toll was four.", "https://news.example/a")])
    library.put_entries([entry("The toll was six.", "https://news.example/a")])
    yield library
    library.close()


@pytest.fixture
def catalog(library: Library) -> Path:
    return library.data_dir / "catalog.sqlite"


@pytest.fixture
def saved(catalog: Path, tmp_path: Path) -> Path:
    backup.write(catalog, tmp_path / "saved.onrecord")
    return tmp_path / "saved.onrecord"


def test_there_and_back(library: Library, catalog: Path, saved: Path, tmp_path: Path) -> None:
    """Every row is restored to a new folder, where it is found; the manifest lists what there is."""
    target = tmp_path / "new" / "folder"
    manifest = restore(target, saved).manifest
    assert (manifest.schema, manifest.embedding) == (SCHEMA, "hashed/4")
    assert manifest.counts == {"articles": 2, "versions": 3, "chunks": 2, "statements": 0}
    before, after = content(catalog), content(target / "catalog.sqlite")
    assert {name for name in before if before[name] != after[name]} <= {"meta", "segments"}
    again = open_library(target, Hashed())
    assert search_text(again, Query("toll", PUBLIC), 1)[0].text == "The toll was six."
    assert again.check(deep=True).problems == ()
    again.close()
    assert [path.name for path in target.iterdir() if not path.name.endswith(".lock")] == ["catalog.sqlite"]


def test_a_backup_of_a_library_in_use(library: Library, catalog: Path, tmp_path: Path) -> None:
    """While another thread writes, a backup holds one state: as many articles as it says, each of them complete."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            library.put_entries([entry(f"Town {number} has voted.")])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    manifests = [backup.write(catalog, tmp_path / f"{number}.onrecord") for number in range(4)]
    stop.set()
    writer.join()
    for number, manifest in enumerate(manifests):
        folder = tmp_path / str(number)
        folder.mkdir()
        backup.extract(tmp_path / f"{number}.onrecord", folder / "catalog.sqlite")
        assert len(texts_in(folder)) == manifest.counts["articles"]


def test_a_file_is_replaced_only_when_told(library: Library, catalog: Path, saved: Path) -> None:
    """An existing file is overwritten only on request; no other file is left beside it."""
    before = saved.read_bytes()
    with pytest.raises(BackupError, match="--force"):
        backup.write(catalog, saved)
    assert saved.read_bytes() == before
    library.put_entries([entry("One more.")])
    assert backup.write(catalog, saved, replace=True).counts["articles"] == 3
    assert backup.read_manifest(saved).counts["articles"] == 3
    assert {path.name for path in saved.parent.iterdir()} == {"library", saved.name}


def test_where_no_backup_can_be(library: Library, catalog: Path, tmp_path: Path) -> None:
    """The library's own files are not overwritten, and a missing folder is named."""
    with pytest.raises(BackupError, match="own files"):
        backup.write(catalog, catalog, replace=True)
    with pytest.raises(BackupError, match="is a folder"):
        backup.write(catalog, tmp_path, replace=True)
    with pytest.raises(BackupError, match="missing cannot be written"):
        backup.write(catalog, tmp_path / "missing" / "a.onrecord")
    with pytest.raises(LibraryError, match="no library"):
        backup.write(tmp_path / "nothing" / "catalog.sqlite", tmp_path / "a.onrecord")


def test_a_damaged_byte_anywhere(library: Library, saved: Path, tmp_path: Path) -> None:
    """Whichever byte differs, the backup is refused, and the library stays as it is."""
    whole = saved.read_bytes()
    damaged = tmp_path / "damaged.onrecord"
    catalog_bytes = backup.read_manifest(saved).bytes
    for at in (*range(0, catalog_bytes, 997), *range(catalog_bytes, len(whole), 7), len(whole) - 1):
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(BackupError):
            backup.extract(damaged, tmp_path / f"{at}.sqlite")
    damaged.write_bytes(whole[:500] + b"!" + whole[501:])
    with pytest.raises(BackupError, match="is damaged"):
        restore(library.data_dir, damaged)
    assert texts(library) == {"The ferry sails on Friday.", "The toll was six."}
    assert not list(library.data_dir.glob("restoring-*"))


def test_a_truncated_backup(saved: Path) -> None:
    """However much is missing, it is refused; from a hundred bytes on it is recognised as a backup cut short."""
    whole = saved.read_bytes()
    for size in (0, 1, 50, *range(100, len(whole), 4999), len(whole) - 1):
        saved.write_bytes(whole[:size])
        with pytest.raises(BackupError, match="cut short" if size >= 100 else "not a backup"):
            backup.read_manifest(saved)
    saved.write_bytes(whole + b"\n")
    with pytest.raises(BackupError):
        backup.read_manifest(saved)


def test_what_is_no_backup(catalog: Path, tmp_path: Path) -> None:
    """A text, a catalog in its data folder and a folder are refused."""
    (tmp_path / "text").write_text("A text." * 100)
    for path in (tmp_path / "text", catalog):
        with pytest.raises(BackupError, match="not a backup"):
            restore(tmp_path / "new", path)
    with pytest.raises(BackupError, match="cannot be read"):
        restore(tmp_path / "new", tmp_path)
    assert not (tmp_path / "new").exists()


def rewrite_manifest(saved: Path, number: int, **changed: object) -> None:
    """Replace the manifest and trailer of a backup by valid ones with this format number and these changes."""
    manifest = backup.read_manifest(saved)
    facts = {name: getattr(manifest, name) for name in manifest.__slots__} | changed
    line = json.dumps(facts).encode()
    digest = hashlib.sha256(line).hexdigest()
    trailer = f"\nonrecord-backup {number:04d} {len(line):08d} {digest}\n".encode()
    saved.write_bytes(saved.read_bytes()[: manifest.bytes] + line + trailer)


@pytest.mark.parametrize(("number", "changed"), [(2, {}), (1, {"schema": SCHEMA + 1}), (1, {"more": "facts"})])
def test_a_backup_of_a_later_release(saved: Path, number: int, changed: dict[str, object]) -> None:
    """A later format or schema is refused; unknown facts are refused as damage."""
    rewrite_manifest(saved, number, **changed)
    with pytest.raises(BackupError, match="upgrade onrecord" if "more" not in changed else "damaged"):
        backup.read_manifest(saved)


def test_what_was_there_is_kept(library: Library, saved: Path) -> None:
    """The replaced library can be restored in turn."""
    library.put_entries([entry("It came after the backup.")])
    after = texts(library)
    kept = restore(library.data_dir, saved).replaced_library
    assert kept is not None
    assert kept.parent == library.data_dir / "backups"
    assert texts(library) < after
    again = restore(library.data_dir, kept)
    assert texts(library) == after
    assert again.replaced_library != kept
    assert kept.exists()


def test_others_have_it_open(library: Library, saved: Path) -> None:
    """An open library finishes reading the old state, then reads the restored one, and stores into that."""
    library.seal(least=1)
    library.put_entries([entry("It came after the backup.")])
    assert search_text(library, Query("it came after", PUBLIC), 1)[0].text == "It came after the backup."
    with library.open_reader(PUBLIC) as db:
        restore(library.data_dir, saved)
        assert len(db.articles()) == 3
    assert texts(library) == {"The ferry sails on Friday.", "The toll was six."}
    library.put_entries([entry("Another came.")])
    passages = {passage.text for passage in search_text(library, Query("another came", PUBLIC), 5)}
    assert passages == {"Another came.", "The ferry sails on Friday.", "The toll was six."}
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())


def test_what_is_stored_meanwhile_is_somewhere(library: Library, saved: Path, tmp_path: Path) -> None:
    """An article stored by another thread during a restore is in the library or in the replaced one that is kept."""
    stored: list[str] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            text = f"Town {len(stored)} has voted."
            library.put_entries([entry(text)])
            stored.append(text)

    for number in range(3):
        stop.clear()
        stored.clear()
        writer = threading.Thread(target=write)
        writer.start()
        kept = restore(library.data_dir, saved).replaced_library
        stop.set()
        writer.join()
        assert kept is not None
        restore(tmp_path / str(number), kept)
        assert set(stored) <= texts(library) | texts_in(tmp_path / str(number))
    assert library.check(deep=True).problems == ()


def test_a_library_of_a_later_release_is_replaced(library: Library, catalog: Path, saved: Path) -> None:
    """After a downgrade of onrecord: once no process has the library open, its files are kept in a folder."""
    assert len(texts(library)) == 2
    with closing(sqlite3.connect(catalog)) as db:
        db.execute(f"pragma user_version = {SCHEMA + 1}")
    with pytest.raises(LibraryBusy, match="stop it"):
        restore(catalog.parent, saved)
    library.close()
    kept = restore(catalog.parent, saved).replaced_library
    assert kept is not None
    assert rows(kept / "catalog.sqlite", "pragma user_version") == [(SCHEMA + 1,)]
    assert len(texts_in(catalog.parent)) == 2


def test_a_reindex_does_not_go_on_in_a_restored_library(library: Library, saved: Path) -> None:
    """Its vectors belong to the chunks of the replaced library, so it stops with an error."""
    other = Hashed()
    other.name = "hashed/5"
    steps = reindex(library.data_dir, other)
    next(steps)
    restore(library.data_dir, saved)
    with pytest.raises(LibraryError, match="restored meanwhile"):
        list(steps)
    assert library.check(deep=True).problems == ()


def test_a_backup_of_the_first_schema(tmp_path: Path) -> None:
    """It is migrated while it is restored, and the file is unchanged."""
    old = first_schema(tmp_path / "old")
    backup.write(old, tmp_path / "old.onrecord")
    before = (tmp_path / "old.onrecord").read_bytes()
    result = restore(tmp_path / "new", tmp_path / "old.onrecord")
    assert (result.manifest.schema, result.replaced_library) == (1, None)
    assert len(texts_in(tmp_path / "new")) == 2
    assert rows(tmp_path / "new" / "catalog.sqlite", "pragma user_version") == [(SCHEMA,)]
    assert (tmp_path / "old.onrecord").read_bytes() == before
    assert rows(old, "pragma user_version") == [(1,)]


def test_a_damaged_library_is_replaced(saved: Path, tmp_path: Path) -> None:
    """A catalog that can no longer be used is kept unchanged in a folder."""
    for number, damaged in enumerate((b"not a database at all" * 100, saved.read_bytes()[:9000])):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "catalog.sqlite").write_bytes(damaged)
        kept = restore(folder, saved).replaced_library
        assert kept is not None
        assert (kept / "catalog.sqlite").read_bytes() == damaged
        assert len(texts_in(folder)) == 2


def damage_versions(catalog: Path) -> bytes:
    """Damage the page of the texts, so that the file still opens; returns the file as it is then."""
    with closing(sqlite3.connect(catalog)) as db:
        (page,) = db.execute("select rootpage from sqlite_master where name = 'versions'").fetchone()
    data = bytearray(catalog.read_bytes())
    data[(page - 1) * 4096 : (page - 1) * 4096 + 64] = b"\xff" * 64
    catalog.write_bytes(data)
    return bytes(data)


def test_a_library_that_opens_and_is_damaged_is_replaced(library: Library, catalog: Path, saved: Path) -> None:
    """Damage deep in the file does not prevent a restore; the damaged file is kept unchanged."""
    library.close()
    data = damage_versions(catalog)
    kept = restore(catalog.parent, saved).replaced_library
    assert kept is not None
    assert (kept / "catalog.sqlite").read_bytes() == data
    assert len(texts_in(catalog.parent)) == 2


def test_another_programs_database_is_left_alone(saved: Path, tmp_path: Path) -> None:
    """No backup is restored over it."""
    folder = tmp_path / "music"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "catalog.sqlite")) as db:
        db.executescript("create table songs (id integer)")
    before = (folder / "catalog.sqlite").read_bytes()
    with pytest.raises(ForeignDatabase):
        restore(folder, saved)
    assert (folder / "catalog.sqlite").read_bytes() == before


def test_a_damaged_library_is_not_backed_up(library: Library, catalog: Path, tmp_path: Path) -> None:
    """No backup is made that could not be restored."""
    library.close()
    damage_versions(catalog)
    with pytest.raises(LibraryError, match="cannot be used as a catalog"):
        backup.write(catalog, tmp_path / "a.onrecord")
    assert not (tmp_path / "a.onrecord").exists()


_RESTORE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from retrieval.library.restore import restore

def audit(event, arguments):
    if event == "os.rename" and "before-restore" in str(arguments[1]):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(audit)
restore(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_killed_while_it_is_replaced(library: Library, catalog: Path, saved: Path) -> None:
    """A restore that is killed in the middle of its transaction leaves the library unchanged; the next one succeeds."""
    library.put_entries([entry("It came after the backup.")])
    after = texts(library)
    command = [sys.executable, "-c", _RESTORE_AND_DIE, str(library.data_dir), str(saved)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -9
    assert list(library.data_dir.glob("restoring-*"))
    assert texts(library) == after
    assert library.check(deep=True).problems == ()
    restore(library.data_dir, saved)
    assert len(texts(library)) == 2
    assert not list(library.data_dir.glob("restoring-*"))
    assert [path.name for path in (library.data_dir / "backups").iterdir()] == ["0001-before-restore.onrecord"]


def test_a_library_never_used(tmp_path: Path) -> None:
    """It is refused, because there is nothing in it to restore."""
    Catalog(tmp_path / "catalog.sqlite").close()
    backup.write_automatic(tmp_path / "catalog.sqlite", "before-restore")
    with pytest.raises(BackupError, match="never used"):
        restore(tmp_path / "new", tmp_path / "backups" / "0001-before-restore.onrecord")

"""`onrecord backup` and `onrecord restore`, and an older library met by the command line."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from retrieval.library import open_library
from retrieval.store import backup
from retrieval.store.schema import SCHEMA
from tests.command import refused
from tests.retrieval.made import Hashed, entry, first_schema, rows, small_disk

Run = Callable[..., Any]


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A library in the data folder; neither command needs the embedding that built it."""
    library = open_library(tmp_path / "data", Hashed())
    library.put_entries([entry("The ferry sails on Friday.")])
    library.close()
    return tmp_path


def texts(folder: Path) -> list[object]:
    return [text for (text,) in rows(folder / "data" / "catalog.sqlite", "select text from versions")]


def test_backup_and_restore(onrecord: Run, filled: Path) -> None:
    """What was saved comes back, and what it replaced is kept and named."""
    saved = filled / "saved.onrecord"
    made = onrecord("backup", saved, "--json")
    assert (made.code, made.err) == (0, "")
    assert made.json["backup"] == str(saved)
    assert made.json["counts"] == {"articles": 1, "versions": 1, "chunks": 1, "statements": 0}
    library = open_library(filled / "data", Hashed())
    library.put_entries([entry("It came after the backup.")])
    back = onrecord("restore", saved, "--json")
    assert (back.code, back.err) == (0, "")
    assert back.json["counts"] == made.json["counts"]
    assert Path(back.json["kept"]).is_file()
    assert texts(filled) == ["The ferry sails on Friday."]
    assert library.check(deep=True).problems == ()
    library.close()
    assert "--force" in refused(onrecord("backup", saved))
    again = onrecord("backup", saved, "--force")
    assert again.out.startswith("1 articles, 0 statements in ")


def test_restore_refuses(onrecord: Run, tmp_path: Path) -> None:
    """One line for what is no backup, and no library is made."""
    (tmp_path / "text").write_text("A text." * 100)
    assert "not a backup" in refused(onrecord("restore", tmp_path / "text"))
    assert not (tmp_path / "data").exists()


def test_an_older_library(onrecord: Run, tmp_path: Path) -> None:
    """It is brought up to date with a word about it on stderr; its embedding is still what it was."""
    first_schema(tmp_path / "data")
    ran = onrecord("articles", "list", "--json")
    assert (ran.code, ran.out) == (1, "")
    notice, error = ran.err.splitlines()
    assert "earlier release" in notice
    assert "onrecord reindex" in error
    assert rows(tmp_path / "data" / "catalog.sqlite", "pragma user_version") == [(SCHEMA,)]


def test_a_full_disk(onrecord: Run, filled: Path) -> None:
    """Neither a backup nor a library is left there half, and what was there before stays."""
    saved = filled / "saved.onrecord"
    backup.write(filled / "data" / "catalog.sqlite", saved)
    with small_disk(filled / "small", "300k") as disk:
        (disk / "big").write_bytes(b"x" * 200_000)
        assert "disk is full" in refused(onrecord("backup", disk / "saved.onrecord"))
        assert [path.name for path in disk.iterdir()] == ["big"]
        ran = onrecord("restore", saved, env={"ONRECORD_DATA_DIR": str(disk / "data")})
        assert "disk is full" in refused(ran)
        assert {path.name for path in (disk / "data").iterdir()} <= {"migration.lock", "sealing.lock"}


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder mounted read-only, where that is allowed."""
    folder = tmp_path / "fixed"
    folder.mkdir()
    if subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_read_only_folder(onrecord: Run, filled: Path, read_only: Path) -> None:
    """The folder that cannot be written is named, whether it is the backup's or the library's."""
    assert f"{read_only} cannot be written" in refused(onrecord("backup", read_only / "saved.onrecord"))
    saved = filled / "saved.onrecord"
    backup.write(filled / "data" / "catalog.sqlite", saved)
    ran = onrecord("restore", saved, env={"ONRECORD_DATA_DIR": str(read_only)})
    assert "cannot be written" in refused(ran)

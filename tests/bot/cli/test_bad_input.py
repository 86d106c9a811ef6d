"""What goes wrong on the command line: one line that says what to do, exit 1 or 2, and the library as it was."""

import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import refused

Run = Callable[..., Any]
STORY = "Crane falls at the quay\n\nA crane fell. “It was checked in May,” Mara Wendt told reporters.\n"


@pytest.fixture
def filled(onrecord: Run, tmp_path: Path) -> Path:
    story = tmp_path / "story.txt"
    story.write_text(STORY)
    assert onrecord("ingest", story).code == 0
    return tmp_path


def holdings(folder: Path) -> list[Any]:
    with sqlite3.connect(f"file:{folder / 'data' / 'catalog.sqlite'}?mode=ro&immutable=1", uri=True) as db:
        tables = [name for (name,) in db.execute("select name from sqlite_master where type = 'table' order by name")]
        return [(table, db.execute(f'select count(*) from "{table}"').fetchone()) for table in tables]  # noqa: S608


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        (None, b"", "no such file"),
        ("a.txt", b"", "the file is empty"),
        ("a.txt", b"Only a headline\n", "no article text"),
        ("a.txt", b"\x00\x01\x02\x03" * 500, "a binary file"),
        ("a.mp4", b"....ftyp", ".mp4 is not read"),
        ("folder/", b"", "no articles in this folder"),
    ],
)
def test_what_is_no_article(onrecord: Run, filled: Path, name: str | None, data: bytes, reason: str) -> None:
    """The item is reported as failed with the reason, and exit is 1."""
    before = holdings(filled)
    source = filled / (name or "missing.txt")
    if name and name.endswith("/"):
        source.mkdir()
    elif name:
        source.write_bytes(data)
    ran = onrecord("ingest", source, "--json")
    assert ran.code == 1
    (item,) = ran.json["items"]
    assert item["status"] == "failed"
    assert reason in item["error"]
    assert ran.json["totals"]["failed"] == 1
    assert holdings(filled) == before


def test_one_bad_file_among_several(onrecord: Run, filled: Path) -> None:
    """The rest is ingested, the bad one reported, exit 1."""
    (filled / "good.txt").write_text(STORY.replace("May", "June"))
    (filled / "bad.txt").write_bytes(b"")
    ran = onrecord("ingest", filled / "bad.txt", filled / "good.txt", filled / "none.txt")
    assert ran.code == 1
    assert "1 added, 2 failed" in ran.out


@pytest.mark.parametrize("question", ["", "   ", "?"])
def test_an_empty_question(onrecord: Run, filled: Path, question: str) -> None:
    """It is told what to ask."""
    assert "ask something" in refused(onrecord("ask", question), 2)


def test_a_question_of_a_megabyte(onrecord: Run, filled: Path) -> None:
    """It is refused with its length, whichever way it comes in."""
    assert "ask in at most" in refused(onrecord("ask", "why " * 30_000), 2)
    batch = filled / "q.jsonl"
    batch.write_text(json.dumps({"question": "why " * 262_144}) + "\n")
    ran = onrecord("ask", "--batch", batch)
    assert ran.code == 1
    assert "ask in at most" in json.loads(ran.out)["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask",),
        ("ask", "why?", "--batch", "q.jsonl"),
        ("ask", "--batch", "missing.jsonl"),
        ("ask", "why?", "--history", "missing.json"),
        ("ask", "why?", "--scope", "everyone"),
        ("articles", "show", "nothing"),
        ("attribute", "missing.txt"),
        ("said", "?"),
        ("search", " "),
    ],
)
def test_wrong_usage(onrecord: Run, filled: Path, arguments: tuple[str, ...]) -> None:
    """One line, exit 2."""
    refused(onrecord(*arguments), 2)


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"ONRECORD_SCOPE": "x"}, "ONRECORD_SCOPE"),
        ({"ONRECORD_EMBEDDINGS": "magic"}, "ONRECORD_EMBEDDINGS"),
        ({"ONRECORD_MODEL_DIR": "/nowhere"}, "ONRECORD_MODEL_DIR"),
        ({"DATABASE_URL": "postgresql://x"}, "DATABASE_URL"),
    ],
)
def test_wrong_settings(onrecord: Run, env: dict[str, str], reason: str) -> None:
    """The setting is named."""
    ran = onrecord("ask", "why?", env=env)
    assert ran.code in (1, 2)
    assert reason in refused(ran, ran.code)


def test_a_library_of_another_embedding(onrecord: Run, filled: Path) -> None:
    """It is refused, named, and told how to build it anew; nothing changes."""
    with sqlite3.connect(filled / "data" / "catalog.sqlite") as db:
        db.execute("update meta set value = 'other/1' where key = 'embedding'")
    before = holdings(filled)
    assert "onrecord reindex" in refused(onrecord("ask", "why?"), 1)
    assert "onrecord reindex" in refused(onrecord("ingest", filled / "story.txt"), 1)
    assert holdings(filled) == before
    assert onrecord("reindex").code == 0
    assert onrecord("ask", "What did Wendt say?", "--json").json["status"] == "answered"


def test_a_file_in_the_data_folders_way(onrecord: Run, tmp_path: Path) -> None:
    """The folder is named and what to set."""
    (tmp_path / "file").write_text("x")
    ran = onrecord("articles", "list", env={"ONRECORD_DATA_DIR": str(tmp_path / "file" / "data")})
    assert "ONRECORD_DATA_DIR" in refused(ran, 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 KB, where mounting one is allowed."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(onrecord: Run, small_disk: Path, tmp_path: Path) -> None:
    """What was reported is kept, the rest says that the disk is full; with room again all goes in."""
    env = {"ONRECORD_DATA_DIR": str(small_disk / "data")}
    rows = tmp_path / "rows.jsonl"
    text = " ".join(f"The council of town {number} has voted for a bridge." for number in range(20))
    rows.write_text("".join(json.dumps({"title": f"T{n}", "text": f"{text} {n}"}) + "\n" for n in range(50)))
    ran = onrecord("ingest", rows, env=env)
    assert ran.code == 1
    assert "disk is full" in ran.err
    assert "Traceback" not in ran.err
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    assert onrecord("ingest", rows, "--json", env=env).code == 0
    assert onrecord("doctor", env=env).code == 0
    assert len(onrecord("articles", "list", "--json", env=env).json["articles"]) == 50


@pytest.fixture
def read_only(filled: Path) -> Iterator[Path]:
    """The filled library's folder, mounted read-only, where that is allowed."""
    folder = filled / "data"
    if subprocess.run(["mount", "--bind", str(folder), str(folder)], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_read_only_data_folder(onrecord: Run, read_only: Path, filled: Path) -> None:
    """Ingesting says that the folder cannot be written."""
    before = holdings(filled)
    message = refused(onrecord("ingest", filled / "story.txt"), 1)
    assert "written" in message
    assert holdings(filled) == before

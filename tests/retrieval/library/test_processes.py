"""Several processes at one library."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from filelock import FileLock, Timeout

from retrieval.index.build import build_due
from retrieval.library import open_library
from retrieval.search import search_text
from retrieval.types import Article, Query
from tests.retrieval.crowd import ROOT, said, start
from tests.retrieval.fakes import PUBLIC, HashEmbedder
from tests.retrieval.worker import Gate, Step
from tests.waiting import HANGING


def start_worker(folder: Path, steps: list[Step], gate: Gate) -> subprocess.Popen[str]:
    """Start a process that carries out steps, builds the index when one says so, and prints its progress."""
    (folder / "steps.json").write_text(json.dumps(steps))
    arguments = [str(folder / "library"), str(folder / "steps.json"), "0", "1"]
    command = [sys.executable, "-m", "tests.retrieval.worker", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=gate.env, stdout=subprocess.PIPE, text=True, start_new_session=True)


def ingest_step(folder: Path, name: str, number: int) -> Step:
    """A step that ingests this number of articles."""
    file = folder / f"{name}.jsonl"
    texts = (f"The {name} of town {at} opens on Monday. It cost {at} crowns." for at in range(number))
    file.write_text(
        "".join(json.dumps({"title": f"{name} {at}", "text": text}) + "\n" for at, text in enumerate(texts))
    )
    return "put", str(file)


def test_what_one_process_puts_another_finds(tmp_path: Path) -> None:
    """An article is found by another process as soon as it is acknowledged."""
    library = open_library(tmp_path / "library", HashEmbedder())
    names = ["lighthouse", "viaduct", "orchard"]
    steps = [ingest_step(tmp_path, name, 1) for name in names]
    gate = Gate(tmp_path)
    with start_worker(tmp_path, steps, gate) as other, gate:
        assert other.stdout is not None
        for line in other.stdout:
            if line == ".\n":
                gate.let_through()
            elif line.startswith("id "):
                _, step, article_id = line.split()
                query = Query(names[int(step)], PUBLIC)
                assert article_id in {passage.article.id for passage in search_text(library, query, 3)}
                names[int(step)] = ""
    assert other.returncode == 0
    assert names == ["", "", ""]
    library.close()


def test_writers_and_readers_at_one_library(tmp_path: Path) -> None:
    """With two writing processes and four readers, every row finds itself and the last versions are current."""
    writers = [start("write", tmp_path, name, 60, every) for name, every in (("one", 40), ("two", 1_000))]
    readers = [start("read", tmp_path, 20, 2) for _ in range(2)]
    write_reports = [said(writer) for writer in writers]
    read_reports = [said(reader) for reader in readers]
    assert [problem for report in read_reports for problem in report["problems"]] == []
    assert [report["operations"] for report in write_reports] == [60, 60]
    assert [report["reads"] for report in read_reports] == [40, 40]
    library = open_library(tmp_path, HashEmbedder())
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())
    expected = {
        Article.create(title="", text="x", url=address).id: version
        for report in write_reports
        for address, version in report["standing"].items()
    }
    with library.open_reader(PUBLIC) as db:
        assert {article.id: article.version for article in db.articles()} == expected
    library.close()


@pytest.mark.parametrize("both", [True, False])
def test_sealing_that_died_is_taken_over(tmp_path: Path, both: bool) -> None:
    """Whether killed with its parent or orphaned, the sealing process ends and frees its lock, and another can seal."""
    steps = [ingest_step(tmp_path, "bridge", 20), ("seal", "")]
    gate = Gate(tmp_path)
    with start_worker(tmp_path, steps, gate) as other, gate:
        assert other.stdout is not None
        lock = FileLock(tmp_path / "library" / "sealing.lock")
        sealing = False
        for line in other.stdout:
            sealing = sealing or line == "sealing\n"
            if line == ".\n":
                # It acquires its lock before it executes its first statement.
                if sealing and _is_held(lock):
                    break
                gate.let_through()
        children = psutil.Process(other.pid).children(recursive=True)
        assert children
        if both:
            os.killpg(other.pid, signal.SIGKILL)
        else:
            other.kill()
            other.wait()
        assert psutil.wait_procs(children, timeout=HANGING)[1] == []
    build_due(tmp_path / "library", least=1)
    library = open_library(tmp_path / "library", HashEmbedder())
    checkup = library.check(deep=True)
    assert (checkup.problems, checkup.damaged_segments) == ((), frozenset())
    assert checkup.figures["indexed"] == checkup.figures["chunks"] == 20
    assert len(list((tmp_path / "library" / "chroma").iterdir())) == 1
    library.close()


def _is_held(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False

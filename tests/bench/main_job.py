"""The figures of the first job: reading articles and answering from them, each beside its limit.

usage: python tests/bench/main_job.py [--keep FOLDER]    where the BBC library stays, for other measures
Takes about five minutes on two cores. Times of single steps are medians; they vary from machine to machine, and on one
with its load, which ratios and scores do not. What needs data that is not there is skipped by name.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import door
from data import REPOSITORY, Absent, open_model, open_reranker, questions, shared, unpack_bbc
from measure import (
    Figure,
    alone,
    disk,
    limits,
    median_seconds,
    memory,
    note,
    onrecord,
    peak_memory,
    percentile,
    seconds,
)
from rich.console import Console

from bot.cli.batch import parse_history
from bot.cli.ingest import ingest_sources
from ingest.article.build import ArticleMetadata
from retrieval.answer.quoting import answer_question
from retrieval.library import Library, open_library
from retrieval.types import Query

_QUESTION = "what did Kirby say?"
_SEED = "data/seed/putin-visits-north-korea.txt"
_ROUNDS = 3
_WARMING = 20


def main() -> None:
    """Measure everything and print the table."""
    figures: list[Figure] = []
    skipped: list[str] = []
    given = argparse.ArgumentParser()
    given.add_argument("--keep", type=Path)
    kept: Path | None = given.parse_args().keep
    with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as folder:
        for part in (installed, helped, of_seed, embedding, one_question, of_bbc):
            note(f"{part.__name__}: {(part.__doc__ or '').splitlines()[0]}")
            try:
                figures += part(Path(folder))
            except Absent as absent:
                skipped.append(f"skipped {part.__name__}: {absent}")
        if kept:
            shutil.copytree(Path(folder) / "library", kept)
    print(limits(figures))
    print("\nTimes are medians where nothing else is said, and vary from machine to machine and with its load.")
    for line in skipped:
        print(line)


def installed(_: Path) -> Iterator[Figure]:
    """What the environment takes on the disk."""
    if sys.prefix == sys.base_prefix:
        raise Absent("this Python runs in no virtual environment")
    yield Figure(".venv on the disk", disk(Path(sys.prefix)) / 1e6, 1300, "MB")
    yield Figure("torch installed (0: no)", float(importlib.util.find_spec("torch") is not None), 0)


def helped(folder: Path) -> Iterator[Figure]:
    """The wall time of `onrecord --help`."""
    yield Figure("onrecord --help, median of 5", median_seconds(lambda: onrecord(folder / "none", "--help")), 0.4, "s")


def of_seed(folder: Path) -> Iterator[Figure]:
    """A cold question of the seed article, and the scores of its questions."""
    library = folder / "seed"
    onrecord(library, "ingest", str(shared(_SEED)))
    cold = median_seconds(lambda: onrecord(library, "ask", _QUESTION))
    yield Figure("onrecord ask, cold process, seed article, median of 5", cold, 2.5, "s")
    asked = shared("data/questions/seed-dev.jsonl")
    answers = folder / "answers.jsonl"
    answers.write_text(onrecord(library, "ask", "--batch", str(asked), "--json"), "utf-8")
    scored = subprocess.run(
        [sys.executable, shared("tools/score.py"), asked, answers], stdout=subprocess.PIPE, text=True, check=True
    )
    over_all: dict[str, float] = json.loads(scored.stdout)["all"]
    yield Figure("seed-dev: hit", over_all["hit"], 1.0, floor=True)
    yield Figure("seed-dev: abstain_r", over_all["abstain_r"], 1.0, floor=True)
    yield Figure("seed-dev: bad_citations", over_all["bad_citations"], 0)


def embedding(_: Path) -> Iterator[Figure]:
    """Passages of 256 tokens a second, warm."""
    embedder = open_model()
    story = " ".join(path.read_text("utf-8") for path in sorted((REPOSITORY / "bot" / "samples").glob("*.txt")))
    words = story.split() * 2
    # Three hundred words are more than 256 tokens: the encoder reads 256 of each.
    passages = [" ".join(words[first : first + 300]) for first in range(0, 96 * 7, 7)]
    embedder.embed_array(passages[:16])
    spent = median_seconds(lambda: embedder.embed_array(passages), _ROUNDS)
    yield Figure("passages of 256 tokens embedded a second", len(passages) / spent, 45, "/s", floor=True)


def one_question(_: Path) -> Iterator[Figure]:
    """The embedding of one question, warm."""
    embedder = open_model()
    texts = [row["question"] for row in questions("bbc-dev.jsonl")]
    embedder.embed_array(texts[:_WARMING])
    spent = [seconds(partial(embedder.embed_array, [text])) for text in texts]
    yield Figure("one question embedded, p50", 1000 * statistics.median(spent), 5, "ms")


def of_bbc(folder: Path) -> Iterator[Figure]:
    """Reading the 2,225 BBC articles, and questions of them: takes some minutes."""
    articles, library = unpack_bbc(folder / "bbc"), folder / "library"
    run = alone(read_in, articles, library)
    session = alone(session_alone, library)
    yield Figure("BBC ingest, wall", run.wall, unit="s")
    yield Figure("BBC ingest, session seconds in the run", run.session, unit="s")
    yield Figure("BBC session alone on the same chunks", session, unit="s")
    yield Figure("BBC ingest, wall / session in the run", run.wall / run.session)
    yield Figure("BBC ingest, wall / session alone", run.wall / session, 1.25)
    yield Figure("BBC session alone / in the run (over: others kept the cores busy)", session / run.session, 1.05)
    yield Figure("BBC ingest, memory of the idle process", run.idle, unit="MB")
    yield Figure("BBC ingest, peak memory over idle", run.peak - run.idle, 400, "MB")
    asked = questions("bbc-dev.jsonl")
    spent = alone(asked_warm, library, asked)
    said = f"{len(asked)} questions × {_ROUNDS}"
    yield Figure(f"ask, warm, BBC library, p50 of {said}", percentile(spent, 50), 60, "ms")
    yield Figure(f"ask, warm, BBC library, p95 of {said}", percentile(spent, 95), 150, "ms")


@dataclass(frozen=True, slots=True)
class Run:
    """An ingest: seconds in all and inside the model, memory in MB before it and at its highest."""

    wall: float
    session: float
    idle: float
    peak: float


def read_in(articles: Path, folder: Path) -> Run:
    """Ingest a folder as `onrecord ingest` does. Idle is: library open, model loaded, one question answered."""
    embedder = open_model()
    library = open_library(folder, embedder)
    answer_question(library, Query(_QUESTION, door.SCOPES))
    idle, before, begun = memory(), embedder.session_seconds, time.perf_counter()
    ingest_sources(library, [str(articles)], ArticleMetadata(), Console(file=io.StringIO()), as_json=False)
    wall = time.perf_counter() - begun
    library.close()
    return Run(wall, embedder.session_seconds - before, idle, peak_memory())


def session_alone(folder: Path) -> float:
    """Seconds inside the model for all chunks of a library, nothing else being done.

    All in one call, so that texts of like length meet: the least time the model can take for them.
    """
    texts = door.stored_texts(folder)
    embedder = open_model()
    embedder.embed_array(texts[:16])
    before = embedder.session_seconds
    embedder.embed_array(texts)
    return embedder.session_seconds - before


def asked_warm(folder: Path, asked: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of each answer in a process that has answered before."""
    library = open_library(folder, open_model(), open_reranker())
    for row in islice(asked, _WARMING):
        _answer(library, row)
    spent = [1000 * seconds(partial(_answer, library, row)) for _ in range(_ROUNDS) for row in asked]
    library.close()
    return spent


def _answer(library: Library, row: dict[str, Any]) -> None:
    answer_question(library, Query(row["question"], door.SCOPES), parse_history(row.get("history")))


if __name__ == "__main__":
    main()

"""Killing a process that changes a library, and what must be true of the library afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from retrieval.library import Library, open_library
from retrieval.types import Article, Query
from tests.retrieval.fakes import PUBLIC, HashEmbedder
from tests.retrieval.worker import Gate, Step, carry_out, open_unsealed

ROOT = Path(__file__).parents[2]
State = dict[str, Any]


@dataclass(slots=True)
class Plan:
    """Steps, the state of the library after each (states[0] is the empty one), and the marks that each makes.

    `unsealed`: the index is built where a step says so, and not at the end of each run of the pipeline as well.
    """

    steps: list[Step]
    unsealed: bool = False
    states: list[State] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)


def bbc_rows(archive: Path, number: int, seed: int) -> list[dict[str, str]]:
    """Rows of BBC articles, each with an address to be known by."""
    with tarfile.open(archive) as tar:
        members = sorted((one for one in tar.getmembers() if one.isfile()), key=lambda one: one.name)
        chosen = random.Random(seed).sample(members, number)
        texts = [(one.name, tar.extractfile(one)) for one in chosen]
        return [
            {"url": f"https://news.example/{name}", "text": file.read().decode("utf-8", "replace")}
            for name, file in texts
            if file is not None
        ]


def plan_of(folder: Path, rows: list[dict[str, str]], batch: int, seed: int, *, seals: int, unsealed: bool) -> Plan:
    """Steps that take in the rows, correct a third of them, remove a tenth, and seal so many times in between."""
    drawn = random.Random(seed)
    corrected = [
        row | {"text": f"{row['text']}\n\nThis report was corrected."} for row in drawn.sample(rows, len(rows) // 3)
    ]
    steps: list[Step] = []
    for number, (part, size) in enumerate([(rows, batch), (corrected, batch // 2)]):
        for first in range(0, len(part), size):
            file = folder / f"{number}-{first}.jsonl"
            file.write_text("".join(json.dumps(row) + "\n" for row in part[first : first + size]))
            steps.append(("put", str(file)))
    for row in drawn.sample(rows, len(rows) // 10):
        steps.insert(drawn.randrange(len(steps) // 2, len(steps)), ("remove", _id(row)))
    for at in range(seals, 0, -1):
        steps.insert(len(steps) * at // (seals + 1) + 1, ("seal", ""))
    return Plan(steps, unsealed)


def _id(row: dict[str, str]) -> str:
    return Article.create(title="", text="x", url=row["url"]).id


def state_of(library: Library) -> State:
    """All that is stored, by article: versions, chunks, their vectors, statements, origins."""
    with library.open_reader(PUBLIC) as db:
        everything = Query("", PUBLIC)
        model = db.model()[0]
        out: State = {
            one.id: {
                "version": one.version,
                "versions": [(v.number, v.version) for v in db.history([one.id])[one.id]],
                "origins": db.origins(one.id),
                "chunks": [],
                "statements": [],
            }
            for one in db.articles()
        }
        ids, vectors = db.vectors_of(db.select_chunks(everything, -1), model)
        loaded = db.chunks(ids.tolist())
        for chunk_id, vector in zip(ids.tolist(), vectors, strict=True):
            chunk, article = loaded[chunk_id]
            assert chunk.version == article.version
            digest = hashlib.sha256(vector.tobytes()).hexdigest()[:16]
            out[article.id]["chunks"].append((chunk.index, chunk.span.start, chunk.span.end, chunk.heading, digest))
        for statement, article in db.statements(everything):
            out[article.id]["statements"].append(repr(statement))
    for one in out.values():
        one["chunks"].sort()
        one["statements"].sort()
    return out


def with_states(plan: Plan, folder: Path) -> Plan:
    """The plan with the states that a library has which nobody kills, and the marks its steps make."""
    marks = 0

    def count(*_: object) -> None:
        nonlocal marks
        marks += 1

    library = open_unsealed(folder)
    plan.states.append(state_of(library))
    for number, step in enumerate(plan.steps):
        marks = 0
        sa.event.listen(sa.Engine, "before_cursor_execute", count)
        if step[0] != "seal":
            carry_out(library, number, step, lambda _: None)
        sa.event.remove(sa.Engine, "before_cursor_execute", count)
        plan.marks.append(marks)
        plan.states.append(state_of(library))
    library.close()
    return plan


def killed(plan: Plan, folder: Path, kills: int, seed: int) -> Iterator[Run]:
    """Carry out a plan in processes of which so many are killed, spread over it; every fourth one while it seals.

    Yields how each ended, with what was wrong afterwards.
    """
    drawn = random.Random(seed)
    done = number = 0
    while done < len(plan.steps):
        left = kills - number
        after = drawn.randrange(1, 10 + int(1.6 * sum(plan.marks[done:]) / (left + 1))) if left > 0 else None
        sealing = number % 4 == 1 and ("seal", "") in plan.steps[done:-5]
        if after is not None and sealing:
            after = drawn.randrange(1, 40)
        run = run_until(plan, folder, done, after, whole=number % 2 == 0, sealing=sealing)
        run.wrong = wrong(plan, folder, run)
        yield run
        done = run.done
        number += not run.finished


@dataclass(slots=True)
class Run:
    """How far a process came: marks it made, the step it was at, how many articles it acknowledged, which of them in
    that step, whether it was sealing, whether it came to its end; and what was wrong afterwards."""

    marks: int = 0
    done: int = 0
    acknowledged: int = 0
    told: set[str] = field(default_factory=set)
    sealing: bool = False
    finished: bool = False
    wrong: list[str] = field(default_factory=list)


def run_until(plan: Plan, folder: Path, first: int, after: int | None, *, whole: bool, sealing: bool = False) -> Run:
    """Let a process carry out the steps from `first` on; kill it at its `after`th mark, before it makes another.

    `whole`: together with the process that seals for it; else that one has to notice and end by itself, which is waited
    for. `sealing`: marks count from the beginning of a sealing on.
    """
    (folder.parent / "steps.json").write_text(json.dumps(plan.steps))
    arguments = [str(folder), str(folder.parent / "steps.json"), str(first), str(int(plan.unsealed))]
    run = Run(done=first)
    counted = 0
    command = [sys.executable, "-m", "tests.retrieval.worker", *arguments]
    gate = Gate(folder.parent)
    with (
        subprocess.Popen(
            command, cwd=ROOT, env=gate.env, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process,
        gate,
    ):
        assert process.stdout is not None
        # To the end: it comes when the last process that could write has gone.
        for line in process.stdout:
            _hear(run, line)
            if line != ".\n":
                continue
            gate.let_through()
            counted += not sealing or run.sealing
            if counted == after:
                # Somewhere in the statement or after it: at the next one it has to wait.
                time.sleep(after % 7 / 1_000)
                if whole:
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()
    run.finished = process.returncode == 0
    return run


def _hear(run: Run, line: str) -> None:
    word, *rest = line.split()
    run.marks += word == "."
    if word == "sealing":
        run.sealing = True
    elif word == "id":
        run.told.add(rest[1])
        run.acknowledged += 1
    elif word == "done":
        run.done, run.told, run.sealing = int(rest[0]) + 1, set(), False


def wrong(plan: Plan, folder: Path, run: Run) -> list[str]:
    """What is wrong with the library that a killed process left."""
    library = open_library(folder, HashEmbedder())
    try:
        checkup = library.check(deep=True)
        state = state_of(library)
    finally:
        library.close()
    problems = [*checkup.problems, *(f"{folder} is damaged" for folder in checkup.damaged_segments)]
    # Of the step it was at each article is there whole or not at all; those that were acknowledged are there.
    before, after = plan.states[run.done], plan.states[min(run.done + 1, len(plan.steps))]
    unfit = [
        one
        for one in before.keys() | after.keys() | state.keys()
        if state.get(one) != after.get(one) and (one in run.told or state.get(one) != before.get(one))
    ]
    if unfit:
        told = sum(one in run.told for one in unfit)
        problems.append(f"after step {run.done}: {len(unfit)} articles not as they should be, {told} acknowledged")
    return problems

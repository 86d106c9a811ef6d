"""Processes that write to one library and read from it at the same time: `python -m tests.retrieval.crowd`.

`write FOLDER NAME OPERATIONS SEAL_EVERY` puts, updates and removes articles of its own until it has done so many
operations or its stdin is closed; `read FOLDER READS THREADS` searches likewise. Each prints, as JSON, what it did.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from retrieval.library import Library, open_library
from retrieval.models.sentence_vectors import text_to_embed
from retrieval.search import search
from retrieval.types import Query
from tests.retrieval.fakes import PUBLIC, HashEmbedder, entry

ROOT = Path(__file__).parents[2]


def start(*arguments: object) -> subprocess.Popen[str]:
    """One of these processes."""
    command = [sys.executable, "-m", "tests.retrieval.crowd", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> Any:
    """What such a process says once it is done."""
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        out = json.loads(process.stdout.read())
        process.stdin.close()
    return out


def write(folder: Path, name: str, operations: int, seal_every: int, closed: threading.Event) -> dict[str, Any]:
    """Change the library. Says which version of each address should stand at the end."""
    library = open_library(folder, HashEmbedder())
    drawn = random.Random(name)
    standing: dict[str, str] = {}
    slowest = 0.0
    done = 0
    while done < operations and not closed.is_set():
        address = f"https://{name}.example/{drawn.randrange(60)}"
        one = entry([f"{name} {done} says part {at} of it." for at in range(drawn.randrange(1, 9))], url=address)
        begun = time.perf_counter()
        if address in standing and drawn.random() < 0.3:
            library.remove(one.article.id, PUBLIC)
            del standing[address]
        else:
            library.put_entries([one])
            standing[address] = one.article.version
        slowest = max(slowest, time.perf_counter() - begun)
        done += 1
        if done % seal_every == 0:
            library.seal(least=1)
    library.close()
    return {"operations": done, "standing": standing, "slowest": slowest}


def read(folder: Path, reads: int, threads: int, closed: threading.Event) -> dict[str, Any]:
    """Search the library in several threads. Says how often, how long it took, and what was wrong."""
    library = open_library(folder, HashEmbedder())
    took: list[float] = []
    problems: list[str] = []

    def loop() -> None:
        for number in range(reads):
            if closed.is_set():
                return
            begun = time.perf_counter()
            try:
                problems.extend(_wrong(library, f"one {number % 50} says part {number % 7}"))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
                problems.append(repr(error)[:300])
            took.append(time.perf_counter() - begun)

    running = [threading.Thread(target=loop) for _ in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    library.close()
    return {"reads": len(took), "took": sorted(took), "problems": problems}


def _wrong(library: Library, question: str) -> list[str]:
    """What is not as it should be in the hits of one read: each chunk of a current version, whole, with its vector."""
    vector = library.embedder.embed_array([question])[0]
    with library.open_reader(PUBLIC) as db:
        passages = search(library, db, Query(question, PUBLIC), 5, vector)
        hits = dict(library.nearest(db, vector, 10))
        loaded = db.chunks(list(hits))
    out = [f"a passage of {p.chunk.version}, not {p.article.version}" for p in passages if not _current(p)]
    texts = [text_to_embed(chunk.heading, chunk.span.of(article.text)) for chunk, article in loaded.values()]
    cosines = library.embedder.embed_array(texts) @ vector
    for (chunk_id, (chunk, article)), cosine in zip(loaded.items(), cosines, strict=True):
        if chunk.version != article.version:
            out.append(f"chunk {chunk_id} of {chunk.version}, not {article.version}")
        if abs(hits[chunk_id] - cosine) > 1e-3:
            out.append(f"chunk {chunk_id} was found by another's vector")
    if len(loaded) != len(hits):
        out.append("a hit that is not there")
    return out


def _current(passage: Any) -> bool:
    return bool(passage.chunk.version == passage.article.version)


def _main(kind: str, folder: str, *rest: str) -> None:
    closed = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), closed.set()), daemon=True).start()
    if kind == "write":
        print(json.dumps(write(Path(folder), rest[0], int(rest[1]), int(rest[2]), closed)))
    else:
        print(json.dumps(read(Path(folder), int(rest[0]), int(rest[1]), closed)))


if __name__ == "__main__":
    _main(*sys.argv[1:])

"""A process that changes a library step by step and tells of it, to be killed: `python -m tests.retrieval.worker`.

A step takes in a file of rows through the pipeline, removes an article, or seals. On stdout stand "id STEP ID" for
each article once it is acknowledged, "done STEP", "sealing", and "." for each statement carried out on the catalog,
by this process or the one that seals for it: so that whoever reads along can kill it at any of them. With a `Gate` it
waits at each "." until it is let through, however far behind its reader is.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.index.build import CATALOG_FILE
from retrieval.library import Library, open_library
from retrieval.store.database import Catalog
from tests.retrieval.fakes import PUBLIC, HashEmbedder

Step = tuple[str, str]
"""("put", a file of rows), ("remove", an article's id) or ("seal", "")."""

Say = Callable[[str], None]

_GATE = "TESTS_GATE"


class Gate:
    """Lets a process through at each of its statements; once it is closed, the process goes on by itself.

    A context, entered after the process's own. `env` is what the process is started with.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "gate"
        with suppress(FileExistsError):
            os.mkfifo(self._path)
        self._pipe = os.open(self._path, os.O_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._pipe)

    @property
    def env(self) -> dict[str, str]:
        """The environment that leads a process here."""
        return os.environ | {_GATE: str(self._path)}

    def let_through(self) -> None:
        """One statement may be carried out."""
        os.write(self._pipe, b".")


class Unsealed(Library):
    """A library whose index is built when a step says so, and not at the end of each run of the pipeline."""

    def seal(self, least: int = 0) -> None:
        """Leave it."""


def open_unsealed(folder: Path) -> Library:
    """The library of a folder, whose pipeline does not seal."""
    open_library(folder, HashEmbedder()).close()
    return Unsealed(folder, Catalog(folder / CATALOG_FILE), HashEmbedder())


def carry_out(library: Library, number: int, step: Step, say: Say) -> None:
    """Do one step, saying what is acknowledged. Again after a crash it ends in the same."""
    kind, what = step
    if kind == "put":
        for report in ingest(library, [what], ArticleMetadata(), io.BytesIO()):
            say(f"id {number} {report.article.id if report.article else report.error}")
    elif kind == "remove":
        library.remove(what, PUBLIC)
        say(f"id {number} {what}")
    else:
        say("sealing")
        Library.seal(library, least=1)
    say(f"done {number}")


def work(folder: Path, steps: Sequence[Step], first: int, *, unsealed: bool) -> None:
    """Carry out the steps from `first` on."""
    library = open_unsealed(folder) if unsealed else open_library(folder, HashEmbedder())
    for number, step in enumerate(steps[first:], first):
        carry_out(library, number, step, _say)
    library.close()


def _say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def _open_gate(path: str) -> int:
    # Opened to read and no more, it would wait for somebody who opens it to write.
    gate = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(gate, True)
    return gate


def _mark(*_: Any) -> None:
    _say(".")
    if _gate is not None:
        os.read(_gate, 1)


if __name__ in ("__main__", "__mp_main__"):
    _gate = _open_gate(os.environ[_GATE]) if _GATE in os.environ else None
    sa.event.listen(sa.Engine, "before_cursor_execute", _mark)

if __name__ == "__main__":
    work(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3]), unsealed=sys.argv[4] == "1")

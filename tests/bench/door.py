"""Where the benchmarks reach past `open_library`, `put`, `search` and `answer_question`: all that a change of the
library may ask to be adapted here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval.library import Library
from retrieval.models.sentence_vectors import embedded
from retrieval.store.reader import Reader
from retrieval.types import PUBLIC

SCOPES = (PUBLIC,)
_BLOCK = 20_000


def reading(library: Library) -> AbstractContextManager[Reader]:
    """One state of the library, as `search` wants it."""
    return library.read(SCOPES)


def nearest(library: Library, db: Reader, vector: npt.NDArray[np.float32], n: int) -> list[int]:
    """Ids of the chunks that the vector index takes for the `n` nearest."""
    return [chunk_id for chunk_id, _ in library.nearest(db, vector, n)]


def stored_texts(folder: Path) -> list[str]:
    """What was embedded of every chunk, in the order of storing."""
    with closing(_catalog(folder)) as db:
        return [embedded(*row) for row in db.execute("select heading, body from chunk_text order by id")]


def stored_vectors(folder: Path) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]:
    """Ids and vectors of every chunk, a block of rows at a time."""
    with closing(_catalog(folder)) as db:
        found = db.execute("select chunk_id, vector from vectors")
        while rows := found.fetchmany(_BLOCK):
            ids = np.array([chunk_id for chunk_id, _ in rows])
            yield ids, np.frombuffer(b"".join(vector for _, vector in rows), np.float32).reshape(len(rows), -1)


def explained(folder: Path, statement: str, parameters: Any) -> list[str]:
    """The steps by which the catalog carries out a statement."""
    with closing(_catalog(folder)) as db:
        return [row[3] for row in db.execute(f"explain query plan {statement}", parameters)]


def rows_of(folder: Path, table: str) -> int | None:
    """How many rows a table of the catalog has; None where the name, as an alias in a plan, is that of no table."""
    with closing(_catalog(folder)) as db:
        known = db.execute("select 1 from sqlite_master where type = 'table' and name = ?", (table,)).fetchone()
        counted = f'select count(*) from "{table}"'  # noqa: S608 - of a name that the catalog itself gave
        return int(db.execute(counted).fetchone()[0]) if known else None


def _catalog(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "catalog.sqlite")

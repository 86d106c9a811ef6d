"""Where the benchmarks reach past `open_library`, `put`, `search` and `answer_question`: all that a change of the
library may ask to be adapted here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.library import Library
from retrieval.models.sentence_vectors import text_to_embed
from retrieval.store.reader import CatalogReader
from retrieval.types import PUBLIC

SCOPES = (PUBLIC,)
_BLOCK = 20_000


def reading(library: Library) -> AbstractContextManager[CatalogReader]:
    """One state of the library, as `search` wants it."""
    return library.open_reader(SCOPES)


def nearest(library: Library, db: CatalogReader, vector: npt.NDArray[np.float32], n: int) -> list[int]:
    """Ids of the chunks that the vector index takes for the `n` nearest."""
    return [chunk_id for chunk_id, _ in library.nearest(db, vector, n)]


def stored_texts(folder: Path) -> list[str]:
    """What was embedded of every chunk, in the order of storing."""
    with closing(_catalog(folder)) as db:
        return [text_to_embed(*row) for row in db.execute("select heading, body from chunk_text order by id")]


def stored_vectors(folder: Path) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]]:
    """Ids and vectors of every chunk, a block of rows at a time."""
    with closing(_catalog(folder)) as db:
        found = db.execute("select chunk_id, vector from vectors")
        while rows := found.fetchmany(_BLOCK):
            ids = np.array([chunk_id for chunk_id, _ in rows])
            yield ids, np.frombuffer(b"".join(vector for _, vector in rows), np.float32).reshape(len(rows), -1)


def _catalog(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(folder / "catalog.sqlite")

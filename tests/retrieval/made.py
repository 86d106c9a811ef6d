"""Libraries made in no time: an embedding that costs nothing, and a library of the first schema."""

import hashlib
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ingest.chunker import chunk
from retrieval.models.sentence_vectors import text_to_embed
from retrieval.store.dedup import Entry
from retrieval.types import PUBLIC, Article


class Hashed:
    """Vectors drawn from the hash of each text: the same text finds itself, and nothing means anything."""

    name = "hashed/4"
    dimension = 4

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") for text in texts]
        drawn = [np.random.default_rng(seed).standard_normal(4).astype(np.float32) for seed in seeds]
        return np.array([one / np.linalg.norm(one) for one in drawn], np.float32).reshape(len(texts), 4)


def entry(
    text: str,
    url: str | None = None,
    *,
    scope: str = PUBLIC,
    origin: str | None = None,
    title: str = "A title",
    **facts: Any,
) -> Entry:
    """A text as an article on its way into a library; `origin`: the file it stood in; `facts`: of the article."""
    article = Article.create(title=title, text=text, url=url, scope=scope, **facts)
    chunks = chunk(article, ())
    vectors = Hashed().embed_array([text_to_embed(one.heading, one.span.of(text)) for one in chunks])
    return replace(Entry.of(article, origin), chunks=chunks, vectors=vectors)


def first_schema(folder: Path) -> Path:
    """A catalog of the first schema in a new folder: what its release wrote when it was given four articles."""
    folder.mkdir(parents=True)
    path = folder / "catalog.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript((Path(__file__).parent / "schema-1.sql").read_text("utf-8"))
        db.execute("pragma journal_mode = wal")
    return path


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of a size such as 300k, mounted in a new folder; the test is skipped where that is not allowed."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """What a query finds in a catalog."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def content(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a catalog."""
    names = [name for (name,) in rows(path, "select name from sqlite_master where type = 'table' order by name")]
    return {name: rows(path, f'select * from "{name}"') for name in names if name != "chunk_vocabulary"}  # noqa: S608

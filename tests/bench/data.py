"""What the benchmarks are run on: articles and questions of the shared data, which is no part of the project."""

from __future__ import annotations

import json
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from retrieval.models import Reranker
from retrieval.models.local import LocalEmbeddings, open_local

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared"
CACHE = Path(tempfile.gettempdir()) / "onrecord-bench"
"""What one run leaves for the next: the built model graph, vectors of the BBC articles. Safe to delete."""


class Absent(Exception):
    """Data that a benchmark needs is not there; the message names it."""


def shared(path: str) -> Path:
    """A file of the shared data. Raises Absent."""
    found = SHARED / path
    if not found.exists():
        raise Absent(f"../shared/{path} is not there")
    return found


def unpack_bbc(folder: Path) -> Path:
    """The folder with the 2,225 BBC articles, unpacked into `folder`."""
    with tarfile.open(shared("data/bbc-news/articles.tar.gz")) as archive:
        archive.extractall(folder, filter="data")
    return folder


def questions(name: str) -> list[dict[str, Any]]:
    """The rows of a question set."""
    lines = shared(f"data/questions/{name}").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def open_model() -> LocalEmbeddings:
    """The embedding as `onrecord` opens it, its graph kept in the benchmarks' own cache."""
    return open_local(None, CACHE / "onrecord")


def open_reranker() -> Reranker:
    """The reranker as `onrecord` opens it, its graph kept in the benchmarks' own cache."""
    return Reranker(CACHE / "onrecord")

"""Searches by words alone while the embedding service is out of reach; the answer then has a notice.

Somebody waits for the answer, so the time limit for a question's vectors is shorter than for those of an ingest, and a
service that keeps failing is not asked for a while.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from retrieval.errors import KeyRefused, ModelUnavailable
from retrieval.library import Library
from retrieval.models import Embedder
from retrieval.models.fallback import ConstantEmbedder

log = logging.getLogger(__name__)

BY_WORDS = "words: the service that compares meanings is out of reach; this was searched by words alone"
"""The notice of such an answer. What is wrong with the service is told in the log and by `doctor`."""

_T = TypeVar("_T")


def has_vectors(library: Library) -> bool:
    """Whether this view of a library can compare texts by vectors."""
    return not isinstance(library.embedder, ConstantEmbedder)


def search_with_fallback(library: Library, job: Callable[[Library], _T]) -> tuple[_T, str | None]:
    """(result of a search job, a notice where it had to go by words alone).

    The job is called with the view of the library to search in, and called again, from the start, with one that
    searches by words alone where the embedding service fails in the middle of it.
    """
    time_limited: Callable[[], Embedder] | None = getattr(library.embedder, "time_limited", None)
    if time_limited is None:
        return job(library), None
    try:
        return job(library.with_embedder(time_limited())), None
    except (ModelUnavailable, KeyRefused) as error:
        log.warning("searched by words alone: %s", error)
        return job(library.with_embedder(ConstantEmbedder(library.embedder.name))), BY_WORDS

"""Searching while the service that turns text into vectors stays away: by words alone, and the answer says so.

Somebody waits for an answer, so that a service is asked for the vectors of a question with less patience than for those
of an ingest, and one that keeps failing is left alone for a while.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from retrieval.errors import KeyRefused, ModelUnavailable
from retrieval.library import Library
from retrieval.models import Embedder
from retrieval.models.fallback import Unmeasured

log = logging.getLogger(__name__)

BY_WORDS = "words: the service that compares meanings is out of reach; this was searched by words alone"
"""The notice of an answer; what is wrong with the service is for the log and `doctor`."""

_T = TypeVar("_T")


def measures(library: Library) -> bool:
    """Whether meanings can be compared in this view of a library."""
    return not isinstance(library.embedder, Unmeasured)


def searched(library: Library, job: Callable[[Library], _T]) -> tuple[_T, str | None]:
    """What a job finds in the library, and a notice where it had to go by words alone.

    The job gets the library to search in, and is done anew where the embedding's service fails in the middle of it.
    """
    hasty: Callable[[], Embedder] | None = getattr(library.embedder, "hasty", None)
    if hasty is None:
        return job(library), None
    try:
        return job(library.embedding_by(hasty())), None
    except (ModelUnavailable, KeyRefused) as error:
        log.warning("searched by words alone: %s", error)
        return job(library.embedding_by(Unmeasured(library.embedder.name))), BY_WORDS

"""Embedders for when a service is slow or unreachable: one with a time limit, and one that measures nothing."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue

import numpy as np
import numpy.typing as npt

from retrieval.errors import ModelUnavailable
from retrieval.models.embedder import Embedder
from retrieval.models.remote import CircuitBreaker

UNMEASURED_SIMILARITY = 0.55
"""The similarity of any two texts while none can be measured: about that of an answerable question to its nearest
chunk, so that missing vectors count neither for nor against an answer."""


class ConstantEmbedder:
    """Stands in for an unreachable embedder: every two texts are equally similar."""

    dimension = 1

    def __init__(self, name: str) -> None:
        self.name = name

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The same vector for each text, as an array of shape (len(texts), 1)."""
        return np.full((len(texts), 1), math.sqrt(UNMEASURED_SIMILARITY), np.float32)


class TimeLimitedEmbedder:
    """An embedder with a time limit. Safe to use from several threads.

    `seconds`: limit for a whole call (a connection's time-out only limits its silences). Raises ModelUnavailable past
    it, and at once while `breaker` is open.
    """

    def __init__(self, embedder: Embedder, seconds: float, breaker: CircuitBreaker | None = None) -> None:
        self.name = embedder.name
        self._embedder, self._seconds = embedder, seconds
        self._breaker = breaker or CircuitBreaker(after=2, seconds=30)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._embedder.dimension

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of the texts in order, as an array of shape (len(texts), dimension)."""
        self._breaker.check()
        try:
            vectors = self._embed_in_time(texts)
        except ModelUnavailable:
            self._breaker.record_failure()
            raise
        self._breaker.record_success()
        return vectors

    def _embed_in_time(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        result_queue: SimpleQueue[npt.NDArray[np.float32] | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                result_queue.put(self._embedder.embed_array(texts))
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                result_queue.put(error)

        # A daemon thread: a server that never answers must not keep the process from ending.
        threading.Thread(target=ask, name="embed-question", daemon=True).start()
        try:
            result = result_queue.get(timeout=self._seconds)
        except Empty:
            raise ModelUnavailable("the embeddings' service took too long") from None
        if isinstance(result, Exception):
            raise result
        return result

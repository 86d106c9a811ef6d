"""Embeddings for while a service is slow or out of reach: one with a time limit, and one that measures nothing."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue

import numpy as np
import numpy.typing as npt

from retrieval.errors import ModelUnavailable
from retrieval.models.embedder import Embedder
from retrieval.models.remote import Breaker

ALIKE = 0.55
"""The nearness that any two texts have while none can be measured: about what an answerable question has to the chunk
nearest to it, so that the lack of vectors speaks neither for nor against an answer."""


class Unmeasured:
    """Stands in for an embedding that cannot be asked: any two texts are as near as any others."""

    dimension = 1

    def __init__(self, name: str) -> None:
        self.name = name

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """The same vector for each text, as an array of shape (len(texts), 1)."""
        return np.full((len(texts), 1), math.sqrt(ALIKE), np.float32)


class Hasty:
    """An embedding that gives its vectors soon or not at all. Safe to use from several threads.

    `seconds`: for one call, all in all: time-outs of a connection only bound its silences. Raises ModelUnavailable past
    them, and at once while `breaker` is open.
    """

    def __init__(self, embedder: Embedder, seconds: float, breaker: Breaker | None = None) -> None:
        self.name = embedder.name
        self._embedder, self._seconds = embedder, seconds
        self._breaker = breaker or Breaker(after=2, seconds=30)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._embedder.dimension

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of the texts in order, as an array of shape (len(texts), dimension)."""
        self._breaker.check()
        try:
            vectors = self._in_time(texts)
        except ModelUnavailable:
            self._breaker.bad()
            raise
        self._breaker.good()
        return vectors

    def _in_time(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        came: SimpleQueue[npt.NDArray[np.float32] | Exception] = SimpleQueue()

        def ask() -> None:
            try:
                came.put(self._embedder.embed_array(texts))
            except Exception as error:  # noqa: BLE001 - raised where it is waited for
                came.put(error)

        # Of a server that never ends nobody waits for the thread, not even the end of the process.
        threading.Thread(target=ask, name="embed-question", daemon=True).start()
        try:
            found = came.get(timeout=self._seconds)
        except Empty:
            raise ModelUnavailable("the embeddings' service took too long") from None
        if isinstance(found, Exception):
            raise found
        return found

"""An encoder's graph at work: token ids in, its outputs out, in batches side by side on all cores."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

BATCH_TOKENS = 512
"""Tokens in one run of the model: two passages of 256, the fastest size for one core."""


class Running:
    """The graph of an encoder (`bert_graph`) in a session. Safe to use from several threads."""

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self._clock = _Clock()
        self._pool = ThreadPoolExecutor(_cores(), "encode")
        self.outputs = frozenset(output.name for output in session.get_outputs())

    @property
    def seconds(self) -> float:
        """Seconds in which the model ran, whether once or several times side by side."""
        return self._clock.seconds

    def run(
        self, ids: Sequence[list[int]], *outputs: str, together: int = BATCH_TOKENS
    ) -> Iterator[tuple[list[int], list[npt.NDArray[np.float32]]]]:
        """(places of texts, the model's outputs for these) until all have had their turn, in any order.

        `together`: tokens in one run.
        """
        batches = list(_batches([len(one) for one in ids], together))
        if len(batches) == 1:
            yield batches[0], self._run(ids, batches[0], outputs)
            return
        running = deque[tuple[list[int], Future[list[npt.NDArray[np.float32]]]]]()
        for places in batches:
            running.append((places, self._pool.submit(self._run, ids, places, outputs)))
            if len(running) > 2 * _cores():
                done, future = running.popleft()
                yield done, future.result()
        for done, future in running:
            yield done, future.result()

    def _run(
        self, ids: Sequence[list[int]], places: list[int], outputs: Sequence[str]
    ) -> list[npt.NDArray[np.float32]]:
        longest = max(len(ids[place]) for place in places)
        tokens = np.zeros((len(places), longest), np.int64)
        mask = np.zeros_like(tokens)
        for row, place in enumerate(places):
            tokens[row, : len(ids[place])] = ids[place]
            mask[row, : len(ids[place])] = 1
        with self._clock:
            made: list[npt.NDArray[np.float32]] = self._session.run(list(outputs), {"ids": tokens, "mask": mask})
        return made


class _Clock:
    """Adds up the seconds in which anybody was within it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside, self._since = 0, 0.0
        self.seconds = 0.0

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._since = time.perf_counter()
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                self.seconds += time.perf_counter() - self._since


def _batches(lengths: Sequence[int], together: int) -> Iterator[list[int]]:
    """Places of texts of like length, longest first, so that little is padding."""
    batch: list[int] = []
    longest = 0
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        longest = longest or lengths[place]
        if batch and (len(batch) + 1) * longest > together:
            yield batch
            batch, longest = [], lengths[place]
        batch.append(place)
    if batch:
        yield batch


def _cores() -> int:
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1


def session_of(graph: Path | bytes) -> InferenceSession | None:
    """The graph ready to run; None where its file is damaged.

    A run takes one core, and runs go side by side: cores that share one wait for each other at every step, which is a
    tenth slower alone and more so beside other work.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - onnxruntime's errors share no base but Exception
        return None


def readable(text: str, most: int) -> str:
    """The first `most` characters of a text, without those that stand for nothing."""
    return text[:most].encode("utf-8", "replace").decode()

"""Runs an encoder's graph: token ids in, outputs out, in batches side by side on all cores."""

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
"""Tokens in one run of the model: two passages of 256, which was the fastest size for one core."""


class EncoderRunner:
    """Runs an encoder's graph (`bert_graph`) in a session. Safe to use from several threads."""

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self._clock = _BusyClock()
        self._pool = ThreadPoolExecutor(_core_count(), "encode")
        self.outputs = frozenset(output.name for output in session.get_outputs())

    @property
    def seconds(self) -> float:
        """Seconds during which the model ran; runs side by side count once."""
        return self._clock.seconds

    def run_batches(
        self, ids: Sequence[list[int]], *outputs: str, together: int = BATCH_TOKENS
    ) -> Iterator[tuple[list[int], list[npt.NDArray[np.float32]]]]:
        """Yield (indices of texts, the model's outputs for them) until every text was read, in any order.

        `together`: maximum number of tokens in one run, padding included.
        """
        batches = list(_batches([len(token_ids) for token_ids in ids], together))
        if len(batches) == 1:
            yield batches[0], self._run_batch(ids, batches[0], outputs)
            return
        running = deque[tuple[list[int], Future[list[npt.NDArray[np.float32]]]]]()
        for places in batches:
            running.append((places, self._pool.submit(self._run_batch, ids, places, outputs)))
            if len(running) > 2 * _core_count():
                done, future = running.popleft()
                yield done, future.result()
        for done, future in running:
            yield done, future.result()

    def _run_batch(
        self, ids: Sequence[list[int]], places: list[int], outputs: Sequence[str]
    ) -> list[npt.NDArray[np.float32]]:
        longest = max(len(ids[place]) for place in places)
        tokens = np.zeros((len(places), longest), np.int64)
        mask = np.zeros_like(tokens)
        for row, place in enumerate(places):
            tokens[row, : len(ids[place])] = ids[place]
            mask[row, : len(ids[place])] = 1
        with self._clock:
            output_arrays: list[npt.NDArray[np.float32]] = self._session.run(
                list(outputs), {"ids": tokens, "mask": mask}
            )
        return output_arrays


class _BusyClock:
    """Adds up the seconds during which at least one thread was inside it."""

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
    """Indices of texts of similar length, longest first, so that there is little padding."""
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


def _core_count() -> int:
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1


def open_session(graph: Path | bytes) -> InferenceSession | None:
    """A session for the graph; None where its file is damaged.

    A run uses one core, and runs go side by side: cores that share a run wait for each other at every step, which was a
    tenth slower on an idle machine and slower still beside other work.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - onnxruntime's errors share no base but Exception
        return None


def clip_text(text: str, most: int) -> str:
    """The first `most` characters of a text, with lone surrogates replaced."""
    return text[:most].encode("utf-8", "replace").decode()

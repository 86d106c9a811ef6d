"""Texts to vectors by a sentence encoder that runs here, as LangChain `Embeddings`."""

from __future__ import annotations

import os
import threading
import time
from abc import abstractmethod
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from retrieval.types import Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_BATCH_TOKENS = 512
"""Tokens in one run of the model: two passages of 256, the fastest size for one core."""

_LEAST_LENGTH = 1e-12

_LONGEST = 20_000
"""Characters of a text that are tokenized at most; the encoder reads 256 tokens of them."""


class ArrayEmbeddings(Embeddings):
    """LangChain's way to ask, for what gives its vectors as an array."""

    @abstractmethod
    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of the texts in order, as an array of shape (len(texts), dimension)."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector for each text, in order."""
        vectors: list[list[float]] = self.embed_array(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of one question."""
        return self.embed_documents([text])[0]


class LocalEmbeddings(ArrayEmbeddings):
    """A BERT-family sentence-transformers folder, run by ONNX Runtime. Safe to use from several threads.

    `name` tells one embedding from another: vectors of different names do not compare. `dimension` is the length of a
    vector; vectors have unit length.
    """

    def __init__(self, session: InferenceSession, tokenizer: Tokenizer, name: str, dimension: int) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._clock = _Clock()
        self._pool = ThreadPoolExecutor(_cores(), "embed")
        self.name = name
        self.dimension = dimension

    @property
    def session_seconds(self) -> float:
        """Seconds in which the model ran, whether once or several times side by side."""
        return self._clock.seconds

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of the texts in order, as an array of shape (len(texts), dimension)."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(_readable(texts))]
        vectors = np.empty((len(ids), self.dimension), np.float32)
        for places, (made,) in self._runs(ids, "vectors"):
            vectors[places] = made
        return vectors

    def embed_with_parts(
        self, texts: Sequence[str], parts: Sequence[Sequence[Span]]
    ) -> tuple[npt.NDArray[np.float32], list[npt.NDArray[np.float32]]]:
        """(vectors of the texts, for each text the vectors of parts of it, as an array of shape (parts, dimension)).

        A part's vector is the mean of its tokens' vectors in the whole text (Günther et al. 2024, "late chunking",
        arXiv 2409.04701), so it costs nothing beside the text's own and knows what "he" stands for. That of a part
        past what the encoder reads is all noughts; a model that pools in another way has none for parts.
        """
        if "tokens" not in {output.name for output in self._session.get_outputs()}:
            return self.embed_array(texts), [np.empty((0, self.dimension), np.float32)] * len(texts)
        encodings = self._tokenizer.encode_batch(_readable(texts))
        ids = [encoding.ids for encoding in encodings]
        vectors = np.empty((len(ids), self.dimension), np.float32)
        of_parts = [np.empty((0, self.dimension), np.float32)] * len(ids)
        for places, (made, tokens) in self._runs(ids, "vectors", "tokens"):
            vectors[places] = made
            for place, held in zip(places, tokens, strict=True):
                of_parts[place] = _pooled(held, encodings[place].offsets, parts[place])
        return vectors, of_parts

    def is_word(self, word: str) -> bool:
        """Whether the encoder's vocabulary has the word whole, as it has the common words of its language."""
        return self._tokenizer.token_to_id(word.lower()) is not None

    def _runs(
        self, ids: Sequence[list[int]], *outputs: str
    ) -> Iterator[tuple[list[int], list[npt.NDArray[np.float32]]]]:
        """(places of texts, the model's outputs for these) until all have had their turn, in any order."""
        batches = list(_batches([len(one) for one in ids]))
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


def _readable(texts: Sequence[str]) -> list[str]:
    """As much of the texts as is looked at, in as many characters, without those that stand for nothing."""
    return [text[:_LONGEST].encode("utf-8", "replace").decode() for text in texts]


def _pooled(
    tokens: npt.NDArray[np.float32], offsets: Sequence[tuple[int, int]], parts: Sequence[Span]
) -> npt.NDArray[np.float32]:
    """Unit vectors of parts of a text from those of its tokens; marks that the encoder adds have empty offsets."""
    real = [at for at, (start, end) in enumerate(offsets) if start < end]
    starts = [offsets[at][0] for at in real]
    out = np.zeros((len(parts), tokens.shape[1]), np.float32)
    for row, part in enumerate(parts):
        first, end = bisect_left(starts, part.start), bisect_left(starts, part.end)
        if first < end:
            # What has characters stands together: the encoder adds its marks before and after the text.
            mean = tokens[real[first] : real[end - 1] + 1].mean(axis=0)
            out[row] = mean / max(float(np.linalg.norm(mean)), _LEAST_LENGTH)
    return out


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts of like length, longest first, so that little is padding."""
    batch: list[int] = []
    longest = 0
    for place in sorted(range(len(lengths)), key=lambda place: -lengths[place]):
        longest = longest or lengths[place]
        if batch and (len(batch) + 1) * longest > _BATCH_TOKENS:
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

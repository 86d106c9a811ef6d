"""How near sentences are in meaning to a question: vectors of sentences, kept beside those of their chunks.

They are made with the chunk's own vector and cost nothing besides (`LocalEmbeddings.embed_with_parts`), so that every
sentence of what was found is compared, not a few that are embedded while somebody waits. An embedding that has none,
such as a service's, leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retrieval.rows import embedded
from retrieval.sentences import sentences
from retrieval.types import Span

if TYPE_CHECKING:
    from retrieval.library import Embedder

_MOST = 127


@dataclass(frozen=True, slots=True)
class SentenceVectors:
    """Of one chunk: where sentences begin in its text, and their unit vectors, shape (sentences, dimension).

    What the encoder did not read to has none.
    """

    starts: npt.NDArray[np.int32]
    vectors: npt.NDArray[np.float32]

    def packed(self) -> tuple[bytes, bytes]:
        """As it is stored: the vectors in bytes, each as large as its largest number allows (cosine off by .001)."""
        largest = np.abs(self.vectors).max(axis=1, keepdims=True, initial=0)
        scaled = self.vectors / np.where(largest, largest, 1) * _MOST
        return self.starts.tobytes(), np.rint(scaled).astype(np.int8).tobytes()


def unpacked(starts: bytes, vectors: bytes) -> SentenceVectors:
    """What was `packed`."""
    first = np.frombuffer(starts, np.int32)
    rows = np.frombuffer(vectors, np.int8).reshape(len(first), len(vectors) // max(1, len(first))).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return SentenceVectors(first, (rows / np.where(lengths, lengths, 1)).astype(np.float32))


def embed_chunks(
    embedder: Embedder, chunks: Sequence[tuple[str, str]]
) -> tuple[npt.NDArray[np.float32], list[SentenceVectors]]:
    """(vectors of chunks, those of their sentences) for (heading, text) of each; no sentences where it has none."""
    whole = [embedded(heading, text) for heading, text in chunks]
    with_parts: Any = getattr(embedder, "embed_with_parts", None)
    if with_parts is None:
        return embedder.embed_array(whole), []
    lines = [sentences(text) for _, text in chunks]
    before = [len(one) - len(text) for one, (_, text) in zip(whole, chunks, strict=True)]
    within = [
        [Span(line.start + shift, line.end + shift) for line in found]
        for found, shift in zip(lines, before, strict=True)
    ]
    vectors, of_parts = with_parts(whole, within)
    return vectors, [_known(found, rows) for found, rows in zip(lines, of_parts, strict=True)]


def _known(lines: Sequence[Span], rows: npt.NDArray[np.float32]) -> SentenceVectors:
    starts = np.array([line.start for line in lines[: len(rows)]], np.int32)
    read = rows.any(axis=1)
    return SentenceVectors(starts[read], rows[read])

"""How near sentences are in meaning to a question: vectors of sentences, kept beside those of their chunks.

They are made with the chunk's own vector (`LocalEmbeddings.embed_with_parts`), only the ends of long chunks being read
once more, so that every sentence of what was found is compared, not a few that are embedded while somebody waits. An
embedding that has none, such as a service's, leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.models.embedder import Embedder
from retrieval.text.sentences import sentences
from retrieval.types import Span

_MOST = 127
"""The largest number of a byte with a sign."""

_WithParts = Callable[
    [Sequence[str], Sequence[Sequence[Span]]], tuple[npt.NDArray[np.float32], list[npt.NDArray[np.float32]]]
]


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


def embedded(heading: str, body: str) -> str:
    """What is embedded of a chunk: a passage without its headline is found far worse."""
    return f"{heading}\n{body}"


def embed_chunks(
    embedder: Embedder, chunks: Sequence[tuple[str, str]]
) -> tuple[npt.NDArray[np.float32], list[SentenceVectors]]:
    """(vectors of chunks, those of their sentences) for (heading, text) of each; no sentences where it has none."""
    with_parts: _WithParts | None = getattr(embedder, "embed_with_parts", None)
    if with_parts is None:
        return embedder.embed_array([embedded(heading, text) for heading, text in chunks]), []
    lines = [sentences(text) for _, text in chunks]
    vectors, rows = _read(with_parts, chunks, lines, [0] * len(chunks))
    # What a chunk has past the encoder's reach is read in a second turn, after the same heading.
    reached = [int(found.any(axis=1).sum()) for found in rows]
    cut = [at for at, found in enumerate(rows) if reached[at] < len(found)]
    again = ([chunks[at] for at in cut], [lines[at] for at in cut], [reached[at] for at in cut])
    for at, more in zip(cut, _read(with_parts, *again)[1] if cut else (), strict=True):
        rows[at] = np.vstack([rows[at][: reached[at]], more])
    return vectors, [_known(found, its) for found, its in zip(lines, rows, strict=True)]


def _read(
    with_parts: _WithParts, chunks: Sequence[tuple[str, str]], lines: Sequence[Sequence[Span]], first: Sequence[int]
) -> tuple[npt.NDArray[np.float32], list[npt.NDArray[np.float32]]]:
    """(vectors of chunks from their `first` sentence on, those of these sentences)."""
    texts, within = [], []
    for (heading, text), found, at in zip(chunks, lines, first, strict=True):
        begins = found[at].start if at else 0
        texts.append(embedded(heading, text[begins:]))
        shift = len(texts[-1]) - len(text)
        within.append([Span(line.start + shift, line.end + shift) for line in found[at:]])
    return with_parts(texts, within)


def _known(lines: Sequence[Span], rows: npt.NDArray[np.float32]) -> SentenceVectors:
    starts = np.array([line.start for line in lines[: len(rows)]], np.int32)
    read = rows.any(axis=1)
    return SentenceVectors(starts[read], rows[read])

"""Vectors of sentences, stored beside those of their chunks, to compare sentences with a question by meaning.

They come out of the run that makes the chunk's own vector (`LocalEmbeddings.embed_with_parts`); only the ends of long
chunks are read again. So every sentence of the passages found can be compared while only the question is embedded. An
embedder that gives no sentence vectors, such as a service, leaves them out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retrieval.models.embedder import Embedder
from retrieval.text.sentences import sentences
from retrieval.types import Span

_MAX_INT8 = 127
"""The largest signed byte."""

_WithParts = Callable[
    [Sequence[str], Sequence[Sequence[Span]]], tuple[npt.NDArray[np.float32], list[npt.NDArray[np.float32]]]
]


@dataclass(frozen=True, slots=True)
class SentenceVectors:
    """The sentences of one chunk: where each begins in its text, and unit vectors of shape (sentences, dimension).

    Sentences past the encoder's maximum length have no vector.
    """

    starts: npt.NDArray[np.int32]
    vectors: npt.NDArray[np.float32]

    def pack(self) -> tuple[bytes, bytes]:
        """(starts, vectors) as stored: each vector scaled to signed bytes, which changes a cosine by about .001."""
        largest = np.abs(self.vectors).max(axis=1, keepdims=True, initial=0)
        scaled = self.vectors / np.where(largest, largest, 1) * _MAX_INT8
        return self.starts.tobytes(), np.rint(scaled).astype(np.int8).tobytes()


def unpack(starts: bytes, vectors: bytes) -> SentenceVectors:
    """The inverse of `SentenceVectors.packed`, with the vectors at unit length again."""
    first = np.frombuffer(starts, np.int32)
    rows = np.frombuffer(vectors, np.int8).reshape(len(first), len(vectors) // max(1, len(first))).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return SentenceVectors(first, (rows / np.where(lengths, lengths, 1)).astype(np.float32))


def text_to_embed(heading: str, body: str) -> str:
    """The text of a chunk that is embedded: without the heading, passages are found far less often."""
    return f"{heading}\n{body}"


def embed_chunks(
    embedder: Embedder, chunks: Sequence[tuple[str, str]]
) -> tuple[npt.NDArray[np.float32], list[SentenceVectors]]:
    """(chunk vectors, sentence vectors of each chunk) for (heading, text) pairs; an embedder may give no sentences."""
    with_parts: _WithParts | None = getattr(embedder, "embed_with_parts", None)
    if with_parts is None:
        return embedder.embed_array([text_to_embed(heading, text) for heading, text in chunks]), []
    lines = [sentences(text) for _, text in chunks]
    vectors, rows = _embed_from(with_parts, chunks, lines, [0] * len(chunks))
    # The end of a chunk that is too long for the encoder is read in a second run, after the same heading.
    reached = [int(found.any(axis=1).sum()) for found in rows]
    cut = [at for at, found in enumerate(rows) if reached[at] < len(found)]
    again = ([chunks[at] for at in cut], [lines[at] for at in cut], [reached[at] for at in cut])
    for at, more in zip(cut, _embed_from(with_parts, *again)[1] if cut else (), strict=True):
        rows[at] = np.vstack([rows[at][: reached[at]], more])
    return vectors, [_vectors_read(found, chunk_rows) for found, chunk_rows in zip(lines, rows, strict=True)]


def _embed_from(
    with_parts: _WithParts, chunks: Sequence[tuple[str, str]], lines: Sequence[Sequence[Span]], first: Sequence[int]
) -> tuple[npt.NDArray[np.float32], list[npt.NDArray[np.float32]]]:
    """(vectors of chunks, read from their `first` sentence on; vectors of these sentences)."""
    texts, within = [], []
    for (heading, text), chunk_sentences, at in zip(chunks, lines, first, strict=True):
        begins = chunk_sentences[at].start if at else 0
        texts.append(text_to_embed(heading, text[begins:]))
        shift = len(texts[-1]) - len(text)
        within.append([Span(line.start + shift, line.end + shift) for line in chunk_sentences[at:]])
    return with_parts(texts, within)


def _vectors_read(lines: Sequence[Span], rows: npt.NDArray[np.float32]) -> SentenceVectors:
    starts = np.array([line.start for line in lines[: len(rows)]], np.int32)
    read = rows.any(axis=1)
    return SentenceVectors(starts[read], rows[read])

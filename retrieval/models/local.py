"""Text to vectors by a sentence encoder on this machine, as LangChain `Embeddings`.

`graph_cache` builds the graph from the folder's weights at its first use; ONNX Runtime runs it.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from retrieval.errors import ModelError
from retrieval.models.graph_cache import OFFICIAL_SHA256, GraphPlan, load_tokenizer, open_graph, packaged_model_dir
from retrieval.models.session import EncoderRunner, clip_text
from retrieval.types import Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

_MIN_NORM = 1e-12

_MAX_CHARACTERS = 20_000
"""Maximum number of characters of a text that are tokenized; the encoder reads 256 tokens of them."""


class ArrayEmbeddings(Embeddings):
    """LangChain's interface over embedders that give their vectors as an array."""

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

    `name` identifies the embedding: vectors of different names cannot be compared. `dimension` is the length of a
    vector; vectors have unit length.
    """

    def __init__(self, session: InferenceSession, tokenizer: Tokenizer, name: str, dimension: int) -> None:
        self._running = EncoderRunner(session)
        self._tokenizer = tokenizer
        self.name = name
        self.dimension = dimension

    @property
    def session_seconds(self) -> float:
        """Seconds during which the model ran; runs side by side count once."""
        return self._running.seconds

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of the texts in order, as an array of shape (len(texts), dimension)."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(_clip_texts(texts))]
        vectors = np.empty((len(ids), self.dimension), np.float32)
        for places, (made,) in self._running.run_batches(ids, "vectors"):
            vectors[places] = made
        return vectors

    def embed_with_parts(
        self, texts: Sequence[str], parts: Sequence[Sequence[Span]]
    ) -> tuple[npt.NDArray[np.float32], list[npt.NDArray[np.float32]]]:
        """(vectors of the texts, for each text the vectors of parts of it, as an array of shape (parts, dimension)).

        A part's vector is the mean of its tokens' vectors in the whole text (Günther et al. 2024, "late chunking",
        arXiv 2409.04701), so it costs nothing beside the text's own and reflects the context, such as whom "he" means.
        A part past the encoder's maximum length has a vector of zeros; a model that does not pool by the mean gives
        no vectors of parts.
        """
        if "tokens" not in self._running.outputs:
            return self.embed_array(texts), [np.empty((0, self.dimension), np.float32)] * len(texts)
        encodings = self._tokenizer.encode_batch(_clip_texts(texts))
        ids = [encoding.ids for encoding in encodings]
        vectors = np.empty((len(ids), self.dimension), np.float32)
        of_parts = [np.empty((0, self.dimension), np.float32)] * len(ids)
        for places, (made, tokens) in self._running.run_batches(ids, "vectors", "tokens"):
            vectors[places] = made
            for place, held in zip(places, tokens, strict=True):
                of_parts[place] = _pool_parts(held, encodings[place].offsets, parts[place])
        return vectors, of_parts

    def is_word(self, word: str) -> bool:
        """Whether the encoder's vocabulary has the word as one token, as it has the common words of its language."""
        return self._tokenizer.token_to_id(word.lower()) is not None


def _clip_texts(texts: Sequence[str]) -> list[str]:
    """The part of each text that is tokenized, with lone surrogates replaced."""
    return [clip_text(text, _MAX_CHARACTERS) for text in texts]


def _pool_parts(
    tokens: npt.NDArray[np.float32], offsets: Sequence[tuple[int, int]], parts: Sequence[Span]
) -> npt.NDArray[np.float32]:
    """Unit vectors of parts of a text, from its token vectors; tokens that the encoder adds have empty offsets."""
    real = [at for at, (start, end) in enumerate(offsets) if start < end]
    starts = [offsets[at][0] for at in real]
    out = np.zeros((len(parts), tokens.shape[1]), np.float32)
    for row, part in enumerate(parts):
        first, end = bisect_left(starts, part.start), bisect_left(starts, part.end)
        if first < end:
            # The text's own tokens are contiguous: the encoder adds others only before and after the text.
            mean = tokens[real[first] : real[end - 1] + 1].mean(axis=0)
            out[row] = mean / max(float(np.linalg.norm(mean)), _MIN_NORM)
    return out


def open_local(model_dir: Path | None, cache_dir: Path) -> LocalEmbeddings:
    """The encoder of a sentence-transformers folder, or the packaged one; its graph is built if this is its first use.

    Raises ModelError for a folder that cannot be used.
    """
    folder = model_dir or packaged_model_dir()
    try:
        session = open_graph(GraphPlan(folder, None if model_dir else OFFICIAL_SHA256), cache_dir)
        tokenizer = load_tokenizer(folder)
        tokenizer.enable_truncation(_max_tokens(folder))
    except OSError as error:
        raise ModelError(
            f"the model in {folder} cannot be read ({error.strerror}): check ONRECORD_MODEL_DIR"
        ) from error
    digest = session.get_modelmeta().custom_metadata_map["weights"]
    dimension = session.get_outputs()[0].shape[1]
    model = "all-MiniLM-L6-v2" if digest == OFFICIAL_SHA256 else folder.name
    return LocalEmbeddings(session, tokenizer, f"{model}/{digest[:12]}", dimension)


def _max_tokens(folder: Path) -> int:
    """Number of tokens that the encoder reads of a text."""
    path = folder / "sentence_bert_config.json"
    return int(json.loads(path.read_text("utf-8"))["max_seq_length"]) if path.is_file() else 256

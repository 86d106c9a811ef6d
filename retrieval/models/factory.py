"""Text to vectors: a local sentence encoder, as LangChain `Embeddings`.

`graphs` builds the graph from the folder's weights once; onnxruntime and tokenizers run it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.errors import ModelError, SettingsError
from retrieval.models.graph_cache import OFFICIAL_SHA256, Plan, packaged, session_for, tokenizer_of
from retrieval.models.local import LocalEmbeddings

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_embeddings(choice: str, model_dir: Path | None, cache_dir: Path) -> LocalEmbeddings:
    """The embedding that the settings name, built if this is its first use.

    Raises ModelError for a folder that cannot be used, SettingsError for a choice this release does not have.
    """
    if choice != "local":
        raise SettingsError(f"ONRECORD_EMBEDDINGS={choice} is not available in this release: leave it at local")
    folder = model_dir or packaged()
    try:
        return _opened(folder, session_for(Plan(folder, None if model_dir else OFFICIAL_SHA256), cache_dir))
    except OSError as error:
        raise ModelError(
            f"the model in {folder} cannot be read ({error.strerror}): check ONRECORD_MODEL_DIR"
        ) from error


def _opened(folder: Path, session: InferenceSession) -> LocalEmbeddings:
    tokenizer = tokenizer_of(folder)
    tokenizer.enable_truncation(_longest_input(folder))
    digest = session.get_modelmeta().custom_metadata_map["weights"]
    dimension = session.get_outputs()[0].shape[1]
    called = "all-MiniLM-L6-v2" if digest == OFFICIAL_SHA256 else folder.name
    return LocalEmbeddings(session, tokenizer, f"{called}/{digest[:12]}", dimension)


def _longest_input(folder: Path) -> int:
    """Tokens the encoder reads of a text."""
    path = folder / "sentence_bert_config.json"
    return int(json.loads(path.read_text("utf-8"))["max_seq_length"]) if path.is_file() else 256

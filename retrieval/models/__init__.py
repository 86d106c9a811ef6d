"""Embeddings, the reranker and what runs them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retrieval.models.embedder import Embedder
    from retrieval.models.factory import open_embedder
    from retrieval.models.reranker import Reranker

__all__ = ["Embedder", "Reranker", "open_embedder"]

_MODULES = {"Embedder": "embedder", "Reranker": "reranker", "open_embedder": "factory"}


def __getattr__(name: str) -> Any:
    """Load a name of this package when it is first used, so that `onrecord --help` does not load a model's runtime."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

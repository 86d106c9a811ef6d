"""The embedders there are, by the name that `ONRECORD_EMBEDDINGS` gives them.

To add one: a module beside this one with a class that has the methods of `Embedder`, and a line in `EMBEDDERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from retrieval.errors import SettingsError
from retrieval.models.embedder import Embedder


@dataclass(frozen=True, slots=True)
class EmbedderOptions:
    """What the settings say to an embedder; each takes what concerns it.

    `cache_dir` keeps what is built from weights; `tokens_per_minute` limits what is sent to a service (None: no limit).
    """

    cache_dir: Path
    model_dir: Path | None = None
    api_key: str | None = None
    base_url: str | None = None
    tokens_per_minute: int | None = None
    tiktoken_dir: Path | None = None


def _open_local(_model: str, options: EmbedderOptions) -> Embedder:
    from retrieval.models.local import open_local

    return open_local(options.model_dir, options.cache_dir)


def _open_openai(model: str, options: EmbedderOptions) -> Embedder:
    from retrieval.models.openai import RemoteEmbeddings
    from retrieval.text.token_count import token_counter

    if not model:
        raise SettingsError("ONRECORD_EMBEDDINGS=openai needs a model: openai:text-embedding-3-small, for example")
    if options.api_key is None and options.base_url is None:
        raise SettingsError(f"ONRECORD_EMBEDDINGS=openai:{model} needs OPENAI_API_KEY, or OPENAI_BASE_URL")
    return RemoteEmbeddings(
        model,
        options.api_key,
        options.base_url,
        per_minute=options.tokens_per_minute,
        count=token_counter(options.tiktoken_dir),
    )


EMBEDDERS: Mapping[str, Callable[[str, EmbedderOptions], Embedder]] = {"local": _open_local, "openai": _open_openai}
"""How each is opened, given the model (what follows the colon in `openai:MODEL`) and the options."""


def split_choice(choice: str) -> tuple[str, str]:
    """(embedder, model) of a setting such as `local` or `openai:MODEL`. Raises ValueError for an unknown embedder."""
    kind, _, model = choice.partition(":")
    if kind not in EMBEDDERS:
        raise ValueError(f"use one of {', '.join(EMBEDDERS)}")
    return kind, model


def open_embedder(choice: str, options: EmbedderOptions) -> Embedder:
    """The embedder that a setting such as `local` or `openai:MODEL` names.

    Raises ValueError for an unknown one, SettingsError where a key is missing, ModelError where it cannot be used.
    """
    kind, model = split_choice(choice)
    return EMBEDDERS[kind](model, options)

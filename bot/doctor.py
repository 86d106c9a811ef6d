"""What is configured, what works, and what to do about what does not."""

from __future__ import annotations

from typing import NamedTuple

from retrieval.embeddings import LocalEmbeddings, open_embeddings
from retrieval.errors import OnRecordError
from retrieval.library import open_library
from retrieval.settings import Settings
from retrieval.types import PUBLIC


class Check(NamedTuple):
    """One thing looked at; `advice` says what to do where it is not well."""

    name: str
    ok: bool
    detail: str
    advice: str | None = None


def checks(settings: Settings) -> list[Check]:
    """Every check in order. Nothing of a secret is shown but whether it is set."""
    out = [Check("data folder", True, str(settings.data_dir))]
    embedder: LocalEmbeddings | None = None
    try:
        embedder = open_embeddings(settings.embeddings, settings.model_dir, settings.cache_dir)
        out.append(Check("embeddings", True, f"{embedder.name}, {embedder.dimension} dimensions, on this machine"))
    except OnRecordError as error:
        out.append(Check("embeddings", False, str(error), "run make setup"))
    if embedder is not None:
        out.append(_library(settings, embedder))
    out.append(Check("answers", True, "quoted from the articles; nothing leaves this machine"))
    out.append(Check("Discord", True, "a token is set" if settings.discord_token else "no token set"))
    return out


def _library(settings: Settings, embedder: LocalEmbeddings) -> Check:
    try:
        library = open_library(settings.data_dir, embedder)
    except OnRecordError as error:
        return Check("library", False, str(error), "see the message")
    try:
        figures = library.check((PUBLIC,))
    finally:
        library.close()
    lost = figures.pop("missing_vectors") + figures.pop("stray_vectors")
    detail = ", ".join(f"{number} {name}" for name, number in figures.items())
    if lost:
        return Check("library", False, f"{detail}; {lost} chunks and vectors do not match", "ingest the articles again")
    return Check("library", True, detail)

"""Builds what the commands and the bot's processes use, as the settings say: library, embedder, answerer, model."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.attribution.rules import Attribute
    from retrieval.answer import Answerer
    from retrieval.library import Library
    from retrieval.llm.server import Server
    from retrieval.models import Embedder
    from retrieval.settings import Settings


def load_settings() -> Settings:
    """The settings, with logs set up as they say. Raises SettingsError."""
    from retrieval.errors import SettingsError
    from retrieval.settings import load

    settings = load()
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    for name, value in (("DATABASE_URL", settings.database_url), ("CHROMA_URL", settings.chroma_url)):
        if value is not None:
            raise SettingsError(
                f"{name} is set, and this release keeps its library in ONRECORD_DATA_DIR alone: unset it"
            )
    return settings


@contextmanager
def library(settings: Settings | None = None, data_dir: Path | None = None) -> Iterator[Library]:
    """The library of the settings, or the one in a folder, built anew on the way out where a piece was damaged."""
    from retrieval.library import open_library
    from retrieval.models import Reranker

    settings = settings or load_settings()
    opened = open_library(data_dir or settings.data_dir, embedder(settings), Reranker(settings.cache_dir))
    try:
        yield opened
        if opened.has_damaged_index:
            opened.seal()
    finally:
        opened.close()


def who_said(settings: Settings) -> Attribute:
    """How statements are found, by the settings. Raises SettingsError where a model is to do it and none is set up."""
    if settings.attribute == "model":
        if not settings.has_model:
            from retrieval.errors import SettingsError

            raise SettingsError(
                "ONRECORD_ATTRIBUTE=model needs OPENAI_API_KEY or OPENAI_BASE_URL: set one, or unset it"
            )
        from ingest.attribution.model import open_attribution
        from retrieval.llm.ledger import Ledger

        return open_attribution(server(settings), Ledger(settings.data_dir))
    from ingest.attribution import attribute_all

    return attribute_all


def embedder(settings: Settings) -> Embedder:
    """What turns text into vectors, by the settings. Raises ModelError, and SettingsError for a key that is not set."""
    from retrieval.models.factory import EmbedderOptions, open_embedder

    options = EmbedderOptions(
        settings.cache_dir,
        settings.model_dir,
        settings.openai_api_key.get_secret_value() if settings.openai_api_key else None,
        settings.openai_base_url,
        settings.embeddings_per_minute,
        settings.tiktoken_dir,
    )
    return open_embedder(settings.embeddings, options)


def answerer(
    settings: Settings, opened: Library, wanted: str | None = None, threads: Executor | None = None
) -> Answerer:
    """The door for questions, with a model where the settings, or `wanted` ("quote", "write"), say so.

    `threads`: where articles are searched, if it matters.

    Raises SettingsError where a model is wanted and none is set up.
    """
    from retrieval.answer import Answerer
    from retrieval.errors import SettingsError

    writes = settings.writes if wanted in (None, "auto") else wanted == "write"
    if not writes:
        return Answerer(opened, threads=threads)
    if not settings.has_model:
        raise SettingsError("no model is set up to write answers: set OPENAI_API_KEY, or OPENAI_BASE_URL")
    from retrieval.generation.claim_writer import ClaimWriter
    from retrieval.llm.chat import Chat
    from retrieval.llm.ledger import Ledger

    ledger = Ledger(opened.data_dir)
    writer = ClaimWriter(Chat(server(settings), ledger), settings.history_tokens)
    return Answerer(opened, writer, ledger, settings.answer_seconds, threads)


def server(settings: Settings) -> Server:
    """The chat model of the settings."""
    from retrieval.llm.ledger import Budget
    from retrieval.llm.prices import price_of
    from retrieval.llm.server import Server
    from retrieval.text.token_count import token_counter

    micros = round(settings.budget_usd * 1_000_000) if settings.budget_usd is not None else None
    return Server(
        settings.chat_model,
        settings.openai_base_url,
        settings.openai_api_key.get_secret_value() if settings.openai_api_key else None,
        settings.call_seconds,
        price_of(settings.chat_model, settings.prices),
        Budget(settings.budget_tokens, micros),
        token_counter(settings.tiktoken_dir),
    )

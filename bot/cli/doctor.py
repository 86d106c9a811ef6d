"""What is configured, what works, and what to do about what does not."""

from __future__ import annotations

from typing import NamedTuple

from bot import factory
from retrieval.errors import OnRecordError
from retrieval.library import open_library
from retrieval.models import Embedder
from retrieval.models.fallback import Hasty
from retrieval.settings import Settings

_ADVICE = {True: None, False: "restore a backup, or ingest the articles again"}

_WAITING = 10.0
"""Seconds that asking for a vector may take."""

_BY_WORDS = "check OPENAI_API_KEY and OPENAI_BASE_URL; until then questions are searched by words alone"
_KEY = "check OPENAI_API_KEY and OPENAI_BASE_URL; until then answers are quoted"


class Check(NamedTuple):
    """One thing looked at; `advice` says what to do where it is not well."""

    name: str
    ok: bool
    detail: str
    advice: str | None = None


def checks(settings: Settings, *, deep: bool = False) -> list[Check]:
    """Every check in order. Nothing of a secret is shown but whether it is set."""
    out = [Check("data folder", True, str(settings.data_dir))]
    embedder: Embedder | None = None
    try:
        embedder = factory.embedder(settings)
        out.append(_embeddings(embedder, local=settings.embeddings == "local"))
    except OnRecordError as error:
        out.append(Check("embeddings", False, str(error), "run make setup, or see ONRECORD_EMBEDDINGS"))
    if embedder is not None:
        out += _library(settings, embedder, deep=deep)
    out.append(_answers(settings))
    out.append(Check("Discord", True, "a token is set" if settings.discord_token else "no token set"))
    return out


def _embeddings(embedder: Embedder, *, local: bool) -> Check:
    """What turns texts into vectors; a service is asked for one, with a question's patience."""
    if local:
        return Check("embeddings", True, f"{embedder.name}, {embedder.dimension} dimensions, on this machine")
    sent = "passages and questions are sent to the service"
    try:
        length = Hasty(embedder, _WAITING).embed_array(["ready"]).shape[1]
    except OnRecordError as error:
        return Check("embeddings", False, f"{embedder.name}, {sent}: {error}", _BY_WORDS)
    return Check("embeddings", True, f"{embedder.name}, {length} dimensions, {sent}")


def _library(settings: Settings, embedder: Embedder, *, deep: bool) -> list[Check]:
    try:
        library = open_library(settings.data_dir, embedder)
    except OnRecordError as error:
        return [Check("library", False, str(error), "see the message")]
    try:
        found = library.check(deep=deep)
        library.seal()
        left = library.check().damaged if found.damaged else found.damaged
    finally:
        library.close()
    detail = ", ".join(f"{number} {name}" for name, number in found.figures.items())
    said = "; ".join(filter(None, [detail, *found.problems]))
    out = [Check("library", not found.problems, said, _ADVICE[not found.problems])]
    if not found.figures:
        return out
    if found.unseen:
        out.append(Check("vector index", False, f"not looked over: {found.unseen}", "free space, then run it again"))
    elif found.damaged:
        healed = f"{len(found.damaged)} damaged pieces, built anew" if not left else f"{len(left)} damaged pieces"
        out.append(Check("vector index", not left, healed, None if not left else "free space, then run it again"))
    else:
        out.append(Check("vector index", True, "finds its own rows"))
    return out


def _answers(settings: Settings) -> Check:
    """Who writes answers and, where it is a model, whether its service knows the key and the model."""
    if not settings.writes:
        return Check("answers", True, "quoted from the articles; nothing leaves this machine")
    if not settings.has_model:
        return Check("answers", False, "ONRECORD_ANSWER=write, and no model", "set OPENAI_API_KEY or OPENAI_BASE_URL")
    from retrieval.llm.server import models

    where = f"the service at {settings.openai_base_url}" if settings.openai_base_url else "OpenAI"
    try:
        known = models(factory.server(settings))
    except OnRecordError as error:
        return Check("answers", False, f"written by {settings.chat_model} of {where}: {error}", _KEY)
    if known and settings.chat_model not in known:
        offered = ", ".join(sorted(known)[:5])
        return Check(
            "answers", False, f"{where} has no model {settings.chat_model}", f"set ONRECORD_CHAT_MODEL: {offered}"
        )
    sent = "questions and the passages found for them are sent there"
    return Check("answers", True, f"written by {settings.chat_model} of {where}, and proved; {sent}")

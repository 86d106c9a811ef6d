"""What is configured, what works, and what to do about what does not."""

from __future__ import annotations

from typing import NamedTuple

from bot import factory
from retrieval.errors import OnRecordError
from retrieval.library import open_library
from retrieval.models import Embedder
from retrieval.models.fallback import TimeLimitedEmbedder
from retrieval.settings import Settings

_LIBRARY_ADVICE = {True: None, False: "restore a backup, or ingest the articles again"}

_MAX_EMBEDDING_SECONDS = 10.0
"""Seconds that a request for one vector may take."""

_EMBEDDINGS_ADVICE = "check OPENAI_API_KEY and OPENAI_BASE_URL; until then questions are searched by words alone"
_ANSWERS_ADVICE = "check OPENAI_API_KEY and OPENAI_BASE_URL; until then answers are quoted"


class Check(NamedTuple):
    """The result of one check; `advice` says what to do when it failed."""

    name: str
    ok: bool
    detail: str
    advice: str | None = None


def run_checks(settings: Settings, *, deep: bool = False) -> list[Check]:
    """Run every check, in order. Of a secret only whether it is set is shown."""
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
    """Check the embedder; a service is asked for one vector, within a time limit."""
    if local:
        return Check("embeddings", True, f"{embedder.name}, {embedder.dimension} dimensions, on this machine")
    sent = "passages and questions are sent to the service"
    try:
        length = TimeLimitedEmbedder(embedder, _MAX_EMBEDDING_SECONDS).embed_array(["ready"]).shape[1]
    except OnRecordError as error:
        return Check("embeddings", False, f"{embedder.name}, {sent}: {error}", _EMBEDDINGS_ADVICE)
    return Check("embeddings", True, f"{embedder.name}, {length} dimensions, {sent}")


def _library(settings: Settings, embedder: Embedder, *, deep: bool) -> list[Check]:
    try:
        library = open_library(settings.data_dir, embedder)
    except OnRecordError as error:
        return [Check("library", False, str(error), "see the message")]
    try:
        checkup = library.check(deep=deep)
        library.seal()
        still_damaged = library.check().damaged_segments if checkup.damaged_segments else checkup.damaged_segments
    finally:
        library.close()
    detail = ", ".join(f"{number} {name}" for name, number in checkup.figures.items())
    detail_and_problems = "; ".join(filter(None, [detail, *checkup.problems]))
    out = [Check("library", not checkup.problems, detail_and_problems, _LIBRARY_ADVICE[not checkup.problems])]
    if not checkup.figures:
        return out
    if checkup.index_unchecked_reason:
        out.append(
            Check(
                "vector index",
                False,
                f"not looked over: {checkup.index_unchecked_reason}",
                "free space, then run it again",
            )
        )
    elif still_damaged:
        out.append(
            Check("vector index", False, f"{len(still_damaged)} damaged pieces", "free space, then run it again")
        )
    elif checkup.damaged_segments:
        out.append(Check("vector index", True, f"{len(checkup.damaged_segments)} damaged pieces, rebuilt"))
    else:
        out.append(Check("vector index", True, "finds its own rows"))
    return out


def _answers(settings: Settings) -> Check:
    """Check who writes answers and, where a model does, that its service accepts the key and has the model."""
    if not settings.writes:
        return Check("answers", True, "quoted from the articles; nothing leaves this machine")
    if not settings.has_model:
        return Check("answers", False, "ONRECORD_ANSWER=write, and no model", "set OPENAI_API_KEY or OPENAI_BASE_URL")
    from retrieval.llm.server import list_models

    where = f"the service at {settings.openai_base_url}" if settings.openai_base_url else "OpenAI"
    try:
        models_offered = list_models(factory.server(settings))
    except OnRecordError as error:
        return Check("answers", False, f"written by {settings.chat_model} of {where}: {error}", _ANSWERS_ADVICE)
    if models_offered and settings.chat_model not in models_offered:
        offered = ", ".join(sorted(models_offered)[:5])
        return Check(
            "answers", False, f"{where} has no model {settings.chat_model}", f"set ONRECORD_CHAT_MODEL: {offered}"
        )
    sent = "questions and the passages found for them are sent there"
    return Check("answers", True, f"written by {settings.chat_model} of {where}, and proved; {sent}")

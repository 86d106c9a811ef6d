"""The lines that the bot's processes exchange: one JSON object each, checked at both ends.

The process that speaks to Discord writes `Call` and `Cancel` to a worker's standard input. The worker writes `Ready`
once to its standard output, then of each call any number of `Progress`, and at last one `Done` or `Failed`.
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter

from bot.workers.model import WireModel
from bot.workers.protocol import AnyIngestRequest, AnyQueryRequest
from bot.workers.replies import AnyProgress, AnyReply
from retrieval import errors
from retrieval.errors import OnRecordError

LINE_LIMIT = 2**24
"""Maximum number of bytes in a line."""

RequestT = TypeVar("RequestT")

ERROR_TYPES: dict[str, type[OnRecordError]] = {
    error_type.__name__: error_type
    for error_type in (
        errors.OnRecordError,
        errors.PermanentError,
        errors.SettingsError,
        errors.SourceError,
        errors.QuestionError,
        errors.ModelError,
        errors.KeyRefused,
        errors.LibraryError,
        errors.WrongEmbedding,
        errors.DamagedIndex,
        errors.ForeignDatabase,
        errors.BackupError,
        errors.SpanError,
        errors.CitationError,
        errors.TransientError,
        errors.SiteUnavailable,
        errors.ModelUnavailable,
        errors.OverBudget,
        errors.LibraryBusy,
        errors.StorageFull,
    )
}
"""Errors that keep their type across processes, by name; all can be made from a message alone."""


def _known_error(name: str) -> str:
    if name not in ERROR_TYPES:
        raise ValueError(f"unknown error type: {name}")
    return name


class Call(WireModel, Generic[RequestT]):
    """A request; the lines about it carry the same id."""

    event: Literal["call"] = "call"
    id: int
    request: RequestT


class Cancel(WireModel):
    """Nobody waits for a call any more."""

    event: Literal["cancel"] = "cancel"
    id: int


class Ready(WireModel):
    """The worker takes calls."""

    event: Literal["ready"] = "ready"


class Progress(WireModel):
    """A call is under way."""

    event: Literal["progress"] = "progress"
    id: int
    progress: AnyProgress


class Done(WireModel):
    """A call was carried out."""

    event: Literal["done"] = "done"
    id: int
    reply: AnyReply


class Failed(WireModel):
    """A call failed; without an id, the worker cannot start."""

    event: Literal["failed"] = "failed"
    id: int | None
    error_type: Annotated[str, AfterValidator(_known_error)]
    message: str

    @classmethod
    def from_error(cls, error: OnRecordError, call_id: int | None = None) -> Failed:
        """The line for an error; a type that is not in `ERROR_TYPES` becomes its nearest base class there."""
        name = next(base.__name__ for base in type(error).__mro__ if base.__name__ in ERROR_TYPES)
        return cls(id=call_id, error_type=name, message=str(error))

    def to_error(self) -> OnRecordError:
        """The error, to be raised at the asking end."""
        return ERROR_TYPES[self.error_type](self.message)


QUERY_LINES: TypeAdapter[Call[AnyQueryRequest] | Cancel] = TypeAdapter(
    Annotated[Call[AnyQueryRequest] | Cancel, Field(discriminator="event")]
)
"""Lines to a query worker."""

INGEST_LINES: TypeAdapter[Call[AnyIngestRequest] | Cancel] = TypeAdapter(
    Annotated[Call[AnyIngestRequest] | Cancel, Field(discriminator="event")]
)
"""Lines to the ingest worker."""

WORKER_LINES: TypeAdapter[Ready | Progress | Done | Failed] = TypeAdapter(
    Annotated[Ready | Progress | Done | Failed, Field(discriminator="event")]
)
"""Lines from a worker."""


def encode_line(line: WireModel) -> bytes:
    """A line as it is written, with its line break."""
    return line.model_dump_json().encode("utf-8") + b"\n"

"""The bases of everything that crosses between the bot's processes."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, field_validator


class WireModel(BaseModel):
    """An immutable value that can be written as JSON.

    Text from Discord may hold half of a surrogate pair, which UTF-8 cannot express; it becomes a question mark.
    """

    model_config = ConfigDict(frozen=True)

    @field_validator("*", mode="after")
    @classmethod
    def _replace_lone_surrogates(cls, value: Any) -> Any:
        return value.encode("utf-8", "replace").decode("utf-8") if type(value) is str else value


ReplyT = TypeVar("ReplyT", bound=WireModel)
ProgressT = TypeVar("ProgressT", bound=WireModel)


class Request(WireModel, Generic[ReplyT]):
    """A request that is answered with one `ReplyT`."""

    @classmethod
    def reply_type(cls) -> type[ReplyT]:
        """The type of its reply, as the definition of the class names it: `class X(Request[reply type])`."""
        return cls._type_arguments()[0]

    @classmethod
    def _type_arguments(cls) -> tuple[type[Any], ...]:
        parents = (parent for parent in cls.__mro__ if issubclass(parent, Request))
        return next(args for parent in parents if (args := parent.__pydantic_generic_metadata__["args"]))


class StreamedRequest(Request[ReplyT], Generic[ReplyT, ProgressT]):
    """A request that reports its progress before it is answered."""

    @classmethod
    def progress_type(cls) -> type[ProgressT]:
        """The type of its progress reports, as the definition of the class names it."""
        return cls._type_arguments()[1]

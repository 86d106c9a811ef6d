"""What is kept of replies so that their buttons, and follow-up questions, work later and after a restart.

Libraries store a record as its kind and a JSON object of its other fields. These names must stay readable: a record
that an earlier release stored has to open for the month that it is kept.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError

from bot.conversations import Conversation
from bot.workers.lists import AnyList
from bot.workers.model import WireModel
from retrieval.search.query import Turn

log = logging.getLogger(__name__)


class CitationRecord(WireModel):
    """A citation of an answer: the article, and the excerpt with its character offsets in the article's text."""

    n: int
    """The citation's number in the answer."""
    article: str
    """The article's id."""
    url: str | None = None
    start: int
    end: int
    excerpt: str
    speaker: str | None = None


class AnswerRecord(WireModel):
    """An answer: what its buttons and the export of votes need."""

    kind: Literal["answer"] = "answer"
    question: str
    history: tuple[Turn, ...] = ()
    articles: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    sources: tuple[str, ...] = ()
    status: str
    answer: str
    answerer: str
    citations: tuple[CitationRecord, ...] = ()


class ConversationRecord(WireModel):
    """A conversation, kept under the messages that answered in it."""

    kind: Literal["talk"] = "talk"
    turns: tuple[Turn, ...] = ()
    articles: tuple[str, ...] = ()

    @classmethod
    def from_conversation(cls, conversation: Conversation) -> Self:
        """The record of a conversation."""
        return cls(turns=conversation.turns, articles=conversation.articles)

    @property
    def conversation(self) -> Conversation:
        """The conversation that was recorded."""
        return Conversation(self.turns, self.articles)


AnyRecord = Annotated[AnswerRecord | ConversationRecord | AnyList, Field(discriminator="kind")]

_RECORDS: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


class KeptRecord(WireModel):
    """A record and the key it is kept under, which the ids of the reply's buttons contain."""

    key: str
    record: AnyRecord

    @classmethod
    def under_new_key(cls, record: AnyRecord) -> Self:
        """The record under a key of its own."""
        return cls(key=secrets.token_hex(8), record=record)


def record_to_stored(record: AnyRecord) -> tuple[str, Mapping[str, Any]]:
    """A record as libraries store it: its kind, and its other fields as JSON."""
    return record.kind, record.model_dump(mode="json", exclude={"kind"})


def record_from_stored(kind: str, body: Mapping[str, Any]) -> AnyRecord | None:
    """The record that was stored; None where this release does not know its kind or form."""
    try:
        return _RECORDS.validate_python({**body, "kind": kind})
    except ValidationError:
        log.warning("a kept record of the kind %r cannot be read", kind)
        return None

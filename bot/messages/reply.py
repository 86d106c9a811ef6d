"""Replies as plain data: made where the library is read, sent where Discord is spoken to. And who sees what.

Nothing here knows of Discord or of the library: a reply crosses from one process to another as JSON.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.conversations import Talk
from bot.messages.markdown import escape, line
from bot.messages.message import Button, Embed, Field, Message
from retrieval.errors import OnRecordError, QuestionError, SourceError, TransientError
from retrieval.types import PUBLIC

log = logging.getLogger(__name__)

Json = dict[str, Any]

_BROKEN = "Something went wrong here, and it is in my log. Please try again later."


@dataclass(frozen=True, slots=True)
class Keep:
    """What is kept of a reply for its buttons, as JSON, under a key that stands in them."""

    key: str
    kind: str
    body: Mapping[str, Any]

    @classmethod
    def of(cls, kind: str, body: Mapping[str, Any]) -> Keep:
        """Under a new key."""
        return cls(secrets.token_hex(8), kind, body)


@dataclass(frozen=True, slots=True)
class Reply:
    """Messages to send, how it went in a word for the log, the conversation it leaves, what is kept of it, and a file
    (name, bytes).

    `aside`: where it would take the place of a message, it is told privately beside it.
    """

    messages: Sequence[Message]
    outcome: str = "answered"
    talk: Talk | None = None
    keep: Keep | None = None
    file: tuple[str, bytes] | None = None
    aside: bool = False


def told(text: str, outcome: str = "answered") -> Reply:
    """A reply of one message in our own words, already in Discord's markdown."""
    return Reply([Message(text)], outcome)


def failure(error: Exception) -> Reply:
    """What is replied where something went wrong; what is not the asker's to mend is in the log, with where it was."""
    if isinstance(error, QuestionError | SourceError):
        return told(escape(line(str(error), 900)), "unasked")
    if isinstance(error, TransientError):
        log.warning("a job failed for now: %s", type(error).__name__)
        return told("My library is busy. Please try again in a minute.", "failed:busy")
    # The error's own words may be an article's.
    where = "" if isinstance(error, OnRecordError) else "\n" + "".join(traceback.format_tb(error.__traceback__))
    log.error("a job failed: %s%s", type(error).__name__, where)
    return told(_BROKEN, f"failed:{type(error).__name__}")


def plain(one: Reply) -> Json:
    """A reply as JSON, without a file: such are made where they are sent."""
    return {
        "messages": [asdict(message) for message in one.messages],
        "outcome": one.outcome,
        "talk": one.talk.kept() if one.talk else None,
        "keep": {"key": one.keep.key, "kind": one.keep.kind, "body": one.keep.body} if one.keep else None,
        "aside": one.aside,
    }


def reply_of(given: Mapping[str, Any]) -> Reply:
    """A reply from JSON."""
    return Reply(
        [_message(message) for message in given["messages"]],
        given["outcome"],
        Talk.of(given["talk"]) if given["talk"] else None,
        Keep(**given["keep"]) if given["keep"] else None,
        aside=given["aside"],
    )


def _message(given: Mapping[str, Any]) -> Message:
    embeds = (Embed(**{**one, "fields": tuple(Field(**field) for field in one["fields"])}) for one in given["embeds"])
    return Message(given["content"], tuple(embeds), tuple(Button(**one) for one in given["buttons"]))


def scopes(guild_id: int | None) -> tuple[str, ...]:
    """What is seen from a guild: what is public and its own; from a direct message what is public alone."""
    return (PUBLIC,) if guild_id is None else (PUBLIC, str(guild_id))


def scope(guild_id: int | None) -> str:
    """Where what is said in a guild, or in direct messages, is kept."""
    return PUBLIC if guild_id is None else str(guild_id)

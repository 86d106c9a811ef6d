"""What requests to the bot's workers are answered with, and what is reported of them meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field

from bot.conversations import Conversation
from bot.messages.message import Message
from bot.workers.model import WireModel
from bot.workers.records import AnyRecord, KeptRecord
from retrieval.store.channels import ChannelRule


class Reply(WireModel):
    """A reply to a member: messages to send, and how it went in a word for the log."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    kind: Literal["reply"] = "reply"
    messages: tuple[Message, ...]
    outcome: str = "answered"
    conversation: Conversation | None = None
    """The conversation as it is after this reply."""
    kept: KeptRecord | None = None
    """What the buttons under the reply need."""
    file: tuple[str, bytes] | None = None
    """An attachment: its name and content."""
    aside: bool = False
    """Whether it is sent privately beside the message whose place it would otherwise take."""

    @classmethod
    def from_text(cls, text: str, outcome: str = "answered", *, aside: bool = False) -> Self:
        """A reply of one message, given in Discord's markdown."""
        return cls(messages=(Message(text),), outcome=outcome, aside=aside)


class Suggestion(WireModel):
    """What is offered while somebody types: the text shown, and the value that choosing it enters."""

    label: str
    value: str


class Suggestions(WireModel):
    """Suggestions, best first."""

    kind: Literal["suggestions"] = "suggestions"
    suggestions: tuple[Suggestion, ...] = ()


class AllChannelRules(WireModel):
    """The channel rules of every server, by the server's scope."""

    kind: Literal["channel rules"] = "channel rules"
    rules: Mapping[str, tuple[ChannelRule, ...]]


class NextPoll(WireModel):
    """When a feed is next due, in seconds since 1970; None where there are no feeds."""

    kind: Literal["next poll"] = "next poll"
    due: float | None


class RecordFound(WireModel):
    """A kept record; None where it was forgotten or belongs to another scope."""

    kind: Literal["record"] = "record"
    record: AnyRecord | None


class VoteResult(WireModel):
    """Whether the vote was counted: False where there is no such answer."""

    kind: Literal["vote"] = "vote"
    counted: bool


class AnswerSoFar(WireModel):
    """The text of a message with the claims of an answer that are proved so far."""

    kind: Literal["so far"] = "so far"
    text: str


class ItemReport(WireModel):
    """What became of one item that was to be read."""

    kind: Literal["item"] = "item"
    source: str
    status: str
    article_id: str | None = None
    title: str | None = None
    url: str | None = None
    error: str | None = None


class Refreshed(WireModel):
    """What became of an article that was read again; None where there is no such article."""

    kind: Literal["refreshed"] = "refreshed"
    item: ItemReport | None


class Subscribed(WireModel):
    """A feed, whether the subscription is new, what reading it brought by status, and other feeds the page names."""

    kind: Literal["subscribed"] = "subscribed"
    is_new: bool
    title: str
    address: str
    other_addresses: tuple[str, ...]
    totals: Mapping[str, int]


class Finished(WireModel):
    """The request was carried out, and there is nothing more to say."""

    kind: Literal["finished"] = "finished"


AnyReply = Annotated[
    Reply | Suggestions | AllChannelRules | NextPoll | RecordFound | VoteResult | Refreshed | Subscribed | Finished,
    Field(discriminator="kind"),
]

AnyProgress = Annotated[AnswerSoFar | ItemReport, Field(discriminator="kind")]

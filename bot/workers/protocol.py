"""The requests to the bot's workers, each with the type of its reply (`bot.workers.replies`).

`class FindRecord(QuickRequest[RecordFound])` is answered with a `RecordFound`: the asking side gets one
(`QueryPool.ask`), and the answering side is checked to return one (`QueryRequest.handled_by`). `bot.workers.wire` has
the lines that carry them between processes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Literal, Self, TypeVar

from pydantic import Field

from bot.conversations import Conversation
from bot.workers.lists import AnyList
from bot.workers.model import Request, StreamedRequest, WireModel
from bot.workers.records import AnyRecord, CitationRecord
from bot.workers.replies import (
    AllChannelRules,
    AnswerSoFar,
    AnyReply,
    Finished,
    ItemReport,
    NextPoll,
    RecordFound,
    Refreshed,
    Reply,
    Subscribed,
    Suggestions,
    VoteResult,
)
from retrieval.store.channels import ChannelMode

if TYPE_CHECKING:
    from retrieval.library import Library

QueryReplyT = TypeVar("QueryReplyT", bound=AnyReply)

QueryHandler = Callable[["Library", Any], AnyReply]


class QueryRequest(Request[QueryReplyT], Generic[QueryReplyT]):
    """A request to a query worker."""

    @classmethod
    def handled_by(cls, handle: Callable[[Library, Self], QueryReplyT]) -> tuple[type[QueryRequest[Any]], QueryHandler]:
        """An entry for a table of handlers; mypy refuses a handler of another request or with another reply."""
        return cls, handle


class ReplyRequest(QueryRequest[Reply]):
    """A request for a reply to a member. What goes wrong becomes a reply as well."""

    guild: int | None
    """The server that asks, None for direct messages: it decides which articles are seen."""


class QuickRequest(QueryRequest[QueryReplyT], Generic[QueryReplyT]):
    """A request that takes milliseconds and does not wait for those that take longer."""

    writes: ClassVar[bool] = False
    """Whether it may have to wait for another process to finish writing."""


class Question(WireModel):
    """A question, as the options of a command and the rule of the channel narrow it."""

    text: str
    guild: int | None
    since: str | None = None
    until: str | None = None
    source: str | None = None
    allowed: tuple[str, ...] = ()
    """The only sources that the channel allows; empty where it allows all."""


class AnswerQuestion(StreamedRequest[Reply, AnswerSoFar]):
    """A request for an answer. What goes wrong becomes a reply."""

    kind: Literal["answer"] = "answer"
    question: Question
    conversation: Conversation | None = None
    record_keys: tuple[str, ...] = ()
    """Keys under which the conversation may be kept, nearest first, where `conversation` is None."""


class ShowList(ReplyRequest):
    """A page of a list."""

    kind: Literal["list"] = "list"
    options: AnyList
    page: int = 0
    key: str | None = None
    """The key under which the options are kept already."""


class ShowArticle(ReplyRequest):
    """An article, by its id or words of its title, from `allowed` sources only where some are named."""

    kind: Literal["article"] = "article"
    title: str
    allowed: tuple[str, ...] = ()


class ShowEvidence(ReplyRequest):
    """The passages that an answer cited."""

    kind: Literal["evidence"] = "evidence"
    question: str
    citations: tuple[CitationRecord, ...]


class ShowStatus(ReplyRequest):
    """The state of a server's library, followed by lines about the process that speaks to Discord."""

    kind: Literal["status"] = "status"
    process_lines: tuple[str, ...]


class RemoveArticle(ReplyRequest):
    """Forget one of a server's articles."""

    kind: Literal["remove article"] = "remove article"
    article_id: str


class RemoveFeed(ReplyRequest):
    """End one of a server's subscriptions."""

    kind: Literal["remove feed"] = "remove feed"
    feed_id: str


class SetChannelRule(ReplyRequest):
    """Make a rule for a channel."""

    kind: Literal["set rule"] = "set rule"
    channel: str
    mode: ChannelMode
    sources: tuple[str, ...]
    reads_all: bool
    """Whether the bot may read messages that do not mention it."""


class RemoveChannelRule(ReplyRequest):
    """Forget the rule for a channel."""

    kind: Literal["remove rule"] = "remove rule"
    channel: str


class SuggestSpeakers(QuickRequest[Suggestions]):
    """Speakers whose names fit what was typed, from `allowed` sources only where some are named."""

    kind: Literal["suggest speakers"] = "suggest speakers"
    guild: int | None
    typed: str
    allowed: tuple[str, ...] = ()


class SuggestArticles(QuickRequest[Suggestions]):
    """Articles whose titles fit what was typed, from `allowed` sources only where some are named."""

    kind: Literal["suggest articles"] = "suggest articles"
    guild: int | None
    typed: str
    allowed: tuple[str, ...] = ()


class SuggestServerArticles(QuickRequest[Suggestions]):
    """A server's own articles whose titles fit what was typed."""

    kind: Literal["suggest server articles"] = "suggest server articles"
    guild: int | None
    typed: str


class SuggestServerFeeds(QuickRequest[Suggestions]):
    """A server's feeds whose titles or addresses contain what was typed."""

    kind: Literal["suggest server feeds"] = "suggest server feeds"
    guild: int | None
    typed: str


class GetChannelRules(QuickRequest[AllChannelRules]):
    """The channel rules of every server."""

    kind: Literal["get rules"] = "get rules"


class GetNextPoll(QuickRequest[NextPoll]):
    """When a feed is next due."""

    kind: Literal["get next poll"] = "get next poll"


class FindRecord(QuickRequest[RecordFound]):
    """The record that a scope keeps under a key."""

    kind: Literal["find record"] = "find record"
    key: str
    scope: str


class KeepRecord(QuickRequest[Finished]):
    """Keep a record for a month."""

    kind: Literal["keep record"] = "keep record"
    writes: ClassVar[bool] = True
    key: str
    scope: str
    record: AnyRecord


class CastVote(QuickRequest[VoteResult]):
    """What a member thinks of the answer kept under a key; it replaces their earlier vote."""

    kind: Literal["vote"] = "vote"
    writes: ClassVar[bool] = True
    key: str
    scope: str
    member: str
    good: bool
    reason: str | None = None


class Metadata(WireModel):
    """What is known of an article besides its text; it takes precedence over what its page says."""

    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: str | None = None


class SavedFile(WireModel):
    """A file on this machine, and the name it was attached under."""

    path: str
    name: str


class IngestArticles(StreamedRequest[Finished, ItemReport]):
    """Read addresses, files and a pasted text into a scope, with a report for each item."""

    kind: Literal["ingest"] = "ingest"
    scope: str
    metadata: Metadata = Metadata()
    addresses: tuple[str, ...] = ()
    files: tuple[SavedFile, ...] = ()
    text: str | None = None


class RefreshArticle(Request[Refreshed]):
    """Read one of a scope's articles again from where it was found."""

    kind: Literal["refresh"] = "refresh"
    scope: str
    article_id: str


class SubscribeToFeed(Request[Subscribed]):
    """Subscribe a scope to a feed, by its own address or that of a page that names it, and read what it holds."""

    kind: Literal["subscribe"] = "subscribe"
    scope: str
    address: str


AnyQueryRequest = Annotated[
    AnswerQuestion
    | ShowList
    | ShowArticle
    | ShowEvidence
    | ShowStatus
    | RemoveArticle
    | RemoveFeed
    | SetChannelRule
    | RemoveChannelRule
    | SuggestSpeakers
    | SuggestArticles
    | SuggestServerArticles
    | SuggestServerFeeds
    | GetChannelRules
    | GetNextPoll
    | FindRecord
    | KeepRecord
    | CastVote,
    Field(discriminator="kind"),
]
"""What query workers take."""

AnyIngestRequest = Annotated[IngestArticles | RefreshArticle | SubscribeToFeed, Field(discriminator="kind")]
"""What the ingest worker takes."""

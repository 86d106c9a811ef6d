"""The value types that all packages share. Text is referred to by offsets and not copied.

Every offset is a character offset into `Article.text`. A type with spans checks them when it is created, so that a
value that exists can always be shown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from retrieval.errors import SpanError

PUBLIC = "public"
"""The scope that everybody reads. A guild's own scope is its Discord id in digits."""

_TRACKERS = re.compile(
    r"(?i)^(utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|cmpid|ns_\w+|at_\w+|xtor|smid|ref_src)$"
)


class Precision(StrEnum):
    """How exactly a publication date is known."""

    TIME = "time"
    DAY = "day"
    NONE = "none"


class Kind(StrEnum):
    """How a statement is reported: in quotation marks, in the reporter's words, in both, or as a state of mind."""

    DIRECT = "direct"
    INDIRECT = "indirect"
    MIXED = "mixed"
    MENTAL = "mental"


class Intent(StrEnum):
    """What a question asks for."""

    SAID = "said"
    WHO_SAID = "who_said"
    LATEST = "latest"
    GENERAL = "general"


class Status(StrEnum):
    """Whether the articles answer the question."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters `start` (inclusive) to `end` (exclusive) of a text; never empty. Raises SpanError otherwise."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise SpanError(f"{self.start}..{self.end} is not a span")

    def of(self, text: str) -> str:
        """The characters of the span. Raises SpanError where the text is too short."""
        if self.end > len(text):
            raise SpanError(f"{self.start}..{self.end} reaches past a text of {len(text)} characters")
        return text[self.start : self.end]

    def holds(self, other: Span) -> bool:
        """Whether this span contains the whole of `other`."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share a character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class RemovedText:
    """A piece of a raw text that cleaning removed: the offset into the cleaned text where it was, its words, and the
    rule that removed it. With each put back in its place, the text is the raw text again, except for white space."""

    at: int
    text: str
    rule: str


def canonical_url(url: str) -> str:
    """An address in the form that identifies an article: lower-case scheme and host, no fragment, no trackers."""
    parts = urlsplit(url.strip())
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKERS.match(k)])
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", query, ""))


def digest(*parts: str) -> str:
    """A key of the parts, in their order: the first 16 hexadecimal digits of their SHA-256."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Article:
    """One version of one article. `text` is the cleaned body, with a blank line between paragraphs.

    `published` has a time zone. It is None where the publisher states no date, and never the day of ingestion.
    `page_date` is a date that is merely printed on the page; as many sites print the current day, it only tells that
    the article is not newer. `corrections` are the publisher's own words about what was wrong; `removed` is what
    cleaning took out of the raw text.
    """

    id: str
    version: str
    scope: str
    title: str
    text: str
    url: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_precision: Precision = Precision.NONE
    page_date: date | None = None
    modified: datetime | None = None
    language: str | None = None
    section: str | None = None
    corrections: tuple[str, ...] = ()
    removed: tuple[RemovedText, ...] = ()

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise SpanError("an article has no text")
        if self.published is not None and self.published.tzinfo is None:
            raise ValueError("a publication date needs a time zone")
        if (self.published is None) != (self.published_precision is Precision.NONE):
            raise ValueError("a publication date and its precision go together")

    @classmethod
    def create(
        cls,
        *,
        title: str,
        text: str,
        scope: str = PUBLIC,
        url: str | None = None,
        source: str | None = None,
        authors: tuple[str, ...] = (),
        published: datetime | None = None,
        published_precision: Precision = Precision.NONE,
        page_date: date | None = None,
        modified: datetime | None = None,
        language: str | None = None,
        section: str | None = None,
        corrections: tuple[str, ...] = (),
        removed: tuple[RemovedText, ...] = (),
    ) -> Article:
        """An article with its id (hash of scope and address, or of scope and text) and version (hash of content)."""
        address = canonical_url(url) if url else None
        known_by = address or " ".join(f"{title} {text}".split())
        stamp = published.astimezone(UTC).isoformat() if published else ""
        return cls(
            id=digest(scope, known_by),
            version=digest(title, text, stamp),
            scope=scope,
            title=title,
            text=text,
            url=address,
            source=source,
            authors=authors,
            published=published,
            published_precision=published_precision,
            page_date=page_date,
            modified=modified,
            language=language,
            section=section,
            corrections=corrections,
            removed=removed,
        )

    @property
    def published_iso(self) -> str | None:
        """The publication date in ISO 8601, as precise as it is known: a time, a day, or None."""
        if self.published is None:
            return None
        day_alone = self.published_precision is Precision.DAY
        return self.published.date().isoformat() if day_alone else self.published.isoformat()

    def with_id(self, article_id: str) -> Article:
        """A copy with the id of another article, as a version of that one."""
        return replace(self, id=article_id)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences of an article. `heading` is searched with it but never cited."""

    article_id: str
    version: str
    index: int
    span: Span
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that somebody said, as an article reports it.

    `content` are the spans of what was said, in order and without overlap; `context` is the whole sentences around
    them. `cue` is the word that reports it ("told"), `mention` the speaker as named there, and `speaker` the fullest
    name that the article gives ("" where the text is not English, and no speaker is claimed). `when` are the article's
    words for the time, and `said_on` is the day they mean, where the article's date is known.
    """

    article_id: str
    version: str
    speaker: str
    kind: Kind
    content: tuple[Span, ...]
    context: Span
    mention: Span | None = None
    cue: Span | None = None
    aliases: tuple[str, ...] = ()
    role: str | None = None
    addressee: str | None = None
    when: str | None = None
    said_on: date | None = None

    def __post_init__(self) -> None:
        if not self.content:
            raise SpanError("a statement has no content")
        for span, next_span in zip(self.content, self.content[1:], strict=False):
            if span.end > next_span.start:
                raise SpanError("a statement's content spans overlap or are out of order")
        if not all(self.context.holds(span) for span in self.content):
            raise SpanError("a statement's content lies outside its context")

    def quote(self, text: str) -> str:
        """The content verbatim, with " … " between spans."""
        return " … ".join(span.of(text) for span in self.content)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it was understood. `scopes` is never empty and has no default.

    `since` and `until` are days, both included. `now` is the day on which it is asked, from which "last week" counts
    (None: today). `favoured` is a first and a last day whose reports are preferred, without leaving out others.
    `speaker` is whose words are asked for, as the question calls them, and `speakers` are the names that articles have
    for them (empty: the articles have no such speaker). `context` are the words of the conversation that a follow-up
    depends on.
    """

    text: str
    scopes: tuple[str, ...]
    intent: Intent = Intent.GENERAL
    speaker: str | None = None
    speakers: tuple[str, ...] = ()
    topic: str | None = None
    context: str = ""
    since: date | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    now: date | None = None
    favoured: tuple[date, date] | None = None

    def __post_init__(self) -> None:
        if not self.scopes:
            raise ValueError("a query names its scopes")


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found: its article, its score, that of each channel that found it, and its rank (1 = first)."""

    article: Article
    chunk: Chunk
    score: float
    scores: Mapping[str, float]
    rank: int

    @property
    def text(self) -> str:
        """The words of the chunk."""
        return self.chunk.span.of(self.article.text)


@dataclass(frozen=True, slots=True)
class Citation:
    """Proof: `excerpt` is the text at `span` of the article, checked here. Only `retrieval.proof.cite` makes one."""

    article: Article
    span: Span
    number: int
    excerpt: str
    speaker: str | None = None

    def __post_init__(self) -> None:
        if self.span.of(self.article.text) != self.excerpt:
            raise SpanError("an excerpt differs from its article")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer, with the numbers of the citations that support it, at least one."""

    text: str
    citations: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("a claim cites nothing")


@dataclass(frozen=True, slots=True)
class DroppedClaim:
    """A claim of a model that was not shown: the kind of fault (one word), and the reason in words."""

    claim: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class GenerationStats:
    """How one answer was written: the model, the number of claims that held, those that were dropped, and the cost.

    `micros`: millionths of a dollar. A claim that was refused, tried again and then held counts only as held.
    """

    model: str
    held: int = 0
    dropped: tuple[DroppedClaim, ...] = ()
    tokens: int = 0
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of an article proposed as evidence; `speaker`: whose words it reports, where it is a statement."""

    article: Article
    span: Span
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question. Abstaining is an answer too; `nearest` is then the nearest coverage.

    `rewritten`: the question that was searched for, where a model rewrote a follow-up to stand alone.
    """

    question: str
    status: Status
    text: str
    claims: tuple[Claim, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Article, ...] = ()
    notices: tuple[str, ...] = ()
    answerer: str = "quote"
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    rewritten: str | None = None
    written: GenerationStats | None = None

    def __post_init__(self) -> None:
        known = {citation.number for citation in self.citations}
        if any(number not in known for claim in self.claims for number in claim.citations):
            raise ValueError("a claim cites a number that is not there")
        if (self.status is Status.ANSWERED) != bool(self.claims):
            raise ValueError("an answered question has claims, an abstention has none")

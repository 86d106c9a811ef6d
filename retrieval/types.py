"""The things the whole house speaks of. Offsets, not copied text, are the truth.

Every offset is a character offset into `Article.text`. A type that holds spans checks them when it is made, so a
value that exists is a value that can be shown.
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
"""The scope that every reader sees; a guild's own scope is its Discord id in digits."""

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
    """Whether the articles carry an answer."""

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
        """Whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Removed:
    """What stood in a raw text and is no part of the story: its words, which rule took it, and the offset into the
    cleaned text at which it stood. Putting each back in its place gives the raw text, white space aside."""

    at: int
    text: str
    rule: str


def canonical_url(url: str) -> str:
    """An address as an article is known by: lower-case scheme and host, no fragment, no query trackers."""
    parts = urlsplit(url.strip())
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKERS.match(k)])
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", query, ""))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Article:
    """One version of one article. `text` is the cleaned body, paragraphs parted by a blank line.

    `published` is aware, and None where the publisher states no date: it is never the day of ingestion. `page_date`
    keeps a date that merely stands on the page (many sites print the day of rendering): the article is not younger.
    `corrections` are the publisher's own words about what was wrong; `removed` is what stood in the raw text besides.
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
    removed: tuple[Removed, ...] = ()

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
        removed: tuple[Removed, ...] = (),
    ) -> Article:
        """An article with its id (hash of scope and address, or of scope and words) and version (hash of content)."""
        address = canonical_url(url) if url else None
        known_by = address or " ".join(f"{title} {text}".split())
        stamp = published.astimezone(UTC).isoformat() if published else ""
        return cls(
            id=_digest(scope, known_by),
            version=_digest(title, text, stamp),
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
    def published_as_known(self) -> str | None:
        """The publication date as exactly as it is known, in ISO 8601: a time, a day, or nothing."""
        if self.published is None:
            return None
        day_alone = self.published_precision is Precision.DAY
        return self.published.date().isoformat() if day_alone else self.published.isoformat()

    def known_as(self, article_id: str) -> Article:
        """The same as a version of another article."""
        return replace(self, id=article_id)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole sentences of an article. `heading` is searched with it and never cited."""

    article_id: str
    version: str
    index: int
    span: Span
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something somebody said, by an article's account.

    `content` is what was said (in order, apart), `context` the whole sentences it stands in, `cue` the words that
    report it ("told"), `mention` the speaker as named there, `speaker` the fullest name the article gives ("" where the
    text is not English, and nobody is claimed to speak), `when` the article's words for the time, and `said_on` their
    day where the article's date is known.
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
        for one, next_one in zip(self.content, self.content[1:], strict=False):
            if one.end > next_one.start:
                raise SpanError("a statement's content spans overlap or are out of order")
        if not all(self.context.holds(span) for span in self.content):
            raise SpanError("a statement's content lies outside its context")

    def quote(self, text: str) -> str:
        """The content verbatim, several spans joined by " … "."""
        return " … ".join(span.of(text) for span in self.content)


@dataclass(frozen=True, slots=True)
class Query:
    """A question as understood. `scopes` is never empty and never defaulted; dates are days, both included.

    `now` is the day on which it is asked, from which "last week" counts (None: today).
    `favoured` are days whose reports come first, without others being left out.
    `speaker` is who is asked about in the question's words, `speakers` the names the articles know him by (none: the
    articles have no such speaker). `context` are the words of the conversation that a follow-up leans on.
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
    """A chunk found: its article, the joined score, that of each channel that found it, and its place (1 = first)."""

    article: Article
    chunk: Chunk
    score: float
    scores: Mapping[str, float]
    rank: int

    @property
    def text(self) -> str:
        """The chunk's own words."""
        return self.chunk.span.of(self.article.text)


@dataclass(frozen=True, slots=True)
class Citation:
    """Proof: `excerpt` stands at `span` of the article, checked when made. Only `verify.cite` makes one."""

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
    """A sentence of the answer, with the numbers of the citations that carry it; never without one."""

    text: str
    citations: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.citations:
            raise ValueError("a claim cites nothing")


@dataclass(frozen=True, slots=True)
class Dropped:
    """A claim that was not shown: the kind of what is wrong with it, and the reason in words."""

    claim: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """Of one answer: the model, how many claims held, which did not, and what it cost (tokens, millionths of a dollar).

    A claim that was refused, tried again and then held counts as held alone.
    """

    model: str
    held: int = 0
    dropped: tuple[Dropped, ...] = ()
    tokens: int = 0
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span of an article put forward as evidence, with whose words it reports."""

    article: Article
    span: Span
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is replied to a question. Abstaining is an answer: `nearest` then holds the closest coverage.

    `rewritten`: the question as it was asked of the articles, where a model put a follow-up into one that stands alone.
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
    written: Written | None = None

    def __post_init__(self) -> None:
        known = {citation.number for citation in self.citations}
        if any(number not in known for claim in self.claims for number in claim.citations):
            raise ValueError("a claim cites a number that is not there")
        if (self.status is Status.ANSWERED) != bool(self.claims):
            raise ValueError("an answered question has claims, an abstention has none")

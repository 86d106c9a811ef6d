"""The lists that commands show: the options of each, who may see it, and how it is made from the library.

To add a list, subclass `PagedList` here, add the class to `AnyList`, and send it from a command with
`bot.discord_app.commands.paging.send_list`. The options are kept in the library, so that the buttons under a list
work after a restart: a list is made anew for each page, as the server of whoever turns the page may see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bot.messages import render, verdicts
from bot.messages.links import link_to
from bot.messages.markdown import escape, one_line
from bot.messages.pack import Block, text_block
from bot.messages.rules import describe_rule
from bot.workers.model import WireModel
from bot.workers.query import build_query, require_words
from bot.workers.scope import scope_of, visible_scopes
from retrieval.answer.statements import statements_by
from retrieval.library import Library
from retrieval.quotes import check
from retrieval.search import search
from retrieval.search.hybrid import distinct_articles
from retrieval.search.term_weights import weigh
from retrieval.search.words_only import search_with_fallback
from retrieval.text import stems
from retrieval.text.person_names import ambiguity_question
from retrieval.types import Article, Query

_MAX_LATEST = 60
"""Maximum number of articles that /latest lists without a topic."""

_TOPIC_PASSAGES = 40
"""Passages looked at for articles on a topic."""

_MIN_TOPIC_COVERAGE = 0.55
"""Share of a topic's terms, by weight, that an article must contain to be on the topic; the same as for statements."""

_MAX_ECHO = 60
"""Characters of an option's text that a heading repeats."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A list's heading, in plain text, its entries, and how the command went in a word for the log."""

    heading: str
    blocks: Sequence[Block]
    outcome: str = "answered"


class PagedList(WireModel):
    """A list shown in pages; the fields are its options. Subclasses have a `kind` of their own.

    `kind` and the fields' names are stored in libraries: lists made by earlier releases must still open.
    """

    admins_only: ClassVar[bool] = False
    """Whether only those who manage the server may see it; they alone then see the reply."""

    def contents(self, library: Library, guild: int | None) -> Contents:
        """What the list says in a server, or in direct messages. Raises QuestionError for options of no use."""
        raise NotImplementedError


class StatementList(PagedList):
    """What somebody said."""

    kind: Literal["said"] = "said"
    speaker: str
    about: str | None = None
    since: str | None = None
    until: str | None = None
    oldest: bool = False
    """Whether the oldest come first."""
    allowed: tuple[str, ...] = ()
    """The only sources that the channel allows; empty where it allows all."""

    def contents(self, library: Library, guild: int | None) -> Contents:
        """The statements, or a question back where the name stands for several people."""
        require_words(self.speaker)
        query = build_query(self.speaker, guild, self.since, self.until, channel_sources=self.allowed)
        persons, statements = statements_by(library, query, self.speaker, self.about)
        called = one_line(self.speaker, _MAX_ECHO)
        topic = f" on {one_line(self.about, _MAX_ECHO)}" if self.about else ""
        if not statements:
            if persons and not self.about:
                return Contents(
                    "", [text_block(f"Nobody is called {called}: {ambiguity_question(called, persons)}")], "abstained"
                )
            return Contents("", [text_block(f"I found no statements by {called}{topic}.")], "abstained")
        ambiguous = [render.notice_block(ambiguity_question(called, persons))] if len(persons) > 1 else []
        order = "oldest first" if self.oldest else "newest first"
        number = f"{len(statements)} statement{'s' * (len(statements) != 1)}"
        blocks = render.statement_blocks(self.speaker, statements if self.oldest else statements[::-1])
        return Contents(f"{persons[0].name}: {number}{topic}, {order}", [*ambiguous, *blocks])


class QuoteCheck(PagedList):
    """Whether a quotation is real, and where its words stand or what comes nearest to them."""

    kind: Literal["check"] = "check"
    quote: str
    speaker: str | None = None
    allowed: tuple[str, ...] = ()
    """The only sources that the channel allows; empty where it allows all."""

    def contents(self, library: Library, guild: int | None) -> Contents:
        """The verdict with its matches."""
        checked = check(library, self.quote, visible_scopes(guild), self.speaker, self.allowed)
        return Contents("", render.verdict_blocks(checked, verdicts.verdict_sentence(checked)), checked.verdict.value)


class LatestArticles(PagedList):
    """The newest articles, of a source, on a topic."""

    kind: Literal["latest"] = "latest"
    topic: str | None = None
    source: str | None = None
    allowed: tuple[str, ...] = ()
    """The only sources that the channel allows; empty where it allows all."""

    def contents(self, library: Library, guild: int | None) -> Contents:
        """A line for each article."""
        query = build_query(self.topic or "", guild, source=self.source, channel_sources=self.allowed)
        if query.text:
            require_words(query.text)
            articles = search_with_fallback(library, lambda view: _articles_on_topic(view, query))[0]
        else:
            with library.open_reader(query.scopes) as db:
                articles = db.articles(_MAX_LATEST, sources=query.sources)
        if not articles:
            return Contents("", [text_block("I have no such articles.")], "abstained")
        topic = f" on {one_line(self.topic, _MAX_ECHO)}" if self.topic else ""
        source = f" from {one_line(self.source, _MAX_ECHO)}" if self.source else ""
        return Contents(f"Latest articles{topic}{source}:", render.article_blocks(articles))


class ServerArticles(PagedList):
    """The articles of a server's own library."""

    kind: Literal["articles"] = "articles"
    admins_only: ClassVar[bool] = True

    def contents(self, library: Library, guild: int | None) -> Contents:
        """A line for each article, with its id."""
        with library.open_reader((scope_of(guild),)) as db:
            articles = db.articles()
        blocks = [Block(f"- {render.article_line(article)} · `{article.id}`") for article in articles]
        heading = f"This server's articles: {len(articles)}"
        return Contents(heading, blocks or [text_block("There are no articles yet. Add some with /ingest.")])


class ServerFeeds(PagedList):
    """The feeds that a server reads."""

    kind: Literal["feeds"] = "feeds"
    admins_only: ClassVar[bool] = True

    def contents(self, library: Library, guild: int | None) -> Contents:
        """A line for each feed: when it was last read, and what is wrong with it."""
        blocks = []
        for feed, seen in library.subscriptions.feeds_with_entry_counts((scope_of(guild),)):
            polled = f"checked <t:{int(feed.polled)}:R>" if feed.polled else "not checked yet"
            entries = f"{seen} {'entry' if seen == 1 else 'entries'} seen"
            state = "ended by its publisher" if feed.ended else f"{polled}, {entries}"
            problem = f" · {escape(one_line(feed.problem, 200))}" if feed.problem else ""
            blocks.append(Block(f"- {link_to(one_line(feed.title, 150) or feed.id, feed.address)} · {state}{problem}"))
        return Contents(
            "This server's feeds", blocks or [text_block("There are no feeds yet. Add one with /feeds add.")]
        )


class ServerChannels(PagedList):
    """The channels for which a server has rules."""

    kind: Literal["channels"] = "channels"
    admins_only: ClassVar[bool] = True

    def contents(self, library: Library, guild: int | None) -> Contents:
        """A line for each rule."""
        blocks = [Block(f"- {describe_rule(rule)}") for rule in library.channels.rules(scope_of(guild))]
        nothing = text_block("There are no rules. I answer in every channel when I am mentioned.")
        return Contents("Channel rules", blocks or [nothing])


AnyList = Annotated[
    StatementList | QuoteCheck | LatestArticles | ServerArticles | ServerFeeds | ServerChannels,
    Field(discriminator="kind"),
]


def _articles_on_topic(library: Library, query: Query) -> list[Article]:
    """Articles with most of a topic's words, newest first, undated ones last."""
    vector = library.embedder.embed_array([query.text])[0]
    with library.open_reader(query.scopes) as db:
        passages = search(library, db, query, _TOPIC_PASSAGES, vector)
        terms = weigh(db, stems.content_stems(query.text), db.counts()["chunks"])
    on_topic = [
        article
        for article in distinct_articles(passages)
        if terms.coverage(set(stems.stems(f"{article.title} {article.text}"))) >= _MIN_TOPIC_COVERAGE
    ]
    return sorted(on_topic, key=_timestamp, reverse=True)


def _timestamp(article: Article) -> float:
    return article.published.timestamp() if article.published else float("-inf")

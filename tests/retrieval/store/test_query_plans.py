"""Query plans: no public function reads a whole table or everything in a scope where it needs a few rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import dialect

from bot.workers.lists import (
    AnyList,
    LatestArticles,
    QuoteCheck,
    ServerArticles,
    ServerChannels,
    ServerFeeds,
    StatementList,
)
from bot.workers.protocol import (
    CastVote,
    FindRecord,
    GetChannelRules,
    GetNextPoll,
    KeepRecord,
    QueryRequest,
    RemoveArticle,
    RemoveChannelRule,
    RemoveFeed,
    SetChannelRule,
    ShowArticle,
    ShowEvidence,
    ShowList,
    ShowStatus,
    SuggestArticles,
    SuggestServerArticles,
    SuggestServerFeeds,
    SuggestSpeakers,
)
from bot.workers.query_worker import handlers_for
from bot.workers.records import AnswerRecord
from retrieval.answer.answerer import Answerer
from retrieval.answer.quoting import answer_question
from retrieval.answer.stances import find_sides
from retrieval.answer.statements import statements_by
from retrieval.generation.context import EvidenceCollector
from retrieval.index import build as sealing
from retrieval.library.facade import Library
from retrieval.quotes.checker import check
from retrieval.search.hybrid import search_text
from retrieval.search.query import Turn
from retrieval.search.speaker_merges import find_person
from retrieval.store import reader as catalog
from retrieval.store import speaker_names as names
from retrieval.store import statement_rows as statements
from retrieval.store.channels import ChannelMode
from retrieval.store.feeds import SeenEntry
from retrieval.types import PUBLIC, Query
from tests.plans import captured_statements, wide_steps
from tests.retrieval.fakes import entry
from tests.retrieval.large import GUILD, RARE_SOURCE, SOURCES, fill_library

OWN = str(GUILD)
SCOPES = (PUBLIC, OWN)
SPEAKER, OTHER = "Ada Lindqvist", "Boris Falk"
MARCH = {"since": date(2021, 3, 1), "until": date(2021, 3, 31)}
ALL_DAYS = {"since": date(2000, 1, 1)}

ANSWERED = AnswerRecord(question="Why?", status="answered", answer="Because.", answerer="quote")

Door = Callable[[Library], object]
"""What a user can do with a library, for which queries are run."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = fill_library(tmp_path_factory.mktemp("plans") / "library")
    # In this process, which takes half the time.
    sealing.build_due(library.data_dir)
    yield library
    library.close()


def _ask(text: str, **narrowed: Any) -> Door:
    return lambda library: Answerer(library).answer_now(Query(text, SCOPES, **narrowed))


def _ask_for_a_model(text: str, *history: Turn) -> Door:
    """The additional queries for an answer that a model writes."""
    return lambda library: answer_question(library, Query(text, SCOPES), history, EvidenceCollector())


def _said(speaker: str, topic: str | None = None, **narrowed: Any) -> Door:
    return lambda library: statements_by(library, Query(speaker, SCOPES, **narrowed), speaker, topic)


def _who_said(**narrowed: Any) -> Door:
    claim = "the harbour followed"
    return lambda library: find_sides(library, Query(claim, SCOPES, **narrowed), claim)


def _check(alter: Callable[[str], str] = str, speaker: str | None = None, sources: tuple[str, ...] = ()) -> Door:
    def door(library: Library) -> object:
        with library.open_reader(SCOPES) as db:
            statement, article = db.statements(Query("", SCOPES), speakers=(SPEAKER,))[0]
        return check(library, alter(statement.quote(article.text)), SCOPES, speaker, sources)

    return door


def _search(**narrowed: Any) -> Door:
    return lambda library: search_text(library, Query("What became of the harbour?", SCOPES, **narrowed), 10)


REQUESTS: set[type[QueryRequest[Any]]] = set()
"""The requests that have a door."""


def _handle(request: QueryRequest[Any]) -> Door:
    """What the bot's query worker does for a request."""
    REQUESTS.add(type(request))
    return lambda library: handlers_for(Answerer(library))[type(request)](library, request)


def _list(options: AnyList) -> Door:
    return _handle(ShowList(guild=GUILD, options=options))


def _show_speaker(library: Library) -> None:
    with library.open_reader(SCOPES) as db:
        db.roles(find_person(db, SPEAKER).names)


def _show_article(library: Library) -> None:
    with library.open_reader(SCOPES) as db:
        (article,) = db.articles(1)
        db.history([article.id])
        db.origins(article.id)


def _remove(library: Library) -> None:
    with library.open_reader((PUBLIC,)) as db:
        (article,) = db.articles(1)
    library.remove(article.id, (PUBLIC,))


def _put(library: Library) -> None:
    """Store a new article and a new version, then replace their statements."""
    new = [entry(["The harbour reopened, it was said."] * 3, url=f"https://news.example/public/{at}") for at in (7, -1)]
    library.put_entries(new)
    library.replace(new, "")


def _poll(library: Library) -> None:
    feed = library.subscriptions.lease_next(now=10.0, lease=5.0, begun=9.0)
    assert feed is not None
    library.subscriptions.seen_entries(feed.id, ["entry 1", "entry 2"])
    library.subscriptions.record_entries(feed, [SeenEntry("entry 1", "another mark", 0.0)])
    library.subscriptions.update(feed, {"address": feed.address, "polled": 10.0})


DOORS: Mapping[str, Door] = {
    "ask about a speaker": _ask(f"What did {SPEAKER} say about the harbour?"),
    "ask for all of a speaker": _ask(f"What did {SPEAKER} say?"),
    "ask about a role": _ask("What did the mayor of Aston say about the election?"),
    "ask in general": _ask("Why did the harbour close?"),
    "ask with a typing error": _ask("Why did the harbuor close?"),
    "ask for the latest": _ask("What is the latest on the harbour?"),
    "ask who said": _ask("Who said that the harbour followed?"),
    "ask of the day": _ask("What became of the railway?", now=date(2021, 3, 9)),
    "ask within dates": _ask("What became of the railway?", **MARCH),
    "ask in words for dates": _ask("What was reported about the railway in March 2021?"),
    "ask of sources": _ask("What became of the railway?", sources=SOURCES[:2]),
    "ask of a small source": _ask("What became of the railway?", sources=(RARE_SOURCE,)),
    "ask in words for a source": _ask(f"What became of the railway according to the {RARE_SOURCE}?"),
    "ask about a speaker within dates, of a source": _ask(f"What did {SPEAKER} say?", **MARCH, sources=SOURCES[:1]),
    "ask a model": _ask_for_a_model("Why did the harbour close?"),
    "ask a follow-up": _ask_for_a_model("And what did she say?", Turn(f"What did {SPEAKER} say?", "Much.")),
    "said": _said(SPEAKER),
    "said on a topic": _said(SPEAKER, "the harbour"),
    "said within dates": _said(SPEAKER, "the harbour", **MARCH),
    "said by a role": _said("the minister", "the harbour"),
    "said by nobody": _said("Zzyzx", "the harbour"),
    "check": _check(),
    "check by a speaker": _check(speaker=SPEAKER),
    "check an altered quotation": _check(lambda quote: quote.replace("harbour", "railway")[9:], OTHER),
    "check a few words": _check(lambda quote: " ".join(quote.split()[6:11]), OTHER),
    "check common words": _check(lambda _: "the harbour followed the railway", OTHER),
    "check of sources": _check(lambda quote: " ".join(quote.split()[6:11]), OTHER, SOURCES[:1]),
    "search": _search(),
    "search within dates": _search(**MARCH),
    "search all days": _search(**ALL_DAYS),
    "search sources": _search(sources=SOURCES),
    "search a small source": _search(sources=(RARE_SOURCE,)),
    "search a source within dates": _search(sources=(RARE_SOURCE,), **ALL_DAYS),
    "who-said": _who_said(),
    "who-said within dates, of sources": _who_said(**MARCH, sources=SOURCES),
    "offer speakers": _handle(SuggestSpeakers(guild=GUILD, typed="")),
    "offer speakers by a letter": _handle(SuggestSpeakers(guild=GUILD, typed="a")),
    "offer speakers by two words": _handle(SuggestSpeakers(guild=GUILD, typed="Ada L")),
    "offer speakers for a misspelt name": _handle(SuggestSpeakers(guild=GUILD, typed="lindqivst")),
    "offer speakers of sources": _handle(SuggestSpeakers(guild=GUILD, typed="lind", allowed=SOURCES[:1])),
    "offer titles": _handle(SuggestArticles(guild=GUILD, typed="")),
    "offer titles of sources": _handle(SuggestArticles(guild=GUILD, typed="", allowed=SOURCES)),
    "offer titles by words": _handle(SuggestArticles(guild=GUILD, typed="harbour a")),
    "offer titles by words, of sources": _handle(SuggestArticles(guild=GUILD, typed="harb", allowed=SOURCES[:1])),
    "offer a server's own titles": _handle(SuggestServerArticles(guild=GUILD, typed="")),
    "offer a server's own titles by words": _handle(SuggestServerArticles(guild=GUILD, typed="harb")),
    "offer feeds": _handle(SuggestServerFeeds(guild=GUILD, typed="1")),
    "list what was said": _list(StatementList(speaker=SPEAKER)),
    "list what was said on a topic": _list(StatementList(speaker=SPEAKER, about="the harbour", allowed=SOURCES[:1])),
    "list a verdict": _list(QuoteCheck(quote="the harbour followed the railway", speaker=SPEAKER)),
    "list the latest": _list(LatestArticles()),
    "list the latest of a source": _list(LatestArticles(source=RARE_SOURCE)),
    "list the latest of a channel's sources": _list(LatestArticles(allowed=SOURCES)),
    "list the latest on a topic": _list(LatestArticles(topic="the harbour")),
    "list own articles": _list(ServerArticles()),
    "list own feeds": _list(ServerFeeds()),
    "list rules": _list(ServerChannels()),
    "describe an article": _handle(ShowArticle(guild=GUILD, title="harbour", allowed=SOURCES)),
    "set a rule": _handle(
        SetChannelRule(guild=GUILD, channel="7", mode=ChannelMode("always"), sources=(RARE_SOURCE,), reads_all=True)
    ),
    "remove a rule": _handle(RemoveChannelRule(guild=GUILD, channel="7")),
    "load rules": _handle(GetChannelRules()),
    "when a poll is due": _handle(GetNextPoll()),
    "find a reply": _handle(FindRecord(key="a key", scope=OWN)),
    "keep a reply": _handle(KeepRecord(key="a key", scope=OWN, record=ANSWERED)),
    "vote": _handle(CastVote(key="a key", scope=OWN, member="a member", good=True)),
    "show evidence": _handle(ShowEvidence(guild=GUILD, question="Why?", citations=())),
    "end a subscription": _handle(RemoveFeed(guild=GUILD, feed_id="none")),
    "remove a server's article": _handle(RemoveArticle(guild=GUILD, article_id="none")),
    "status": _handle(ShowStatus(guild=GUILD, process_lines=())),
    "show a speaker": _show_speaker,
    "show an article": _show_article,
    "put articles": _put,
    "poll a feed": _poll,
    "remove an article": _remove,
}

INHERENT: Mapping[str, Mapping[str, str]] = {
    "list own articles": {"articles": "an admin sees all that the server has"},
    "list own feeds": {"feeds": "all are shown", "feed_entries": "the entries seen of each are counted"},
    "list rules": {"channels": "all are shown"},
    "load rules": {"channels": "the bot keeps every server's rules in memory"},
    "offer feeds": {"feeds": "what is typed may stand anywhere in a title or address; admins add them one by one"},
    "status": {"feeds": "they are counted", "channels": "they are counted"},
    "remove an article": {"replies": "what a reply cites stands in its JSON alone; a reply is kept for a month"},
}
"""Doors that have to read a whole table or all of a scope, with the reason."""


@pytest.mark.parametrize("door", DOORS)
def test_no_door_reads_more_than_it_needs(door: str, library: Library) -> None:
    """No SQL statement of a public door goes through a whole table or scope, unless that is its purpose."""
    with captured_statements() as issued:
        DOORS[door](library)
    steps = wide_steps(library.data_dir / sealing.CATALOG_FILE, issued)
    assert {step.table for step in steps} == INHERENT.get(door, {}).keys(), "\n".join(map(str, sorted(steps)))


def test_every_request_has_a_door(library: Library) -> None:
    """A request that the query worker learns to handle is checked as well."""
    assert handlers_for(Answerer(library)).keys() == REQUESTS


@pytest.mark.parametrize("module", [catalog, names, statements])
def test_no_query_written_as_sql_reads_more_than_it_needs(module: Any, library: Library) -> None:
    """The same for every query that is written as SQL in a module, whether or not these doors use it."""
    compiled = (value.compile(dialect=dialect()) for value in vars(module).values() if isinstance(value, sa.TextClause))
    queries = {str(query): [1] * len(query.positiontup or ()) for query in compiled}
    assert queries
    steps = wide_steps(library.data_dir / sealing.CATALOG_FILE, queries)
    assert not steps, "\n".join(map(str, sorted(steps)))


def test_a_walk_through_a_scope_is_noticed(library: Library) -> None:
    """The check finds a plan that goes through a table or a scope, and a limit that applies only after a sort."""
    of_scope = "select id from chunks where scope = ?"
    cases = (
        ("select id from chunks where id = ?", (1,), 0),
        ("select id from chunks where heading = ?", ("",), 1),
        (of_scope, (PUBLIC,), 1),
        (f"{of_scope} and day >= ?", (PUBLIC, "2021-03-01"), 1),
        (f"{of_scope} limit ?", (PUBLIC, 5), 0),
        (f"{of_scope} limit ?", (PUBLIC, -1), 1),
        (f"{of_scope} order by heading limit ?", (PUBLIC, 5), 1),
        (f"{of_scope} and heading = ? limit ?", (PUBLIC, "", 5), 1),
        ("select rowid from chunk_words where chunk_words match ?", ("harbour",), 0),
        ("select rowid from chunk_words where body like ?", ("%harbour%",), 1),
        ("select count(*) from sizes", (), 0),
    )
    for statement, parameters, wide in cases:
        steps = wide_steps(library.data_dir / sealing.CATALOG_FILE, {statement: parameters})
        assert len(steps) == wide, (statement, parameters)

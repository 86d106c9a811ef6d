"""Stored replies, votes on them, and guilds' rules for channels."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.library import Library, open_library
from retrieval.store.channels import ChannelMode, ChannelRule
from retrieval.store.database import Catalog
from retrieval.store.replies import REPLY_LIFETIME, Replies
from tests.retrieval.made import Hashed, entry, rows

A, B = "42", "43"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(open_library(tmp_path / "library", Hashed())) as library:
        yield library


def test_a_reply_is_found_in_its_scope_alone(library: Library) -> None:
    """It is found by its key; in another guild, or by another key, nothing is found."""
    key = library.replies.keep(A, "said", {"speaker": "Wendt"})
    reply = library.replies.find(key, A)
    assert reply is not None
    assert (reply.kind, reply.body) == ("said", {"speaker": "Wendt"})
    assert [library.replies.find(key, B), library.replies.find("0" * 16, A)] == [None, None]


def test_the_last_vote_counts(library: Library) -> None:
    """A member who changes their mind has one vote; only answers can be voted on, and only in their own guild."""
    key = library.replies.keep(A, "answer", {"question": "Who?"})
    assert library.replies.vote(key, A, "1", good=True)
    assert library.replies.vote(key, A, "1", good=False, reason="old news")
    assert library.replies.vote(key, A, "2", good=True)
    assert not library.replies.vote(key, B, "1", good=True)
    assert not library.replies.vote(library.replies.keep(A, "said", {}), A, "1", good=True)
    ((reply, votes),) = library.replies.answers_with_votes((A,))
    assert reply.key == key
    stored_votes = sorted((vote.member, vote.good, vote.reason) for vote in votes)
    assert stored_votes == [("1", False, "old news"), ("2", True, None)]
    assert library.replies.answers_with_votes((B,)) == []
    assert library.replies.scopes() == (A,)


def test_what_nobody_voted_on_is_forgotten_after_a_month(tmp_path: Path) -> None:
    """A reply with a vote is kept."""
    now = 1_000_000.0
    with closing(Catalog(tmp_path / "catalog.sqlite")) as catalog:
        replies = Replies(catalog, lambda: now)
        plain, voted = replies.keep(A, "answer", {}), replies.keep(A, "answer", {})
        replies.vote(voted, A, "1", good=True)
        now += REPLY_LIFETIME + 1
        recent = replies.keep(A, "said", {})
        assert [replies.find(key, A) is not None for key in (plain, voted, recent)] == [False, True, True]


def test_replies_go_with_the_article_and_the_guild(library: Library, tmp_path: Path) -> None:
    """Removing an article deletes the answers that cite it and their votes; removing a guild deletes everything."""
    bread = entry("Bread is cheaper.")
    (outcome,) = library.put_entries([replace(bread, article=replace(bread.article, scope=A))])
    citing = library.replies.keep(A, "answer", {"citations": [{"article": outcome.article.id}]})
    other = library.replies.keep(A, "answer", {"citations": []})
    for key in (citing, other):
        library.replies.vote(key, A, "1", good=True)
    library.channels.set_rule(A, ChannelRule("7"))
    library.remove(outcome.article.id, (A,))
    assert [reply.key for reply, _ in library.replies.answers_with_votes((A,))] == [other]
    library.remove_scope(A)
    for table in ("replies", "votes", "channels"):
        assert rows(tmp_path / "library" / "catalog.sqlite", f"select * from {table}") == []  # noqa: S608


def test_a_guild_names_its_channels(library: Library) -> None:
    """A rule replaces the previous one for its channel; another guild has its own rules."""
    library.channels.set_rule(A, ChannelRule("7", ChannelMode.ALWAYS))
    library.channels.set_rule(A, ChannelRule("7", ChannelMode.NEVER, ("Harbour Wire",)))
    library.channels.set_rule(B, ChannelRule("8"))
    assert library.channels.rules(A) == [ChannelRule("7", ChannelMode.NEVER, ("Harbour Wire",))]
    assert library.channels.rules(B) == [ChannelRule("8")]
    assert library.channels.remove_rule(A, "7")
    assert not library.channels.remove_rule(A, "8")

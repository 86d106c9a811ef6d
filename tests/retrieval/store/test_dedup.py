"""Copies, versions and corrections: how an article is stored in a library that has others."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.article.build import ArticleMetadata
from ingest.pipeline import IngestReport
from retrieval.answer.quoting import answer_question
from retrieval.library import Library
from retrieval.store.dedup import Entry
from retrieval.types import Article, Chunk, Query, Span

TakeIn = Callable[..., list[IngestReport]]
PUBLIC = ("public",)
STORY = """Ferry runs aground off Port Marrow

A ferry with 212 passengers ran aground on a sandbank off Port Marrow early on Monday, and all of them were taken
ashore by fishing boats before noon.

“The lights of the channel were out,” captain Mara Wendt told reporters. The harbour office said that it had known of
the broken lights since Friday and had ordered new lamps from a firm abroad.

The ferry is to be pulled free at high tide on Tuesday. The line runs twice a day between the town and the islands.
"""


def statuses(reports: list[IngestReport]) -> list[str]:
    return [report.status for report in reports]


def ingest_at(take_in: TakeIn, address: str | None, text: str, **metadata: str) -> str:
    """The status of a text that is ingested as the article at an address."""
    (report,) = take_in("-", given=ArticleMetadata(url=address, **metadata), stdin=text.encode())
    return report.status


def test_a_copy_at_another_address_is_stored_once(library: Library, take_in: TakeIn) -> None:
    """A syndicated copy with a by-line is a duplicate: one article, both addresses, one source in the answer."""
    assert ingest_at(take_in, "https://a.example/ferry", STORY) == "added"
    copy = STORY.replace("\n\nA ferry", "\n\nBy Mara Holm, Harbour Wire\n\nA ferry")
    assert ingest_at(take_in, "https://b.example/news/1", copy) == "duplicate"
    assert ingest_at(take_in, "https://b.example/news/1", copy) == "unchanged"
    with library.open_reader(PUBLIC) as db:
        (article,) = db.articles()
        assert db.origins(article.id) == ["https://a.example/ferry", "https://b.example/news/1"]
    answer = answer_question(library, Query("How many passengers did the ferry have?", PUBLIC))
    assert {citation.article.id for citation in answer.citations} == {article.id}
    assert library.check(deep=True).problems == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [("212 passengers", "221 passengers"), ("told reporters", "told no reporters"), ("Mara Wendt", "Ole Lindqvist")],
)
def test_a_copy_that_says_something_else_is_another_article(take_in: TakeIn, old: str, new: str) -> None:
    """Texts that differ in a number, a negation or a name are separate articles."""
    assert ingest_at(take_in, "https://a.example/ferry", STORY) == "added"
    assert ingest_at(take_in, "https://b.example/ferry", STORY.replace(old, new)) == "added"


def test_a_copys_address_with_news_becomes_its_own_article(library: Library, take_in: TakeIn) -> None:
    """If the page of a copy turns into another story, the first article keeps its text and loses the address."""
    ingest_at(take_in, "https://a.example/ferry", STORY)
    ingest_at(take_in, "https://b.example/ferry", STORY)
    assert (
        ingest_at(take_in, "https://b.example/ferry", "Bread rises\n\nA loaf costs 2.40 crowns since Monday.")
        == "added"
    )
    with library.open_reader(PUBLIC) as db:
        origins = {article.title: db.origins(article.id) for article in db.articles()}
    assert origins == {
        "Ferry runs aground off Port Marrow": ["https://a.example/ferry"],
        "Bread rises": ["https://b.example/ferry"],
    }


def test_copies_of_different_scopes_stay_apart(library: Library, take_in: TakeIn) -> None:
    """A guild's copy of a public article belongs to the guild, and removing it leaves the public one."""
    assert ingest_at(take_in, "https://a.example/ferry", STORY) == "added"
    assert ingest_at(take_in, "https://b.example/ferry", STORY, scope="42") == "added"
    assert library.remove_scope("42") == 1
    with library.open_reader(("public", "42")) as db:
        assert [article.scope for article in db.articles()] == ["public"]


def test_a_file_and_its_copy(take_in: TakeIn, tmp_path: Path) -> None:
    """The same file is unchanged, its copy a duplicate, its correction an update, another story in it an addition."""
    file, copy = tmp_path / "ferry.txt", tmp_path / "copy.txt"
    file.write_text(STORY)
    copy.write_text(STORY.replace("early on Monday,", "early  on Monday,"))
    assert statuses(take_in(file, file, copy, copy)) == ["added", "unchanged", "duplicate", "unchanged"]
    assert statuses(take_in(file, copy)) == ["unchanged", "unchanged"]
    file.write_text(STORY.replace("212", "221"))
    assert statuses(take_in(file, copy)) == ["updated", "duplicate"]
    assert statuses(take_in(file, copy)) == ["unchanged", "duplicate"]
    file.write_text("Bread rises\n\nA loaf costs 2.40 crowns since Monday.")
    assert statuses(take_in(file)) == ["added"]


def test_an_answer_says_that_its_source_was_changed(library: Library, take_in: TakeIn) -> None:
    """Citing an article with several versions gives a notice that says whether the cited words were changed."""
    ingest_at(take_in, "https://a.example/ferry", STORY)
    ask = Query("How many passengers did the ferry have?", PUBLIC)
    assert answer_question(library, ask).notices == ()
    ingest_at(take_in, "https://a.example/ferry", STORY.replace("212", "221"))
    (notice,) = answer_question(library, ask).notices
    assert "version 2" in notice
    assert "differs from the earlier text" in notice
    (notice,) = answer_question(library, Query("What did Mara Wendt say?", PUBLIC)).notices
    assert "stood in the earlier text" in notice


def test_a_text_that_comes_back_is_the_latest_version(library: Library, take_in: TakeIn) -> None:
    """After A, B, A the current text is A and the history ends with it."""
    for text in (STORY, STORY.replace("212", "221"), STORY):
        ingest_at(take_in, "https://a.example/ferry", text)
    with library.open_reader(PUBLIC) as db:
        (article,) = db.articles()
        history = db.history([article.id])[article.id]
    assert "212" in article.text
    assert [version.number for version in history] == [2, 3]
    assert history[-1].text == article.text


def test_a_removed_guild_leaves_nothing(library: Library) -> None:
    """Removing a scope takes its articles, vectors, words and segments, in every table."""
    lines = [f"Line {number} of a long report." for number in range(300)]
    article = Article.create(title="A long report", text="\n\n".join(lines), scope="42")
    spans = [Span(at, at + len(line)) for line in lines for at in [article.text.index(line)]]
    chunks = tuple(Chunk(article.id, article.version, number, span) for number, span in enumerate(spans))
    vectors = np.random.default_rng(1).normal(size=(len(lines), 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    library.put_entries([replace(Entry.of(article), chunks=chunks, vectors=vectors)])
    library.seal()
    assert library.check().figures["segments"] == 1
    assert library.remove_scope("42") == 1
    assert set(library.check().figures.values()) == {0}
    assert library.check(deep=True).problems == ()
    assert list((library.data_dir / "chroma").iterdir()) == []

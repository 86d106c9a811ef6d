"""Quotations without a claimed speaker, and thoughts, are in no answer about what somebody said."""

import io
from collections.abc import Iterator

import pytest

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.answer.statements import statements_by
from retrieval.library import Library, open_library
from retrieval.models.local import LocalEmbeddings
from retrieval.quotes import check
from retrieval.quotes.checker import Verdict
from retrieval.types import Kind, Query

SCOPES = ("public",)
GERMAN = """Kiel

Die Ministerin wies die Vorwürfe am Montag zurück. „Wir haben nichts davon gewusst“, sagte Anna Berg vor
Journalisten in Kiel. Der Ausschuss tagt heute wieder."""
HOPES = """Crane

Mara Wendt hopes the crane will be rebuilt. Mara Wendt said the quay was shut. Ole Lindqvist feared the worst."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: LocalEmbeddings) -> Iterator[Library]:
    opened = open_library(tmp_path_factory.mktemp("claimed") / "library", embedder)
    for text in (GERMAN, HOPES):
        list(ingest(opened, ["-"], ArticleMetadata(), io.BytesIO(text.encode())))
    yield opened
    opened.close()


def test_only_named_speakers_are_listed(library: Library) -> None:
    """The directory lists speakers who said something, by name."""
    with library.open_reader(SCOPES) as db:
        assert [person.name for person in db.speakers("", 10)] == ["Mara Wendt"]


def test_thoughts_are_left_out_of_what_was_said(library: Library) -> None:
    """The list of what somebody said has none of their hopes."""
    _, found = statements_by(library, Query("Wendt", SCOPES), "Wendt", None)
    assert [(statement.kind, statement.quote(article.text)) for statement, article in found] == [
        (Kind.INDIRECT, "the quay was shut")
    ]


def test_thoughts_are_found_where_they_are_asked_for(library: Library) -> None:
    """A question for what somebody thinks is answered with their hopes too."""
    _, found = statements_by(library, Query("What does Wendt think?", SCOPES), "Wendt", None)
    assert [statement.kind for statement, _ in found] == [Kind.MENTAL, Kind.INDIRECT]


def test_a_quotation_without_a_claimed_speaker_is_found(library: Library) -> None:
    """Its words are in an article, and no speaker is given for them."""
    found = check(library, "Wir haben nichts davon gewusst", SCOPES, speaker="Ole Lindqvist")
    assert found.verdict is Verdict.VERBATIM
    assert [match.statement for match in found.matches] == [None]

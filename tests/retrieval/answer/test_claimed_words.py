"""What nobody is claimed to have said, and what somebody only thinks, is in no answer about speech."""

import io
from collections.abc import Iterator

import pytest

from ingest.article.build import Given
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
        list(ingest(opened, ["-"], Given(), io.BytesIO(text.encode())))
    yield opened
    opened.close()


def test_nobody_is_no_speaker_of_the_library(library: Library) -> None:
    """The directory lists who said something, by name."""
    with library.read(SCOPES) as db:
        assert [person.name for person in db.speakers("", 10)] == ["Mara Wendt"]


def test_thoughts_are_left_out_of_what_was_said(library: Library) -> None:
    """Everything somebody said has no hope of hers in it."""
    _, found = statements_by(library, Query("Wendt", SCOPES), "Wendt", None)
    assert [(one.kind, one.quote(article.text)) for one, article in found] == [(Kind.INDIRECT, "the quay was shut")]


def test_thoughts_are_found_where_they_are_asked_for(library: Library) -> None:
    """What she thinks is answered with her hopes, too."""
    _, found = statements_by(library, Query("What does Wendt think?", SCOPES), "Wendt", None)
    assert [one.kind for one, _ in found] == [Kind.MENTAL, Kind.INDIRECT]


def test_a_quotation_that_nobody_is_claimed_to_speak_is_found_as_such(library: Library) -> None:
    """The words are real, and nothing shows whose they are."""
    found = check(library, "Wir haben nichts davon gewusst", SCOPES, speaker="Ole Lindqvist")
    assert found.verdict is Verdict.VERBATIM
    assert [match.statement for match in found.matches] == [None]

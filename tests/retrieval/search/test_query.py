from collections.abc import Callable

import pytest

from ingest.article.build import ArticleMetadata
from retrieval.errors import QuestionError
from retrieval.library import Library
from retrieval.search.query import MAX_QUESTION_CHARACTERS, Turn, understand
from retrieval.search.speakers import find_speakers
from retrieval.types import Intent, Query

PUBLIC = ("public",)
TEXT = """Crane falls at the quay

“It is safe,” said Mara Wendt, the harbour spokeswoman. “It is not,” said John Wendt, a welder.

The inspector Ole Lindqvist said the steel had cracked. Lindqvist's office said nothing had changed.
"""


@pytest.fixture
def asked(library: Library, take_in: Callable[..., object]) -> Callable[..., Query]:
    take_in("-", stdin=TEXT.encode())

    def ask(text: str, *history: Turn, scopes: tuple[str, ...] = PUBLIC) -> Query:
        with library.open_reader(scopes) as db:
            return understand(Query(text, scopes), history, db)

    return ask


@pytest.mark.parametrize(
    ("text", "speakers", "topic"),
    [
        ("What did Lindqvist say?", ("Ole Lindqvist",), None),
        ("what did lindqvist say about the steel", ("Ole Lindqvist",), "the steel"),
        ("What has Ole Lindqvist said on cracks?", ("Ole Lindqvist",), "cracks"),
        ("What were Mara Wendt's comments about safety?", ("Mara Wendt",), "safety"),
        ("any statements by Mara Wendt?", ("Mara Wendt",), None),
        ("What did Wendt say?", ("John Wendt", "Mara Wendt"), None),
        ("what did the harbour spokeswoman say?", ("Mara Wendt",), None),
        ("what did the harbour spokesperson say?", ("Mara Wendt",), None),
        ("what did the harbour lady say?", ("Mara Wendt",), None),
    ],
)
def test_a_question_for_somebodys_words(
    asked: Callable[..., Query], text: str, speakers: tuple[str, ...], topic: str | None
) -> None:
    """The speaker is found among those the articles know, by last name, full name or role."""
    query = asked(text)
    assert (query.intent, query.speakers, query.topic) == (Intent.SAID, speakers, topic)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Who said the crane is safe?", Intent.WHO_SAID),
        ("What is the latest on the crane?", Intent.LATEST),
        ("How many people were hurt?", Intent.GENERAL),
        ("What did Napoleon say?", Intent.GENERAL),
    ],
)
def test_other_questions(asked: Callable[..., Query], text: str, intent: Intent) -> None:
    """Questions for who said something, for the latest, and others; a speaker whom no article has is not invented."""
    assert asked(text).intent is intent


def test_a_shortened_first_name(library: Library, take_in: Callable[..., object]) -> None:
    """A short form stands for the one person whose first name begins so, and for nobody where there are two."""
    take_in("-", stdin="“It leaks,” said Benedetta Rossi.".encode())
    with library.open_reader(PUBLIC) as db:
        assert find_speakers("Bene", db) == ("Benedetta Rossi",)
    take_in("-", stdin="“It does not leak,” said Benedikt Maier.".encode())
    with library.open_reader(PUBLIC) as db:
        assert find_speakers("Bene", db) == ()


def test_a_phrase_about_somebodys_relatives_is_no_speaker(library: Library, take_in: Callable[..., object]) -> None:
    """A speaker called "Parents" is not "the parents of" somebody in particular."""
    take_in("-", stdin="Parents said that the school was cold. “It leaks,” said Ole Lindqvist.".encode())
    with library.open_reader(PUBLIC) as db:
        assert find_speakers("parents", db) == ("Parents",)
        assert find_speakers("the parents of Benedetta Rossi", db) == ()


def test_a_follow_up_leans_on_the_conversation(asked: Callable[..., Query]) -> None:
    """A pronoun means the speaker of the turn before; a question that stands alone gets no context."""
    before = Turn("What did Lindqvist say?", "Ole Lindqvist: the steel had cracked [1]")
    assert asked("And what did he say about the steel?", before).speakers == ("Ole Lindqvist",)
    assert "steel" in asked("Why?", before).context
    assert asked("How many people were hurt at the quay?", before).context == ""


def test_speakers_of_another_scope_are_unknown(library: Library, take_in: Callable[..., object]) -> None:
    """A speaker in the articles of one guild is unknown in other scopes."""
    take_in("-", given=ArticleMetadata(scope="42"), stdin=TEXT.encode())
    with library.open_reader(PUBLIC) as db:
        assert find_speakers("Lindqvist", db) == ()
    with library.open_reader(("public", "42")) as db:
        assert find_speakers("Lindqvist", db) == ("Ole Lindqvist",)


@pytest.mark.parametrize("text", ["", "  \n", "?!", "a" * (MAX_QUESTION_CHARACTERS + 1)])
def test_a_question_that_cannot_be_asked(asked: Callable[..., Query], text: str) -> None:
    """An empty question and one that is too long are refused, with what to do instead."""
    with pytest.raises(QuestionError, match="ask"):
        asked(text)


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("what fell, according to the Harbour Times?", ("the harbour times",)),
        ("who was hurt according to a report in Harbour Times", ("the harbour times",)),
        ("what is the harbour times' view? and the Quay Post's editorial on it?", ("quay post london",)),
        ("what does the quay post say about the crane", ("quay post london",)),
        ("What is new in the Harbour Times?", ("the harbour times",)),
        ("what happened in the harbour", ()),
        ("what fell according to Mara Wendt", ()),
    ],
)
def test_whose_reports_are_asked_for(
    library: Library, take_in: Callable[..., object], text: str, sources: tuple[str, ...]
) -> None:
    """A source that a question names, even by the beginning of its name, restricts the search to its articles."""
    for number, source in enumerate(("The Harbour Times", "Quay Post London")):
        take_in("-", given=ArticleMetadata(source=source), stdin=f"{TEXT} Number {number}.".encode())
    with library.open_reader(PUBLIC) as db:
        assert understand(Query(text, PUBLIC), (), db).sources == sources

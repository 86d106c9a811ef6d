"""A question for somebody's words may use any verb that the articles use to report them."""

import io
from collections.abc import Callable, Iterator

import pytest

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.answer.quoting import answer_question
from retrieval.english.verb_sets import SPEECH_ALONE, STATEMENT_NOUNS
from retrieval.english.verbs import past_forms, verbs
from retrieval.library import Library, open_library
from retrieval.models.local import LocalEmbeddings
from retrieval.search.query import Turn, understand
from retrieval.types import PUBLIC, Intent, Query, Status

TEXT = """Port inquiry opens

“The inquiry must hear every docker,” said Nerea Caldera, the union's lawyer. Caldera stressed that the inquiry was
late.

The chairman Bob Hope said the inquiry would be short. Mark Hope said the pier was safe. “The inquiry is a farce,” said
Lars Wendt.

Nordhaven Council said that the inquiry had cost too much. The council opened a museum in Harbour Street in April. Lars
Wendt found a cannon in the cellar of the museum.
"""
BASES = sorted({word.base for entries in verbs().values() for word in entries})


def forms(base: str) -> set[str]:
    """The inflected forms of a verb."""
    return {form for form, entries in verbs().items() if any(entry.base == base for entry in entries)}


CALDERA = ("Nerea Caldera",)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, embedder: LocalEmbeddings) -> Iterator[Library]:
    opened = open_library(tmp_path_factory.mktemp("port") / "library", embedder)
    list(ingest(opened, ["-"], ArticleMetadata(), io.BytesIO(TEXT.encode())))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def asked(port: Library) -> Callable[..., Query]:
    def ask(text: str, *history: Turn) -> Query:
        with port.open_reader((PUBLIC,)) as db:
            return understand(Query(text, (PUBLIC,)), history, db)

    return ask


@pytest.mark.parametrize("base", BASES)
def test_no_speaker_is_lost_by_the_verb(asked: Callable[..., Query], base: str) -> None:
    """Whatever verb of the lexicon asks for somebody's words on a topic, in whatever form: both are found."""
    for question in (
        f"What did Caldera {base} about the inquiry?",
        f"What does she {base} about the inquiry?",
        *(f"what has nerea caldera {past} about the inquiry" for past in forms(base) & past_forms()),
        *(f"Anything Nerea Caldera {form} about the inquiry?" for form in forms(base)),
    ):
        query = asked(question, Turn("What did Caldera say?", "Nerea Caldera: it was late [1]"))
        assert (query.intent, query.speakers, query.topic) == (Intent.SAID, CALDERA, "the inquiry"), question


@pytest.mark.parametrize("base", sorted(SPEECH_ALONE))
def test_speech_needs_no_topic(asked: Callable[..., Query], base: str) -> None:
    """A verb that means speech alone asks for words by itself, and tells who is asked for from who said it."""
    query = asked(f"What did Caldera {base}?")
    assert (query.intent, query.speakers, query.topic) == (Intent.SAID, CALDERA, None)
    for past in forms(base) & past_forms():
        assert asked(f"Who {past} that the inquiry was late?").intent is Intent.WHO_SAID


@pytest.mark.parametrize("noun", sorted(STATEMENT_NOUNS))
def test_nouns_for_what_was_said(asked: Callable[..., Query], noun: str) -> None:
    """Somebody's warning about a thing is asked for as their words."""
    for question in (
        f"Caldera's {noun} about the inquiry",
        f"What was Nerea Caldera’s {noun} about the inquiry?",
        f"the {noun} by Caldera about the inquiry",
    ):
        query = asked(question)
        assert (query.intent, query.speakers, query.topic) == (Intent.SAID, CALDERA, "the inquiry"), question


@pytest.mark.parametrize(
    "question",
    [
        "What did the council open?",
        "What did the council open in Harbour Street?",
        "What did Nordhaven Council find in the cellar?",
        "What did Wendt find in the cellar?",
        "Why did Wendt go to the museum?",
        "What does the council plan for the quay?",
        "What did Caldera order?",
        "What did the council veto in March?",
        "What did the council name after the drowned docker?",
        "What did Nordhaven Council sponsor in April?",
        "Why did Nordhaven Council recall the tender?",
        "What did Wendt paint in 1974?",
        "What did Nordhaven Council share?",
        "How did the council back the museum?",
        "Who found the cannon?",
        "Who opened the museum?",
        "The council's museum in Harbour Street",
        "What did Napoleon stress about the inquiry?",
        "What did the storm show about the pier?",
    ],
)
def test_what_somebody_did_is_no_question_for_words(asked: Callable[..., Query], question: str) -> None:
    """Verbs that are actions as well ask for words only with a topic, and nobody is made up."""
    assert asked(question).intent is Intent.GENERAL


@pytest.mark.parametrize(
    ("question", "speakers", "topic"),
    [
        ("What did Bob Hope say about the inquiry?", ("Bob Hope",), "the inquiry"),
        ("what did bob hope stress about the inquiry", ("Bob Hope",), "the inquiry"),
        ("What did Hope underline?", ("Bob Hope", "Mark Hope"), None),
        ("What did the council say about the claim?", ("Nordhaven Council",), "the claim"),
        ("What did the council stress about the claims Wendt made?", ("Nordhaven Council",), "the claims Wendt made"),
        ("Caldera, what did she stress about the inquiry?", CALDERA, "the inquiry"),
        ("How does Caldera criticise the inquiry?", CALDERA, "the inquiry"),
        ("What did Caldera really emphasise on the inquiry?", CALDERA, "the inquiry"),
    ],
)
def test_names_that_are_verbs(
    asked: Callable[..., Query], question: str, speakers: tuple[str, ...], topic: str | None
) -> None:
    """A verb inside a name, and a noun that looks like one, do not cut the name or the topic short."""
    query = asked(question)
    assert (query.intent, query.speakers, query.topic) == (Intent.SAID, speakers, topic)


def test_an_action_is_still_answered(port: Library) -> None:
    """What was done is told, though whoever did it is quoted on other matters."""
    answer = answer_question(port, Query("What did Wendt find in the cellar of the museum?", (PUBLIC,)))
    assert answer.status is Status.ANSWERED
    assert "cannon" in answer.text

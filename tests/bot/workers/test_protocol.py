"""What crosses between the bot's processes, and what libraries keep of replies."""

import inspect
from typing import Any, get_args

import pytest

from bot.conversations import Conversation
from bot.messages.button_ids import ButtonId, make_button
from bot.messages.message import Embed, Field, Message
from bot.workers.lists import LatestArticles, QuoteCheck, ServerFeeds, StatementList
from bot.workers.protocol import AnswerQuestion, AnyQueryRequest, FindRecord, Question, ShowList
from bot.workers.query_worker import handlers_for
from bot.workers.records import (
    AnswerRecord,
    CitationRecord,
    ConversationRecord,
    KeptRecord,
    record_from_stored,
    record_to_stored,
)
from bot.workers.replies import AnswerSoFar, RecordFound, Reply
from bot.workers.wire import QUERY_LINES, WORKER_LINES, Call, Done, Failed, encode_line
from retrieval import errors
from retrieval.errors import IndexPage, OnRecordError, SourceError
from retrieval.search.query import Turn
from retrieval.store.replies import ANSWER_KIND

CITATION = {"n": 1, "article": "a1", "url": None, "start": 3, "end": 9, "excerpt": "crane.", "speaker": "Mara Wendt"}
ANSWER = {
    "question": "What fell?",
    "history": [{"question": "Who?", "answer": "Wendt."}],
    "articles": ["a0"],
    "since": "2026-03-01",
    "until": None,
    "sources": ["Quay Post"],
    "status": "answered",
    "answer": "A crane. [1]",
    "answerer": "quote",
    "citations": [CITATION],
}
STORED: list[tuple[str, dict[str, Any], object]] = [
    (
        "said",
        {"speaker": "Wendt", "about": None, "since": None, "until": None, "oldest": True, "allowed": ["Quay Post"]},
        StatementList(speaker="Wendt", oldest=True, allowed=("Quay Post",)),
    ),
    ("said", {"speaker": "Wendt", "allowed": []}, StatementList(speaker="Wendt")),
    ("check", {"quote": "It fell", "speaker": None, "allowed": []}, QuoteCheck(quote="It fell")),
    ("latest", {"topic": "cranes", "source": None, "allowed": []}, LatestArticles(topic="cranes")),
    ("feeds", {}, ServerFeeds()),
    (
        "talk",
        {"turns": [{"question": "Who?", "answer": "Wendt."}], "articles": ["a0"]},
        ConversationRecord(turns=(Turn("Who?", "Wendt."),), articles=("a0",)),
    ),
    (
        "answer",
        ANSWER,
        AnswerRecord(
            question="What fell?",
            history=(Turn("Who?", "Wendt."),),
            articles=("a0",),
            since="2026-03-01",
            sources=("Quay Post",),
            status="answered",
            answer="A crane. [1]",
            answerer="quote",
            citations=(CitationRecord(n=1, article="a1", start=3, end=9, excerpt="crane.", speaker="Mara Wendt"),),
        ),
    ),
]


@pytest.mark.parametrize(("kind", "body", "record"), STORED)
def test_records_of_the_first_release_are_read(kind: str, body: dict[str, Any], record: object) -> None:
    """In the form in which it stored them."""
    assert record_from_stored(kind, body) == record


def test_records_are_stored_as_the_first_release_reads_them() -> None:
    """A library may go back to it; what is not known is as if it were not there."""
    record = record_from_stored("answer", ANSWER)
    assert record is not None
    assert record_to_stored(record) == ("answer", ANSWER)
    assert record.kind == ANSWER_KIND
    assert record_from_stored("poll", {}) is None
    assert record_from_stored("said", {}) is None


def test_every_query_has_a_handler() -> None:
    """Those that the protocol lists, but questions, which a worker answers itself."""
    (union, _) = get_args(AnyQueryRequest)
    assert set(get_args(union)) - {AnswerQuestion} == set(handlers_for(None))  # type: ignore[arg-type]
    assert (FindRecord.reply_type(), ShowList.reply_type()) == (RecordFound, Reply)
    assert (AnswerQuestion.reply_type(), AnswerQuestion.progress_type()) == (Reply, AnswerSoFar)


def test_a_reply_crosses_whole() -> None:
    """With its cards, buttons, conversation, record and file."""
    card = Embed("Crane", "It fell.", "https://quay.example", (Field("By", "Mara Wendt"),))
    reply = Reply(
        messages=(Message("**Crane**", (card,), (make_button("Next", "page", "0" * 16, 1),)),),
        conversation=Conversation((Turn("Who?", "Wendt."),), ("a0",)),
        kept=KeptRecord(key="0" * 16, record=StatementList(speaker="Wendt")),
        file=("report.txt", b"\xff\x00"),
        aside=True,
    )
    assert WORKER_LINES.validate_json(encode_line(Done(id=7, reply=reply))) == Done(id=7, reply=reply)


def test_half_a_character_does_not_stop_a_question() -> None:
    """Discord's JSON can hold what UTF-8 cannot."""
    request = AnswerQuestion(question=Question(text="What fell? \ud83d", guild=1))
    line = QUERY_LINES.validate_json(encode_line(Call[Any](id=1, request=request)))
    assert isinstance(line, Call)
    assert line.request.question == Question(text="What fell? ?", guild=1)


def test_errors_keep_their_type() -> None:
    """Those of sources are all alike to the bot; a type that is not known comes as its nearest base."""
    for error_type in vars(errors).values():
        if inspect.isclass(error_type) and issubclass(error_type, OnRecordError):
            error = IndexPage(["a", "b"]) if error_type is IndexPage else error_type("what went wrong")
            crossed = WORKER_LINES.validate_json(encode_line(Failed.from_error(error, 1)))
            assert isinstance(crossed, Failed)
            expected = SourceError if issubclass(error_type, SourceError) else error_type
            assert (type(crossed.to_error()), str(crossed.to_error())) == (expected, str(error))
    with pytest.raises(ValueError, match="unknown error type"):
        Failed(id=1, error_type="Mapping", message="")


def test_ids_of_buttons_that_were_posted_are_read() -> None:
    """A page's number is in its id, and nothing else is an id."""
    assert ButtonId.parse("page:0123456789abcdef:12") == ButtonId("page", "0123456789abcdef", 12)
    assert ButtonId.parse("good:0123456789abcdef") == ButtonId("good", "0123456789abcdef")
    with pytest.raises(ValueError, match="not a button's id"):
        ButtonId.parse("drop:0123456789abcdef")

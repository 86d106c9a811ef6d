"""Statements by a chat model: proved against the text, offline where it fails; a real server on loopback speaks."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.attribute import attribute
from ingest.by_model import Answer, ModelAttribution, Said, open_attribution
from ingest.finding import Finder
from retrieval.errors import SettingsError
from retrieval.settings import Settings
from retrieval.types import Article, Kind, Span, Statement
from tests.loopback.openai import OpenAI, Reply

TEXT = """“The crane is safe,” said the engineer Ole Lindqvist, “and it will stay.”

He told reporters that nobody was hurt. Mara Wendt hopes the quay will reopen."""
ARTICLE = Article.create(title="Crane", text=TEXT)


def said(speaker: str, *content: str, **more: Any) -> dict[str, Any]:
    none = dict.fromkeys(("mention", "cue", "role", "addressee", "when"))
    return {"speaker": speaker, "content": list(content), "kind": "spoken"} | none | more


LINDQVIST = said("Ole Lindqvist", '"The crane is safe,"', '"and it will stay."', cue="said", role="engineer")


def by_model(reply: Reply) -> tuple[tuple[Statement, ...], list[dict[str, Any]]]:
    with OpenAI(lambda _: reply) as server:
        address = server.base_url
        settings = Settings(ONRECORD_ATTRIBUTE="model", ONRECORD_CHAT_MODEL="m", OPENAI_BASE_URL=address)  # type: ignore[call-arg]
        return open_attribution(settings)(ARTICLE), [asked.body for asked in server.chats]


def proved(*statements: dict[str, Any], text: str = TEXT) -> tuple[Statement, ...]:
    answer = Answer(statements=[Said(**one) for one in statements])
    return ModelAttribution(lambda _: answer, ())(Article.create(title="Crane", text=text))


def test_a_models_statements_are_looked_up_in_the_text() -> None:
    """Over the wire, by a schema: spans slice what the text has, though the model typed other marks."""
    found, asked = by_model(Reply(json.dumps({"statements": [LINDQVIST]})))
    (one,) = found
    assert one.quote(TEXT) == "“The crane is safe,” … “and it will stay.”"
    assert (one.speaker, one.role, one.kind) == ("Ole Lindqvist", "engineer", Kind.DIRECT)
    assert one.cue is not None
    assert one.cue.of(TEXT) == "said"
    assert one.context.of(TEXT) == TEXT.split("\n", maxsplit=1)[0]
    assert asked[0]["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    "invented",
    [
        said("Ole Lindqvist", "The crane is unsafe"),
        said("Ole Lindqvist", "and it will stay", "The crane is safe"),
        said("Tilda Bruun", "nobody was hurt"),
        said("He", "nobody was hurt"),
        said("Ole Lindqvist"),
        said("Ole Lindqvist", "obody was hur"),
        said("", "nobody was hurt"),
    ],
)
def test_what_does_not_stand_in_the_text_is_dropped(invented: dict[str, Any]) -> None:
    """Other words, another order, a speaker the text does not name, parts of words: nothing of it is a statement."""
    assert proved(invented) == ()


def test_facts_beside_a_statement_are_kept_only_where_the_text_has_them() -> None:
    """An invented role or addressee is left away; the statement stays."""
    facts = {"role": "minister", "addressee": "reporters", "mention": "He", "cue": "told"}
    (one,) = proved(said("Ole Lindqvist", "that nobody was hurt", **facts))
    assert (one.role, one.addressee, one.kind) == (None, "reporters", Kind.INDIRECT)
    assert [span.of(TEXT) for span in (one.mention, one.cue) if span] == ["He", "told"]


def test_thoughts_are_mental() -> None:
    """What the model calls a hope is kept as one."""
    (one,) = proved(said("Mara Wendt", "the quay will reopen", kind="mental"))
    assert one.kind is Kind.MENTAL


@pytest.mark.parametrize(
    "reply",
    [Reply(status=401), Reply(status=400), Reply("no JSON"), Reply('{"statements": 7}'), Reply(None)],
)
def test_a_model_that_fails_leaves_the_article_to_the_offline_way(
    reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    """The statements are those found offline, and the log says so without a word of the article."""
    with caplog.at_level(logging.WARNING):
        found, _ = by_model(reply)
    assert found == attribute(ARTICLE)
    assert "read offline" in caplog.text
    assert "crane" not in caplog.text


def test_a_model_that_keeps_failing_is_left_alone_for_a_while() -> None:
    """After three failures in a row nobody waits for it, until five minutes have passed."""
    asked, now = [], [0.0]

    def ask(text: str) -> Answer:
        asked.append(text)
        raise OSError

    model = ModelAttribution(ask, (OSError,), offline=lambda _: (), clock=lambda: now[0])
    for _ in range(6):
        assert model(ARTICLE) == ()
    assert len(asked) == 3
    now[0] = 301.0
    model(ARTICLE)
    assert len(asked) == 4


def test_a_long_article_is_asked_about_in_pieces_of_paragraphs() -> None:
    """Each piece is short enough for a small model, and what the model says of one is sought there."""
    paragraphs = [f"Ole Lindqvist said crane {number} was safe. " + "It was late. " * 300 for number in range(8)]
    text = "\n\n".join(paragraphs)
    asked: list[str] = []

    def ask(piece: str) -> Answer:
        asked.append(piece)
        return Answer(statements=[Said(**said("Ole Lindqvist", "was safe"))])

    found = ModelAttribution(ask, ())(Article.create(title="T", text=text))
    assert len(asked) > 1
    assert all(len(piece) <= 12_000 for piece in asked)
    assert all(paragraph.strip() in " ".join(asked) for paragraph in paragraphs)
    assert len({one.content for one in found}) == len(asked)


def test_a_model_must_be_set_up() -> None:
    """Without an address or a key, or without a name, the setting says what is missing."""
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        open_attribution(Settings(ONRECORD_ATTRIBUTE="model", ONRECORD_CHAT_MODEL="m"))  # type: ignore[call-arg]


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=12))
def test_what_is_found_stands_there(before: str, after: str, words: str) -> None:
    """Any words in any text: a span lies in the text and reads as the words do, white space and marks apart."""
    text = f"{before} {words} {after}"
    found = Finder(text).find(words)
    if any(char.isalnum() for char in words):
        assert found is not None
        assert isinstance(found, Span)
        assert len(found.of(text).split()) == len(words.split())
    else:
        assert found is None

"""Statements by a chat model: proved against the text, offline where it fails; a real server on loopback speaks."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import factory
from ingest.attribution import attribute
from ingest.attribution.matching import Finder
from ingest.attribution.model import Answer, ModelAttribution, Said, open_attribution
from retrieval.errors import ModelUnavailable, SettingsError
from retrieval.llm.ledger import Budget, Cost, Ledger
from retrieval.llm.prices import Price
from retrieval.llm.server import Server
from retrieval.models.remote import Breaker
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


def read_by(model: ModelAttribution, article: Article) -> tuple[Statement, ...]:
    (found,) = model([article])
    return found


def by_model(
    reply: Reply, folder: Path, lacks: frozenset[str] = frozenset()
) -> tuple[tuple[Statement, ...], list[dict[str, Any]]]:
    with OpenAI(lambda _: reply, lacks=lacks) as server:
        found = read_by(open_attribution(Server("m", server.base_url), Ledger(folder)), ARTICLE)
        return found, [asked.body for asked in server.chats]


def answering(answer: Answer) -> ModelAttribution:
    async def ask(scope: str, text: str) -> Answer:
        return answer

    return ModelAttribution(ask)


def proved(*statements: dict[str, Any], text: str = TEXT) -> tuple[Statement, ...]:
    answer = Answer(statements=[Said(**one) for one in statements])
    return read_by(answering(answer), Article.create(title="Crane", text=text))


@pytest.mark.parametrize("lacks", [frozenset(), frozenset({"json_schema"}), frozenset({"json_schema", "tools"})])
def test_a_models_statements_are_looked_up_in_the_text(tmp_path: Path, lacks: frozenset[str]) -> None:
    """However a server can be asked: spans slice what the text has, though the model typed other marks."""
    said = json.dumps({"statements": [LINDQVIST]})
    found, asked = by_model(Reply(f"```json\n{said}\n```" if len(lacks) == 2 else said), tmp_path, lacks)
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
    reply: Reply, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The statements are those found offline, and the log says so without a word of the article."""
    with caplog.at_level(logging.WARNING):
        found, _ = by_model(reply, tmp_path)
    assert found == attribute(ARTICLE)
    assert "read offline" in caplog.text
    assert "crane" not in caplog.text


def test_a_model_that_keeps_failing_is_left_alone_for_a_while() -> None:
    """After three failures in a row nobody waits for it, until five minutes have passed; the reasons are counted."""
    asked, now = [], [0.0]

    async def ask(scope: str, text: str) -> Answer:
        asked.append(text)
        raise ModelUnavailable("away")

    model = ModelAttribution(
        ask, offline=lambda articles: iter([()] * len(articles)), breaker=Breaker(3, 300, lambda: now[0])
    )
    for _ in range(6):
        assert read_by(model, ARTICLE) == ()
    assert len(asked) == 3
    assert model.notices[0] == "attribution: 3 read offline: away"
    now[0] = 301.0
    read_by(model, ARTICLE)
    assert len(asked) == 4


def test_calls_count_against_the_budget_of_the_articles_scope(tmp_path: Path) -> None:
    """What a call costs is in the ledger; past the budget articles are read offline, the server is not asked, and it
    is said."""
    ledger = Ledger(tmp_path)
    with OpenAI(lambda _: Reply(json.dumps({"statements": [LINDQVIST]}))) as server:
        budget = Budget(tokens=6_000)
        model = open_attribution(Server("m", server.base_url, price=Price(1, 2), budget=budget), ledger)
        assert [one.role for one in read_by(model, ARTICLE)] == ["engineer"]
        spent = ledger.spent("public")
        assert 0 < spent.tokens < 1_500
        assert spent.micros > spent.tokens
        assert ledger.spent("42") == Cost()
        for _ in range(8):
            read_by(model, ARTICLE)
        asked = len(server.chats)
        assert read_by(model, ARTICLE) == attribute(ARTICLE)
        assert len(server.chats) == asked < 9
        assert ledger.spent("public").tokens <= 6_000
        elsewhere = Article.create(title="Crane", text=TEXT, scope="42")
        assert [one.role for one in read_by(model, elsewhere)] == ["engineer"]
    (notice,) = model.notices
    assert "what may be spent" in notice


def test_articles_come_from_several_threads(tmp_path: Path) -> None:
    """A poller and a clerk may both read articles; each gets its own statements."""
    with OpenAI(lambda _: Reply(json.dumps({"statements": [LINDQVIST]}))) as server:
        model = open_attribution(Server("m", server.base_url), Ledger(tmp_path))
        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(read_by, [model] * 6, [ARTICLE] * 6))
    assert all(one == found[0] and len(one) == 1 for one in found)
    assert server.most_at_once == 1


def test_a_model_that_never_stops_is_not_listened_to_for_ever(tmp_path: Path) -> None:
    """It was told how much it may write; what goes far beyond is cut off, and the article is read offline."""
    with OpenAI(lambda _: Reply("x" * 10_000_000, piece=50_000)) as server:
        model = open_attribution(Server("m", server.base_url), Ledger(tmp_path))
        assert read_by(model, ARTICLE) == attribute(ARTICLE)
    assert "does not stop" in model.notices[0]


def test_a_long_article_is_asked_about_in_pieces_of_paragraphs() -> None:
    """Each piece is short enough for a small model, and what the model says of one is sought there."""
    paragraphs = [f"Ole Lindqvist said crane {number} was safe. " + "It was late. " * 300 for number in range(8)]
    text = "\n\n".join(paragraphs)
    asked: list[str] = []

    async def ask(scope: str, piece: str) -> Answer:
        asked.append(piece)
        return Answer(statements=[Said(**said("Ole Lindqvist", "was safe"))])

    found = read_by(ModelAttribution(ask), Article.create(title="T", text=text))
    assert len(asked) > 1
    assert all(len(piece) <= 12_000 for piece in asked)
    assert all(paragraph.strip() in " ".join(asked) for paragraph in paragraphs)
    assert len({one.content for one in found}) == len(asked)


def test_a_model_must_be_set_up() -> None:
    """Without an address or a key, or without a name, the setting says what is missing."""
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        factory.who_said(Settings(ONRECORD_ATTRIBUTE="model", ONRECORD_CHAT_MODEL="m"))  # type: ignore[call-arg]


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

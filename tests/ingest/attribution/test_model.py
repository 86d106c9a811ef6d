"""Attribution by a chat model: checked against the text, offline where it fails; the server runs on loopback."""

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
from ingest.attribution.model import ModelAttribution, ModelReply, ModelStatement, open_attribution
from retrieval.errors import ModelUnavailable, SettingsError
from retrieval.generation.prompts import STATEMENTS
from retrieval.llm.ledger import Budget, Cost, Ledger
from retrieval.llm.prices import Price
from retrieval.llm.server import Server
from retrieval.models.remote import CircuitBreaker
from retrieval.settings import Settings
from retrieval.types import Article, Kind, Span, Statement
from tests.loopback.openai import OpenAI, Reply

TEXT = """“The crane is safe,” said the engineer Ole Lindqvist, “and it will stay.”

He told reporters that nobody was hurt. Mara Wendt hopes the quay will reopen."""
ARTICLE = Article.create(title="Crane", text=TEXT)


def said(speaker: str, *content: str, **fields: Any) -> dict[str, Any]:
    nulls = dict.fromkeys(("mention", "cue", "role", "addressee", "when"))
    return {"speaker": speaker, "content": list(content), "kind": "spoken"} | nulls | fields


LINDQVIST_SAID = said("Ole Lindqvist", '"The crane is safe,"', '"and it will stay."', cue="said", role="engineer")


def attribute_with(model: ModelAttribution, article: Article) -> tuple[Statement, ...]:
    (statements,) = model([article])
    return statements


def attribute_with_server(
    reply: Reply, folder: Path, lacks: frozenset[str] = frozenset()
) -> tuple[tuple[Statement, ...], list[dict[str, Any]]]:
    with OpenAI(lambda _: reply, lacks=lacks) as server:
        statements = attribute_with(open_attribution(Server("m", server.base_url), Ledger(folder)), ARTICLE)
        return statements, [request.body for request in server.chats]


def model_replying(reply: ModelReply) -> ModelAttribution:
    async def ask(scope: str, text: str) -> ModelReply:
        return reply

    return ModelAttribution(ask)


def statements_in(*statements: dict[str, Any], text: str = TEXT) -> tuple[Statement, ...]:
    reply = ModelReply(statements=[ModelStatement(**statement) for statement in statements])
    return attribute_with(model_replying(reply), Article.create(title="Crane", text=text))


@pytest.mark.parametrize("lacks", [frozenset(), frozenset({"json_schema"}), frozenset({"json_schema", "tools"})])
def test_a_models_statements_are_looked_up_in_the_text(tmp_path: Path, lacks: frozenset[str]) -> None:
    """However the server has to be asked, spans slice the text, even if the model typed other quotation marks."""
    reply = json.dumps({"statements": [LINDQVIST_SAID]})
    statements, requests = attribute_with_server(
        Reply(f"```json\n{reply}\n```" if len(lacks) == 2 else reply), tmp_path, lacks
    )
    (statement,) = statements
    assert statement.quote(TEXT) == "“The crane is safe,” … “and it will stay.”"
    assert (statement.speaker, statement.role, statement.kind) == ("Ole Lindqvist", "engineer", Kind.DIRECT)
    assert statement.cue is not None
    assert statement.cue.of(TEXT) == "said"
    assert statement.context.of(TEXT) == TEXT.split("\n", maxsplit=1)[0]
    assert requests[0]["response_format"]["type"] == "json_schema"


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
    """Other words, another order, a speaker the text does not name, parts of words: none gives a statement."""
    assert statements_in(invented) == ()


def test_facts_beside_a_statement_are_kept_only_where_the_text_has_them() -> None:
    """An invented role or addressee is dropped; the statement stays."""
    facts = {"role": "minister", "addressee": "reporters", "mention": "He", "cue": "told"}
    (statement,) = statements_in(said("Ole Lindqvist", "that nobody was hurt", **facts))
    assert (statement.role, statement.addressee, statement.kind) == (None, "reporters", Kind.INDIRECT)
    assert [span.of(TEXT) for span in (statement.mention, statement.cue) if span] == ["He", "told"]


def test_thoughts_are_mental() -> None:
    """What the model calls mental becomes a mental statement."""
    (statement,) = statements_in(said("Mara Wendt", "the quay will reopen", kind="mental"))
    assert statement.kind is Kind.MENTAL


@pytest.mark.parametrize(
    "reply",
    [Reply(status=401), Reply(status=400), Reply("no JSON"), Reply('{"statements": 7}'), Reply(None)],
)
def test_where_the_model_fails_articles_are_attributed_offline(
    reply: Reply, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """The statements are those of the rules, and the log says so without quoting the article."""
    with caplog.at_level(logging.WARNING):
        statements, _ = attribute_with_server(reply, tmp_path)
    assert statements == attribute(ARTICLE)
    assert "read offline" in caplog.text
    assert "crane" not in caplog.text


def test_a_model_that_keeps_failing_is_not_asked_for_a_while() -> None:
    """After three failures in a row it is not asked for five minutes; articles are counted by reason."""
    pieces_asked, now = [], [0.0]

    async def ask(scope: str, text: str) -> ModelReply:
        pieces_asked.append(text)
        raise ModelUnavailable("away")

    model = ModelAttribution(
        ask, offline=lambda articles: iter([()] * len(articles)), breaker=CircuitBreaker(3, 300, lambda: now[0])
    )
    for _ in range(6):
        assert attribute_with(model, ARTICLE) == ()
    assert len(pieces_asked) == 3
    assert model.notices[0] == "attribution: 3 read offline: away"
    now[0] = 301.0
    attribute_with(model, ARTICLE)
    assert len(pieces_asked) == 4


def test_calls_count_against_the_budget_of_the_articles_scope(tmp_path: Path) -> None:
    """Calls are charged in the ledger; past the budget articles are read offline without a call, and a notice says
    so."""
    ledger = Ledger(tmp_path)
    with OpenAI(lambda _: Reply(json.dumps({"statements": [LINDQVIST_SAID]}))) as server:
        budget = Budget(tokens=6_000)
        model = open_attribution(Server("m", server.base_url, price=Price(1, 2), budget=budget), ledger)
        assert [statement.role for statement in attribute_with(model, ARTICLE)] == ["engineer"]
        spent = ledger.spending("public")
        assert 0 < spent.tokens < 1_500
        assert spent.micros > spent.tokens
        assert ledger.spending("42") == Cost()
        for _ in range(8):
            attribute_with(model, ARTICLE)
        calls = len(server.chats)
        assert attribute_with(model, ARTICLE) == attribute(ARTICLE)
        assert len(server.chats) == calls < 9
        assert ledger.spending("public").tokens <= 6_000
        elsewhere = Article.create(title="Crane", text=TEXT, scope="42")
        assert [statement.role for statement in attribute_with(model, elsewhere)] == ["engineer"]
    (notice,) = model.notices
    assert "what may be spent" in notice


def test_several_threads_can_attribute(tmp_path: Path) -> None:
    """Several threads may attribute articles at once; each gets its own statements."""
    with OpenAI(lambda _: Reply(json.dumps({"statements": [LINDQVIST_SAID]}))) as server:
        model = open_attribution(Server("m", server.base_url), Ledger(tmp_path))
        with ThreadPoolExecutor(3) as pool:
            results = list(pool.map(attribute_with, [model] * 6, [ARTICLE] * 6))
    assert all(statements == results[0] and len(statements) == 1 for statements in results)
    assert server.most_at_once == 1


def test_a_reply_that_never_ends_is_cut_off(tmp_path: Path) -> None:
    """A reply far beyond the allowed tokens is cut off, and the article is read offline."""
    with OpenAI(lambda _: Reply("x" * 10_000_000, piece=50_000)) as server:
        model = open_attribution(Server("m", server.base_url), Ledger(tmp_path))
        assert attribute_with(model, ARTICLE) == attribute(ARTICLE)
    assert "does not stop" in model.notices[0]


def test_a_long_article_is_shown_to_the_model_in_pieces() -> None:
    """Each piece is short enough for a small model, and its statements are looked up in that piece."""
    paragraphs = [f"Ole Lindqvist said crane {number} was safe. " + "It was late. " * 300 for number in range(8)]
    text = "\n\n".join(paragraphs)
    pieces_asked: list[str] = []

    async def ask(scope: str, piece: str) -> ModelReply:
        pieces_asked.append(piece)
        return ModelReply(statements=[ModelStatement(**said("Ole Lindqvist", "was safe"))])

    statements = attribute_with(ModelAttribution(ask), Article.create(title="T", text=text))
    assert len(pieces_asked) > 1
    assert all(len(piece) <= 12_000 for piece in pieces_asked)
    assert all(paragraph.strip() in " ".join(pieces_asked) for paragraph in paragraphs)
    assert len({statement.content for statement in statements}) == len(pieces_asked)


def test_a_model_must_be_set_up() -> None:
    """Without an address or key, or without a model name, the error says which setting is missing."""
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        factory.who_said(Settings(ONRECORD_ATTRIBUTE="model", ONRECORD_CHAT_MODEL="m"))  # type: ignore[call-arg]


def test_the_schema_shown_to_the_model_has_the_fields_that_are_read() -> None:
    """Prompts and schemas are kept with the other prompts, apart from the classes that parse the reply."""
    (name, schema), *others = STATEMENTS["$defs"].items()
    assert not others
    assert STATEMENTS["properties"]["statements"]["items"] == {"$ref": f"#/$defs/{name}"}
    assert list(schema["properties"]) == list(ModelStatement.model_fields) == schema["required"]
    assert list(STATEMENTS["properties"]) == list(ModelReply.model_fields) == STATEMENTS["required"]


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=12))
def test_found_words_occur_in_the_text(before: str, after: str, words: str) -> None:
    """Any words in any text are found at a span that has as many words."""
    text = f"{before} {words} {after}"
    span = Finder(text).find(words)
    if any(char.isalnum() for char in words):
        assert span is not None
        assert isinstance(span, Span)
        assert len(span.of(text).split()) == len(words.split())
    else:
        assert span is None

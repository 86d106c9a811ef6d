"""Questions while the embeddings' service is down, slow, endless or refuses the key; a real server on loopback."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.answer.quoting import answer_question, find_articles
from retrieval.answer.stances import find_sides
from retrieval.answer.statements import statements_by
from retrieval.errors import ModelUnavailable
from retrieval.library import Library, open_library
from retrieval.models.fallback import TimeLimitedEmbedder
from retrieval.models.openai import RemoteEmbeddings
from retrieval.models.remote import CircuitBreaker
from retrieval.search import search_text
from retrieval.search.words_only import BY_WORDS
from retrieval.types import Query, Status
from tests.loopback.openai import OpenAI, Reply
from tests.retrieval.fakes import HashEmbedder
from tests.waiting import HANGING, NEVER

PUBLIC = ("public",)
ASKED = Query("How many passengers did the ferry have?", PUBLIC)
ROWS = [
    {"title": "Ferry runs aground", "text": "The ferry had 212 passengers. “Nobody was hurt,” said Mara Wendt."},
    {"title": "Bridge closed", "text": "The bridge is closed until Friday, the town says. Lorries take the ring road."},
]


@contextmanager
def served(tmp_path: Path) -> Iterator[tuple[OpenAI, Library]]:
    """A library whose vectors come from a server that works so far."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(map(json.dumps, ROWS)))
    with OpenAI(key="right") as openai:
        embedder = RemoteEmbeddings("small", "right", openai.base_url, haste=NEVER)
        library = open_library(tmp_path / "library", embedder)
        with rows.open("rb") as none:
            assert [one.status for one in ingest(library, [str(rows)], ArticleMetadata(), none)] == ["added", "added"]
        yield openai, library
        library.close()


@pytest.mark.parametrize(
    ("reply", "haste"),
    [(Reply(status=401), NEVER), (Reply(status=503), NEVER), (Reply(status=404), NEVER), (Reply(held=0), 0.3)],
)
def test_a_question_is_answered_by_words_where_the_service_fails(tmp_path: Path, reply: Reply, haste: float) -> None:
    """It refuses the key, is down, knows the model no more or never replies: the answer is there, and says what it
    lacks."""
    with served(tmp_path) as (openai, library):
        assert BY_WORDS not in answer_question(library, ASKED).notices
        openai.embedding = lambda asked: reply
        hasty = RemoteEmbeddings("small", "right", openai.base_url, haste=haste)
        answer = answer_question(library.with_embedder(hasty), ASKED)
    assert answer.status is Status.ANSWERED
    assert "212 passengers" in answer.text
    assert answer.notices == (BY_WORDS,)


def test_a_service_that_is_gone_leaves_words(tmp_path: Path) -> None:
    """Nothing listens any more: answers, articles, passages and sides are found by words, and nothing is made up."""
    with served(tmp_path) as (_, whole):
        library = whole.with_embedder(RemoteEmbeddings("small", "right", "http://127.0.0.1:1/v1"))
        assert "212" in answer_question(library, ASKED).text
        assert [one.title for one in find_articles(library, ASKED, (), 1)] == ["Ferry runs aground"]
        assert "212" in search_text(library, ASKED, 1)[0].text
        assert [one.speaker for one, _ in statements_by(library, ASKED, "Wendt", "who was hurt")[1]] == ["Mara Wendt"]
        assert find_sides(library, ASKED, "Nobody was hurt on the ferry").speaks
        unanswered = answer_question(library, Query("Who won the chess championship in Reykjavik?", PUBLIC))
        assert (unanswered.status, unanswered.notices) == (Status.ABSTAINED, (BY_WORDS,))


def test_a_service_that_fails_half_way_is_given_up_whole(tmp_path: Path) -> None:
    """The question's vector came, those of the sentences do not: the question is searched anew, by words."""
    with served(tmp_path) as (openai, library):
        before = len(openai.requests)
        openai.embedding = lambda asked: Reply(status=401) if asked.number > before + 1 else None
        answer = answer_question(library, ASKED)
    assert "212 passengers" in answer.text
    assert answer.notices == (BY_WORDS,)


def test_a_service_that_came_back_is_used_again(tmp_path: Path) -> None:
    """One failure is forgotten with the next question."""
    with served(tmp_path) as (openai, library):
        openai.embedding = lambda asked: Reply(status=401)
        assert answer_question(library, ASKED).notices
        openai.embedding = lambda asked: None
        assert answer_question(library, ASKED).notices == ()


def test_a_service_that_keeps_failing_is_left_alone() -> None:
    """After two failures nobody waits for it, until its rest is over; an endless reply is waited for no longer."""
    now, over = [0.0], threading.Event()

    class Endless(HashEmbedder):
        def embed_array(self, texts: Any) -> Any:
            over.wait()
            return super().embed_array(texts)

    hasty = TimeLimitedEmbedder(Endless(), 0.02, CircuitBreaker(2, 30, lambda: now[0]))
    for reason in ("took too long", "took too long", "left alone", "left alone"):
        with pytest.raises(ModelUnavailable, match=reason):
            hasty.embed_array(["a"])
    now[0] = 31.0
    over.set()
    assert np.allclose(
        TimeLimitedEmbedder(Endless(), HANGING, hasty._breaker).embed_array(["a"]), HashEmbedder().embed_array(["a"])
    )


def test_the_command_line_answers_without_the_service(onrecord: Callable[..., Any], tmp_path: Path) -> None:
    """`ask` and `search` exit well, the notice in the answer and the reason on stderr alone; `doctor` tells it too."""
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(map(json.dumps, ROWS)))
    with OpenAI(key="right") as openai:
        env = {"OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": "right", "ONRECORD_ANSWER": "quote"}
        env["ONRECORD_EMBEDDINGS"] = "openai:small"
        assert onrecord("ingest", rows, env=env).code == 0
        env["OPENAI_API_KEY"] = "wrong"
        told = onrecord("ask", ASKED.text, "--json", env=env)
        found = onrecord("search", "ferry", "--json", env=env)
        doctor = onrecord("doctor", env=env)
    assert "refuses the key (401)" in " ".join(doctor.out.split())
    assert told.code == found.code == 0
    assert "212 passengers" in told.out
    assert BY_WORDS in told.json["notices"]
    assert "refuses the key" in told.err
    assert found.json["passages"]

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.errors import KeyRefused, ModelUnavailable
from retrieval.models.openai import RemoteEmbeddings
from tests.loopback.openai import Asked, OpenAI, Reply, vector

Run = Callable[..., Any]


def test_vectors_come_in_order_however_they_are_batched() -> None:
    """Long lists go out in several requests side by side; each text gets its own vector, of unit length."""
    texts = [f"text number {at} " + "word " * (at % 7) for at in range(700)]

    def together(asked: Asked) -> Reply:
        if asked.number == 3:
            openai.release()
        return Reply(held=0)

    with OpenAI(key="right") as openai:
        openai.embedding = together
        vectors = RemoteEmbeddings("small", "right", openai.base_url).embed_array(texts)
    assert len(openai.requests) == 3
    assert openai.most_at_once == 3
    assert np.allclose(vectors, [vector(text, 8) for text in texts], atol=1e-6)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)


def test_what_the_service_cannot_take_is_cut() -> None:
    """A text that is too long is sent by its beginning, an empty one as a sign; half a character pair does not fail."""
    with OpenAI() as openai:
        vectors = RemoteEmbeddings("small", None, openai.base_url).embed_array(["word " * 20_000, "  ", "\ud800 x"])
    assert vectors.shape == (3, 8)
    sent = openai.requests[0].body["input"]
    assert len(sent[0].split()) <= 8_000
    assert sent[1].strip()


def test_patience_is_kept_by_all() -> None:
    """A service that asks to wait is left alone for so long, and then gives what it owed."""
    slept: list[float] = []

    def busy(asked: Asked) -> Reply | None:
        return Reply(status=429, headers={"retry-after": "7"}) if asked.number == 1 else None

    now = [0.0]

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    with OpenAI() as openai:
        openai.embedding = busy
        embedder = RemoteEmbeddings("small", None, openai.base_url, clock=lambda: now[0], sleep=sleep)
        assert embedder.embed_array(["a"]).shape == (1, 8)
    assert max(slept) == pytest.approx(7, abs=0.1)


def test_no_more_tokens_than_agreed_go_out() -> None:
    """With a limit for each minute, requests wait for their turn."""
    slept: list[float] = []
    with OpenAI() as openai:
        embedder = RemoteEmbeddings(
            "small", None, openai.base_url, per_minute=600, clock=lambda: 0.0, sleep=slept.append
        )
        embedder.embed_array(["word"] * 600)
    assert sum(one > 0 for one in slept) == 2
    assert max(slept) == pytest.approx(51.2, abs=1)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=401, error="Incorrect API key"), KeyRefused),
        (Reply(status=429, code="insufficient_quota"), KeyRefused),
        (Reply(status=404, error="no such model"), KeyRefused),
        (Reply(status=503), ModelUnavailable),
    ],
)
def test_what_fails_for_good_is_raised(reply: Reply, error: type[Exception]) -> None:
    """A key that is refused is said at once; a service that stays away after some tries."""
    with OpenAI() as openai:
        openai.embedding = lambda asked: reply
        with pytest.raises(error):
            RemoteEmbeddings("small", "k", openai.base_url, sleep=lambda _: None).embed_array(["a", "b"])
        assert len(openai.requests) == (1 if error is KeyRefused else 6)


def test_a_large_ingest_goes_on_where_it_was_cut(onrecord: Run, tmp_path: Path) -> None:
    """What was stored before the service went away is not paid for again; before all, a dry run tells the cost."""
    rows = "\n".join(
        f'{{"title": "T{at}", "text": "The mayor of town {at} spoke about bridge {at}."}}' for at in range(150)
    )
    path = tmp_path / "rows.jsonl"
    path.write_text(rows)
    with OpenAI(key="right") as openai:
        env = {
            "OPENAI_BASE_URL": openai.base_url,
            "OPENAI_API_KEY": "right",
            "ONRECORD_EMBEDDINGS": "openai:text-embedding-3-small",
            "ONRECORD_ANSWER": "quote",
        }
        openai.dimension = 1536
        planned = onrecord("ingest", path, "--dry-run", "--json", env=env).json
        assert openai.requests == []
        assert planned["totals"]["added"] == 150
        assert 0 < planned["usd"] < 0.01
        openai.embedding = lambda asked: Reply(status=401) if asked.number > 1 else None
        assert onrecord("ingest", path, env=env).code == 1
        sent = [text for one in openai.requests[:1] for text in one.body["input"]]
        before = len(openai.requests)
        openai.embedding = lambda asked: None
        assert onrecord("ingest", path, env=env).code == 0
        again = [text for one in openai.requests[before:] for text in one.body["input"]]
        found = onrecord("search", "mayor of town 7", "--json", env=env)
    assert sent
    assert not set(sent) & set(again)
    assert len(sent) + len(again) == 150
    assert found.json["passages"]

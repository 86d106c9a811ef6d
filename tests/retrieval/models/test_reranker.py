"""Sentences read beside a question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.models import Reranker, bert_graph
from retrieval.models.graph_cache import packaged_model_dir
from retrieval.models.reranker import UNREAD_LOGIT, RerankerInput, apply_changes

STORY = RerankerInput(
    "Old crane comes down",
    [
        "The crane over the harbour was taken down on Tuesday.",
        "Its owner, the Tollmann yard, paid 40,000 crowns for the work.",
        "Children watched from the bridge.",
        "It had stood there since 1931.",
    ],
)
"""A story with a figure, a year and somebody who paid."""


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("who bore the cost of removing the harbour crane?", 1),
        ("how long had the harbour crane been standing, since when?", 3),
        ("on which day did they remove the crane at the harbour", 0),
    ],
)
def test_the_sentence_that_answers_is_ahead(reranker: Reranker, question: str, best: int) -> None:
    """What is asked for is found by what it is, not by its words alone."""
    (logits,) = reranker.score_stories(question, [STORY])
    assert int(np.argmax(logits)) == best


def test_what_is_not_told_stays_behind(reranker: Reranker) -> None:
    """A question about the same thing that no sentence answers gets less than one that is answered."""
    (told,) = reranker.score_stories("who bore the cost of removing the harbour crane?", [STORY])
    (untold,) = reranker.score_stories("which museum will the harbour crane be sent to?", [STORY])
    assert max(told) > max(untold) + 1


def test_every_sentence_of_every_story_has_its_logit(reranker: Reranker) -> None:
    """However long a story: what does not fit is read in another turn; an empty sentence is not read."""
    long = RerankerInput(
        "A long story", [f"On day {at} the river rose by {at} centimetres, and so on." for at in range(60)]
    )
    holed = RerankerInput("", ["", STORY.sentences[1], " "])
    read = reranker.score_stories(
        "who bore the cost of removing the harbour crane?", [long, holed, RerankerInput("None", [])]
    )
    assert [len(logits) for logits in read] == [60, 3, 0]
    assert UNREAD_LOGIT not in read[0]
    assert (read[1][0], read[1][2]) == (UNREAD_LOGIT, UNREAD_LOGIT)
    assert read[1][1] > max(read[0])


def test_stories_do_not_touch_each_other(reranker: Reranker) -> None:
    """A story gets the same logits beside others as alone."""
    other = RerankerInput(
        "Ferry late again", ["The ferry was late.", "Nobody said why it came an hour after its time."]
    )
    question = "who bore the cost of removing the harbour crane?"
    alone = reranker.score_stories(question, [STORY])[0]
    assert reranker.score_stories(question, [other, STORY])[1] == pytest.approx(alone, abs=0.01)


@settings(max_examples=30)
@given(question=st.text(max_size=300), sentences=st.lists(st.text(max_size=200), max_size=5))
def test_any_text_can_be_read(reranker: Reranker, question: str, sentences: list[str]) -> None:
    """Whatever is written, each sentence has a number."""
    ((logits),) = reranker.score_stories(question, [RerankerInput(question[:50], sentences)])
    assert len(logits) == len(sentences)
    assert np.isfinite(logits).all()


def test_changes_are_added_to_the_weights() -> None:
    """A product of low rank is added to a weight, a norm takes the place of one, all else stays."""
    weights = {"a.weight": np.eye(3, dtype=np.float32), "n.weight": np.ones(3, np.float32), "b": np.ones(1, np.float32)}
    up, down = np.array([[1.0], [0.0], [0.0]], np.float32), np.array([[0.0, 0.0, 3.0]], np.float32)
    out = apply_changes(weights, {"a.up": up, "a.down": down, "n.weight": np.full(3, 2, np.float32)})
    assert out["a.weight"].tolist() == [[1, 0, 6], [0, 1, 0], [0, 0, 1]]
    assert out["n.weight"].tolist() == [2, 2, 2]
    assert out["b"] is weights["b"]
    assert weights["a.weight"][0, 2] == 0


def test_the_changes_fit_the_packaged_encoder() -> None:
    """Every change is one of a weight that the encoder has, and no weight loses its shape."""
    weights = bert_graph.read_weights(packaged_model_dir())
    from retrieval.models.reranker import _trained_changes

    names = {
        name.removesuffix(".up").removesuffix(".down") for name in _trained_changes() if not name.startswith("head.")
    }
    assert all(name in weights or f"{name}.weight" in weights for name in names)
    after = apply_changes(weights, _trained_changes())
    assert {name: value.shape for name, value in after.items()} == {n: v.shape for n, v in weights.items()}


def test_it_opens_only_when_it_is_needed(tmp_path: Path) -> None:
    """Nothing is built for who asks nothing."""
    lazy = Reranker(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
    lazy.warm()
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".onnx"]

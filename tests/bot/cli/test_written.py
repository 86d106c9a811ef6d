import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bot.crane import QUESTION, STORY, WRONG, by_model
from tests.loopback import models
from tests.loopback.openai import OpenAI

Run = Callable[..., Any]
HURT = ("Four dock workers were hurt when a crane fell.", "four dock workers were hurt")


@pytest.fixture
def written(onrecord: Run, tmp_path: Path) -> Run:
    """The command line with a library, and a model behind an address."""
    path = tmp_path / "story.txt"
    path.write_text(STORY)
    assert onrecord("ingest", path, "--published", "2026-03-04").code == 0

    def run(openai: OpenAI, *arguments: str | Path, **env: str) -> Any:
        return onrecord(*arguments, env=by_model(openai) | env)

    return run


def test_ask_with_a_model(written: Run) -> None:
    """The contract of `ask` holds for written answers, with what was done for them; `--answerer quote` asks nobody."""
    with OpenAI(models.says(HURT, WRONG), key="right") as openai:
        answer = written(openai, "ask", QUESTION, "--json").json
        shown = written(openai, "ask", QUESTION).out
        asked = len(openai.chats)
        quoted = written(openai, "ask", QUESTION, "--answerer", "quote", "--json").json
        assert len(openai.chats) == asked
        dropped = written(openai, "dropped", "--json").json["dropped"]
    assert (answer["status"], answer["answerer"], answer["notices"]) == ("answered", "write:scripted", [])
    assert answer["claims"] == [{"text": HURT[0], "citations": [1]}]
    assert [one["n"] for one in answer["citations"]] == [1]
    assert answer["written"]["held"] == 1
    assert [one["kind"] for one in answer["written"]["dropped"]] == ["number"]
    assert HURT[0] in shown
    assert (quoted["answerer"], "written" in quoted) == ("quote", False)
    assert [one["claim"] for one in dropped] == [WRONG[0], WRONG[0]]


def test_a_batch_with_a_model(written: Run, tmp_path: Path) -> None:
    """Each line is answered in order over one connection; a follow-up shows the question it was asked as."""
    path = tmp_path / "questions.jsonl"
    history = [{"question": "What fell?", "answer": "A crane."}]
    path.write_text(
        f"{json.dumps({'question': QUESTION})}\n{json.dumps({'question': 'Who was hurt?', 'history': history})}\n"
    )

    def model(asked: Any) -> Any:
        if "last question" in asked.prompt:
            return models.Reply(json.dumps({"question": "How many dock workers did the crane hurt?"}))
        return models.says(HURT)(asked)

    with OpenAI(model, key="right") as openai:
        ran = written(openai, "ask", "--batch", path, "--json")
    answers = [json.loads(line) for line in ran.out.splitlines()]
    assert [one["answerer"] for one in answers] == ["write:scripted", "write:scripted"]
    assert [one.get("rewritten") for one in answers] == [None, "How many dock workers did the crane hurt?"]
    assert answers[1]["question"] == "Who was hurt?"


def test_doctor_knows_a_wrong_key(written: Run) -> None:
    """It says so, and what to do; no key is ever printed, here or with an answer."""
    with OpenAI(models.says(HURT), key="right") as openai:
        well = written(openai, "doctor", "--json")
        wrong = written(openai, "doctor", "--json", OPENAI_API_KEY="sk-wrong-secret")
        other = written(openai, "doctor", "--json", ONRECORD_CHAT_MODEL="nothing")
        answered = written(openai, "ask", QUESTION, "--json", OPENAI_API_KEY="sk-wrong-secret")
    assert well.code == 0
    assert (wrong.code, other.code) == (1, 1)
    (check,) = [one for one in wrong.json["checks"] if one["name"] == "answers"]
    assert "refuses the key" in check["detail"]
    assert "scripted" in next(one["advice"] for one in other.json["checks"] if one["name"] == "answers")
    assert answered.json["answerer"] == "fallback"
    for ran in (wrong, answered):
        assert "secret" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ({"ONRECORD_ANSWER": "perhaps"}, "ONRECORD_ANSWER"),
        ({"ONRECORD_ANSWER": "write"}, "OPENAI_API_KEY"),
        ({"ONRECORD_PRICES": "free"}, "MODEL=READ/WRITTEN"),
        ({"OPENAI_API_KEY": "x", "ONRECORD_CHAT_MODEL": "mine", "ONRECORD_BUDGET_USD": "1"}, "ONRECORD_PRICES"),
    ],
)
def test_settings_that_cannot_be_kept(onrecord: Run, setting: dict[str, str], says: str) -> None:
    """They are refused with the name of what to set."""
    ran = onrecord("ask", QUESTION, env=setting)
    assert ran.code == 2
    assert says in ran.err


def test_a_model_is_measured(written: Run, tmp_path: Path) -> None:
    """`eval --answerer write` has the share of claims that were dropped."""
    path = tmp_path / "set.jsonl"
    row = {
        "id": "1",
        "question": QUESTION,
        "type": "number",
        "answer": "four",
        "must_include": ["four"],
        "evidence": [],
    }
    path.write_text(json.dumps(row))
    with OpenAI(models.says(HURT, WRONG), key="right") as openai:
        ran = written(openai, "eval", path, "--half", "all", "--answerer", "write", "--json")
        plain = written(openai, "eval", path, "--half", "all", "--json")
    assert ran.json["figures"]["all"]["dropped"] == 0.5
    assert ran.json["figures"]["number"]["hit"] == 1
    assert "dropped" not in plain.json["figures"]["all"]

"""Measuring answers against a question set."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from bot import contract
from bot.cli.batch import query_of_row
from bot.cli.evaluate import evaluate
from retrieval.answer.quoting import answer_question
from retrieval.evaluation import Reply, figures, gold, is_for_calibration, measure
from retrieval.types import Article, Query
from tests.conftest import shared

_ROW = {"id": "a-1", "type": "number", "question": "How many boats?", "answer": "12", "must_include": ["twelve|12"]}


def _gold(**more: Any) -> Any:
    return gold(_ROW | {"evidence": [{"text": "Twelve boats left the harbour on Monday"}]} | more)


def test_an_answer_hits_where_every_string_or_an_alternative_stands_in_it() -> None:
    """Answer and excerpts together are searched, whatever their case and marks."""
    assert measure(_gold(), Reply(False, "Twelve.", ("x",)), []).hit
    assert measure(_gold(), Reply(False, "Some.", ("It was 12 boats",)), []).hit
    assert not measure(_gold(), Reply(False, "Some boats.", ("x",)), []).hit
    assert not measure(_gold(), Reply(True, "Twelve."), []).hit


def test_evidence_counts_where_most_of_its_words_are_cited() -> None:
    """Sixty percent of the words suffice, also spread over several excerpts."""
    assert measure(_gold(), Reply(False, "", ("Twelve boats left the harbour",)), []).complete
    assert measure(_gold(), Reply(False, "", ("Twelve boats left", "the harbour, late")), []).complete
    assert not measure(_gold(), Reply(False, "", ("Twelve boats",)), []).complete


def test_the_right_article_is_known_by_its_address_or_by_what_it_says() -> None:
    """The rank is that of the first right article, and 0 where there is none."""
    other = Article.create(title="A", text="Nothing of the sort.")
    telling = Article.create(title="B", text="Twelve boats left the\nharbour on Monday, it says.")
    placed = Article.create(title="C", text="Else.", url="https://news.example/c")
    assert measure(_gold(), Reply(False, ""), [other, telling]).rank == 2
    assert measure(_gold(gold_articles=["https://news.example/c"]), Reply(False, ""), [placed]).rank == 1
    assert measure(_gold(), Reply(False, ""), [other]).rank == 0


def test_abstaining_is_measured_by_precision_and_recall() -> None:
    """Of two abstentions one is right, of two questions without an answer one is found out."""
    empty = gold({"id": "u", "type": "unanswerable", "question": "?", "answer": "none"})
    asked = [(empty, True), (empty, False), (_gold(), True), (_gold(), False)]
    shown = figures([measure(one, Reply(quiet, "Twelve", ("Twelve",)), []) for one, quiet in asked])
    assert (shown["abstain_precision"], shown["abstain_recall"], shown["hit"]) == (0.5, 0.5, 0.5)


def test_the_split_is_fixed_and_about_even() -> None:
    """Neither half is small, and a question stays in its half."""
    halves = [is_for_calibration(f"set-{number:03}") for number in range(200)]
    assert 70 < sum(halves) < 130
    assert is_for_calibration("set-000") == halves[0]


def test_a_line_says_on_which_day_it_was_asked() -> None:
    """Question sets call it asked_on, the contract now."""
    base = Query("", ("public",))
    for name in ("asked_on", "now"):
        assert query_of_row({"question": "x", name: "2022-06-16"}, base)[0].now == date(2022, 6, 16)


def test_the_figures_agree_with_the_independent_scorer(library: Any, take_in: Any, tmp_path: Path) -> None:
    """Each measure both have is the same for the same answers."""
    questions, scorer = shared("data/questions/seed-dev.jsonl"), shared("tools/score.py")
    take_in(shared("data/seed/putin-visits-north-korea.txt"))
    base = Query("", ("public",))
    answers = []
    for line in questions.read_text("utf-8").splitlines():
        query, history = query_of_row(json.loads(line), base)
        answers.append(json.dumps(contract.answer(answer_question(library, query, history))))
    (tmp_path / "answers.jsonl").write_text("\n".join(answers), "utf-8")
    ran = subprocess.run(
        [sys.executable, scorer, questions, tmp_path / "answers.jsonl"], stdout=subprocess.PIPE, check=True
    )
    theirs = json.loads(ran.stdout)
    ours = evaluate(library, questions, base, "all", baselines=()).types
    same = {"hit": "hit", "evidence": "evidence", "complete": "all_evidence", "words": "words", "n": "n"}
    for kind, found in theirs.items():
        for mine, other in (same | {"abstain_recall": "abstain_r", "bad_citations": "bad_citations"}).items():
            assert found.get(other) == ours[kind].get(mine), (kind, mine)

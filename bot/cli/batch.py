"""Questions from a file: one JSON object per line in, one answer per line out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bot import contract
from retrieval.answer import Answerer
from retrieval.errors import QuestionError
from retrieval.search.query import Turn
from retrieval.types import PUBLIC, Query


def answer_lines(answerer: Answerer, path: Path, base: Query) -> Iterator[tuple[contract.Json, bool]]:
    """(answer as JSON, whether it could be asked) for each line that is not blank, in order."""
    with path.open(encoding="utf-8", errors="replace") as file, asyncio.Runner() as runner:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            asked: Any = None
            try:
                asked = _parse_json(line)
                query, history = query_of_row(asked, base)
                answer = runner.run(answerer.answer(query, history, admin=True))
                yield contract.answer(answer), True
            except QuestionError as error:
                question = asked.get("question") if isinstance(asked, dict) else None
                yield {"question": question, "status": "failed", "error": f"line {number}: {error}"}, False
        runner.run(answerer.close())


def parse_history(history: Any) -> list[Turn]:
    """The turns of a conversation in the contract's form. Raises QuestionError for any other form."""
    if history is None:
        return []
    if not isinstance(history, list) or not all(isinstance(turn, dict) for turn in history):
        raise QuestionError('history is a list of {"question", "answer"}, oldest first')
    return [Turn(str(turn.get("question") or ""), str(turn.get("answer") or "")) for turn in history]


def _parse_json(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise QuestionError("not valid JSON") from error


def query_of_row(asked: Any, base: Query) -> tuple[Query, list[Turn]]:
    """The query and the conversation of one line of a batch. Raises QuestionError."""
    if not isinstance(asked, dict) or not isinstance(asked.get("question"), str):
        raise QuestionError('an object with "question" is needed')
    query = replace(base, text=asked["question"])
    if asked.get("since"):
        query = replace(query, since=_day(asked["since"]))
    if asked.get("until"):
        query = replace(query, until=_day(asked["until"]))
    if now := asked.get("now") or asked.get("asked_on"):
        query = replace(query, now=_day(now))
    if asked.get("scope"):
        query = replace(query, scopes=tuple(dict.fromkeys((PUBLIC, str(asked["scope"])))))
    if asked.get("source_name"):
        query = replace(query, sources=(str(asked["source_name"]),))
    return query, parse_history(asked.get("history"))


def _day(stated: Any) -> date:
    try:
        return date.fromisoformat(stated)
    except (TypeError, ValueError) as error:
        raise QuestionError("since, until and now are days, such as 2024-06-18") from error

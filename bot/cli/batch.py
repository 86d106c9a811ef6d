"""Questions from a file: one JSON object a line in, one answer a line out."""

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


def answered_lines(answerer: Answerer, path: Path, base: Query) -> Iterator[tuple[contract.Json, bool]]:
    """An answer for each line that is not blank, in order; False beside a line that could not be asked."""
    with path.open(encoding="utf-8", errors="replace") as file, asyncio.Runner() as runner:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            asked: Any = None
            try:
                asked = _parsed(line)
                query, history = as_asked(asked, base)
                answer = runner.run(answerer.answer(query, history, admin=True))
                yield contract.answer(answer), True
            except QuestionError as error:
                question = asked.get("question") if isinstance(asked, dict) else None
                yield {"question": question, "status": "failed", "error": f"line {number}: {error}"}, False
        runner.run(answerer.close())


def turns(history: Any) -> list[Turn]:
    """A conversation as the contract writes it. Raises QuestionError for anything else."""
    if history is None:
        return []
    if not isinstance(history, list) or not all(isinstance(turn, dict) for turn in history):
        raise QuestionError('history is a list of {"question", "answer"}, oldest first')
    return [Turn(str(turn.get("question") or ""), str(turn.get("answer") or "")) for turn in history]


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise QuestionError("not valid JSON") from error


def as_asked(asked: Any, base: Query) -> tuple[Query, list[Turn]]:
    """A line of a batch as a query with its conversation. Raises QuestionError."""
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
    return query, turns(asked.get("history"))


def _day(stated: Any) -> date:
    try:
        return date.fromisoformat(stated)
    except (TypeError, ValueError) as error:
        raise QuestionError("since, until and now are days, such as 2024-06-18") from error

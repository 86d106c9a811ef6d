"""What the catalog's queries read: the steps of their plans that go through more rows than they need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import door
import sqlalchemy as sa

_TABLE = re.compile(r"SCAN (?!CONSTANT|\d+ CONSTANT|\(|SUBQUERY)(?!.*VIRTUAL TABLE)")
"""A step through a whole table, or a whole index of it; virtual tables know their own ways, and constants are few."""

_SCOPE = re.compile(r"SEARCH \S+ USING .*\(scope=\?\)$")
"""A step through all that a scope holds, which is the whole table where there is but one."""

_FEW = 50
"""Rows of a table that may be read whole: it does not grow with the library."""


class Step(NamedTuple):
    """A step of a plan, and the query that takes it, in short."""

    step: str
    query: str
    whole_table: bool


@contextmanager
def captured() -> Iterator[dict[str, Any]]:
    """The distinct queries that any engine of this process is given, each with parameters it came with."""
    statements: dict[str, Any] = {}

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if re.match(r"\s*(?:select|with)\b", statement, re.IGNORECASE):
            statements[statement] = parameters

    sa.event.listen(sa.Engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", keep)


def wide(folder: Path, statements: Mapping[str, Any]) -> frozenset[Step]:
    """The steps of these queries that read a whole table or all of a scope, tables of few rows left out."""
    return frozenset(
        Step(step, _short(statement), _TABLE.match(step) is not None)
        for statement, parameters in statements.items()
        for step in door.explained(folder, statement, parameters)
        if (_TABLE.match(step) or _SCOPE.match(step)) and not _small(folder, step.split()[1])
    )


def _small(folder: Path, table: str) -> bool:
    held = door.rows_of(folder, table)
    return held is not None and held <= _FEW


def _short(statement: str) -> str:
    line = " ".join(statement.split())
    line = re.sub(r"^SELECT (?!count\().*? FROM", "SELECT … FROM", line, count=1, flags=re.IGNORECASE)
    return re.sub(r"\(\?(?:, \?)*\)(?:, \(\?(?:, \?)*\))*", "(?…)", line)

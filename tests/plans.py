"""What the catalog's statements read: the steps of their query plans that go through more rows than they need.

Shared by `tests/retrieval/test_query_plans.py` and `tests/bench/growth.py`.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from retrieval.english.normal_form import normal_form

Statements = Mapping[str, Any]
"""SQL statements, each with parameters that it was issued with."""

_READS_ROWS = re.compile(r"\s*(?:select|with|insert|update|delete)\b", re.IGNORECASE)

_TABLE = re.compile(r"SCAN (?!CONSTANT|\d+ CONSTANT|\(|SUBQUERY)(?!.*VIRTUAL TABLE INDEX (?!0:$))")
"""A step through a whole table, or a whole index of it. Constants are few, and a virtual table (all of which is `0:`)
has ways of its own."""

_SCOPE = re.compile(r"SEARCH \S+ USING .*\(scope=\?(?: AND day[<>]\?)*\)$")
"""A step through all that a scope holds, or holds of some days, which may be all that there are."""

_SUBQUERY = re.compile(r"(?:MATERIALIZE|CO-ROUTINE) (\S+)")
"""Names a subquery, or a query that calls itself: what it reads are steps of their own."""

_LIMITED = re.compile(
    r"\bfrom (?P<table>\w+) where (?:(?P=table)\.)?scope (?:= \?|in \([?, ]+\))(?: and (?:(?P=table)\.)?day [<>]= \?)*"
    r"(?: order by [^()]*?)? limit (?P<limit>\?|\d+)",
    re.IGNORECASE,
)
"""A query for a limited number of a scope's rows in one table. It stops there, unless it has to sort them first."""

_MOST_CONSTANT_ROWS = 50
"""Rows of a table up to which it may be read whole: it does not grow with the library."""


class Step(NamedTuple):
    """A step of a plan, and a shortened form of the statement that takes it."""

    step: str
    statement: str
    whole_table: bool

    @property
    def table(self) -> str:
        """The table, or its alias in the statement."""
        return self.step.split()[1]

    def __str__(self) -> str:
        return f"{self.step} in {self.statement}"


@contextmanager
def captured_statements() -> Iterator[dict[str, Any]]:
    """The distinct statements that any engine of this process is given, each with parameters it came with."""
    statements: dict[str, Any] = {}

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if _READS_ROWS.match(statement):
            statements[statement] = parameters[0] if many else parameters

    sa.event.listen(sa.Engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", keep)


def wide_steps(catalog: Path, statements: Statements) -> frozenset[Step]:
    """The steps that read a whole table or all of a scope; tables of few rows are left out."""
    with closing(sqlite3.connect(catalog)) as db:
        db.create_function("normal_form", 1, normal_form, deterministic=True)
        found = (
            Step(step, _shortened(statement), _TABLE.match(step) is not None)
            for statement, parameters in statements.items()
            for step in _wide_steps_of(db, statement, parameters)
        )
        return frozenset(step for step in found if not _has_few_rows(db, step.table))


def _wide_steps_of(db: sqlite3.Connection, statement: str, parameters: Any) -> list[str]:
    plan = [row[3] for row in db.execute(f"explain query plan {statement}", parameters)]
    subqueries = {found[1] for step in plan if (found := _SUBQUERY.match(step))}
    limited = set() if any("USE TEMP B-TREE" in step for step in plan) else _limited_tables(statement, parameters)
    wide = [step for step in plan if _TABLE.match(step) and step.split()[1] not in subqueries]
    return wide + [step for step in plan if _SCOPE.match(step) and step.split()[1] not in limited]


def _limited_tables(statement: str, parameters: Any) -> set[str]:
    """Tables of which the statement reads no more than some rows of a scope, given that nothing is sorted."""
    line = " ".join(statement.split())
    out = set()
    for found in _LIMITED.finditer(line):
        limit = found["limit"]
        most = parameters[line.count("?", 0, found.start("limit"))] if limit == "?" else int(limit)
        if most >= 0:
            out.add(found["table"])
    return out


def _has_few_rows(db: sqlite3.Connection, table: str) -> bool:
    """Whether this is a table of few rows, and not the alias of one or a subquery."""
    known = db.execute("select 1 from sqlite_master where type = 'table' and name = ?", (table,)).fetchone()
    if known is None:
        return False
    (rows,) = db.execute(f'select count(*) from "{table}"').fetchone()  # noqa: S608 - a name from the catalog itself
    return bool(rows <= _MOST_CONSTANT_ROWS)


def _shortened(statement: str) -> str:
    line = " ".join(statement.split())
    line = re.sub(r"^SELECT (?!count\().*? FROM", "SELECT … FROM", line, count=1, flags=re.IGNORECASE)
    return re.sub(r"\(\?(?:, \?)*\)(?:, \(\?(?:, \?)*\))*", "(?…)", line)

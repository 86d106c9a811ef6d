"""The ledger of the chat model: spending, what servers support, and dropped claims, in a small SQLite file.

It is apart from the catalog, whose writer may be busy with a long ingest while answers are written. Every change is one
transaction, so that several processes together stay within a budget; a reservation left by a crash counts as spent.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from retrieval.errors import OverBudget, StorageFull
from retrieval.types import DroppedClaim

FILE = "writing.sqlite"
_MAX_DROPPED_CLAIMS = 10_000
"""Maximum number of dropped claims kept; the oldest go first."""

_SCHEMA = """
create table if not exists spent (
    scope text not null, day text not null, tokens integer not null, micros integer not null, calls integer not null,
    primary key (scope, day)) without rowid;
create table if not exists known (name text primary key, value text not null) without rowid;
create table if not exists dropped (
    id integer primary key, at text not null, scope text not null, model text not null, question text not null,
    claim text not null, kind text not null, reason text not null);
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens, and money in millionths of a dollar."""

    tokens: int = 0
    micros: int = 0

    def add(self, other: Cost) -> Cost:
        """The sum of both."""
        return Cost(self.tokens + other.tokens, self.micros + other.micros)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a scope may spend in a day (UTC), in tokens and millionths of a dollar; None: no limit."""

    tokens: int | None = None
    micros: int | None = None


@dataclass(frozen=True, slots=True)
class DroppedRecord:
    """A dropped claim as it was recorded: when (ISO 8601, UTC), in which scope, by which model, for which question."""

    at: str
    scope: str
    model: str
    question: str
    dropped: DroppedClaim


class Ledger:
    """The file in a data folder, made at first use. Safe to use from several threads and processes.

    Raises StorageFull where it cannot be written.
    """

    def __init__(self, data_dir: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = data_dir / FILE
        self._now = now

    def reserve(self, scope: str, cost: Cost, budget: Budget) -> str:
        """Reserve what a call may cost. Returns the day. Raises OverBudget where the budget does not cover it."""
        with self._change() as db:
            spent = self._spending(db, scope).add(cost)
            over_tokens = budget.tokens is not None and spent.tokens > budget.tokens
            if over_tokens or (budget.micros is not None and spent.micros > budget.micros):
                raise OverBudget("what may be spent on written answers today is spent")
            day = self._day()
            self._add(db, scope, cost, 1, day)
        return day

    def settle(self, scope: str, reserved: Cost, cost: Cost, day: str) -> None:
        """Replace what was reserved on a day with what the call did cost."""
        with self._change() as db:
            self._add(db, scope, Cost(cost.tokens - reserved.tokens, cost.micros - reserved.micros), 0, day)

    def spending(self, scope: str) -> Cost:
        """What a scope has spent today."""
        with self._read() as db:
            return self._spending(db, scope)

    def remember(self, name: str, value: str) -> None:
        """Remember something about a server."""
        with self._change() as db:
            db.execute("insert or replace into known values (?, ?)", (name, value))

    def recall(self, name: str) -> str | None:
        """What is remembered about a server under a name; None for nothing."""
        with self._read() as db:
            row = db.execute("select value from known where name = ?", (name,)).fetchone()
        return row[0] if row else None

    def record_dropped(self, scope: str, model: str, question: str, dropped: Sequence[DroppedClaim]) -> None:
        """Record claims that were not shown."""
        at = self._now().isoformat(timespec="seconds")
        rows = [(at, scope, model, question, claim.claim, claim.kind, claim.reason) for claim in dropped]
        with self._change() as db:
            db.executemany(
                "insert into dropped (at, scope, model, question, claim, kind, reason) values (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            db.execute("delete from dropped where id <= (select max(id) from dropped) - ?", (_MAX_DROPPED_CLAIMS,))

    def dropped_claims(self, scopes: Sequence[str], limit: int) -> list[DroppedRecord]:
        """The newest claims that were not shown in these scopes, newest first."""
        marks = ", ".join("?" * len(scopes))
        with self._read() as db:
            rows = db.execute(
                f"select at, scope, model, question, claim, kind, reason from dropped where scope in ({marks})"  # noqa: S608
                " order by id desc limit ?",
                (*scopes, limit),
            ).fetchall()
        return [DroppedRecord(at, scope, model, asked, DroppedClaim(*rest)) for at, scope, model, asked, *rest in rows]

    def forget(self, scope: str) -> None:
        """Delete everything kept for a scope; deleted bytes are overwritten in the file."""
        if not self._path.is_file():
            return
        with self._change() as db:
            db.execute("delete from dropped where scope = ?", (scope,))
            db.execute("delete from spent where scope = ?", (scope,))

    def _spending(self, db: sqlite3.Connection, scope: str) -> Cost:
        of_day = "select tokens, micros from spent where scope = ? and day = ?"
        row = db.execute(of_day, (scope, self._day())).fetchone()
        return Cost(*row) if row else Cost()

    def _day(self) -> str:
        return self._now().date().isoformat()

    def _add(self, db: sqlite3.Connection, scope: str, cost: Cost, calls: int, day: str) -> None:
        db.execute(
            "insert into spent values (?, ?, ?, ?, ?) on conflict (scope, day) do update set"
            " tokens = tokens + excluded.tokens, micros = micros + excluded.micros, calls = calls + excluded.calls",
            (scope, day, cost.tokens, cost.micros, calls),
        )

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        with self._open() as db:
            yield db

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        with self._open() as db:
            db.execute("begin immediate")
            try:
                yield db
            except BaseException:
                db.execute("rollback")
                raise
            db.execute("commit")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=5, isolation_level=None)) as db:
                db.execute("pragma secure_delete = on")
                db.executescript(_SCHEMA)
                yield db
        except (sqlite3.Error, OSError) as error:
            raise StorageFull(
                f"{self._path.name} cannot be written ({error}): free space or check the data folder's permissions"
            ) from error

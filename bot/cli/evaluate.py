"""`onrecord eval`: the figures of a question set over the library, and of baselines beside it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli import batch
from retrieval.answer import Answerer
from retrieval.answer.quoting import find_articles
from retrieval.errors import QuestionError
from retrieval.evaluation import QuestionResult, figures, figures_by_type, gold, is_for_calibration, measure, reply
from retrieval.library import Library
from retrieval.types import Query

Row = dict[str, Any]
HALVES = ("report", "calibrate", "all")
_ARTICLES_RANKED = 10
_COLUMNS = (
    ("n", "n"),
    ("hit", "hit"),
    ("evidence", "evidence"),
    ("complete", "complete"),
    ("article_cited", "cited"),
    ("article@1", "@1"),
    ("article@5", "@5"),
    ("article@10", "@10"),
    ("mrr@10", "MRR@10"),
    ("abstain_precision", "abst. prec."),
    ("abstain_recall", "abst. rec."),
    ("words", "words"),
    ("bad_citations", "bad"),
    ("dropped", "dropped"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What one run measured: figures by type of question and by baseline, and the CPU time of an answer.

    `p50` and `p95` are milliseconds over all threads: CPU time is the same on an idle machine and on a busy one.
    """

    name: str
    digest: str
    half: str
    types: Mapping[str, Mapping[str, float]]
    baselines: Mapping[str, Mapping[str, float]]
    p50: float
    p95: float

    def contract(self) -> dict[str, Any]:
        """The shape of `eval --json`."""
        return {
            "set": self.name,
            "sha256": self.digest,
            "half": self.half,
            "figures": self.types,
            "baselines": self.baselines,
            "cpu_ms": {"p50": self.p50, "p95": self.p95},
        }


def read_questions(path: Path, half: str) -> list[Row]:
    """The questions of a file that belong to a half. Raises QuestionError where the file is no question set."""
    out = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            gold(row)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise QuestionError(f"line {number}: id, type, question and answer of a question set are needed") from error
        if half == "all" or is_for_calibration(str(row["id"])) == (half == "calibrate"):
            out.append(row)
    if not out:
        raise QuestionError(f"{path}: no questions of this half")
    return out


def evaluate(
    library: Library, path: Path, base: Query, half: str, *, baselines: Sequence[str], answerer: Answerer | None = None
) -> Result:
    """Answer the questions of a file and measure the answers; for written ones also the share of claims dropped.

    Raises QuestionError where the file is no question set, LookupError where a baseline's package is not installed.
    """
    asked = read_questions(path, half)
    spent: list[float] = []
    claims: dict[str, list[tuple[int, int]]] = {}
    results = list(_measure_answers(library, answerer or Answerer(library), asked, base, spent, claims))
    beside: dict[str, Mapping[str, float]] = {}
    if baselines:
        from bot.cli.baselines import measure_baselines

        lengths = [result.words for result in results]
        beside = {
            name: figures(measured)
            for name, measured in measure_baselines(library, asked, base, lengths, baselines).items()
        }
    spent.sort()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    p50, p95 = (round(spent[int(share * (len(spent) - 1))], 1) for share in (0.5, 0.95))
    types = {name: {**measured, **_dropped_share(claims, name)} for name, measured in figures_by_type(results).items()}
    return Result(path.stem, digest, half, types, beside, p50, p95)


def _dropped_share(claims: Mapping[str, Sequence[tuple[int, int]]], name: str) -> dict[str, float]:
    """The share of a model's claims that were dropped, for one type of question or all; empty where no model wrote."""
    found = [count for key, its in claims.items() if name in (key, "all") for count in its]
    held, dropped = sum(count for count, _ in found), sum(count for _, count in found)
    return {"dropped": dropped / (held + dropped)} if held + dropped else {}


def _measure_answers(
    library: Library,
    answerer: Answerer,
    asked: Sequence[Row],
    base: Query,
    spent: list[float],
    claims: dict[str, list[tuple[int, int]]],
) -> Iterator[QuestionResult]:
    with asyncio.Runner() as runner:
        for row in asked:
            query, history = batch.query_of_row(row, base)
            begun = time.process_time()
            answer = runner.run(answerer.answer(query, history, admin=True))
            spent.append(1000 * (time.process_time() - begun))
            if answer.written:
                counts = answer.written.held, len(answer.written.dropped)
                claims.setdefault(gold(row).type, []).append(counts)
            yield measure(gold(row), reply(answer), find_articles(library, query, history, _ARTICLES_RANKED))
        runner.run(answerer.close())


def figures_table(result: Result) -> str:
    """The figures as a Markdown table that is also readable as plain text."""
    kept = [(key, title) for key, title in _COLUMNS if any(key in values for values in _figures(result).values())]
    lines = [["", *(title for _, title in kept)]]
    for name, values in _figures(result).items():
        lines.append([name, *(_format_figure(key, values.get(key)) for key, _ in kept)])
    widths = [max(len(line[column]) for line in lines) for column in range(len(kept) + 1)]
    padded = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in (padded[0], rule, *padded[1:]))


def _figures(result: Result) -> dict[str, Mapping[str, float]]:
    return {**result.types, **{f"baseline: {name}": values for name, values in result.baselines.items()}}


def _format_figure(key: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:g}" if key in ("n", "words", "bad_citations") else f"{value:.3f}".replace("0.", ".", 1)


def write_table(path: Path, result: Result) -> None:
    """Write the table into a document: in place of the table of the same set and half, or at the end."""
    name = f"{result.name} {result.half}"
    begin, end = f"<!-- eval {name} -->", f"<!-- end eval {name} -->"
    body = f"{begin}\n`{result.name}` (sha256 {result.digest}…), half: {result.half}\n\n{figures_table(result)}\n{end}"
    text = path.read_text("utf-8") if path.exists() else "# Quality\n"
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.S)
    before = found.search(text)
    head, tail = (text[: before.start()], text[before.end() :]) if before else (f"{text.rstrip()}\n\n", "\n")
    path.write_text(f"{head}{body}{tail}", "utf-8")

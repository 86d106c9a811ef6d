"""`onrecord demo`: sample articles, a first question, a prompt."""

from __future__ import annotations

import io
import sys
from importlib import resources

from rich.console import Console
from rich.text import Text

from bot.cli import terminal
from bot.cli.ingest import progress_bar
from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from ingest.sources.local import count_items
from retrieval.answer.quoting import answer_question
from retrieval.errors import QuestionError
from retrieval.library import Library
from retrieval.search.query import Turn
from retrieval.types import PUBLIC, Query

QUESTIONS = (
    "What did Wendt say?",
    "How many ships have been diverted?",
    "What did the king say about the crane?",
)
"""Asked in turn where there is no terminal to type at; the articles do not answer the last one."""

_TURNS_REMEMBERED = 3
"""Number of earlier turns that a question may refer to."""


def run_demo(library: Library, console: Console) -> None:
    """Ingest the samples, answer a first question, then prompt for more until the user leaves."""
    _read_samples(library, console)
    interactive = sys.stdin.isatty()
    history: list[Turn] = []
    for question in QUESTIONS[:1] if interactive else QUESTIONS:
        history.append(_ask(library, console, question, history))
    if interactive:
        _prompt(library, console, history)


def _read_samples(library: Library, console: Console) -> None:
    with resources.as_file(resources.files("bot") / "samples") as folder, progress_bar() as bar:
        rows = str(folder / "samples.jsonl")
        task = bar.add_task("reading", total=count_items([rows]))
        reports = []
        for report in ingest(library, [rows], ArticleMetadata(), io.BytesIO()):
            bar.update(task, advance=1)
            reports.append(report)
    new = sum(report.status in ("added", "updated") for report in reports)
    console.print(f"{len(reports)} sample articles, {new} of them new: an invented story by invented outlets.\n")


def _ask(library: Library, console: Console, question: str, history: list[Turn]) -> Turn:
    console.print(Text(f"> {question}", style="cyan bold"))
    answer = answer_question(library, Query(question, (PUBLIC,)), history[-_TURNS_REMEMBERED:])
    terminal.show_answer(console, answer)
    console.print()
    return Turn(question, answer.text)


def _prompt(library: Library, console: Console, history: list[Turn]) -> None:
    console.print("Ask away, or press Enter to leave. Try: what did Lindqvist say about the cracks?")
    while question := _line(console):
        try:
            history.append(_ask(library, console, question, history))
        except QuestionError as error:
            console.print(Text(str(error), style="yellow"))


def _line(console: Console) -> str:
    try:
        return console.input("\n> ").strip()
    except (EOFError, KeyboardInterrupt):
        return ""

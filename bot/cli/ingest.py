"""`onrecord ingest` on the terminal: a progress bar on stderr, a line for each item, totals."""

from __future__ import annotations

import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from bot import contract
from bot.cli import options, terminal
from ingest.article.build import ArticleMetadata
from ingest.attribution import attribute_all
from ingest.attribution.rules import Attribute
from ingest.pipeline import IngestReport, ingest
from ingest.sources.local import count_items
from ingest.web import Fetcher
from retrieval.library import Library
from retrieval.store.dedup import PutStatus

_MAX_ITEMS_LISTED = 20
"""Maximum number of items listed one by one; in a longer run only failures are."""


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


def progress_bar() -> Progress:
    """A progress bar on stderr, with the rate and the time left."""
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def show_progress(steps: Iterable[tuple[int, int]]) -> int:
    """Run through steps of (done, total) with a progress bar. Returns the number done at the end."""
    done = 0
    with progress_bar() as bar:
        task = bar.add_task("reading", total=None)
        for done, total in steps:
            bar.update(task, completed=done, total=total)
    return done


def ingest_sources(
    library: Library,
    sources: Sequence[str],
    given: ArticleMetadata,
    console: Console,
    open_fetcher: Callable[[], Fetcher] | None = None,
    *,
    as_json: bool,
    who_said: Attribute = attribute_all,
) -> bool:
    """Ingest the sources and show the outcome, also after an interruption. Returns whether anything failed."""
    totals: Counter[str] = Counter()
    items: list[contract.Json] = []
    expected = count_items(sources)
    stopped = threading.Event()
    try:
        with (
            _note_interrupt(stopped),
            progress_bar() as bar,
            closing(ingest(library, sources, given, sys.stdin.buffer, open_fetcher, who_said=who_said)) as reports,
        ):
            task = bar.add_task("reading", total=expected)
            for report in reports:
                bar.update(task, advance=1)
                totals[report.status] += 1
                totals["chunks"] += report.chunks
                totals["statements"] += report.statements
                if as_json:
                    items.append(contract.report(report))
                elif report.status == "failed" or (expected or 0) <= _MAX_ITEMS_LISTED:
                    _print_report(bar, console, report)
    except BaseException:
        if not stopped.is_set():
            raise
        _sum_up(console, totals, items, as_json=as_json)
        print("stopped: what was reported is stored, and the same command goes on from there", file=sys.stderr)
        raise SystemExit(130) from None
    _sum_up(console, totals, items, as_json=as_json)
    for notice in getattr(who_said, "notices", ()):
        print(notice, file=sys.stderr)
    return totals["failed"] > 0


@contextmanager
def _note_interrupt(stopped: threading.Event) -> Iterator[None]:
    """Set the event when Ctrl-C is pressed, besides raising KeyboardInterrupt as usual.

    The exception alone is not enough: native code that is interrupted in a callback or during an import raises an error
    of its own instead.
    """

    def note(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _sum_up(console: Console, totals: Counter[str], items: list[contract.Json], *, as_json: bool) -> None:
    if as_json:
        options.print_json({"items": items, "totals": dict(totals)})
    else:
        parts = [f"{totals[status]} {status}" for status in (*PutStatus, "failed") if totals[status]]
        console.print(
            f"{', '.join(parts) or 'nothing stored'}: {totals['chunks']} chunks, {totals['statements']} statements"
        )


def _print_report(bar: Progress, console: Console, report: IngestReport) -> None:
    bar.stop()
    terminal.show_report(console, report)
    bar.start()

"""How the benchmarks measure, and how they show it: figures beside their limits, processes of their own, memory."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil
from data import CACHE, REPOSITORY

P = ParamSpec("P")
R = TypeVar("R")

_MB = 1e6


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured and what it may be: at most `limit`, or with `floor` at least; None where it has no limit."""

    name: str
    measured: float
    limit: float | None = None
    unit: str = ""
    floor: bool = False

    def row(self) -> tuple[str, str, str, str]:
        """The cells of its line: figure, measured, limit, and how the two compare."""
        if self.limit is None:
            return self.name, self._said(self.measured), "none", "-"
        bound = f"{'≥' if self.floor else '≤'} {self._said(self.limit)}"
        if self.floor:
            return self.name, self._said(self.measured), bound, "ok" if self.measured >= self.limit else "under"
        return self.name, self._said(self.measured), bound, "ok" if self.measured <= self.limit else "over"

    def _said(self, value: float) -> str:
        return f"{number(value)} {self.unit}".strip()


def number(value: float) -> str:
    """A number with three digits that count, or all of its whole part."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.1 else f"{value:.2g}"


def table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table that reads as plain text and as Markdown: names to the left, everything else to the right."""
    widths = [max(len(line[column]) for line in (header, *lines)) for column in range(len(header))]
    rules = [
        "-" * width if column == 0 else "-" * (width - 1) + ":"
        for column, width in enumerate(max(w, 3) for w in widths)
    ]

    def shown(line: Sequence[str]) -> str:
        cells = [
            cell.ljust(max(width, 3)) if column == 0 else cell.rjust(max(width, 3))
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        return f"| {' | '.join(cells)} |"

    return "\n".join([shown(header), f"| {' | '.join(rules)} |", *map(shown, lines)])


def limits(figures: Sequence[Figure]) -> str:
    """The figures as a table."""
    return table(("figure", "measured", "limit", ""), [figure.row() for figure in figures])


def note(text: str) -> None:
    """Say on stderr how far it is."""
    print(text, file=sys.stderr, flush=True)


def alone(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What a function returns when a fresh interpreter runs it, so that its memory and its caches are its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def onrecord(data_dir: Path, *arguments: str) -> str:
    """The stdout of `onrecord …` run as a process. Raises CalledProcessError, its stderr shown, where that fails."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ONRECORD_", "OPENAI_"))}
    settings = {"ONRECORD_DATA_DIR": str(data_dir), "XDG_CACHE_HOME": str(CACHE), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli.app", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=inherited | settings,
        cwd=data_dir.parent,
        check=True,
    )
    return done.stdout


def median_seconds(action: Callable[[], object], times: int = 5) -> float:
    """The median time that an action takes."""
    return statistics.median(seconds(action) for _ in range(times))


def seconds(action: Callable[[], object]) -> float:
    """The time that an action takes."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def percentile(values: Sequence[float], share: int) -> float:
    """The value that `share` in a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-share * len(ordered) // 100) - 1)]


def memory() -> float:
    """Resident memory of this process now, in MB."""
    return float(psutil.Process().memory_info().rss) / _MB


def peak_memory() -> float:
    """The most resident memory this process has had, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        # Not getrusage: on Linux its figure starts at that of the process this one was started from.
        held = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
        return int(held.split()[1]) * 1024 / _MB
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MB


def disk(folder: Path) -> int:
    """Bytes that the files of a folder take on the disk, each counted once."""
    taken = {}
    for path in folder.rglob("*"):
        if not path.is_symlink() and path.is_file():
            seen = path.stat()
            taken[seen.st_dev, seen.st_ino] = seen.st_blocks * 512
    return sum(taken.values())

"""Processes that read what may be hostile: a page that hangs or eats memory takes its reader along and nothing else."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from queue import Empty, LifoQueue
from types import TracebackType
from typing import Any, ParamSpec, Protocol, TypeVar

from retrieval.errors import SourceError

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

SECONDS = 30.0
"""Time that reading one document may take; a long news page takes half a second on a slow machine."""

MEMORY = 1024 * 1024 * 1024
"""Bytes that a reader may take besides what it starts with."""

SIZE = 2
"""Readers at once."""


class Run(Protocol):
    """How a function is run: here, or by `Readers.run` in a process of its own."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function returns, or raises."""
        ...


def run_here(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function in this process: for what is trusted."""
    return function(*args, **kwargs)


class Readers:
    """A few processes that run functions with a limit to their time and memory.

    They are started when first needed and kept for the next document; one that fails is replaced. Safe to use from
    several threads: those past the number of readers wait.
    """

    def __init__(self, size: int = SIZE, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._free: LifoQueue[_Reader | None] = LifoQueue()
        for _ in range(size):
            self._free.put(None)

    def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function, known by its name in its module, returns. Raises SourceError where it does, and where it
        takes too long, takes too much memory, or breaks."""
        reader = self._free.get()
        try:
            if reader is None:
                reader = _Reader(self._memory)
            done, value = reader.ask((function, args, kwargs), self._seconds)
        except BaseException:
            if reader is not None:
                reader.stop()
            reader = None
            raise
        finally:
            self._free.put(reader)
        if not done:
            raise value
        return value  # type: ignore[no-any-return]

    def close(self) -> None:
        """Stop the readers that are free."""
        with contextlib.suppress(Empty):
            while True:
                reader = self._free.get_nowait()
                if reader is not None:
                    reader.stop()

    def __enter__(self) -> Readers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Reader:
    """One process, and the pipe to it."""

    def __init__(self, memory: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(target=_serve, args=(theirs, memory), daemon=True)
        self._process.start()
        theirs.close()
        # Not part of a document's time: a busy machine takes seconds to start Python.
        try:
            self._pipe.recv()
        except EOFError as error:
            self.stop()
            raise SourceError("no process to read it in could be started") from error

    def ask(self, task: Any, seconds: float) -> tuple[bool, Any]:
        """(whether it succeeded, the value or the error). Raises SourceError where there is no answer."""
        try:
            self._pipe.send(task)
            if not self._pipe.poll(seconds):
                raise SourceError(f"reading it took more than {seconds:.0f} seconds: it is left out")
            answer: tuple[bool, Any] = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise SourceError("reading it broke the process that read it: it is left out") from error
        if isinstance(answer[1], MemoryError):
            raise SourceError("reading it takes more memory than is allowed: it is left out")
        return answer

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection, memory: int) -> None:
    # Ctrl-C reaches the whole group; whoever started this process ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Loaded before the limit is set, and out of any document's time.
    import trafilatura  # noqa: F401

    from ingest.article import page  # noqa: F401

    _limit(memory)
    pipe.send("ready")
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except EOFError:
            return
        try:
            answer = (True, function(*args, **kwargs))
        except (SourceError, MemoryError) as error:
            answer = (False, error)
        except Exception as error:  # noqa: BLE001  # whatever a parser of others raises is this one document's failure
            answer = (False, SourceError(f"it cannot be read ({type(error).__name__} while reading)"))
        pipe.send(answer)


def _limit(memory: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + memory,) * 2)
    except (OSError, ValueError) as error:
        # macOS has no such limit; the time limit holds there all the same.
        log.debug("no memory limit for readers here (%s)", error)

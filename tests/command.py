"""The command line as a process of its own, forked from one that has imported what most of it needs and done no more.

A command of the tests costs what it does, not the second it takes to import what it does it with.
"""

import json
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, NamedTuple

_IMPORTED = [
    "bot.discord_app.client",
    "chromadb",
    "discord.app_commands",
    "langchain_core.embeddings",
    "langchain_openai",
    "onnxruntime",
    "rich.progress",
    "sqlalchemy",
    "tokenizers",
    "typer",
]
_STREAMS = ("stdin", "stdout", "stderr")
DISCORD = "TESTS_DISCORD"
"""The environment's name for the REST address and the gateway of a loopback Discord, parted by a space."""


class Ran(NamedTuple):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Running:
    """A command that runs until it is told to stop."""

    def __init__(self, process: ForkServerProcess, streams: list[Path]) -> None:
        self._process, self._streams = process, streams

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process.pid is not None
        return self._process.pid

    def stop(self) -> Ran:
        """Ask it to stop as a service manager does, and wait."""
        if self._process.is_alive():
            os.kill(self.pid, signal.SIGTERM)
        return self.ended()

    def ended(self) -> Ran:
        """Wait for its end."""
        self._process.join()
        code = self._process.exitcode
        return Ran(code if code is not None else -1, *(one.read_text("utf-8") for one in self._streams[1:]))


@contextmanager
def running(arguments: list[str], env: dict[str, str], cwd: Path, stdin: str = "") -> Iterator[Running]:
    """Start `onrecord` with these arguments, environment, working folder and standard input; stop it at the end."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in _STREAMS]
        streams[0].write_text(stdin, "utf-8")
        process = context.Process(target=_main, args=(arguments, env, str(cwd), [str(one) for one in streams]))
        process.start()
        one = Running(process, streams)
        try:
            yield one
        finally:
            one.stop()


def run(arguments: list[str], env: dict[str, str], cwd: Path, stdin: str) -> Ran:
    """Run `onrecord` to its end."""
    with running(arguments, env, cwd, stdin) as one:
        return one.ended()


def environment(data: Path, cache: Path) -> dict[str, str]:
    """The environment of a command on the library in a folder: this process's, without settings of the product."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ONRECORD_", "OPENAI_"))}
    own = {"ONRECORD_DATA_DIR": str(data), "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(Path(__file__).parents[1])}
    return inherited | own


def refused(ran: Ran, code: int = 1) -> str:
    """The one line of an error, which is neither a traceback nor on stdout."""
    assert (ran.code, ran.out) == (code, "")
    lines = [line for line in ran.err.splitlines() if line.strip()]
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("error: ")
    return lines[0]


def _main(arguments: list[str], env: dict[str, str], cwd: str, streams: list[str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    for number, (name, path) in enumerate(zip(_STREAMS, streams, strict=True)):
        file = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
        setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115
    sys.argv = ["onrecord", *arguments]
    if DISCORD in env:
        _lead_to(*env[DISCORD].split())
    from bot.cli.app import main

    main()


def _lead_to(rest: str, gateway: str) -> None:
    """Have discord.py talk to another Discord: both addresses are attributes of its classes, and no option sets them.

    The gateway is told by REST; this one is for sessions that are begun anew.
    """
    import yarl
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    Route.BASE = rest
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)

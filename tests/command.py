"""The command line as a process of its own, forked from one that has imported the heavy packages and done no more.

A command of the tests costs what it does, not the second it takes to import what it does it with.
"""

import json
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

_IMPORTED = [
    "chromadb",
    "langchain_core.embeddings",
    "onnxruntime",
    "rich.progress",
    "sqlalchemy",
    "tokenizers",
    "typer",
]
_STREAMS = ("stdin", "stdout", "stderr")


class Ran(NamedTuple):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(arguments: list[str], env: dict[str, str], cwd: Path, stdin: str) -> Ran:
    """Run `onrecord` with these arguments, environment, working folder and standard input."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder) / name for name in _STREAMS]
        streams[0].write_text(stdin, "utf-8")
        process = context.Process(target=_main, args=(arguments, env, str(cwd), [str(one) for one in streams]))
        process.start()
        process.join()
        out, err = (one.read_text("utf-8") for one in streams[1:])
        return Ran(process.exitcode if process.exitcode is not None else -1, out, err)


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
    from bot.cli import main

    main()

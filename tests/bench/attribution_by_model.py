"""Who said what by the chat model of the settings beside the offline way, on PolNeAR's shortest development articles.

usage: OPENAI_BASE_URL=… ONRECORD_CHAT_MODEL=… PYTHONPATH=. python tests/bench/attribution_by_model.py [ARTICLES]
Figures as in tests/bench/attribution.py. An article on which the model fails has no statements here, where a library
would read it offline; how many fail, and why, is printed below the table. A call may take some minutes.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from attribution import _SHARED, Way, ours, scored
from measure import table

_SECONDS = 300.0
_HEADER = ("", "P", "R", "F1", "direct", "mixed", "indirect", "dir.+mix.", "source", "bad spans", "s/article", "found")


def main() -> None:
    """Print the table; say so and stop where the data or the model is not there."""
    from bot import factory
    from bot.contract import attribution
    from ingest.attribution.model import open_attribution
    from retrieval.llm.ledger import Ledger
    from retrieval.settings import load
    from retrieval.types import Article

    data, scorer = _SHARED / "data/polnear/dev.jsonl.gz", _SHARED / "tools/attribution_score.py"
    settings = load()
    if not data.exists() or not settings.has_model:
        print("PolNeAR's data, or a model in the settings, is not there: nothing to measure")
        return
    rows = [json.loads(line) for line in gzip.decompress(data.read_bytes()).decode("utf-8").splitlines()]
    rows = sorted(rows, key=lambda row: len(row["text"]))[: int(sys.argv[1]) if len(sys.argv) > 1 else 10]
    with tempfile.TemporaryDirectory() as folder:
        server = replace(factory.server(settings), call_seconds=_SECONDS)
        model = open_attribution(server, Ledger(Path(folder)), offline=lambda articles: iter([()] * len(articles)))
        gold = Path(folder) / "gold.jsonl"
        gold.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        ways: list[tuple[str, Way]] = [
            ("offline", ours),
            (
                settings.chat_model,
                lambda text: attribution(text, next(model([Article.create(title="", text=text)])))["statements"],
            ),
        ]
        lines = []
        for name, way in ways:
            begin = time.monotonic()
            out = [{"statements": way(row["text"])} for row in rows]
            taken = f"{(time.monotonic() - begin) / len(rows):.1f}"
            found = sum(len(one["statements"]) for one in out)
            lines.append((name, *scored(out, gold, scorer), taken, str(found)))
    print(table(_HEADER, lines))
    print(f"\n{len(rows)} articles; {'; '.join(model.notices) or 'the model failed on none'}")


if __name__ == "__main__":
    main()

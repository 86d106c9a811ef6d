"""The figures of `docs/quality.md`: each question set over its articles, beside the baselines.

usage: python tests/bench/quality.py [--all]
The articles of a set are read once and kept in the benchmarks' cache; `--all` takes the 4,931 articles of RealTimeQA
too, which takes the better part of an hour. What needs data that is not there is skipped by name.
"""

from __future__ import annotations

import sys
from pathlib import Path

from data import CACHE, REPOSITORY, Absent, shared, unpack_bbc
from measure import note, onrecord

from bot.cli.baselines import NAMES

_DOCUMENT = REPOSITORY / "docs" / "quality.md"
_SETS = {
    "seed-dev": "data/seed/putin-visits-north-korea.txt",
    "web-dev": "data/web-dev/ingest.jsonl",
    "bbc-dev": "data/bbc-news/articles.tar.gz",
}
_BASELINES = [part for name in NAMES for part in ("--baseline", name)]
_LARGE = {"realtimeqa-dev": "data/realtimeqa/articles.jsonl.gz"}


def main() -> None:
    """Read what is not read yet, measure, renew the tables."""
    for name, articles in (_SETS | (_LARGE if "--all" in sys.argv else {})).items():
        try:
            folder = _read(name, shared(articles))
            asked = shared(f"data/questions/{name}.jsonl")
        except Absent as absent:
            print(f"skipped {name}: {absent}")
            continue
        note(f"{name}: answering")
        print(onrecord(folder, "eval", str(asked), *_BASELINES, "--write", str(_DOCUMENT)))


def _read(name: str, articles: Path) -> Path:
    """The library of a set."""
    folder = CACHE / "quality" / name
    done = folder / "read"
    if not done.exists():
        note(f"{name}: reading the articles")
        folder.mkdir(parents=True, exist_ok=True)
        source = unpack_bbc(CACHE / "bbc") if articles.name.endswith(".tar.gz") else articles
        onrecord(folder, "ingest", str(source))
        done.touch()
    return folder


if __name__ == "__main__":
    main()

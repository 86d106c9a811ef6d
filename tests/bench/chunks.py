"""The sweep of chunk sizes: what of the gold the first chunks hold, by words alone or by vectors as well.

usage: PYTHONPATH=. python tests/bench/chunks.py SET FOLDER [--vectors]    FOLDER: a library of the articles of the set
Every stored article is cut anew at each size; the chunks are searched in memory by BM25 as the library does (headings
weigh double). With `--vectors` they are embedded, which takes minutes, and both are joined as `search` joins them.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from data import open_model, questions
from measure import table

from ingest.chunker import TOKENS, chunk
from retrieval.evaluation import gold, is_for_calibration, plain_text
from retrieval.library import open_library
from retrieval.models.sentence_vectors import text_to_embed
from retrieval.text import stems
from retrieval.types import PUBLIC, Article, Chunk

_SIZES = (80, 120, 170, TOKENS, 290, 400)
"""Tokens, about."""
_TOP = 4
_WORDS = 600
"""About as many as stand in four chunks of the size that is used."""
_DEPTH = 50
_K = 60
Cut = list[tuple[Article, Chunk]]


def main() -> None:
    """Print a row for each size."""
    name, folder = sys.argv[1:3]
    model = open_model()
    library = open_library(Path(folder), model)
    with library.open_reader((PUBLIC,)) as db:
        articles = db.articles()
        statements = db.statements_in([one.id for one in articles])
    library.close()
    asked = [
        row for row in questions(f"{name}.jsonl") if gold(row).answerable and not is_for_calibration(str(row["id"]))
    ]
    lines = []
    for size in _SIZES:
        cut = [(one, part) for one in articles for part in chunk(one, statements.get(one.id, []), size)]
        vectors = model.embed_array([_text(*one) for one in cut]) if "--vectors" in sys.argv else None
        near = model.embed_array([row["question"] for row in asked]) @ vectors.T if vectors is not None else None
        lines.append([str(size), f"{len(cut):,}", *(f"{value:.3f}" for value in _measured(cut, asked, near))])
    print(table(("tokens", "chunks", "@1", "@5", "@10", f"evidence in the first {_TOP}", "in as many words"), lines))


def _text(article: Article, part: Chunk) -> str:
    return text_to_embed(part.heading, part.span.of(article.text))


def _measured(cut: Cut, asked: Sequence[dict[str, Any]], near: Any) -> list[float]:
    """Right article in the first 1, 5, 10; all evidence in the first chunks, and in the first 600 words of chunks."""
    figures = np.zeros(5)
    with closing(_indexed(cut)) as db:
        for at, row in enumerate(asked):
            order = _ranked(db, row["question"], None if near is None else near[at])
            known = gold(row)
            ranked = list({cut[one][0].id: cut[one][0] for one in order}.values())
            place = next((rank for rank, article in enumerate(ranked) if known.is_in(article)), 99)
            texts = [plain_text(part.span.of(article.text)) for article, part in (cut[one] for one in order)]
            spent = np.cumsum([len(text.split()) for text in texts])
            same = [text for text, sum_ in zip(texts, spent, strict=True) if sum_ <= _WORDS]
            held = [all(any(part in text for text in some) for part in known.evidence) for some in (texts[:_TOP], same)]
            figures += [place < 1, place < 5, place < 10, *held]
    return (figures / len(asked)).tolist()


def _indexed(cut: Cut) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table t using fts5(heading, body, tokenize='porter unicode61 remove_diacritics 2')")
    rows = ((at, part.heading, part.span.of(article.text)) for at, (article, part) in enumerate(cut))
    db.executemany("insert into t(rowid, heading, body) values (?, ?, ?)", rows)
    return db


def _ranked(db: sqlite3.Connection, question: str, near: Any) -> list[int]:
    match = " OR ".join(f'"{word}"' for word in stems.content_stems(question).values())
    found = db.execute("select rowid from t where t match ? order by bm25(t, 2.0, 1.0) limit ?", (match, _DEPTH))
    channels = [[rowid for (rowid,) in found]]
    if near is not None:
        channels.append(np.argsort(-near)[:_DEPTH].tolist())
    score: dict[int, float] = {}
    for hits in channels:
        for rank, one in enumerate(hits, 1):
            score[one] = score.get(one, 0.0) + 1 / (_K + rank)
    return sorted(score, key=lambda one: -score[one])


if __name__ == "__main__":
    main()

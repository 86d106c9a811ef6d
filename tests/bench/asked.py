"""Candidates for training and calibrating: the sentences that this project finds for questions with known answers.

usage: PYTHONPATH=. python tests/bench/asked.py QUESTIONS SET=FOLDER… > FOUND
such as tests/bench/asked.jsonl.gz bbc=/var/lib/onrecord-bbc; each FOLDER is a library with the articles of the set.
`asked.jsonl.gz` has questions written for this project over the articles of the shared data, none of them of an article
that a question set asks about: a set, an article's id, the question, and where in the article each sentence begins that
answers it (none: the article does not say it); `held` are those that the reranker was not trained on, and no candidates
are printed for them. Each line printed is a question with its sentences as rated, best first.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from data import open_model

from retrieval.answer.sentence_ranking import Sentence, rate_sentences
from retrieval.library import Library, open_library
from retrieval.search import search
from retrieval.search.query import understand
from retrieval.search.spelling import correct_spelling
from retrieval.search.term_weights import weigh
from retrieval.text import stems
from retrieval.types import PUBLIC, Passage, Query

_K = 12
_DEEP = 400
_FORCED = 4
"""Chunks of the article that answers which are added where nothing of it was found."""

Json = dict[str, Any]


def main(file: Path, folders: dict[str, str]) -> None:
    """Print the candidates of every question whose set has a library."""
    libraries = {name: open_library(Path(folder), open_model()) for name, folder in folders.items()}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["set"] in libraries and not row["held"]:
                print(json.dumps(found(libraries[row["set"]], row)))


def found(library: Library, row: Json) -> Json:
    """A question with its sentences: those found, and, where none of these answers, those of the article that does."""
    right = {(row["article"], start) for start in row["answers"]}
    with library.open_reader((PUBLIC,)) as db:
        text = correct_spelling(row["question"], db, library.is_word)[0]
        query = understand(Query(text, (PUBLIC,)), (), db)
        vector = library.embedder.embed_array([query.text])[0]

        def described(passages: list[Passage]) -> list[Json]:
            terms = weigh(db, stems.content_stems(query.text), db.counts()["chunks"])
            best = rate_sentences(library, db, query, passages, terms, vector)
            return [_sentence(one, (one.article.id, one.span.start) in right) for one in best]

        here = described(search(library, db, query, _K, vector))
        if right and not any(one["right"] for one in here):
            passages = search(library, db, query, _DEEP, vector)
            here = here[:_FORCED] + described([one for one in passages if one.article.id == row["article"]][:_FORCED])
    return {"question": query.text, "answerable": bool(right), "article": row["article"], "sentences": here}


def _sentence(one: Sentence, right: bool) -> Json:
    return {
        "article": one.article.id,
        "title": one.article.title,
        "start": one.span.start,
        "text": " ".join(one.text.split()),
        "score": round(one.score, 3),
        "right": right,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), dict(given.split("=", 1) for given in sys.argv[2:]))

"""Baselines for `onrecord eval`: the same questions without this project's search and selection.

Each baseline answers with its best four chunks and never abstains. "whole" shows all of their words, "cut" only as
many, from the top, as this project's own answer to the question has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli import batch
from retrieval.evaluation import QuestionResult, Reply, gold, measure
from retrieval.library import Library
from retrieval.text import stems
from retrieval.types import Article, Query

if TYPE_CHECKING:
    from langchain_chroma import Chroma

NAMES = ("BM25", "vectors", "LangChain")
_CHUNKS_IN_ANSWER = 4
_CHUNKS_FETCHED = 50
_TEXTS_PER_BATCH = 500
_SIZE_AND_OVERLAP = (1000, 200)
Found = list[tuple[Article, str]]
"""Articles, each with the text that was found in it, best first."""


def measure_baselines(
    library: Library, asked: Sequence[dict[str, Any]], base: Query, lengths: Sequence[int], names: Sequence[str]
) -> dict[str, list[QuestionResult]]:
    """The results of each baseline. `lengths`: the number of words in each of this project's answers.

    Raises LookupError for an unknown name, and where a development package is not installed.
    """
    searches: dict[str, Callable[[Query], Found]] = {}
    for name in names:
        if name not in NAMES:
            raise LookupError(f"--baseline is one of {', '.join(NAMES)}")
        searches[name] = _search(library, base, name)
    out: dict[str, list[QuestionResult]] = {}
    for name, search in searches.items():
        for row, length in zip(asked, lengths, strict=True):
            query, _ = batch.query_of_row(row, base)
            found = search(query)
            ranked = list({article.id: article for article, _ in found}.values())
            whole = [text for _, text in found[:_CHUNKS_IN_ANSWER]]
            urls = tuple(article.url for article, _ in found[:_CHUNKS_IN_ANSWER])
            for kind, texts in (("whole", whole), ("cut", _first_words(whole, length))):
                reply = Reply(False, " ".join(texts), tuple(texts), urls[: len(texts)])
                out.setdefault(f"{name}, {kind}", []).append(measure(gold(row), reply, ranked))
    return out


def _search(library: Library, base: Query, name: str) -> Callable[[Query], Found]:
    if name == "LangChain":
        store = _langchain(library, base)
        return lambda query: _by_langchain(library, store, query)
    return lambda query: (_by_words if name == "BM25" else _by_vectors)(library, query)


def _first_words(texts: Sequence[str], length: int) -> list[str]:
    out = []
    for text in texts:
        kept = re.match(rf"\s*(?:\S+\s*){{0,{max(length, 0)}}}", text)
        if kept and kept[0].strip():
            out.append(kept[0])
            length -= len(kept[0].split())
    return out


def _by_words(library: Library, query: Query) -> Found:
    terms = stems.content_stems(query.text)
    if not terms:
        return []
    with library.open_reader(query.scopes) as db:
        hits = db.lexical_hits(" OR ".join(f'"{word}"' for word in terms.values()), query, _CHUNKS_FETCHED)
        return _texts_of(db.chunks([chunk_id for chunk_id, _ in hits]), [chunk_id for chunk_id, _ in hits])


def _by_vectors(library: Library, query: Query) -> Found:
    vector = library.embedder.embed_array([query.text])[0]
    with library.open_reader(query.scopes) as db:
        order = [chunk_id for chunk_id, _ in library.nearest(db, vector, _CHUNKS_FETCHED)]
        return _texts_of(db.chunks(order), order)


def _texts_of(chunks: dict[int, Any], order: Sequence[int]) -> Found:
    found = [chunks[chunk_id] for chunk_id in order if chunk_id in chunks]
    return [(article, chunk.span.of(article.text)) for chunk, article in found]


def _langchain(library: Library, base: Query) -> Chroma:
    """A Chroma store of the library's articles, split by characters; built once and kept beside the library."""
    try:
        from chromadb import PersistentClient
        from chromadb.config import Settings
        from langchain_chroma import Chroma
        from langchain_text_splitters import RecursiveCharacterTextSplitter
    except ImportError as error:
        raise LookupError(f"{error.name} is not installed: the baselines need the development packages") from error
    with library.open_reader(base.scopes) as db:
        articles = db.articles()
        newest = max((db.chunk_state(scope)[0] for scope in base.scopes), default=0)
    folder = Path(library.data_dir) / "baseline"
    client = PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    embedder: Any = library.embedder
    store = Chroma(
        f"split-{newest}",
        embedder,
        client=client,
        collection_metadata={"hnsw:space": "cosine"},
    )
    if not store.get(limit=1)["ids"]:
        splitter = RecursiveCharacterTextSplitter(chunk_size=_SIZE_AND_OVERLAP[0], chunk_overlap=_SIZE_AND_OVERLAP[1])
        texts = [(part, {"article": article.id}) for article in articles for part in splitter.split_text(article.text)]
        for first in range(0, len(texts), _TEXTS_PER_BATCH):
            part = texts[first : first + _TEXTS_PER_BATCH]
            store.add_texts([text for text, _ in part], [dict(facts) for _, facts in part])
    return store


def _by_langchain(library: Library, store: Chroma, query: Query) -> Found:
    documents = store.similarity_search(query.text, _CHUNKS_FETCHED)
    with library.open_reader(query.scopes) as db:
        ids = {document.metadata["article"] for document in documents}
        articles = {article.id: article for article in map(db.article, ids) if article is not None}
    found = [(articles.get(document.metadata["article"]), document.page_content) for document in documents]
    return [(article, text) for article, text in found if article is not None]

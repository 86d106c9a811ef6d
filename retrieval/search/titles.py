"""Finds articles by their headings (title, source and date) while somebody types them."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.search.search_limits import MAX_TITLE_CHUNKS, MAX_TITLE_WORDS
from retrieval.store.reader import CatalogReader
from retrieval.text.person_names import plain_words
from retrieval.types import Article, Query


def find_by_title(db: CatalogReader, typed: str, limit: int, sources: Sequence[str] = ()) -> list[Article]:
    """Up to `limit` articles whose heading has all the typed words, of which the last may be unfinished; best first.

    Where nothing is typed, the newest articles. `sources`: only articles of these sources, where any are given.
    """
    words = plain_words(typed)[:MAX_TITLE_WORDS]
    if not words:
        return db.articles(limit, sources=sources)
    # The last word may be unfinished, or finished and to be stemmed: it is looked up both as a prefix and as a word.
    quoted = [f'"{word}"' for word in words]
    match = f"heading : ({' AND '.join([*quoted[:-1], f'({quoted[-1]} OR {quoted[-1]} *)'])})"
    query = Query(typed, db.scopes, sources=tuple(sources))
    chunk_ids = [chunk_id for chunk_id, _ in db.lexical_hits(match, query, MAX_TITLE_CHUNKS)]
    loaded = db.chunks(chunk_ids)
    found = (loaded[chunk_id] for chunk_id in chunk_ids if chunk_id in loaded)
    return list({article.id: article for _, article in found}.values())[:limit]

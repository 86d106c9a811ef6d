"""Paragraphs to the text of a story, with a note of what was taken out, where and by which rule."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.article.boilerplate import Block, removal_rules
from retrieval.types import RemovedText


def story_of(blocks: Sequence[Block], title: str) -> tuple[str, tuple[RemovedText, ...]]:
    """(the story's text, what else stood between its paragraphs)."""
    kept: list[str] = []
    removed: list[RemovedText] = []
    length = 0
    for block, rule in zip(blocks, removal_rules(blocks, title), strict=True):
        if rule:
            removed.append(RemovedText(length, block.text, str(rule)))
        elif block.text:
            length += len(block.text) + (2 if kept else 0)
            kept.append(block.text)
    return "\n\n".join(kept), tuple(removed)

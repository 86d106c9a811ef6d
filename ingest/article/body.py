"""The words of a page's article: trafilatura's choice of the page's parts, as paragraphs that keep what they were."""

from __future__ import annotations

import copy
import logging
import re
from collections.abc import Iterator
from typing import Any

from ingest.article.boilerplate import Block
from ingest.article.plain_text import plain
from ingest.article.tree import Tree, length, linked_share, words_in

_FEW = 60
"""Words under which the strict choice may have lost the story."""

_FAR_LESS = 1.5
"""How many times the words found the publisher's own text must have for that to be the fuller one."""

_OPENING = 12
"""Letters of a link by which a line that begins with it is found."""

_LONGEST = 400
"""Characters of a paragraph whose links are looked at."""


def blocks_of(tree: Tree, url: str | None, stated: str = "") -> list[Block]:
    """The paragraphs of the article, in order; none where the page has no running text.

    Strict first: what may be an aside is left out. Where that leaves a fraction of what the plain choice does, as on
    lists and short pages, or of the text that the page itself states as the article's, `stated`, the plain one stands;
    and where that falls short of it too, what is stated.
    """
    strict = _extract(tree, url, favor_precision=True)
    words, expected = _words(strict), length(stated)
    short = expected >= _FEW // 2 and words * _FAR_LESS < expected
    if words >= _FEW * 2 and not short:
        return strict
    loose = _extract(tree, url)
    if short and _words(loose) * _FAR_LESS < expected:
        return [Block(plain(" ".join(line.split())), "p") for line in stated.split("\n") if line.strip()]
    return loose if short or _words(loose) > words * (2 if words < _FEW else 4) else strict


def _words(blocks: list[Block]) -> int:
    return sum(length(block.text) for block in blocks)


def _extract(tree: Tree, url: str | None, *, favor_precision: bool = False) -> list[Block]:
    from trafilatura import bare_extraction

    # It warns of every page without text; that is told to whoever asked for the page.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found: Any = bare_extraction(copy.deepcopy(tree), url=url, include_comments=False, favor_precision=favor_precision)
    if found is None or found.body is None:
        return []
    links = _Links(tree)
    return [Block(plain(text), kind, links.share(text)) for text, kind in _blocks(found.body)]


class _Links:
    """How much of each paragraph is link, by its letters: the extractor's own links cost it words."""

    def __init__(self, tree: Tree) -> None:
        self._shares = _link_shares(tree)
        self._openings: dict[str, list[str]] = {}
        for key, share in self._shares.items():
            if share == 1.0 and len(key) >= _OPENING:
                self._openings.setdefault(key[:_OPENING], []).append(key)

    def share(self, text: str) -> float:
        """The share of a paragraph, or of a line of one that begins with a link."""
        key = _key(text)
        if key in self._shares or not key:
            return self._shares.get(key, 0.0)
        links = (one for one in self._openings.get(key[:_OPENING], ()) if key.startswith(one))
        return max((len(one) / len(key) for one in links), default=0.0)


def _link_shares(tree: Tree) -> dict[str, float]:
    out: dict[str, float] = {}
    for link in tree.iter("a"):
        for element in (link, *list(link.iterancestors())[:4]):
            text = words_in(element)
            if len(text) > _LONGEST:
                break
            if text and (key := _key(text)) not in out:
                out[key] = linked_share(element)
    return out


def _key(text: str) -> str:
    return re.sub(r"\W", "", text)


def _blocks(body: Any) -> Iterator[tuple[str, str]]:
    for element in body:
        if element.tag == "list":
            for item in element.iter("item"):
                yield from _block(item, "item")
        elif element.tag == "table":
            for row in element.iter("row"):
                cells = [" ".join("".join(cell.itertext()).split()) for cell in row.iter("cell")]
                if text := " | ".join(cell for cell in cells if cell):
                    yield text, "row"
        elif element.tag in ("quote", "div") and any(child.tag in ("p", "list", "quote") for child in element):
            if element.text and element.text.strip():
                yield " ".join(element.text.split()), element.tag
            yield from _blocks(element)
        else:
            yield from _block(element, element.tag)
        if element.tail and (tail := " ".join(element.tail.split())):
            yield tail, "p"


def _block(element: Any, kind: str) -> Iterator[tuple[str, str]]:
    """A paragraph, parted where the page breaks its lines."""
    parts = [element.text or ""]
    for child in element.iterdescendants():
        if child.tag in ("lb", "item"):
            parts.append("\n")
        parts += [child.text or "", child.tail or ""]
    for line in "".join(parts).split("\n"):
        if words := " ".join(line.split()):
            yield words, kind

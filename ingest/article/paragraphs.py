"""The paragraphs of a page to the story: what a site set among them goes, and it is noted what stood where.

Each rule looks at form: stock phrases (`asides`), place, links, length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.article import boilerplate, clean_text
from ingest.article.body import Block
from retrieval.types import Removed

_RUNNING = 15
"""Words of a paragraph that tells the story."""

_LINKED = 0.6
"""Share of link from which a paragraph only leads elsewhere."""

_PARTLY_LINKED = 0.4
_FEW = 5
"""Words up to which a line is a label even with a full stop."""

_SHORT = 20
"""Words of a short paragraph."""

_TOP = 6
"""Blocks among which a headline, a day or a by-line may open a story."""

_SPOKEN = re.compile(r"“[^”]{20,}”|\"[^\"]{20,}\"")
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]]*$")


def story_of(blocks: Sequence[Block], title: str) -> tuple[str, tuple[Removed, ...]]:
    """(text, what was taken out of it)."""
    kept: list[str] = []
    removed: list[Removed] = []
    length = 0
    for block, rule in _judged(list(blocks), title):
        text = clean_text.plain(block.text)
        if rule:
            removed.append(Removed(length, text, rule))
        elif text:
            kept.append(text)
            length += len(text) + (2 if len(kept) > 1 else 0)
    return "\n\n".join(kept), tuple(removed)


def _judged(blocks: list[Block], title: str) -> list[tuple[Block, str | None]]:
    first = next((at for at, one in enumerate(blocks) if _tells(one)), 0)
    last = max((at for at, one in enumerate(blocks) if _tells(one) and not _sells(one)), default=len(blocks))
    times = sum(bool(boilerplate.CLOCK.match(one.text)) for one in blocks)
    verdicts: list[str | None] = []
    leading = False
    for at, block in enumerate(blocks):
        live = times > 1 and bool(boilerplate.CLOCK.match(block.text))
        rule = _rule(block, at, title, opening=at < first or at < _TOP, closing=at >= last - 1, live=live)
        if (
            leading
            and rule is None
            and block.linked >= _LINKED
            and (block.kind in ("item", "head") or not _SENTENCE.search(block.text))
        ):
            rule = "link to another story"
        leading = rule in ("link to another story", "aside")
        verdicts.append(rule)
    _close(blocks, verdicts)
    return list(zip(blocks, verdicts, strict=True))


def _rule(block: Block, at: int, title: str, *, opening: bool, closing: bool, live: bool) -> str | None:
    """Which rule takes this paragraph away; None where it stays."""
    text = block.text
    if not any(char.isalnum() for char in text):
        return "no words"
    if _letters(text) == _letters(title) and (opening or block.kind == "head"):
        return "repeated headline"
    if opening and not live and _is_dateline(text):
        return "day or by-line"
    if boilerplate.SHORTCODE.search(text) and len(text.split()) < _SHORT:
        return "markup of the site's editor"
    if _leads_elsewhere(block):
        return "link to another story"
    if _is_furniture(text):
        return "aside"
    if _sells(block):
        return "newsletter or promotion"
    if block.kind == "p" and not text.startswith("—") and clean_text.is_caption(text):
        return "caption"
    return "credit" if closing and _is_signed(text) else None


def _is_dateline(text: str) -> bool:
    if _is_told(text) and not boilerplate.ENDS_IN_TIME.search(text):
        return False
    return clean_text.is_day(text) or clean_text.is_byline(text) or bool(boilerplate.DAY_LINE.match(text))


def _leads_elsewhere(block: Block) -> bool:
    labelled = bool(boilerplate.LABELLED_LINK.match(block.text))
    if labelled and not _tells(block):
        return True
    if not labelled and not boilerplate.LEADS_ELSEWHERE.match(block.text):
        return False
    return block.linked >= _PARTLY_LINKED or block.kind == "head" or not _is_told(block.text)


def _is_furniture(text: str) -> bool:
    if clean_text.is_aside(text) or (boilerplate.FURNITURE.match(text) and len(text.split()) < _SHORT * 2):
        return True
    return bool(boilerplate.LABELS.match(text)) and not _is_told(text)


def _is_signed(text: str) -> bool:
    """Whether it tells who wrote or helped: nothing that anybody says."""
    if len(text.split()) >= _SHORT * 3 or _SPOKEN.search(text) or re.search(r"\bsaid\b", text):
        return False
    return clean_text.is_credit(text) or bool(boilerplate.ABOUT_AUTHOR.search(text))


def _is_told(text: str) -> bool:
    """Whether it is a finished sentence of more than a few words."""
    return len(text.split()) > _FEW and bool(_SENTENCE.search(text)) and not re.search(r"(?:…|\.\.\.)\W*$", text)


def _close(blocks: list[Block], verdicts: list[str | None]) -> None:
    """What stands after the story's last paragraph: links, and headings of nothing."""
    for at in range(len(blocks) - 1, -1, -1):
        if verdicts[at]:
            continue
        block = blocks[at]
        if block.kind == "head" or (block.linked >= 0.8 and not _SENTENCE.search(block.text)):
            verdicts[at] = "heading of nothing" if block.kind == "head" else "link to another story"
            continue
        break


def _tells(block: Block) -> bool:
    """Whether it is running text of the story."""
    return len(block.text.split()) >= _RUNNING and bool(_SENTENCE.search(block.text)) and block.linked < _LINKED


def _sells(block: Block) -> bool:
    words = len(block.text.split())
    return (
        words <= 60
        and bool(boilerplate.INVITES.match(block.text) and boilerplate.ASKS_FOR.search(block.text))
        and not _SPOKEN.search(block.text)
    )


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()

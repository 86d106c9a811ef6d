"""Which paragraphs are no part of the story, by all the evidence there is, of a page or of a text.

The words of a line are judged by `retrieval.text.furniture`, which answers share. What is judged here is what stands
around a line: its place in the story, and on a page also its links and its mark-up; a text shows no more than lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.article import line_kinds
from retrieval.text.furniture import (
    FurnitureKind,
    furniture,
    is_about_author,
    is_credit,
    is_list_label,
    is_sentence,
    leads_elsewhere,
)
from retrieval.text.sentences import is_finished

_MIN_RUNNING_WORDS = 15
"""Words of a paragraph that surely tells the story."""

_MIN_LINKED_SHARE = 0.6
"""Share of link from which a paragraph only leads elsewhere."""

_PARTLY_LINKED_SHARE = 0.4
_FOOT_LINKED_SHARE = 0.8
_MAX_SHORTCODE_WORDS = 19
_MAX_OPENING_BLOCKS = 6
"""Blocks among which a headline, a day or a by-line may open a story."""

_MIN_MENU_LINES = 3
_MAX_MENU_WORDS = 2
_LISTED_HEADLINE_WORDS = range(3, 17)
"""Words of a headline under a label such as "Related articles" in a text."""

_SHORTCODE = re.compile(r"\[/?(?:button|caption|gallery|embed|video|audio|link|vc_\w+|et_pb_\w+)\b[^\]]{0,200}\]")
_QUOTATION_MARKS = re.compile(r"\W*[“”\"‘']")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, with the evidence of where it comes from: what it was on a page (p, head, item, quote, row) and how
    much of it is link, 0 to 1; or a line of a text, of which nothing else is known."""

    text: str
    kind: str = "line"
    linked: float = 0.0


def removal_rules(blocks: Sequence[Block], title: str) -> list[str | None]:
    """For each paragraph the rule that takes it out of the story; None where it stays."""
    telling = [at for at, block in enumerate(blocks) if _tells(block)]
    first, last = telling[0] if telling else 0, telling[-1] if telling else len(blocks)
    is_live = sum(line_kinds.is_clock(block.text) for block in blocks) > 1
    rules: list[str | None] = []
    leading = False
    for at, block in enumerate(blocks):
        opening = (at < first or at < _MAX_OPENING_BLOCKS) and not (is_live and line_kinds.is_clock(block.text))
        rule = _rule(block, title, opening=opening)
        if rule is None and at >= last - 1 and _is_signed(block, blocks):
            rule = FurnitureKind.CREDIT if is_credit(block.text) else FurnitureKind.BIO
        if rule is None and leading and block.linked >= _MIN_LINKED_SHARE and _may_be_headline(block):
            rule = FurnitureKind.RELATED
        leading = isinstance(rule, FurnitureKind)
        rules.append(rule)
    _mark_listed_headlines(blocks, rules, last)
    _mark_menus(blocks, rules)
    _mark_foot(blocks, rules)
    return rules


def _rule(block: Block, title: str, *, opening: bool) -> str | None:
    """Which rule takes a paragraph away for what it is by itself, or at the top of the story."""
    text = block.text
    if not any(char.isalnum() for char in text):
        return "no words"
    repeats = opening or block.kind == "head" or (block.kind == "line" and not text.endswith(":"))
    if repeats and _letters(text) == _letters(title):
        return "repeated headline"
    if opening and _is_day_or_byline(text):
        return "day or by-line"
    if len(text.split()) <= _MAX_SHORTCODE_WORDS and _SHORTCODE.search(text):
        return "markup of the site's editor"
    if leads_elsewhere(text) and (block.linked >= _PARTLY_LINKED_SHARE or block.kind == "head"):
        return FurnitureKind.RELATED
    if kind := furniture(text):
        return kind
    is_captioned = block.kind in ("p", "line") and not text.startswith("—") and line_kinds.is_caption(text)
    return FurnitureKind.PICTURE if is_captioned else None


def _is_day_or_byline(text: str) -> bool:
    if is_sentence(text) and not line_kinds.ends_in_time(text):
        return False
    return line_kinds.states_day(text) or line_kinds.is_byline(text)


def _is_signed(block: Block, blocks: Sequence[Block]) -> bool:
    """Whether a paragraph at the foot says who worked on the article: somebody whom the story does not speak of."""
    if is_credit(block.text):
        return True
    if not is_about_author(block.text):
        return False
    name = re.match(r"\W*(?:\w+\.? )??[A-Z][\w.'’-]+ (?:[\w.'’-]+ ){0,3}?([A-Z][\w'’-]+)\b", block.text)
    return not name or not any(name[1] in other.text for other in blocks if other is not block and _tells(other))


def _mark_listed_headlines(blocks: Sequence[Block], rules: list[str | None], last: int) -> None:
    """Take out of a text the headlines under a label such as "Related articles": two or more, or any at the foot."""
    at = 0
    while at < len(blocks):
        at += 1
        if rules[at - 1] != FurnitureKind.RELATED or not is_list_label(blocks[at - 1].text):
            continue
        end = at
        while end < len(blocks) and (rules[end] or _is_listed_headline(blocks[end])):
            end += 1
        headlines = [n for n in range(at, end) if not rules[n]]
        if len(headlines) > 1 or at > last:
            for n in headlines:
                rules[n] = FurnitureKind.RELATED
        at = end


def _is_listed_headline(block: Block) -> bool:
    text = block.text
    return (
        block.kind == "line"
        and len(text.split()) in _LISTED_HEADLINE_WORDS
        and not is_finished(text)
        and not _QUOTATION_MARKS.match(text)
        and not text.endswith(":")
    )


def _mark_foot(blocks: Sequence[Block], rules: list[str | None]) -> None:
    """Take out what stands after the story's last paragraph: links, and headings of nothing."""
    for at in range(len(blocks) - 1, -1, -1):
        block = blocks[at]
        if rules[at]:
            continue
        if block.kind == "head":
            rules[at] = "heading of nothing"
        elif block.linked >= _FOOT_LINKED_SHARE and not is_finished(block.text):
            rules[at] = FurnitureKind.RELATED
        else:
            break


def _mark_menus(blocks: Sequence[Block], rules: list[str | None]) -> None:
    """Take out of a text the words of a menu: lines of a word or two, three or more in a row, at least half of which
    are furniture by themselves."""
    start = 0
    for at in range(len(blocks) + 1):
        if (
            at < len(blocks)
            and (rules[at] or _is_menu_item(blocks[at]))
            and len(blocks[at].text.split()) <= 2 * _MAX_MENU_WORDS
        ):
            continue
        run = range(start, at)
        if len(run) >= _MIN_MENU_LINES and 2 * sum(bool(rules[n]) for n in run) >= len(run):
            for n in run:
                rules[n] = rules[n] or FurnitureKind.NAVIGATION
        start = at + 1


def _is_menu_item(block: Block) -> bool:
    text = block.text
    return (
        block.kind == "line"
        and len(text.split()) <= _MAX_MENU_WORDS
        and not is_finished(text)
        and not _QUOTATION_MARKS.match(text)
        and not any(char.isdigit() or char == ":" for char in text)
    )


def _may_be_headline(block: Block) -> bool:
    return block.kind in ("item", "head") or not is_finished(block.text)


def _tells(block: Block) -> bool:
    """Whether it is running text of the story."""
    return (
        block.linked < _MIN_LINKED_SHARE
        and len(block.text.split()) >= _MIN_RUNNING_WORDS
        and is_finished(block.text)
        and furniture(block.text) is None
    )


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()

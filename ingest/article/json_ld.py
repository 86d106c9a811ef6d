"""What a page says of itself in JSON-LD (schema.org), read as leniently as search engines do."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

_MOST = 500
"""Objects of a page that are looked at."""

_DEEPEST = 12
_REFERRING = ("author", "publisher")
_ARTICLE = re.compile(r"(?:Article|BlogPosting|Report|Review|ClaimReview|NewsStory)$")
_WRAPPED = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)+|(?:-->|(?://|/\*)?\s*\]\]>(?:\*/)?)\s*$|;\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_TAG = re.compile(r"<[^>]{1,400}>")


def nodes(scripts: list[str]) -> list[Node]:
    """Every object with a type in these scripts, those of lists and graphs and nested ones too, outermost first."""
    out: list[Node] = []
    for script in scripts:
        for value in _values(script):
            out += _walk(value, 0)
            if len(out) >= _MOST:
                return _join_objects(out[:_MOST])
    return _join_objects(out)


def _join_objects(found: list[Node]) -> list[Node]:
    """The objects, with the people and houses that they refer to by `@id` put in."""
    known = {node["@id"]: node for node in found if isinstance(node.get("@id"), str) and node.get("name")}
    return [node | {key: _name_of(node[key], known) for key in _REFERRING if key in node} for node in found]


def _name_of(value: Any, known: dict[str, Node]) -> Any:
    if isinstance(value, list):
        return [_name_of(one, known) for one in value[:50]]
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and not value.get("name"):
        return known.get(value["@id"], value)
    return value


def types(node: Node) -> list[str]:
    """The types of an object, without the address of their vocabulary."""
    given = node.get("@type")
    named = given if isinstance(given, list) else [given]
    return [str(one).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for one in named if isinstance(one, str)]


def articles(found: list[Node]) -> list[Node]:
    """Those that are articles of any kind."""
    return [node for node in found if any(_ARTICLE.search(name) for name in types(node))]


def texts(value: Any) -> list[str]:
    """The texts, or the names of the objects, that a property holds."""
    if isinstance(value, list):
        return [text for one in value[:50] for text in texts(one)]
    if isinstance(value, dict):
        return texts(value.get("name") or value.get("@value") or value.get("headline"))
    return [plain_text(value)] if isinstance(value, str) and value.strip() else []


def text(node: Node, *keys: str) -> str | None:
    """The first text that one of these properties holds."""
    return next((one for key in keys for one in texts(node.get(key)) if one), None)


def paragraphs(value: Any) -> str:
    """A long text of JSON-LD, a line for each paragraph; empty where it is none."""
    if not isinstance(value, str):
        return ""
    parted = re.sub(r"(?i)</(?:p|div|li|h\d|blockquote)>|<br\s*/?>", "\n", html.unescape(value))
    lines = (" ".join(_TAG.sub("", html.unescape(line)).split()) for line in parted.split("\n"))
    return "\n".join(line for line in lines if line)


def plain_text(value: str) -> str:
    """A text of JSON-LD without the markup that many put there, on one line."""
    return " ".join(_TAG.sub(" ", html.unescape(html.unescape(value))).split())


def _values(script: str) -> Iterator[Any]:
    bare = _WRAPPED.sub("", script.strip()).strip()
    for candidate in (bare, _TRAILING_COMMA.sub(r"\1", bare), html.unescape(bare)):
        try:
            yield json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        return
    yield from _salvage(bare)


def _salvage(script: str) -> Iterator[Any]:
    """The objects that can be read in a script that is broken as a whole."""
    decoder, at = json.JSONDecoder(strict=False), 0
    for _ in range(50):
        at = script.find("{", at)
        if at < 0:
            return
        try:
            value, at = decoder.raw_decode(script, at)
            yield value
        except (ValueError, RecursionError):
            at += 1


def _walk(value: Any, depth: int) -> Iterator[Node]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for one in value[:_MOST]:
            yield from _walk(one, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        for key, one in value.items():
            if key in (
                "@graph",
                "mainEntity",
                "mainEntityOfPage",
                "liveBlogUpdate",
                "correction",
                "itemListElement",
                "item",
            ):
                yield from _walk(one, depth + 1)

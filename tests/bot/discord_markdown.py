"""A reader of Discord's markdown for the tests, written from what the client does, apart from `bot.messages.markdown`.

It is eager where clients differ: what any client might take for markup is markup here. `read` gives a tree, `seen` the
words that a reader sees, `kinds` all that is in the tree besides plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    kind: str
    text: str = ""
    target: str = ""
    children: tuple[Node, ...] = ()


_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_AT_LINE_START = (
    ("heading", re.compile(r"#{1,3}\s+(?!#)(?P<in>[^\n]*)")),
    ("subtext", re.compile(r"-# +(?P<in>[^\n]*)")),
    ("item", re.compile(r"(?:[*\-]|[0-9]+\.) +(?P<in>[^\n]+)")),
)
_LINES = re.compile(r">(?!>>) (?P<in>[^\n]*)(?:\n *>(?!>>) (?P<more>[^\n]*))*")
_REST = re.compile(r">>> (?P<in>[\s\S]*)")
_CONTAINERS = (
    ("bold", re.compile(r"\*\*(?P<in>(?:\\[\s\S]|[^\\])+?)\*\*(?!\*)")),
    ("underline", re.compile(r"__(?P<in>(?:\\[\s\S]|[^\\])+?)__(?!_)")),
    ("italic", re.compile(r"\*(?!\s)(?P<in>(?:\\[\s\S]|\*\*|[^*\\])+?)(?<!\s)\*(?!\*)")),
    ("italic", re.compile(r"_(?P<in>(?:\\[\s\S]|__|[^_\\])+?)_(?!\w)")),
    ("strike", re.compile(r"~~(?P<in>[\s\S]+?)~~")),
    ("spoiler", re.compile(r"\|\|(?P<in>[\s\S]+?)\|\|")),
)
_LEAVES = (
    ("code", re.compile(r"```[\s\S]+?```")),
    ("code", re.compile(r"(?P<ticks>`+)[\s\S]*?[^`](?P=ticks)(?!`)")),
    ("time", re.compile(r"<t:-?[0-9]+(?::[a-zA-Z])?>")),
    ("emoji", re.compile(r"<a?:\w+:[0-9]+>|:[\w+~-]+:")),
    ("mention", re.compile(r"<@!?[0-9]+>|<#[0-9]+>|<@&[0-9]+>|@everyone|@here|</[^>\n]+:[0-9]+>|<id:\w+>")),
    ("address", re.compile(r"<[^: >]+:/?[^ >]+>|(?:https?|steam|discord)://[^\s<]+[^<.,:;\"'\]\s]", re.IGNORECASE)),
    ("invitation", re.compile(r"discord(?:app)?\.(?:gg|com|gift|new|me)/", re.IGNORECASE)),
)
_LINK = re.compile(
    r"\[(?P<words>(?:\[[^\]]*\]|[^\[\]])*[^\[]*?)\]"
    r"\(\s*(?P<open><)?(?P<url>(?:\([^)]*\)|[^\s\\]|\\[^\n])*?)(?P<close>>)?(?:\s+['\"].*?['\"])?\s*\)",
    re.DOTALL,
)
_IN_LINK_NOT = {"mention", "address", "emoji", "invitation"}
_PICTURES = re.compile(
    "[\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2b05-\u2b55\u3030\u303d\U0001f000-\U0001ffff\ufe0f\u20e3]"
)


def read(source: str) -> tuple[Node, ...]:
    return _read(source, in_quote=False, in_link=False)


def _read(source: str, *, in_quote: bool, in_link: bool) -> tuple[Node, ...]:
    nodes: list[Node] = []
    at = 0
    while at < len(source):
        node, size = _next(source, at, in_quote, in_link)
        nodes.append(node)
        at += size
    return tuple(nodes)


def _next(source: str, at: int, in_quote: bool, in_link: bool) -> tuple[Node, int]:
    escaped = _ESCAPE.match(source, at)
    if escaped and not in_link:
        return Node("text", escaped[1]), 2
    if not in_link and not source[source.rfind("\n", 0, at) + 1 : at].strip(" "):
        found = _line(source, at, in_quote)
        if found:
            return found
    for kind, rule in _LEAVES:
        if match := rule.match(source, at):
            return Node(kind, match[0]), len(match[0])
    if not in_link and (match := _LINK.match(source, at)) and (link := _link(match)):
        return link, len(match[0])
    for kind, rule in _CONTAINERS:
        if match := rule.match(source, at):
            inner = _read(match["in"], in_quote=in_quote, in_link=in_link)
            return Node(kind, children=inner), len(match[0])
    return Node("text", source[at]), 1


def _line(source: str, at: int, in_quote: bool) -> tuple[Node, int] | None:
    for kind, rule in _AT_LINE_START:
        if match := rule.match(source, at):
            return Node(kind, children=_read(match["in"], in_quote=in_quote, in_link=False)), len(match[0])
    if in_quote:
        return None
    if match := _LINES.match(source, at):
        inner = "\n".join(re.sub(r"^ *> ", "", line) for line in match[0].split("\n"))
        return Node("quote", children=_read(inner, in_quote=True, in_link=False)), len(match[0])
    if match := _REST.match(source, at):
        return Node("quote", children=_read(match["in"], in_quote=True, in_link=False)), len(match[0])
    return None


def _link(match: re.Match[str]) -> Node | None:
    """A masked link; what Discord does not take for one, for its words, is none."""
    inner = _read(match["words"], in_quote=False, in_link=True)
    admitted = not _IN_LINK_NOT & set(kinds(inner)) and not _PICTURES.search(match["words"])
    if not re.match(r"(?:https?|discord)://.", match["url"]) or not match["words"].strip() or not admitted:
        return None
    return Node("link" if match["open"] and match["close"] else "previewed", target=match["url"], children=inner)


def walk(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from walk(node.children)


def kinds(nodes: tuple[Node, ...]) -> list[str]:
    """Kinds of all nodes but plain text, in order."""
    return [node.kind for node in walk(nodes) if node.kind != "text"]


def seen(nodes: tuple[Node, ...]) -> str:
    """What is read on the screen."""
    return "".join(node.text + seen(node.children) for node in nodes)


RAW_MENTION = re.compile(r"@everyone|@here|<@!?[0-9]+>|<@&[0-9]+>|<#[0-9]+>|</[^>\n]+:[0-9]+>", re.IGNORECASE)
"""What Discord's servers look for, whatever is escaped."""

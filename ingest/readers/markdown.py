"""Markdown with front matter, as static sites and note-takers keep articles."""

from __future__ import annotations

import re

from ingest.article.build import ArticleMetadata

_FRONT = re.compile(r"\A\ufeff?(---|\+\+\+)[ \t]*\r?\n(.*?)\r?\n\1[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z][\w -]*?)\s*[:=]\s*(.*)$")
_ITEM = re.compile(r"^\s+-\s+(.*)$|^-\s+(.*)$")
_NAMES = {
    "title": ("title", "headline"),
    "published": ("published", "date", "pubdate", "publishdate", "published_at"),
    "url": ("url", "canonical", "canonical_url", "link", "permalink"),
    "source": ("source", "site", "publisher", "publication"),
}
_AUTHORS = ("authors", "author", "byline")

_IMAGE = re.compile(r"!\[[^\]]{0,500}\]\([^)]{0,2000}\)")
_LINK = re.compile(r"(?<!!)\[([^\]]{1,500})\]\((?:[^()\s]|\([^()]{0,500}\)){0,2000}(?:\s+\"[^\"]{0,500}\")?\)")
_REFERENCE = re.compile(r"(?m)^[ \t]{0,3}\[[^\]\n]{1,500}\]:[ \t]+\S+.*$")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.{1,500}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*(?![\w*])")
_QUOTED = re.compile(r"(?m)^[ \t]{0,3}>[ \t]?")
_HEADING = re.compile(r"(?m)^[ \t]{0,3}#{1,6}[ \t]+([^\n]*)$")
_RULE = re.compile(r"(?m)^[ \t]{0,3}(?:[-*_][ \t]*){3,}\r?$")


def split_front_matter(raw: str) -> tuple[ArticleMetadata, str]:
    """(what the front matter says, the text below it without marks of Markdown)."""
    front = _FRONT.match(raw)
    fields = _fields(front[2]) if front else {}
    said = {name: next((fields[key][0] for key in keys if fields.get(key)), None) for name, keys in _NAMES.items()}
    if said["url"] and not re.match(r"(?i)https?://", said["url"]):
        said["url"] = None
    given = ArticleMetadata(
        title=said["title"],
        source=said["source"],
        url=said["url"],
        published=said["published"],
        authors=next((tuple(fields[key]) for key in _AUTHORS if fields.get(key)), ()),
    )
    return given, _plain(raw[front.end() :] if front else raw)


def _fields(front: str) -> dict[str, list[str]]:
    """The fields of front matter that have plain values or lists of them: YAML's and TOML's common part."""
    out: dict[str, list[str]] = {}
    last = ""
    for line in front.splitlines():
        item, field = _ITEM.match(line), _FIELD.match(line)
        if item and last:
            out[last] += [_bare(item[1] or item[2])]
        elif field:
            last = field[1].strip().lower().replace("-", "_")
            value = field[2].strip()
            if value.startswith("[") and value.endswith("]"):
                out[last] = [_bare(one) for one in value[1:-1].split(",") if _bare(one)]
            else:
                out[last] = [_bare(value)] if _bare(value) else []
    return out


def _bare(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return re.sub(r"\s+#.*$", "", value)


def _plain(text: str) -> str:
    text = _REFERENCE.sub("", _IMAGE.sub("", text))
    text = _STRONG.sub(r"\2", _LINK.sub(r"\1", text))
    return _RULE.sub("", _HEADING.sub(_heading_text, _QUOTED.sub("", _EMPHASIS.sub(r"\1", text))))


def _heading_text(heading: re.Match[str]) -> str:
    """The words of a heading; "#" signs may close it, after a space."""
    text = heading[1].rstrip()
    unclosed = text.rstrip("#")
    return unclosed.rstrip() if unclosed != text and unclosed[-1:].isspace() else text

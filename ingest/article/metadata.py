"""What a page says of its article besides the words: JSON-LD first, then OpenGraph and meta tags, then its markup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from ingest.article import authors as bylines
from ingest.article import dates, json_ld
from ingest.article.tree import Tree, words_in
from retrieval.types import Precision

_SUFFIX = re.compile(r"\s+(?:[|»·•–—]|-{1,2}|::)\s+")
_LIKE = 0.4
"""Share of words in common from which what stands over the story is the headline that the page declares."""

_LANGUAGE = re.compile(r"(?i)^([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*$")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stated. `address` is the canonical one; `body` is the text that structured data
    gives, a line for each paragraph; `open` is False where the page says that it has to be paid for;
    `is_article` tells whether the page calls itself one."""

    title: str
    authors: tuple[str, ...]
    site: str | None
    published: datetime | None
    published_precision: Precision
    modified: datetime | None
    address: str | None
    language: str | None
    section: str | None
    corrections: tuple[str, ...]
    body: str
    open: bool
    is_article: bool


def facts_of(tree: Tree, url: str | None) -> Facts:
    """The facts of a page fetched from `url`, which helps to tell its own address and names from others'."""
    found = json_ld.nodes([one.text or "" for one in tree.xpath("//script[contains(@type, 'ld+json')]")])
    metas = _metas(tree)
    articles = json_ld.articles(found)
    first = articles[0] if articles else {}
    page_title = words_in(heads[0]) if (heads := tree.xpath("//head//title | //title")) else ""
    site = bylines.site(found, metas, page_title, url)
    published, modified = dates.published_date(found, metas, tree, url), dates.modified_date(found, metas)
    if published and modified and modified.at < published.at:
        modified = None
    return Facts(
        title=_title(tree, first, metas, page_title),
        authors=bylines.authors(found, metas, tree, site),
        site=site,
        published=published.at if published else None,
        published_precision=published.precision if published else Precision.NONE,
        modified=modified.at if modified else None,
        address=_address(tree, metas, url),
        language=_language(tree, first, metas),
        section=json_ld.text(first, "articleSection") or _meta(metas, "article:section", "section", "parsely-section"),
        corrections=_corrections(articles),
        body=max((json_ld.paragraphs(node.get("articleBody")) for node in articles), key=len, default=""),
        open=not any(str(node.get("isAccessibleForFree")).lower() == "false" for node in articles),
        is_article=bool(articles) or "article" in (_meta(metas, "og:type") or "").lower(),
    )


def _metas(tree: Tree) -> list[tuple[str, str]]:
    """(name, content) of every meta tag and of metadata written as one, in order."""
    out = []
    for one in tree.iter("meta"):
        content = " ".join((one.get("content") or "").split())
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if (name := one.get(attribute)) and content:
                out.append((name.strip(), content))
                break
    return out


def _meta(metas: list[tuple[str, str]], *names: str) -> str | None:
    known = dict(reversed([(name.lower(), content) for name, content in metas]))
    return next((known[name] for name in names if name in known), None)


def _title(tree: Tree, article: json_ld.Node, metas: list[tuple[str, str]], page_title: str) -> str:
    """The headline as it stands over the story, where what the page says elsewhere bears it out."""
    heads = [head for one in tree.iter("h1") if (head := words_in(one))]
    declared = [one for one in (json_ld.text(article, "headline"), _meta(metas, "og:title", "twitter:title")) if one]
    likeness = [
        max((_likeness(head, other) for other in (declared or [page_title])), default=0.0) for head in heads[:20]
    ]
    if likeness and max(likeness) >= _LIKE:
        return heads[likeness.index(max(likeness))]
    if len(heads) == 1 and len(heads[0].split()) > 3:
        return heads[0]
    return _without_site(declared[0] if declared else page_title or (heads[0] if heads else ""), metas, page_title)


def _likeness(head: str, other: str) -> float:
    """The share of words that two headlines have in common; names of the site at the end of one do not count."""
    one = _words(head)
    return max(
        len(one & two) / len(one | two) if one and two else 0.0
        for two in (_words(other), _words(_SUFFIX.split(other)[0]), _words(_SUFFIX.split(other)[-1]))
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _without_site(title: str, metas: list[tuple[str, str]], page_title: str) -> str:
    parts = _SUFFIX.split(title)
    name = _meta(metas, "og:site_name") or ""
    if len(parts) > 1:
        last = parts[-1]
        named = name and _words(last) <= _words(name) | _words(re.sub(r"\W", "", name))
        if named or len(last.split()) <= 4 <= len(title.split()) - len(last.split()):
            return title[: title.rindex(last)].rstrip(" |»·•–—-:")
    return title


def _address(tree: Tree, metas: list[tuple[str, str]], url: str | None) -> str | None:
    """The canonical address, unless it leads to another site or to the front page, as faulty templates have it."""
    hrefs = tree.xpath("//link[contains(concat(' ', @rel, ' '), ' canonical ')]/@href")
    for href in [*hrefs[:1], *([og] if (og := _meta(metas, "og:url")) else [])]:
        try:
            address = urljoin(url or "", str(href).strip())
            parts = urlsplit(address)
            own = urlsplit(url) if url else parts
        except ValueError:
            continue
        if parts.scheme not in ("http", "https") or not parts.netloc:
            continue
        if _house(parts.netloc) == _house(own.netloc) and (parts.path.strip("/") or not own.path.strip("/")):
            return address
    return url


def _house(host: str) -> str:
    """A host without what stands before its name for a device or a copy."""
    return re.sub(r"^(?:www|m|mobile|amp|edition)\.", "", host.lower().split(":")[0])


def _language(tree: Tree, article: json_ld.Node, metas: list[tuple[str, str]]) -> str | None:
    stated_ones = (
        tree.get("lang"),
        tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        json_ld.text(article, "inLanguage"),
        _meta(metas, "og:locale", "content-language", "language", "dc.language"),
    )
    for one in stated_ones:
        if one and (found := _LANGUAGE.match(one.strip())):
            return found[1].lower()
    return None


def _corrections(articles: list[json_ld.Node]) -> tuple[str, ...]:
    """The publisher's corrections (schema.org `correction`), each with its day where one is stated."""
    out = []
    for node in articles[:3]:
        given = node.get("correction")
        for one in given if isinstance(given, list) else [given]:
            if isinstance(one, str):
                out.append(json_ld.plain_text(one))
            elif isinstance(one, dict):
                text = json_ld.text(one, "text", "description", "name")
                day = dates.Stated.of(json_ld.text(one, "datePublished"))
                if text:
                    out.append(f"{text} ({day.at.date()})" if day else text)
    return tuple(dict.fromkeys(one for one in out if one and not re.match(r"https?://\S+$", one)))

"""Who wrote an article, and on which site, as its page says."""

from __future__ import annotations

import re

from ingest.article import json_ld
from ingest.article.tree import Tree, words_in
from retrieval.english.calendar import SHORT_MONTH

_BY = re.compile(r"(?i)^(?:story |written |posted |reported |text )?by:?\s+")
_ROLE = re.compile(
    r"(?i)\b(?:writers?|editors?|correspondents?|reporters?|staff|contributors?|columnists?|producers?|news|business|press|"
    r"media|journalists?|magazine|university|professor|special to|for the|international|analysts?|advisor|"
    r"author|director|bureau|entertainment|sports|tech|phd|md|rd|rdn|ms|mph|dr)\b|[.@/]\w"
)
_PARTED = re.compile(r"\s+(?:and|und|y|et|&|with)\s+|\s*[;/•·]\s*")
_HOUSE = re.compile(r"\s*[|–—]\s.*$|\s*\|.*$")
"""What comes after a name and a bar or a dash: whom it works for."""
_NOT_A_NAME = re.compile(
    r"(?i)https?:|www\.|@|\d{3}|^(?:by|null|none|undefined|unknown|author|n/a|"
    rf"(?:\d+ )?(?:{SHORT_MONTH})[a-z]*\.?(?: \d+)?)$"
)
_META = (
    "author",
    "byl",
    "dc.creator",
    "sailthru.author",
    "parsely-author",
    "article:author",
    "article.author",
    "creator",
)
_MARKED = (
    "//*[@itemprop='author']//*[@itemprop='name']",
    "//*[@itemprop='author']",
    "//a[@rel='author']",
    "//*[contains(@class, 'byline') or contains(@class, 'author-name') or contains(@class, 'article-author')]",
)
_BY_NAME = re.compile(r"^(?:By|BY|Written by|Author:)\s+(?:[A-Z][\w.’'-]*\s*,?\s*(?:and\s+|&\s+)?){1,8}$")
_NEAR = 30
"""Elements with text of their own after the headline among which the by-line is looked for."""

_LONGEST = 60
_MOST = 12


def authors(nodes: list[json_ld.Node], metas: list[tuple[str, str]], tree: Tree, site: str | None) -> tuple[str, ...]:
    """The authors' names in order; empty where the page names none."""
    stated = [[name for node in json_ld.articles(nodes)[:1] for name in json_ld.texts(node.get("author"))]]
    stated += [[value for name, value in metas if name.lower() == key] for key in _META]
    for names in stated:
        # A site that signs with its own name names no author.
        if found := tuple(one for one in _names(names) if not site or _letters_only(one) != _letters_only(site)):
            return found
    return tuple(one for one in _names(_names_in_byline(tree)) if not site or _letters_only(one) != _letters_only(site))


def _names_in_byline(tree: Tree) -> list[str]:
    """Names marked up as the author's, or on a line that begins with "By" beside the headline; no commenter's."""
    for path in _MARKED:
        found = [
            _first_line(one) for one in tree.xpath(path) if not one.xpath("ancestor::*[contains(@class, 'comment')]")
        ]
        named = [name for name in dict.fromkeys(found) if name and len(name) <= _LONGEST * 2]
        if named:
            return named[:1] if "byline" in path else named[:4]
    headline = next(iter(tree.iter("h1")), None)
    around = headline.xpath("following::*[text()[normalize-space()]]")[:_NEAR] if headline is not None else []
    for element in around:
        line = _first_line(element)
        if _BY_NAME.match(line) and len(line.split()) <= 10:
            return [line]
    return []


def _first_line(element: Tree) -> str:
    """The first words of an element that are more than "By", without the day that may follow them."""
    pieces = [" ".join(piece.split()) for piece in element.itertext()]
    lines = [
        piece for piece in pieces if piece.strip(" :,|") and not re.fullmatch(r"(?i)(?:written |posted )?by:?", piece)
    ]
    if not lines:
        return ""
    by = "By " if lines[0] is not pieces[0] and re.match(r"(?i)\s*by\b", words_in(element)) else ""
    return by + re.split(r"(?i)\s*\b(?:published|updated|posted|last)\b|\s*,?\s+\d", lines[0])[0]


def _names(stated: list[str]) -> tuple[str, ...]:
    out: list[str] = []
    for text in stated[:_MOST]:
        if re.match(r"(?i)https?:|www\.", text):
            continue
        for part in _PARTED.split(_HOUSE.sub("", _BY.sub("", " ".join(text.split())))):
            for at, name in enumerate(one.strip(" .,|") for one in part.split(",")):
                if not name or len(name) > _LONGEST or _NOT_A_NAME.search(name):
                    continue
                # After a comma comes a role, a house or a degree, unless it is another name.
                if (at and (_ROLE.search(name) or len(name.split()) < 2)) or (out and _ROLE.fullmatch(name)):
                    continue
                out.append(_with_capitals(_BY.sub("", name)))
    return tuple(dict.fromkeys(out))[:_MOST]


def _with_capitals(name: str) -> str:
    return name.title() if name.isupper() and " " in name else name


def site(nodes: list[json_ld.Node], metas: list[tuple[str, str]], title: str, url: str | None) -> str | None:
    """The name of the site: as it calls itself, in the fullest form the page has for the same name."""
    known = dict(reversed([(name.lower(), value) for name, value in metas]))
    publishers = [name for node in json_ld.articles(nodes)[:1] for name in json_ld.texts(node.get("publisher"))]
    sites = [name for node in nodes if "WebSite" in json_ld.types(node) for name in json_ld.texts(node.get("name"))]
    suffix = re.split(r"\s+[|–—-]+\s+|\s*::\s*", title)
    candidates = [known.get("og:site_name"), known.get("application-name"), *publishers[:1], *sites[:1]]
    others = [*candidates, suffix[-1] if len(suffix) > 1 and len(suffix[-1].split()) <= 6 else None]
    named = [" ".join(re.split(r"\s+[|–—:]+\s+", one.strip())[0].split()) for one in others if one]
    tidy = [one for one in named if one and not one.startswith("@") and len(one) < 80]
    if not tidy:
        return _host(url)
    return max(tidy, key=lambda one: (_same_name(tidy[0], one), " " in one, -tidy.index(one)))


def _same_name(first: str, other: str) -> bool:
    one, two = _letters_only(first), _letters_only(other)
    initials = "".join(word[0] for word in other.split() if word[:1].isupper()).casefold()
    return one == two or initials.endswith(one)


def _letters_only(name: str) -> str:
    bare = re.sub(r"(?i)^the\s+|^www\.|\.(?:com|org|net|co\.uk|news)$", "", name.strip())
    return re.sub(r"[\W_]", "", bare).casefold().removeprefix("the")


def _host(url: str | None) -> str | None:
    found = re.match(r"(?i)^https?://(?:www\.)?([^/:?#]+)", url or "")
    return found[1].lower() if found else None

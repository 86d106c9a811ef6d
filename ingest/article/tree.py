"""Bytes of a web page to a tree, and the tree rid of what no reader takes for the story.

The rules look at form alone: element names, what the HTML standard says of them, hidden attributes, how much of a
block is link. None knows a site.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, TypeAlias

from lxml import etree, html

from retrieval.errors import SourceError

Tree: TypeAlias = Any
"""An element of lxml, which has no types of its own."""

_CHARSET = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_:.-]+)""")
_XML_ENCODING = re.compile(rb"""(?i)^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([a-z0-9_:.-]+)""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_HEAD = 4096
"""Bytes in which a page may declare its encoding; the HTML standard asks for 1,024."""

_NOT_PAGES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"\x89PNG", "a picture"),
)
_LATIN = frozenset(("iso-8859-1", "latin-1", "latin1", "iso8859-1", "ascii", "us-ascii"))

_HIDDEN = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")
_PLACES = re.compile(
    r"(?i)(?:^|[\s_-])(?:newsletter|news-letter|signup|sign-up|subscribe|subscription|related(?:-?(?:articles?|posts?|"
    r"stories|content|links?|topics|news))?|recirc(?:ulation)?|recommend(?:ed|ations?)|read-?(?:more|next)|outbrain|"
    r"taboola|share(?:-?(?:bar|tools?|buttons?|links?))?|sharing|social(?:-?(?:share|media|links?|bar))|comments?|"
    r"comments?-?(?:area|section|list)|disqus(?:_thread)?|"
    r"most-?(?:popular|read|viewed)|trending|(?:author|writer)-?(?:bio|box|info|card)|promo(?:tion|box)?|advert(?:isement)?|"
    r"breadcrumbs?|cookie-?(?:banner|notice|consent)|pagination|tags?-?(?:list|links)|"
    r"see-?also|you-?may-?(?:also-?)?like|more-?(?:from|on|stories|news)|next-?(?:article|post|story))(?:$|[\s_-])"
)
"""Names that publishers give to what stands beside a story."""

_LEAST_STORY = 200
_STORYS_SHARE = 0.4
"""Characters, and share of a page's running text, from which a part is the story whatever its name is."""

_COMMENTS = re.compile(
    r"(?i)(?:^|\s)(?:comments?|comments?[-_](?:area|section|list|thread|container|wrapper)|disqus_thread|respond)(?:$|\s)"
)
_WORD = 6
"""Characters of a word with its space, as English has them on average."""

_LONGEST_ASIDE = 1500
"""Characters of running text past which a part is no aside whatever its name is."""


def text_of_page(data: bytes, charset: str | None = None) -> str:
    """The characters of a page: by its byte order mark, the transport's `charset`, its own declaration where the bytes
    bear it out, else as `extract.decoded` finds. Raises SourceError for what is no page."""
    for magic, name in _NOT_PAGES:
        if data.startswith(magic):
            raise SourceError(f"{name}, not a web page: give the file its right ending")
    if not data.strip():
        raise SourceError("an empty page")
    if data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16" if data[0] != 0xEF else "utf-8-sig", "replace")
    if b"\0" in data[:_HEAD]:
        raise SourceError("a binary file, not a web page")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # A page cut off in a character, or with a few bad bytes, is still UTF-8.
        wrong = data.decode("utf-8", "replace").count("\ufffd")
        if error.start >= len(data) - 3 or wrong * 10 < sum(byte > 127 for byte in data):
            return data.decode("utf-8", "replace")
    for named in (charset, _declared_encoding(data)):
        if named and (text := _as(data, named)):
            return text
    from ingest.encodings import decode

    return decode(data)


def _declared_encoding(data: bytes) -> str | None:
    found = _CHARSET.search(data[:_HEAD]) or _XML_ENCODING.search(data[:_HEAD])
    return found[1].decode("ascii") if found else None


def _as(data: bytes, named: str) -> str | None:
    # What calls itself Latin-1 is Windows-1252 on the web (WHATWG Encoding Standard).
    named = "cp1252" if named.lower() in _LATIN else named
    try:
        if codecs.lookup(named).name.startswith(("utf-8", "utf-16", "utf-32")):
            return None
        return data.decode(named, "replace")
    except LookupError:
        return None


def tree_of(page: str) -> Tree:
    """The tree of a page. Raises SourceError where there is none."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    text = _DECLARATION.sub("", page).replace("\0", "")
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError) as error:
        raise SourceError("an empty page") from error
    if tree.tag != "html":
        raise SourceError("not a web page")
    return tree


def words_in(element: Tree) -> str:
    """The text of an element, its white space made single."""
    text: str = element.xpath("string(.)")
    return " ".join(text.split())


def length(text: str) -> int:
    """How many words a text has; where words are not parted, as in Japanese, six characters count as one."""
    return max(len(text.split()), len(text) // _WORD)


def visible(tree: Tree) -> str:
    """All the text of a page that is no script."""
    texts: list[str] = tree.xpath("//body//text()[not(parent::script or parent::style or parent::template)]")
    return " ".join(" ".join(texts).split())


def linked_share(element: Tree) -> float:
    """The share of an element's text that is link, 0 to 1."""
    whole = len(words_in(element))
    return sum(len(words_in(link)) for link in element.iter("a")) / whole if whole else 0.0


def prune(tree: Tree) -> None:
    """Take out, in place, what is hidden, what pops up inside paragraphs, and asides by their names."""
    for element in list(
        tree.iter("script", "style", "template", "iframe", "svg", "object", "canvas", "dialog", "button")
    ):
        _drop(element)
    for quote in tree.xpath("//blockquote[contains(@class, 'tweet') or contains(@class, 'instagram')]"):
        _unwrap(quote)
    most = max(_LEAST_STORY, min(_LONGEST_ASIDE, round(_running(tree) * _STORYS_SHARE)))
    for element in tree.xpath("//body//*[@hidden or @style or @class or @id]"):
        if element.getroottree().getroot() is tree and _is_besides(element, most):
            _drop(element)
    for picture in tree.xpath("//p//img"):
        _drop_card(picture)


def _drop_card(picture: Tree) -> None:
    """Take out the card that a picture within a paragraph belongs to: the widest part around it that is all links, up
    to the words it is attached to."""
    card = picture
    for outer in picture.iterancestors():
        if outer.tag not in ("span", "div", "a") or card.getprevious() is not None or (outer.text or "").strip():
            break
        card = outer
    # The picture may be the first of several parts of it.
    card = card.getparent() if card.tag == "img" and card.getparent() is not None else card
    if card.tag in ("span", "div") and len(card.findall(".//a")) > 1 and linked_share(card) > 0.5:
        _drop(card)


def _unwrap(quote: Tree) -> None:
    """Let a quoted post stay: the names of what surrounds it make it look like an advertisement."""
    text = words_in(quote)
    for element in (quote, *list(quote.iterancestors())[:4]):
        if words_in(element) != text:
            break
        for name in ("class", "id"):
            element.attrib.pop(name, None)


def _is_besides(element: Tree, most: int) -> bool:
    """Whether an element is hidden, or named as something beside the story, and is not the story all the same: it has
    no headline in it and no more than `most` characters of running text, but for comments, which may be long."""
    if element.tag in ("html", "body", "main", "article", "p", "a", "h1") or element.find(".//h1") is not None:
        return False
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if _COMMENTS.search(names):
        return True
    hidden = element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "")
    return bool(hidden or _PLACES.search(names)) and _running(element) <= most


def _running(element: Tree) -> int:
    """Characters of an element's paragraphs that are more text than link."""
    return sum(len(words_in(p)) for p in element.iter("p") if linked_share(p) < 0.5)


def _drop(element: Tree) -> None:
    if element.getparent() is not None:
        element.drop_tree()

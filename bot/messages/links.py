"""Links to articles, to the very sentence where a browser can be told which.

A link is `[words](<address>)`: the angle brackets keep Discord from adding a preview. The words in the brackets cannot
be escaped, and an emoji, an address or a mark among them makes Discord show the whole as plain text; where a title
holds any of these it stands before the link, escaped, and the link gets words of our own.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

from bot.messages.markdown import escape, line
from retrieval.types import Article, Span

LONGEST = 700
"""Characters of an address that is linked; a longer one leaves too little room in a message."""

_FRAGMENT = 300
"""Characters of a text fragment; in a script whose letters take nine each when encoded a long one is left out."""

_SENTENCE = 120
"""Characters up to which a sentence is named whole and not by its first and last words."""

_WORDS = 4
"""Words that name the beginning and the end of a long sentence, more where these stand elsewhere too."""

_MOST_WORDS = 12
_EMOJI_FROM = "\u2190"
_WORD = re.compile(r"\S+")


def link(words: str, url: str | None, *, otherwise: str = "article") -> str:
    """Words of an article in one line as a link to `url`, in Discord's markdown.

    Where the words cannot stand in a link, they are followed by one that says `otherwise`; where `url` is none or
    cannot be linked they stand alone.
    """
    shown = escape(words)
    address = linkable(url) if url else None
    if address is None:
        return shown
    if words and shown == words and not any(map(_emoji, words)):
        return f"[{words}](<{address}>)"
    return f"{shown} · [{otherwise}](<{address}>)"


def _emoji(character: str) -> bool:
    """Whether Discord may show the character as a picture. What Python's Unicode does not know yet, Discord may."""
    if character < _EMOJI_FROM:
        return character in "\u203c\u2049\u2139"
    return character in "\ufe0f\u20e3\u3030" or unicodedata.category(character) in {"So", "Sk", "Sm", "Cn", "Co"}


def linkable(url: str) -> str | None:
    """The address with all encoded that could end a link early or be read as a mark; None where it is no plain web
    address: another scheme, a name and password in it, a host that is none, or too long."""
    try:
        parts = urlsplit(url)
        host = parts.hostname.encode("idna").decode() if parts.hostname and ":" not in parts.hostname else None
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    if not re.fullmatch(r"[a-z0-9.-]+", host, re.IGNORECASE):
        return None
    path, query, fragment = (
        # What is encoded already stays so, and "~" is encoded though it need not be: two are a mark.
        quote(part, safe="/:;,=&+$!?%-._", errors="replace").replace("~", "%7E")
        for part in (parts.path, parts.query, parts.fragment)
    )
    address = urlunsplit((parts.scheme.lower(), host + port, path or "/", query, ""))
    if fragment or parts.fragment:
        address += "#" + fragment.replace("%3A%7E%3A", ":~:").replace(":%7E:", ":~:")
    return address if len(address) <= LONGEST else None


def to_sentence(article: Article, span: Span) -> str | None:
    """The article's address with a text fragment that leads to the span, where that is sound; else the bare address.

    It is sound where the first place that the fragment's words fit in the article is the span: not where the address
    has a fragment of its own, where the words stand in the title or earlier in the text, where something was taken
    out of the page between them, or where they go over a paragraph's end.
    """
    if article.url is None:
        return None
    parts = urlsplit(article.url)
    directive = None if parts.fragment or parts.path.lower().endswith(".pdf") else _directive(article, span)
    if directive is None or len(directive) > _FRAGMENT:
        return article.url
    there = f"{article.url}#:~:text={directive}"
    plain = linkable(article.url)
    return there if plain and len(plain) + len(directive) + len("#:~:text=") <= LONGEST else article.url


def _directive(article: Article, span: Span) -> str | None:
    text = article.text
    words = [(span.start + word.start(), span.start + word.end()) for word in _WORD.finditer(span.of(text))]
    if not words:
        return None
    whole = (words[0][0], words[-1][1])
    if whole[1] - whole[0] <= _SENTENCE and _whole_there(article, *whole):
        return _encoded(text[slice(*whole)]) if _first(article, whole) else None
    for size in range(_WORDS, min(_MOST_WORDS, len(words) // 2) + 1):
        start, end = (whole[0], words[size - 1][1]), (words[-size][0], whole[1])
        if not (_whole_there(article, *start) and _whole_there(article, *end)):
            return None
        if _first(article, start) and _found(text, text[slice(*end)], start[1]) == end[0]:
            return f"{_encoded(text[slice(*start)])},{_encoded(text[slice(*end)])}"
    return None


def _whole_there(article: Article, start: int, end: int) -> bool:
    """Whether the page has these words in one piece, as far as is known."""
    return "\n" not in article.text[start:end] and not any(start < part.at < end for part in article.removed)


def _first(article: Article, place: tuple[int, int]) -> bool:
    """Whether a browser that looks for the words from the top of the page finds this place."""
    words = article.text[slice(*place)]
    return _found(article.title, words, 0) is None and _found(article.text, words, 0) == place[0]


def _found(text: str, words: str, start: int) -> int | None:
    """Where the words stand first, in whatever case and white space, as whole words."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    match = re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE).search(text, start)
    return match.start() if match else None


def _encoded(words: str) -> str:
    """Words for a text fragment; "-", "," and "&" mean something in one, and "_" and "~" are marks of Discord."""
    encoded = quote(" ".join(words.split()), safe="", errors="replace")
    return encoded.replace("-", "%2D").replace("_", "%5F").replace("~", "%7E")


def titled(article: Article, most: int, url: str | None = None) -> str:
    """The article's title, of at most `most` characters, linked to it (to `url` where one is given)."""
    return link(line(article.title, most) or "untitled", url or article.url)

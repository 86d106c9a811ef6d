"""Links to articles, and to a single sentence where a browser supports it.

A link is `[words](<address>)`; the angle brackets keep Discord from adding a preview. The words cannot be escaped, and
an emoji, an address or a mark among them makes Discord show the whole link as plain text. A title with any of these is
therefore shown before the link, escaped, and the link gets words of our own.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

from bot.messages.markdown import escape, one_line
from retrieval.types import Article, Span

MAX_URL_CHARACTERS = 700
"""Maximum length of an address that is linked; a longer one leaves too little room in a message."""

_MAX_FRAGMENT_CHARACTERS = 300
"""Maximum length of a text fragment; a longer one, as in scripts whose letters take nine characters, is left out."""

_MAX_WHOLE_SENTENCE_CHARACTERS = 120
"""Maximum length of a sentence that is named whole in a fragment; a longer one is named by its first and last words."""

_MIN_FRAGMENT_WORDS = 4
"""Number of words that name the beginning and the end of a long sentence; more where those occur elsewhere too."""

_MAX_FRAGMENT_WORDS = 12
_FIRST_EMOJI = "\u2190"
_WORD = re.compile(r"\S+")


def link_to(words: str, url: str | None, *, otherwise: str = "article") -> str:
    """Words of an article on one line as a link to `url`, in Discord's markdown.

    Words that cannot stand in a link are followed by a link that says `otherwise`; where `url` is None or cannot be
    linked, they stand alone.
    """
    shown = escape(words)
    address = safe_url(url) if url else None
    if address is None:
        return shown
    if words and shown == words and not any(map(_is_emoji, words)):
        return f"[{words}](<{address}>)"
    return f"{shown} · [{otherwise}](<{address}>)"


def _is_emoji(character: str) -> bool:
    """Whether Discord may show the character as an emoji, including those that Python's Unicode does not know yet."""
    if character < _FIRST_EMOJI:
        return character in "\u203c\u2049\u2139"
    return character in "\ufe0f\u20e3\u3030" or unicodedata.category(character) in {"So", "Sk", "Sm", "Cn", "Co"}


def safe_url(url: str) -> str | None:
    """The address, with everything encoded that could end a link early or be read as markdown.

    None where it is not a plain web address: another scheme, credentials, an invalid host, or too long.
    """
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
        # Encoded characters stay as they are. "~" is encoded because two of them are markdown.
        quote(part, safe="/:;,=&+$!?%-._", errors="replace").replace("~", "%7E")
        for part in (parts.path, parts.query, parts.fragment)
    )
    address = urlunsplit((parts.scheme.lower(), host + port, path or "/", query, ""))
    if fragment or parts.fragment:
        address += "#" + fragment.replace("%3A%7E%3A", ":~:").replace(":%7E:", ":~:")
    return address if len(address) <= MAX_URL_CHARACTERS else None


def url_of_sentence(article: Article, span: Span) -> str | None:
    """The article's address with a text fragment that leads to the span, where that is safe; else the plain address.

    It is safe where the span is the first place at which the fragment's words occur in the article. It is not where the
    address has a fragment of its own, the words occur in the title or earlier in the text, something was removed from
    the page between them, or they cross the end of a paragraph.
    """
    if article.url is None:
        return None
    parts = urlsplit(article.url)
    directive = None if parts.fragment or parts.path.lower().endswith(".pdf") else _text_directive(article, span)
    if directive is None or len(directive) > _MAX_FRAGMENT_CHARACTERS:
        return article.url
    there = f"{article.url}#:~:text={directive}"
    plain = safe_url(article.url)
    return there if plain and len(plain) + len(directive) + len("#:~:text=") <= MAX_URL_CHARACTERS else article.url


def _text_directive(article: Article, span: Span) -> str | None:
    text = article.text
    words = [(span.start + word.start(), span.start + word.end()) for word in _WORD.finditer(span.of(text))]
    if not words:
        return None
    whole = (words[0][0], words[-1][1])
    if whole[1] - whole[0] <= _MAX_WHOLE_SENTENCE_CHARACTERS and _is_unbroken(article, *whole):
        return _encode_words(text[slice(*whole)]) if _is_first_occurrence(article, whole) else None
    for size in range(_MIN_FRAGMENT_WORDS, min(_MAX_FRAGMENT_WORDS, len(words) // 2) + 1):
        start, end = (whole[0], words[size - 1][1]), (words[-size][0], whole[1])
        if not (_is_unbroken(article, *start) and _is_unbroken(article, *end)):
            return None
        if _is_first_occurrence(article, start) and _find_words(text, text[slice(*end)], start[1]) == end[0]:
            return f"{_encode_words(text[slice(*start)])},{_encode_words(text[slice(*end)])}"
    return None


def _is_unbroken(article: Article, start: int, end: int) -> bool:
    """Whether the page has these words in one piece, as far as we know."""
    return "\n" not in article.text[start:end] and not any(start < part.at < end for part in article.removed)


def _is_first_occurrence(article: Article, place: tuple[int, int]) -> bool:
    """Whether a browser that searches the page from the top finds this place first."""
    words = article.text[slice(*place)]
    return _find_words(article.title, words, 0) is None and _find_words(article.text, words, 0) == place[0]


def _find_words(text: str, words: str, start: int) -> int | None:
    """Where the words first occur as whole words, ignoring case and white space."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    match = re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE).search(text, start)
    return match.start() if match else None


def _encode_words(words: str) -> str:
    """Words encoded for a text fragment, in which "-", "," and "&" have a meaning; "_" and "~" are markdown."""
    encoded = quote(" ".join(words.split()), safe="", errors="replace")
    return encoded.replace("-", "%2D").replace("_", "%5F").replace("~", "%7E")


def title_link(article: Article, most: int, url: str | None = None) -> str:
    """The article's title, of at most `most` characters, as a link to it (or to `url`)."""
    return link_to(one_line(article.title, most) or "untitled", url or article.url)

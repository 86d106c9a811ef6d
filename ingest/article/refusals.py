"""Why a page is no article: it leads to several, or a wall stands before its text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from ingest.article.metadata import Facts
from ingest.article.tree import Tree, length, visible, words_in
from retrieval.errors import IndexPage, SourceError
from retrieval.types import RemovedText

_TEASERS = 6
"""Headlines that lead to other pages of the site, from which a page without an article of its own is an index."""

_PREVIEW = 40
"""Words before a paywall from which the opening stands as an article."""

_NOTHING = 12
"""Words up to which a page is asked whether all it shows is a wall."""

_MOST = 200
"""Addresses that are listed of an index page."""


def _phrases(*phrases: str) -> re.Pattern[str]:
    """A pattern that finds any of these as whole words, whatever their case."""
    return re.compile(rf"(?i)\b(?:{'|'.join(phrases)})\b")


_CONSENT = _phrases(
    "we (?:value|care about|respect) your privacy",
    "(?:accept|allow|reject|manage) (?:all )?(?:cookies|consent)",
    "before you continue",
    "uses? cookies",
    "cookie (?:policy|settings|preferences|consent)",
    "our partners (?:process|store)",
)
_ROBOT = _phrases(
    "are you a (?:robot|human)",
    "verify (?:that )?you are (?:a )?human",
    "unusual traffic",
    "access denied",
    "enable javascript(?: and cookies)?",
    "please turn javascript on",
    "checking your browser",
    "captcha",
    "request blocked",
)
_PAYWALL = _phrases(
    "subscribe (?:now )?to (?:continue|read|unlock|keep reading)",
    "to (?:continue|keep) reading",
    "already a subscriber",
    "(?:for|to) subscribers only",
    "subscriber[- ]only",
    "for (?:our )?(?:subscribers|members) only",
    "unlock this article",
    "sign in to read",
    "free articles? (?:left|remaining)",
    "your free articles?",
    "become a (?:member|subscriber) to",
)
_NO_PAGE = re.compile(
    r"(?i)^(?:(?:error )?404\b|page not found|not found$|this page (?:is|isn[’']t|doesn[’']t)|410 gone)"
)


def refuse(tree: Tree, facts: Facts, story: str, removed: Sequence[RemovedText], url: str | None) -> None:
    """Raise SourceError with the reason where the page is no article; return where it is one.

    `tree` is the whole page, `removed` what stood among the paragraphs of `story`.
    """
    words = length(story)
    if words < _PREVIEW:
        _walls(tree, facts, words, " ".join([story, *(part.text for part in removed)]))
    found = teasers(tree, url)
    if len(found) >= _TEASERS and not facts.is_article and _is_index(url, facts, words, len(found)):
        raise IndexPage(found[:_MOST])
    if not any(char.isalpha() for char in story):
        if len(found) >= _TEASERS:
            raise IndexPage(found[:_MOST])
        raise SourceError("no article text on this page")


def _walls(tree: Tree, facts: Facts, words: int, told: str) -> None:
    # A short article may have a line about cookies below it; a page with a few words has nothing else to say.
    said = f"{told} {visible(tree)}" if words < _NOTHING else told
    if _NO_PAGE.match(facts.title):
        raise SourceError("the page says that there is no such page")
    if not facts.open or _PAYWALL.search(said):
        raise SourceError("a paywall: the page gives its text to subscribers alone")
    if _ROBOT.search(said):
        raise SourceError("the site asks for a browser or a proof of being human instead of showing the page")
    if _CONSENT.search(said):
        raise SourceError("a cookie wall: the page shows its text after consent alone")


def _is_index(url: str | None, facts: Facts, words: int, teasers_found: int) -> bool:
    if url and urlsplit(url).path.strip("/") == "" and not urlsplit(url).query:
        return True
    return facts.published is None and words < teasers_found * 40


def teasers(tree: Tree, url: str | None) -> list[str]:
    """Addresses of the same site that headings lead to, in order, each once."""
    own = urlsplit(url or "")
    out: dict[str, None] = {}
    for link in tree.xpath(
        "//*[self::h1 or self::h2 or self::h3 or self::h4]//a[@href] | //a[@href][.//h1 or .//h2 or .//h3 or .//h4]"
    ):
        if len(words_in(link).split()) < 3:
            continue
        try:
            address = urljoin(url or "", link.get("href").strip())
            parts = urlsplit(address)
        except ValueError:
            continue
        if own.netloc and parts.netloc != own.netloc:
            continue
        if (parts.scheme in ("http", "https") or not url) and parts.path.strip("/") and parts.path != own.path:
            out[address.split("#")[0]] = None
    return list(out)

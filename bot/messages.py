"""What the bot writes, as texts of messages within Discord's limit, made harmless: nothing of it formats or pings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from discord.utils import escape_markdown, escape_mentions

from retrieval.types import Answer, Article, Precision, Status

LONGEST = 2_000
"""Characters of a message (Discord's reference, Create Message)."""

_TITLE = 200
_ADDRESS = re.compile(r"https?://[^\s<>]+")
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")

HELP = """**On the Record** answers from news articles, word for word, and says where each word stands.
Mention me with a question, or use `/ask`: *what did the mayor say about the bridge?* Reply to an answer to ask on.
`/said` lists what somebody said, `/check` tells whether a quotation is real, `/article` shows an article, `/latest` \
what is new.
Where the articles do not answer, I say so."""


def rendered(answer: Answer) -> list[str]:
    """An answer as messages: its text with marks, the sources by number, and what has to be said besides."""
    lines = [harmless(line) for line in answer.text.split("\n")]
    if answer.status is Status.ABSTAINED and answer.nearest:
        lines += ["", "The nearest there is:", *(f"- {cited(article)}" for article in answer.nearest)]
    if answer.citations:
        lines += ["", *(f"\\[{one.number}\\] {cited(one.article)}" for one in answer.citations)]
    lines += [f"-# {harmless(notice)}" for notice in answer.notices]
    return packed(lines)


def cited(article: Article) -> str:
    """An article in a line: title, source, date and address."""
    title = article.title if len(article.title) <= _TITLE else article.title[: _TITLE - 1] + "…"
    address = f"<{article.url}>" if article.url and _ADDRESS.fullmatch(article.url) else None
    return " · ".join(filter(None, [f"**{harmless(title)}**", harmless(article.source or ""), day(article), address]))


def day(article: Article) -> str | None:
    """The day of publication, for whoever reads in their own time zone where the time is known."""
    if article.published is None:
        return None
    if article.published_precision is Precision.DAY:
        return article.published.date().isoformat()
    return f"<t:{int(article.published.timestamp())}:d>"


def harmless(text: str) -> str:
    """Words of articles and of people in a line that formats nothing, mentions nobody and previews no link."""
    line = _DIRECTIONS.sub("", " ".join(text.split()))
    parts, at = [], 0
    for found in _ADDRESS.finditer(line):
        parts += [_escaped(line[at : found.start()]), f"<{found[0]}>"]
        at = found.end()
    return "".join([*parts, _escaped(line[at:])])


def _escaped(text: str) -> str:
    # A zero-width space keeps <#…>, <@…>, <t:…> and </…:…> from being read as what they name, and […](…) from linking.
    apart = text.replace("<", "<\u200b").replace("](", "]\u200b(")
    escaped = escape_mentions(escape_markdown(apart))
    return re.sub(r"^(\d*)(?=[#\-+>.])", r"\1\\", escaped)


def packed(lines: Iterable[str], most: int = LONGEST) -> list[str]:
    """Lines joined to texts of at most `most` characters; a longer line is cut between words. Never an empty text."""
    out: list[str] = []
    for line in (part for whole in lines for part in _cut(whole, most)):
        if out and len(out[-1]) + 1 + len(line) <= most:
            out[-1] += "\n" + line
        elif line or out:
            out.append(line)
    return [text for text in (one.strip("\n") for one in out) if text.strip()]


def paged(head: str, blocks: Sequence[str], most: int = LONGEST) -> list[str]:
    """Texts of at most `most` characters that each begin with the head and hold whole blocks.

    A block that is longer than a page is cut. There is one page at least.
    """
    pages = [head]
    for block in blocks:
        if len(pages[-1]) + 1 + len(block) > most and pages[-1] != head:
            pages.append(head)
        pages[-1] = f"{pages[-1]}\n{_cut(block, most - len(pages[-1]) - 1)[0]}"
    return pages


def _cut(line: str, most: int) -> list[str]:
    parts = []
    while len(line) > most:
        space = line.rfind(" ", most // 2, most)
        end = space if space > 0 else most
        parts.append(line[:end])
        line = line[end:].lstrip(" ")
    return [*parts, line]

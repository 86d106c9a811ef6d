"""Answers, statements, verdicts and articles as Discord messages; pure functions, without Discord.

Dates: a time is shown as `<t:SECONDS:D>`, which each reader's client turns into their own day. A date of which only the
day is known is plain text: any moment chosen for it would be the day before or after for some readers, and what is
known is the publisher's day. An article without a date is called undated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from bot.messages.links import safe_url, title_link, url_of_sentence
from bot.messages.markdown import escape, one_line
from bot.messages.message import MAX_CONTENT, MAX_EMBED_TITLE, MAX_FIELD_VALUE, Embed, Field, Message
from bot.messages.pack import BOLD, UNDERLINED, Block, Run, pack, text_block
from retrieval.english.calendar import day_text
from retrieval.text.sentences import paragraphs
from retrieval.types import Answer, Article, Citation, Claim, Precision, Span, Statement

if TYPE_CHECKING:
    from retrieval.quotes.checker import CheckedQuotation, Match

_MAX_TITLE = 150
_MAX_OUTLET = 60
_MAX_NAME = 80
_MAX_ROLE = 60
_MAX_WHEN = 40
_MAX_HEADING = 80
"""Maximum numbers of characters. They leave room in a message for a page's heading even when every character of a title
or name is escaped and the longest address is linked."""

_FOOTER_ROOM = 32
"""Characters reserved for "page n of m" under a page."""

_STILL_WRITING = "\n-# …"
"""Shown under an answer that is still being written."""

_CONTEXT_CHARACTERS = 240
"""Number of characters of the article shown on each side of cited words in the evidence."""

_MAX_LEAD = 600
"""Maximum number of characters of an article's beginning shown on its card."""

_DIFFERENCE = re.compile(r"\[-(?P<article>.*?)-\]|\{\+(?P<quotation>.*?)\+\}", re.DOTALL)


def answer_messages(result: Answer) -> tuple[Message, ...]:
    """The answer with its reference marks, then its numbered sources, each with the cited sentence.

    For an abstention: that the articles do not answer, and the nearest coverage.
    """
    blocks = [text_block(result.text)]
    before: str | None = None
    for citation in result.citations:
        again = citation.article.id == before
        blocks.append(_source_block(citation, again=again))
        before = citation.article.id
    if result.nearest:
        blocks.append(Block("**Nearest coverage**", apart=True))
        blocks += [Block(f"- {article_line(article)}") for article in result.nearest]
    blocks += [notice_block(text) for text in result.notices]
    return _pack_messages(blocks)


def answer_so_far(claims: Sequence[Claim]) -> str:
    """The claims that are proved, of an answer that is still being written: as much as a message holds."""
    numbered = (f"{claim.text} {''.join(f'[{number}]' for number in claim.citations)}" for claim in claims)
    return f"{pack([text_block(chr(10).join(numbered))], MAX_CONTENT - len(_STILL_WRITING))[0]}{_STILL_WRITING}"


def notice_block(text: str) -> Block:
    """What a reader must know besides: a correction, a model that failed, coverage that is old."""
    return Block("", (Run("Note:", BOLD), Run(f" {' '.join(text.split())}")), apart=True)


def _source_block(citation: Citation, *, again: bool) -> Block:
    """A source: its description, or that it is the same article again, and the cited sentence as a block quote."""
    article = citation.article
    number = f"**\\[{citation.number}\\]**"
    url = url_of_sentence(article, citation.span)
    if again:
        address = safe_url(url) if url else None
        head = f"{number} [the same article](<{address}>)" if address else f"{number} the same article"
    else:
        head = f"{number} {article_line(article, url)}"
    return Block(head, (Run(citation.excerpt),), quoted=True, apart=not again)


def article_line(article: Article, url: str | None = None) -> str:
    """Linked title, outlet and date on one line of markdown; `url`: where the title links to instead."""
    parts = [title_link(article, _MAX_TITLE, url)]
    if article.source and (outlet := one_line(article.source, _MAX_OUTLET)):
        parts.append(escape(outlet))
    return " · ".join([*parts, date_markdown(article)])


def date_markdown(article: Article) -> str:
    """The date as precisely as it is known, in Discord's markdown; see the module's docstring on dates."""
    if article.published is None:
        return f"undated (page of {day_text(article.page_date)})" if article.page_date else "undated"
    if article.published_precision is Precision.DAY:
        return day_text(article.published)
    return f"<t:{int(article.published.timestamp())}:D>"


def evidence_messages(answer: Answer) -> tuple[Message, ...]:
    """The passages that the answer rests on, with the cited words in bold."""
    blocks = []
    for _, group in groupby(answer.citations, key=lambda citation: citation.article.id):
        citations = list(group)
        article = citations[0].article
        numbers = " ".join(f"\\[{number}\\]" for number in dict.fromkeys(citation.number for citation in citations))
        blocks.append(Block(f"**{numbers}** {article_line(article)}", apart=True))
        spans = sorted(citation.span for citation in citations)
        blocks += [
            Block("", passage, quoted=True, apart=at > 0) for at, passage in enumerate(passage_runs(article, spans))
        ]
    return _pack_messages(blocks or [text_block("This answer cites no sources.")])


def passage_runs(article: Article, spans: Sequence[Span]) -> list[tuple[Run, ...]]:
    """The paragraphs that contain the spans, with these in bold; text far from any span is replaced by "…"."""
    text, out = article.text, []
    for paragraph in paragraphs(text):
        inside = [span for span in spans if span.overlaps(paragraph)]
        if not inside:
            continue
        at = max(paragraph.start, inside[0].start - _CONTEXT_CHARACTERS)
        end = min(paragraph.end, max(span.end for span in inside) + _CONTEXT_CHARACTERS)
        runs = [Run("…" if at > paragraph.start else "")]
        for span in inside:
            start, stop = max(at, span.start), min(span.end, end)
            if start < stop:
                runs += [Run(text[at:start]), Run(text[start:stop], BOLD)]
                at = stop
        runs += [Run(text[at:end]), Run("…" if end < paragraph.end else "")]
        out.append(tuple(runs))
    return out


def statement_blocks(speaker: str, found: Sequence[tuple[Statement, Article]]) -> list[Block]:
    """A block for each statement, in the order given; for `page_messages`."""
    if not found:
        return [text_block(f"The articles contain no statements by {one_line(speaker, _MAX_NAME)}.")]
    return [_statement_block(number, statement, article) for number, (statement, article) in enumerate(found, 1)]


def _statement_block(number: int, statement: Statement, article: Article) -> Block:
    when = statement.when or (day_text(statement.said_on) if statement.said_on else "")
    facts = [
        statement.kind.value,
        one_line(when, _MAX_WHEN),
        f"to {one_line(statement.addressee, _MAX_WHEN)}" if statement.addressee else "",
    ]
    lines = (
        f"**{number}\\. {_speaker_with_role(statement)}** ({escape(', '.join(fact for fact in facts if fact))})",
        article_line(article, url_of_sentence(article, statement.context)),
    )
    return Block("\n".join(lines), (Run(statement.quote(article.text)),), quoted=True, apart=True)


def _speaker_with_role(statement: Statement) -> str:
    """The speaker with the role that the article gives, escaped."""
    role = one_line(statement.role, _MAX_ROLE) if statement.role else ""
    return escape((one_line(statement.speaker, _MAX_NAME) or "Unidentified speaker") + (f", {role}" if role else ""))


def verdict_blocks(result: CheckedQuotation, meaning: str) -> list[Block]:
    """The verdict on a quotation, which `meaning` says in a sentence, and each match; for `page_messages`.

    Where the wording differs, words that only the article has are bold, those that only the quotation has underlined.
    """
    blocks = [Block("", (Run(meaning, BOLD),))]
    if any(match.difference for match in result.matches):
        blocks.append(Block("-# **Bold**: only in the article. __Underlined__: only in the quotation."))
    for match in result.matches:
        blocks += _match_blocks(match)
    return blocks


def _match_blocks(match: Match) -> list[Block]:
    citation, statement = match.citation, match.statement
    who = f"**{_speaker_with_role(statement)}** · " if statement else ""
    number = f"**\\[{citation.number}\\]**"
    head = f"{number} {who}{article_line(citation.article, url_of_sentence(citation.article, citation.span))}"
    blocks = [Block(head, (Run(citation.excerpt),), quoted=True, apart=True)]
    if match.difference:
        blocks.append(Block("", tuple(_difference_runs(match.difference))))
    return blocks


def _difference_runs(difference: str) -> list[Run]:
    """A difference, with words of the article alone in bold and words of the quotation alone underlined."""
    runs, at = [], 0
    for match in _DIFFERENCE.finditer(difference):
        runs.append(Run(difference[at : match.start()]))
        own = match["article"]
        runs.append(Run(own, BOLD) if own is not None else Run(match["quotation"], UNDERLINED))
        at = match.end()
    return [*runs, Run(difference[at:])]


def article_blocks(found: Sequence[Article]) -> list[Block]:
    """A line for each article; for `page_messages`."""
    return [Block(f"- {article_line(article)}") for article in found] or [text_block("No articles found.")]


def article_card(
    article: Article, quoted: Sequence[str] = (), changed: str = "", others: Sequence[Article] = ()
) -> Message:
    """An article's metadata, its beginning, the publisher's corrections, and who is quoted.

    `changed`: what has changed since it was first stored; `others`: other articles that may have been meant.
    """
    values = (
        ("Published", date_markdown(article)),
        ("Source", _names_that_fit([article.source] if article.source else [])),
        ("By", _names_that_fit(article.authors)),
        ("Corrections", _names_that_fit(article.corrections, "\n")),
        ("Quoted", _names_that_fit(quoted)),
        ("Changed", escape(one_line(changed, MAX_FIELD_VALUE // 2))),
        ("Or did you mean", _lines_that_fit([f"- {article_line(other)}" for other in others])),
    )
    fields = tuple(Field(name, value, inline=name in {"Published", "Source"}) for name, value in values if value)
    lead = escape(one_line(article.text[:_MAX_LEAD], _MAX_LEAD))
    title = escape(one_line(article.title, MAX_EMBED_TITLE // 2)) or "untitled"
    return Message(embeds=(Embed(title, lead, safe_url(article.url) if article.url else None, fields),))


def cards_as_text(message: Message) -> tuple[Message, ...]:
    """A message's cards as text, for channels where the bot may not post embeds. Buttons are on the last message."""
    blocks = [Block(message.content)] if message.content else []
    for embed in message.embeds:
        blocks.append(Block(f"**{embed.title}**" + (f"\n<{embed.url}>" if embed.url else ""), apart=True))
        blocks.append(Block(embed.description))
        blocks += [Block(f"**{field.name}**: {field.value}") for field in embed.fields]
        blocks.append(Block(f"-# {embed.footer}" if embed.footer else ""))
    *first, last = _pack_messages([block for block in blocks if block.head])
    return (*first, replace(last, buttons=message.buttons))


def _names_that_fit(names: Sequence[str], between: str = ", ") -> str:
    """As many of the names as fit into a field, and how many more there are."""
    out = ""
    shown = [escape(name) for name in (one_line(name, MAX_FIELD_VALUE // 3) for name in names) if name]
    for number, name in enumerate(shown):
        extended = f"{out}{between}{name}" if out else name
        if len(extended) > MAX_FIELD_VALUE - _FOOTER_ROOM:
            return f"{out}{between}and {len(shown) - number} more"
        out = extended
    return out


def _lines_that_fit(lines: Sequence[str]) -> str:
    """As many of the lines, which are markdown already, as fit into a field."""
    out = ""
    for markdown_line in lines:
        if len(out) + 1 + len(markdown_line) > MAX_FIELD_VALUE:
            break
        out = f"{out}\n{markdown_line}" if out else markdown_line
    return out


def page_messages(heading: str, blocks: Sequence[Block]) -> tuple[Message, ...]:
    """The pages of a list under a heading, each with "page n of m" where there are several.

    `heading` is plain text. An entry is split only where it alone is longer than a page.
    """
    head = f"**{escape(shown)}**\n" if (shown := one_line(heading, _MAX_HEADING)) else ""
    contents = pack(blocks, MAX_CONTENT - len(head) - _FOOTER_ROOM) or ["…"]
    if len(contents) < 2:
        return tuple(Message(head + content) for content in contents)
    return tuple(
        Message(f"{head}{content}\n-# page {number} of {len(contents)}") for number, content in enumerate(contents, 1)
    )


def _pack_messages(blocks: Sequence[Block]) -> tuple[Message, ...]:
    return tuple(Message(content) for content in pack(blocks)) or (Message("…"),)

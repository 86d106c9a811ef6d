"""Answers, statements, verdicts and articles as Discord messages: pure, no Discord in it. Read `answer` first.

Dates: a time is shown by `<t:SECONDS:D>`, which each reader's program turns into that reader's own day. A date of which
only the day is known is plain text: any moment put for it would be the day before or after for somebody (noon in London
is the next day in Auckland), and the publisher's day is what is known. An article without a date is said to be undated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING

from bot.messages.links import linkable, titled, to_sentence
from bot.messages.markdown import escape, line
from bot.messages.message import CONTENT, EMBED_TITLE, FIELD_VALUE, Embed, Field, Message
from bot.messages.pack import BOLD, UNDERLINED, Block, Run, pack, text_block
from retrieval.english.calendar import MONTHS
from retrieval.text.sentences import paragraphs
from retrieval.types import Answer, Article, Citation, Claim, Precision, Span, Statement

if TYPE_CHECKING:
    from retrieval.quotes.checker import Checked, Match

_TITLE = 150
_OUTLET = 60
_NAME = 80
_ROLE = 60
_WHEN = 40
_HEADING = 80
"""Titles and names are so short that, each character escaped and the longest address linked, what stands over a quoted
sentence still leaves room in a message for the heading of its page."""

_FOOTER = 32
"""Room for "page n of m" under a page."""

_WRITING = "\n-# …"
"""Under an answer that is still being written."""

_AROUND = 240
"""Characters of the article shown on each side of cited words in the evidence."""

_LEAD = 600
"""Characters of an article's beginning shown on its card."""

_DIFFERENCE = re.compile(r"\[-(?P<article>.*?)-\]|\{\+(?P<quotation>.*?)\+\}", re.DOTALL)

Found = tuple[Statement, Article]


def answer(one: Answer) -> tuple[Message, ...]:
    """The answer with its reference marks, then its numbered sources, each with the sentence that is cited from it.

    For a question that the articles do not answer: that they do not, and the nearest coverage.
    """
    blocks = [text_block(one.text)]
    before: str | None = None
    for citation in one.citations:
        again = citation.article.id == before
        blocks.append(_source(citation, again=again))
        before = citation.article.id
    if one.nearest:
        blocks.append(Block("**Nearest coverage**", apart=True))
        blocks += [Block(f"- {described(article)}") for article in one.nearest]
    blocks += [notice(text) for text in one.notices]
    return _messages(blocks)


def so_far(claims: Sequence[Claim]) -> str:
    """The claims that are proved, of an answer that is still being written: as much as a message holds."""
    numbered = (f"{one.text} {''.join(f'[{number}]' for number in one.citations)}" for one in claims)
    return f"{pack([text_block(chr(10).join(numbered))], CONTENT - len(_WRITING))[0]}{_WRITING}"


def notice(text: str) -> Block:
    """What a reader must know besides: a correction, a model that failed, coverage that is old."""
    return Block("", (Run("Note:", BOLD), Run(f" {' '.join(text.split())}")), apart=True)


def _source(citation: Citation, *, again: bool) -> Block:
    """A source: what it is, or that it is the one before once more, and the cited sentence in a block quote."""
    article = citation.article
    number = f"**\\[{citation.number}\\]**"
    url = to_sentence(article, citation.span)
    if again:
        address = linkable(url) if url else None
        head = f"{number} [the same article](<{address}>)" if address else f"{number} the same article"
    else:
        head = f"{number} {described(article, url)}"
    return Block(head, (Run(citation.excerpt),), quoted=True, apart=not again)


def described(article: Article, url: str | None = None) -> str:
    """Linked title, outlet and date in a line of Discord's markdown; `url`: where the title leads instead."""
    parts = [titled(article, _TITLE, url)]
    if article.source and (outlet := line(article.source, _OUTLET)):
        parts.append(escape(outlet))
    return " · ".join([*parts, dated(article)])


def dated(article: Article) -> str:
    """The date as exactly as it is known, in Discord's markdown; see the module's words on dates."""
    if article.published is None:
        return f"undated (page of {_day(article.page_date)})" if article.page_date else "undated"
    if article.published_precision is Precision.DAY:
        return _day(article.published)
    return f"<t:{int(article.published.timestamp())}:D>"


def _day(day: date) -> str:
    # By hand: the platform's own "%Y" does not pad early years everywhere, and months must not follow its language.
    return f"{day.day} {MONTHS[day.month - 1].capitalize()} {day.year}"


def evidence(one: Answer) -> tuple[Message, ...]:
    """For the one who asks to see it: the passages that the answer rests on, the cited words in bold."""
    blocks = []
    for _, group in groupby(one.citations, key=lambda citation: citation.article.id):
        citations = list(group)
        article = citations[0].article
        numbers = " ".join(f"\\[{number}\\]" for number in dict.fromkeys(one.number for one in citations))
        blocks.append(Block(f"**{numbers}** {described(article)}", apart=True))
        spans = sorted(citation.span for citation in citations)
        blocks += [Block("", passage, quoted=True, apart=at > 0) for at, passage in enumerate(passages(article, spans))]
    return _messages(blocks or [text_block("This answer cites nothing.")])


def passages(article: Article, spans: Sequence[Span]) -> list[tuple[Run, ...]]:
    """The paragraphs in which the spans stand, the spans' words in bold; what is far from any is left out as "…"."""
    text, out = article.text, []
    for paragraph in paragraphs(text):
        inside = [span for span in spans if span.overlaps(paragraph)]
        if not inside:
            continue
        at = max(paragraph.start, inside[0].start - _AROUND)
        end = min(paragraph.end, max(span.end for span in inside) + _AROUND)
        runs = [Run("…" if at > paragraph.start else "")]
        for span in inside:
            start, stop = max(at, span.start), min(span.end, end)
            if start < stop:
                runs += [Run(text[at:start]), Run(text[start:stop], BOLD)]
                at = stop
        runs += [Run(text[at:end]), Run("…" if end < paragraph.end else "")]
        out.append(tuple(runs))
    return out


def statements(speaker: str, found: Sequence[Found]) -> list[Block]:
    """What somebody said, an entry for each statement in the order given; for `pages`."""
    if not found:
        return [text_block(f"The articles hold no statement of {line(speaker, _NAME)}.")]
    return [_statement(number, statement, article) for number, (statement, article) in enumerate(found, 1)]


def _statement(number: int, one: Statement, article: Article) -> Block:
    when = one.when or (_day(one.said_on) if one.said_on else "")
    facts = [one.kind.value, line(when, _WHEN), f"to {line(one.addressee, _WHEN)}" if one.addressee else ""]
    lines = (
        f"**{number}\\. {_called(one)}** ({escape(', '.join(fact for fact in facts if fact))})",
        described(article, to_sentence(article, one.context)),
    )
    return Block("\n".join(lines), (Run(one.quote(article.text)),), quoted=True, apart=True)


def _called(one: Statement) -> str:
    """The speaker with the role the article gives, escaped."""
    role = line(one.role, _ROLE) if one.role else ""
    return escape((line(one.speaker, _NAME) or "somebody") + (f", {role}" if role else ""))


def checked(one: Checked, meaning: str) -> list[Block]:
    """The verdict on a quotation, `meaning` being it in a sentence, and each match; for `pages`.

    Where wordings differ, words that only the article has are bold, those that only the quotation has underlined.
    """
    blocks = [Block("", (Run(meaning, BOLD),))]
    if any(match.difference for match in one.matches):
        blocks.append(Block("-# **Bold**: only the article has it. __Underlined__: only the quotation has it."))
    for match in one.matches:
        blocks += _match(match)
    return blocks


def _match(one: Match) -> list[Block]:
    citation, said = one.citation, one.statement
    who = f"**{_called(said)}** · " if said else ""
    number = f"**\\[{citation.number}\\]**"
    head = f"{number} {who}{described(citation.article, to_sentence(citation.article, citation.span))}"
    blocks = [Block(head, (Run(citation.excerpt),), quoted=True, apart=True)]
    if one.difference:
        blocks.append(Block("", tuple(_compared(one.difference))))
    return blocks


def _compared(difference: str) -> list[Run]:
    """A difference, its words marked by what has them."""
    runs, at = [], 0
    for match in _DIFFERENCE.finditer(difference):
        runs.append(Run(difference[at : match.start()]))
        own = match["article"]
        runs.append(Run(own, BOLD) if own is not None else Run(match["quotation"], UNDERLINED))
        at = match.end()
    return [*runs, Run(difference[at:])]


def articles(found: Sequence[Article]) -> list[Block]:
    """A line for each article; for `pages`."""
    return [Block(f"- {described(article)}") for article in found] or [text_block("No articles.")]


def card(article: Article, quoted: Sequence[str] = (), changed: str = "", others: Sequence[Article] = ()) -> Message:
    """An article's facts: outlet, authors, date, its beginning, the publisher's corrections, and who is quoted.

    `changed`: how it was since it was first stored; `others`: articles that were perhaps meant.
    """
    values = (
        ("Published", dated(article)),
        ("Source", _list([article.source] if article.source else [])),
        ("By", _list(article.authors)),
        ("Corrections", _list(article.corrections, "\n")),
        ("Quoted", _list(quoted)),
        ("Changed", escape(line(changed, FIELD_VALUE // 2))),
        ("Or", _fitting([f"- {described(other)}" for other in others])),
    )
    fields = tuple(Field(name, value, inline=name in {"Published", "Source"}) for name, value in values if value)
    lead = escape(line(article.text[:_LEAD], _LEAD))
    title = escape(line(article.title, EMBED_TITLE // 2)) or "untitled"
    return Message(embeds=(Embed(title, lead, linkable(article.url) if article.url else None, fields),))


def without_cards(one: Message) -> tuple[Message, ...]:
    """A message's cards as text, for where the bot may not show cards: the same with other marks. Buttons come last."""
    blocks = [Block(one.content)] if one.content else []
    for embed in one.embeds:
        blocks.append(Block(f"**{embed.title}**" + (f"\n<{embed.url}>" if embed.url else ""), apart=True))
        blocks.append(Block(embed.description))
        blocks += [Block(f"**{field.name}**: {field.value}") for field in embed.fields]
        blocks.append(Block(f"-# {embed.footer}" if embed.footer else ""))
    *first, last = _messages([block for block in blocks if block.head])
    return (*first, replace(last, buttons=one.buttons))


def _list(names: Sequence[str], between: str = ", ") -> str:
    """As many of the texts as a field holds, and how many more there are."""
    out = ""
    shown = [escape(name) for name in (line(name, FIELD_VALUE // 3) for name in names) if name]
    for number, name in enumerate(shown):
        joined = f"{out}{between}{name}" if out else name
        if len(joined) > FIELD_VALUE - _FOOTER:
            return f"{out}{between}and {len(shown) - number} more"
        out = joined
    return out


def _fitting(lines: Sequence[str]) -> str:
    """As many lines, which are Discord's markdown already, as a field holds."""
    out = ""
    for one in lines:
        if len(out) + 1 + len(one) > FIELD_VALUE:
            break
        out = f"{out}\n{one}" if out else one
    return out


def pages(heading: str, blocks: Sequence[Block]) -> tuple[Message, ...]:
    """A list cut into pages that fit, under a heading, each with "page n of m" where there is more than one.

    `heading` is plain text. An entry is torn only where it alone is longer than a page.
    """
    head = f"**{escape(shown)}**\n" if (shown := line(heading, _HEADING)) else ""
    contents = pack(blocks, CONTENT - len(head) - _FOOTER) or ["…"]
    if len(contents) < 2:
        return tuple(Message(head + content) for content in contents)
    return tuple(
        Message(f"{head}{content}\n-# page {number} of {len(contents)}") for number, content in enumerate(contents, 1)
    )


def _messages(blocks: Sequence[Block]) -> tuple[Message, ...]:
    return tuple(Message(content) for content in pack(blocks)) or (Message("…"),)

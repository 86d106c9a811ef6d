"""Answers, statements and articles for a terminal. Texts of articles are shown as text, never read as markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from retrieval.text.sentences import paragraphs
from retrieval.text.version_diff import changes
from retrieval.types import Answer, Article, Citation, Passage, Precision, Span, Statement, Status

if TYPE_CHECKING:
    # Showing an answer must not wait for what reads articles.
    from ingest.pipeline import Report
    from retrieval.store.articles import Version

_AROUND = 240
"""Characters of context shown on each side of an excerpt."""

_STYLES = {"added": "green", "updated": "green", "unchanged": "dim", "duplicate": "dim", "failed": "red"}


def dated(article: Article) -> str:
    """The date as exactly as it is known."""
    if article.published is None:
        return f"undated (page of {_day(article.page_date)})" if article.page_date else "undated"
    if article.published_precision is Precision.DAY:
        return _day(article.published)
    return f"{_day(article.published)}, {article.published:%H:%M %Z}"


def _day(day: object) -> str:
    return f"{day:%d %B %Y}".lstrip("0")


def described(article: Article) -> str:
    """Title, source and date in a line."""
    return " · ".join(part for part in (article.title, article.source, dated(article)) if part)


def answer(console: Console, one: Answer) -> None:
    """The answer with its numbered sources, each excerpt in its context."""
    if one.rewritten:
        console.print(Text(f"Asked as: {one.rewritten}", style="dim"))
    console.print(Text(one.text, style="bold" if one.status is Status.ANSWERED else "yellow"))
    for _, group in groupby(one.citations, key=lambda citation: citation.article.id):
        _source(console, list(group))
    if one.nearest:
        console.print("\nNearest coverage:")
        for article in one.nearest:
            console.print(Text(f"  • {described(article)}"))
    for notice in one.notices:
        console.print(Text(f"Note: {notice}", style="yellow"))


def _source(console: Console, citations: Sequence[Citation]) -> None:
    """An article with the excerpts cited from it, those of one paragraph shown in it together."""
    article = citations[0].article
    numbers = " ".join(f"[{number}]" for number in dict.fromkeys(citation.number for citation in citations))
    console.print()
    console.print(Text.assemble((f"{numbers} ", "cyan"), described(article)))
    if article.url:
        console.print(Padding(Text(article.url, style="dim"), (0, 0, 0, 4)))
    ordered = sorted(citations, key=lambda citation: citation.span)
    for shown in in_context(article.text, [citation.span for citation in ordered]):
        console.print(Padding(shown, (0, 0, 0, 4)))


def in_context(text: str, spans: Sequence[Span]) -> list[Text]:
    """The spans highlighted in the paragraphs they stand in; what is far from a span is left out as "…"."""
    out = []
    for paragraph in paragraphs(text):
        inside = [span for span in spans if span.overlaps(paragraph)]
        if not inside:
            continue
        start = max(paragraph.start, inside[0].start - _AROUND)
        end = min(paragraph.end, inside[-1].end + _AROUND)
        shown = Text(text[start:end], style="dim")
        for span in inside:
            shown.stylize("not dim bold reverse", max(span.start - start, 0), span.end - start)
        before, after = "…" if start > paragraph.start else "", "…" if end < paragraph.end else ""
        out.append(Text(before, style="dim").append_text(shown).append(after, style="dim"))
    return out


def statements(console: Console, speaker: str, found: Sequence[tuple[Statement, Article]]) -> None:
    """What somebody said, one statement after the other."""
    if not found:
        console.print(Text(f"The articles hold no statement of {speaker}.", style="yellow"))
    for number, (statement, article) in enumerate(found, 1):
        who = statement.speaker + (f", {statement.role}" if statement.role else "")
        when = statement.when or (str(statement.said_on) if statement.said_on else "")
        parts = [
            part
            for part in (statement.kind.value, when, f"to {statement.addressee}" if statement.addressee else "")
            if part
        ]
        console.print(Text.assemble((f"{number}. ", "cyan"), (who, "bold"), f" ({', '.join(parts)})"))
        console.print(Padding(Text(statement.quote(article.text)), (0, 0, 0, 4)))
        console.print(Padding(Text(f"{described(article)} · {article.id}", style="dim"), (0, 0, 0, 4)))


def passages(console: Console, found: Sequence[Passage]) -> None:
    """Passages found, best first."""
    if not found:
        console.print(Text("Nothing found.", style="yellow"))
    for one in found:
        console.print(Text.assemble((f"{one.rank}. ", "cyan"), described(one.article), (f" · {one.article.id}", "dim")))
        console.print(Padding(Text(one.text, overflow="ellipsis"), (0, 0, 1, 4)))


def articles(console: Console, found: Iterable[Article]) -> None:
    """A line for each article."""
    for one in found:
        console.print(Text.assemble((one.id, "cyan"), " ", described(one)), soft_wrap=True)


def article(
    console: Console, one: Article, history: Sequence[Version], origins: Sequence[str], *, removed: bool = False
) -> None:
    """An article whole, with what changed from version to version; `removed`: and what was left out, in its place."""
    console.print(Text(described(one), style="bold"))
    for origin in dict.fromkeys([*([one.url] if one.url else []), *origins]):
        console.print(Text(origin, style="dim"))
    console.print(Text(f"{one.id}, version {len(history)}\n", style="dim"))
    console.print(with_removed(one) if removed else Text(one.text))
    for correction in one.corrections:
        console.print(Text(f"\nCorrection by the publisher: {correction}", style="yellow"))
    for before, after in pairwise(history):
        console.print(Text(f"\nVersion {after.number}, stored {after.stored[:16]} UTC", style="bold"))
        for change in changes(before.text, after.text):
            gone = (f"[-{change.before}-] ", "red") if change.before else ""
            come = (f"{{+{change.after}+}}", "green") if change.after else ""
            console.print(Padding(Text.assemble(gone, come), (0, 0, 0, 4)))


def with_removed(one: Article) -> Text:
    """The text with what was left out of it, each part in its place with the rule that took it."""
    out, at = Text(), 0
    for part in one.removed:
        out.append(one.text[at : part.at])
        at = part.at
        out.append(f"{'' if at == 0 else chr(10)}[-{part.text}-] ", "red")
        out.append(f"({part.rule}){chr(10) if at == 0 else ''}", "dim")
    return out.append(one.text[at:])


def report(console: Console, one: Report) -> None:
    """What became of an item of `ingest`."""
    line = Text.assemble((f"{one.status:9} ", _STYLES.get(one.status, "")), one.source)
    if one.error:
        line.append(f": {one.error}", style="red")
    elif one.article:
        line.append(f" · {one.article.title} ({one.chunks} chunks, {one.statements} statements)", style="dim")
    console.print(line, soft_wrap=True)

"""Answers, statements and articles on a terminal. An article's text is never interpreted as Rich markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from retrieval.english.calendar import day_text
from retrieval.text.sentences import paragraphs
from retrieval.text.version_diff import find_changes
from retrieval.types import Answer, Article, Citation, Passage, Precision, Span, Statement, Status

if TYPE_CHECKING:
    # Showing an answer must not wait for what reads articles.
    from ingest.pipeline import IngestReport
    from retrieval.store.articles import ArticleVersion

_AROUND = 240
"""Characters of context shown on each side of an excerpt."""

_STYLES = {"added": "green", "updated": "green", "unchanged": "dim", "duplicate": "dim", "failed": "red"}


def date_text(article: Article) -> str:
    """The publication date, as precisely as it is known."""
    if article.published is None:
        return f"undated (page of {day_text(article.page_date)})" if article.page_date else "undated"
    if article.published_precision is Precision.DAY:
        return day_text(article.published)
    return f"{day_text(article.published)}, {article.published:%H:%M %Z}"


def article_line(article: Article) -> str:
    """Title, source and date on one line."""
    return " · ".join(part for part in (article.title, article.source, date_text(article)) if part)


def show_answer(console: Console, answer: Answer) -> None:
    """Show an answer with its numbered sources, each excerpt in its context."""
    if answer.rewritten:
        console.print(Text(f"Asked as: {answer.rewritten}", style="dim"))
    console.print(Text(answer.text, style="bold" if answer.status is Status.ANSWERED else "yellow"))
    for _, group in groupby(answer.citations, key=lambda citation: citation.article.id):
        _source(console, list(group))
    if answer.nearest:
        console.print("\nNearest coverage:")
        for article in answer.nearest:
            console.print(Text(f"  • {article_line(article)}"))
    for notice in answer.notices:
        console.print(Text(f"Note: {notice}", style="yellow"))


def _source(console: Console, citations: Sequence[Citation]) -> None:
    """Show an article with the excerpts cited from it; excerpts of one paragraph are shown together."""
    article = citations[0].article
    numbers = " ".join(f"[{number}]" for number in dict.fromkeys(citation.number for citation in citations))
    console.print()
    console.print(Text.assemble((f"{numbers} ", "cyan"), article_line(article)))
    if article.url:
        console.print(Padding(Text(article.url, style="dim"), (0, 0, 0, 4)))
    ordered = sorted(citations, key=lambda citation: citation.span)
    for shown in in_context(article.text, [citation.span for citation in ordered]):
        console.print(Padding(shown, (0, 0, 0, 4)))


def in_context(text: str, spans: Sequence[Span]) -> list[Text]:
    """The spans highlighted in their paragraphs; text far from a span is replaced by "…"."""
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


def show_statements(console: Console, speaker: str, statements: Sequence[tuple[Statement, Article]]) -> None:
    """Show a speaker's statements, one after the other."""
    if not statements:
        console.print(Text(f"The articles contain no statements by {speaker}.", style="yellow"))
    for number, (statement, article) in enumerate(statements, 1):
        who = statement.speaker + (f", {statement.role}" if statement.role else "")
        when = statement.when or (str(statement.said_on) if statement.said_on else "")
        parts = [
            part
            for part in (statement.kind.value, when, f"to {statement.addressee}" if statement.addressee else "")
            if part
        ]
        console.print(Text.assemble((f"{number}. ", "cyan"), (who, "bold"), f" ({', '.join(parts)})"))
        console.print(Padding(Text(statement.quote(article.text)), (0, 0, 0, 4)))
        console.print(Padding(Text(f"{article_line(article)} · {article.id}", style="dim"), (0, 0, 0, 4)))


def show_passages(console: Console, passages: Sequence[Passage]) -> None:
    """Show passages, best first."""
    if not passages:
        console.print(Text("Nothing found.", style="yellow"))
    for passage in passages:
        console.print(
            Text.assemble(
                (f"{passage.rank}. ", "cyan"), article_line(passage.article), (f" · {passage.article.id}", "dim")
            )
        )
        console.print(Padding(Text(passage.text, overflow="ellipsis"), (0, 0, 1, 4)))


def show_articles(console: Console, articles: Iterable[Article]) -> None:
    """Show a line for each article."""
    for article in articles:
        console.print(Text.assemble((article.id, "cyan"), " ", article_line(article)), soft_wrap=True)


def show_article(
    console: Console,
    article: Article,
    history: Sequence[ArticleVersion],
    origins: Sequence[str],
    *,
    removed: bool = False,
) -> None:
    """Show a whole article and what changed between its versions; with `removed`, also what cleaning took out."""
    console.print(Text(article_line(article), style="bold"))
    for origin in dict.fromkeys([*([article.url] if article.url else []), *origins]):
        console.print(Text(origin, style="dim"))
    console.print(Text(f"{article.id}, version {len(history)}\n", style="dim"))
    console.print(with_removed(article) if removed else Text(article.text))
    for correction in article.corrections:
        console.print(Text(f"\nCorrection by the publisher: {correction}", style="yellow"))
    for before, after in pairwise(history):
        console.print(Text(f"\nVersion {after.number}, stored {after.stored[:16]} UTC", style="bold"))
        for change in find_changes(before.text, after.text):
            gone = (f"[-{change.before}-] ", "red") if change.before else ""
            come = (f"{{+{change.after}+}}", "green") if change.after else ""
            console.print(Padding(Text.assemble(gone, come), (0, 0, 0, 4)))


def with_removed(article: Article) -> Text:
    """The text with the parts that cleaning removed, each in its place with the rule that removed it."""
    out, at = Text(), 0
    for part in article.removed:
        out.append(article.text[at : part.at])
        at = part.at
        out.append(f"{'' if at == 0 else chr(10)}[-{part.text}-] ", "red")
        out.append(f"({part.rule}){chr(10) if at == 0 else ''}", "dim")
    return out.append(article.text[at:])


def show_report(console: Console, report: IngestReport) -> None:
    """Show the outcome of one item of `ingest`."""
    line = Text.assemble((f"{report.status:9} ", _STYLES.get(report.status, "")), report.source)
    if report.error:
        line.append(f": {report.error}", style="red")
    elif report.article:
        line.append(f" · {report.article.title} ({report.chunks} chunks, {report.statements} statements)", style="dim")
    console.print(line, soft_wrap=True)

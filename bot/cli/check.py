"""The verdict on a quotation, as JSON and on the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.cli.terminal import article_line, in_context
from bot.messages.verdicts import verdict_sentence
from retrieval.quotes.checker import CheckedQuotation, Match, Verdict

_STYLES = {
    Verdict.VERBATIM: "bold green",
    Verdict.ALTERED: "bold red",
    Verdict.MISATTRIBUTED: "bold red",
    Verdict.NOT_FOUND: "bold yellow",
}


def verdict_json(checked: CheckedQuotation) -> dict[str, Any]:
    """The JSON of `check --json`."""
    return {
        "verdict": checked.verdict.value,
        "speaker": checked.speaker,
        "matches": [_match_json(match) for match in checked.matches],
    }


def _match_json(match: Match) -> dict[str, Any]:
    article, span, statement = match.citation.article, match.citation.span, match.statement
    return {
        "quote": match.citation.excerpt,
        "speaker": statement.speaker if statement else None,
        "role": statement.role if statement else None,
        "kind": statement.kind.value if statement else None,
        "said_on": statement.said_on.isoformat() if statement and statement.said_on else None,
        "difference": match.difference,
        "likeness": round(match.likeness, 3),
        "article_id": article.id,
        "version": article.version,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "published": article.published_iso,
        "start": span.start,
        "end": span.end,
    }


def show_verdict(console: Console, checked: CheckedQuotation) -> None:
    """Show the verdict, then each match in its paragraph with the differences."""
    console.print(Text(verdict_sentence(checked), style=_STYLES[checked.verdict]))
    for match in checked.matches:
        statement = match.statement
        who = f"{statement.speaker}{f', {statement.role}' if statement.role else ''} · " if statement else ""
        console.print()
        number = (f"[{match.citation.number}] ", "cyan")
        console.print(Text.assemble(number, (who, "bold"), article_line(match.citation.article)))
        if match.difference:
            console.print(Padding(_highlight_difference(match.difference), (0, 0, 0, 4)))
        for shown in in_context(match.citation.article.text, [match.citation.span]):
            console.print(Padding(shown, (0, 0, 0, 4)))


def _highlight_difference(difference: str) -> Text:
    """The difference with the article's own words in red, the quotation's own in green."""
    shown = Text(difference)
    shown.highlight_regex(r"\[-.*?-\]", "red")
    shown.highlight_regex(r"\{\+.*?\+\}", "green")
    return shown

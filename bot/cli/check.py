"""The verdict on a quotation, for the command line: as the contract's JSON and for a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.cli.terminal import described, in_context
from bot.messages.verdicts import meaning
from retrieval.quotes.checker import Checked, Match, Verdict

_STYLES = {
    Verdict.VERBATIM: "bold green",
    Verdict.ALTERED: "bold red",
    Verdict.MISATTRIBUTED: "bold red",
    Verdict.NOT_FOUND: "bold yellow",
}


def contract(one: Checked) -> dict[str, Any]:
    """What `check --json` prints."""
    return {
        "verdict": one.verdict.value,
        "speaker": one.speaker,
        "matches": [_match(match) for match in one.matches],
    }


def _match(one: Match) -> dict[str, Any]:
    article, span, said = one.citation.article, one.citation.span, one.statement
    return {
        "quote": one.citation.excerpt,
        "speaker": said.speaker if said else None,
        "role": said.role if said else None,
        "kind": said.kind.value if said else None,
        "said_on": said.said_on.isoformat() if said and said.said_on else None,
        "difference": one.difference,
        "likeness": round(one.likeness, 3),
        "article_id": article.id,
        "version": article.version,
        "title": article.title,
        "source": article.source,
        "url": article.url,
        "published": article.published_as_known,
        "start": span.start,
        "end": span.end,
    }


def show(console: Console, one: Checked) -> None:
    """The verdict, then each match in its paragraph with what differs."""
    console.print(Text(meaning(one), style=_STYLES[one.verdict]))
    for match in one.matches:
        said = match.statement
        who = f"{said.speaker}{f', {said.role}' if said.role else ''} · " if said else ""
        console.print()
        number = (f"[{match.citation.number}] ", "cyan")
        console.print(Text.assemble(number, (who, "bold"), described(match.citation.article)))
        if match.difference:
            console.print(Padding(_marked(match.difference), (0, 0, 0, 4)))
        for shown in in_context(match.citation.article.text, [match.citation.span]):
            console.print(Padding(shown, (0, 0, 0, 4)))


def _marked(difference: str) -> Text:
    """What only the article has in red, what only the quotation has in green."""
    shown = Text(difference)
    shown.highlight_regex(r"\[-.*?-\]", "red")
    shown.highlight_regex(r"\{\+.*?\+\}", "green")
    return shown

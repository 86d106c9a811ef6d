"""What the commands share: their options, the errors of wrong usage, what is read from files, JSON on stdout."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from retrieval.types import Query

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout and nothing else there.")]
Scope = Annotated[str, typer.Option(help="public, or a Discord guild's id.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles from this day on.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles up to this day.")]
Now = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The day from which “last week” counts; today if not given."),
]
SourceName = Annotated[str | None, typer.Option(help="Only, or as, this source.")]


class WrongUsage(Exception):
    """The command line cannot be carried out as it was given; the message says what to do."""


def console() -> Console:
    """The terminal."""
    from rich.console import Console

    return Console(highlight=False)


def query(
    text: str,
    scope: str,
    since: datetime | None,
    until: datetime | None,
    source: str | None,
    now: datetime | None = None,
) -> Query:
    """What is asked, as the options narrow it."""
    from retrieval.types import Query

    return Query(
        text,
        scopes(scope),
        since=since.date() if since else None,
        until=until.date() if until else None,
        sources=(source,) if source else (),
        now=now.date() if now else None,
    )


def checked_scope(scope: str) -> str:
    """The scope. Raises WrongUsage for what is none."""
    from retrieval.types import PUBLIC

    if scope != PUBLIC and not (scope.isascii() and scope.isdigit() and len(scope) <= 20):
        raise WrongUsage("--scope is public or a Discord guild's id, in digits")
    return scope


def scopes(scope: str) -> tuple[str, ...]:
    """What a reader of this scope sees: a guild sees what is public as well."""
    from retrieval.types import PUBLIC

    return tuple(dict.fromkeys((PUBLIC, checked_scope(scope))))


def require_words(text: str) -> None:
    """Raise WrongUsage for a question without a word."""
    if not any(char.isalnum() for char in text):
        raise WrongUsage("the question is empty: ask something, such as: what did Kirby say?")


def unknown_article(article_id: str) -> WrongUsage:
    """The error for an id that these scopes do not hold."""
    return WrongUsage(f"no article {article_id[:40]} here: onrecord articles list shows the ids")


def existing_file(path: Path) -> Path:
    """The path. Raises WrongUsage where there is no file."""
    if not path.is_file():
        raise WrongUsage(f"{path}: no such file; check the path")
    return path


def read_json(path: Path) -> Any:
    """The JSON of a file. Raises WrongUsage where it is none."""
    try:
        return json.loads(existing_file(path).read_text("utf-8"))
    except ValueError as error:
        raise WrongUsage(f"{path} is not valid JSON in UTF-8") from error


def print_json(value: Any) -> None:
    """JSON on stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=2))

"""`onrecord articles …`: looking at what is stored, and taking it away."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import factory
from bot.cli import options
from bot.cli.options import AsJson, Scope

app = typer.Typer(help="The articles of the library.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_articles(scope: Scope = "public", as_json: AsJson = False) -> None:
    """List the articles, newest first."""
    from bot import contract
    from bot.cli import terminal

    with factory.library() as library, library.open_reader(options.scopes(scope)) as db:
        articles = db.articles()
    if as_json:
        options.print_json({"articles": [contract.article(article) for article in articles]})
    else:
        terminal.show_articles(options.console(), articles)


@app.command("show")
def show_article(
    article_id: str,
    scope: Scope = "public",
    removed: Annotated[bool, typer.Option("--removed", help="And what was left out of it, where, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show an article with its text, to which every start and end refers."""
    from bot import contract
    from bot.cli import terminal

    with factory.library() as library, library.open_reader(options.scopes(scope)) as db:
        article = db.article(article_id)
        versions = db.history([article_id]).get(article_id, [])
        origins = db.origins(article_id)
    if article is None:
        raise options.unknown_article(article_id)
    if as_json:
        shown = contract.article(article, text=True) | {"origins": origins, "versions": contract.versions(versions)}
        options.print_json(shown | {"removed": contract.removed_parts(article)} if removed else shown)
    else:
        terminal.show_article(options.console(), article, versions, origins, removed=removed)


@app.command("remove")
def remove_article(
    article_id: Annotated[str | None, typer.Argument(metavar="ID", help="As articles list shows it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="A guild's every article, and all else it has.")] = False,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """Forget an article with its history, or with --all and --scope everything of a guild."""
    from bot import contract

    if (article_id is None) != everything:
        raise options.WrongUsage("give an article's id, or --all with the --scope of a guild")
    if article_id is None:
        _remove_guild(scope, as_json=as_json)
        return
    with factory.library() as library:
        removed = library.remove(article_id, options.scopes(scope))
    if removed is None:
        raise options.unknown_article(article_id)
    if as_json:
        options.print_json({"removed": contract.article(removed)})
    else:
        print(f"removed {removed.id} · {removed.title}")


def _remove_guild(scope: str, *, as_json: bool) -> None:
    from retrieval.types import PUBLIC

    if options.checked_scope(scope) == PUBLIC:
        raise options.WrongUsage("--all is for a guild: name it with --scope")
    with factory.library() as library:
        removed = library.remove_scope(scope)
    if as_json:
        options.print_json({"scope": scope, "articles": removed})
    else:
        print(f"removed {removed} articles of {scope}, with all that was kept for it")


@app.command("refresh")
def refresh_article(article_id: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Read an article again from where it was found."""
    from bot import contract
    from bot.cli import terminal
    from ingest.refresh import refresh_article
    from ingest.web import Fetcher

    settings = factory.load_settings()
    with factory.library(settings) as library:
        with library.open_reader(options.scopes(scope)) as db:
            article, origins = db.article(article_id), db.origins(article_id)
        if article is None:
            raise options.unknown_article(article_id)
        report = refresh_article(library, article, origins, lambda: Fetcher.of(settings), factory.who_said(settings))
    if as_json:
        options.print_json(contract.report(report))
    else:
        terminal.show_report(options.console(), report)
    if report.status == "failed":
        raise typer.Exit(1)

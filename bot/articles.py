"""`onrecord articles …`: looking at what is stored, and taking it away."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import wiring
from bot.wiring import AsJson, Scope

app = typer.Typer(help="The articles of the library.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_articles(scope: Scope = "public", as_json: AsJson = False) -> None:
    """List the articles, newest first."""
    from bot import contract, show

    with wiring.library() as library, library.read(wiring.scopes(scope)) as db:
        found = db.articles()
    if as_json:
        wiring.print_json({"articles": [contract.article(one) for one in found]})
    else:
        show.articles(wiring.console(), found)


@app.command("show")
def show_article(
    article_id: str,
    scope: Scope = "public",
    removed: Annotated[bool, typer.Option("--removed", help="And what was left out of it, where, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show an article with its text, to which every start and end refers."""
    from bot import contract, show

    with wiring.library() as library, library.read(wiring.scopes(scope)) as db:
        found = db.article(article_id)
        versions = db.history([article_id]).get(article_id, [])
        origins = db.origins(article_id)
    if found is None:
        raise wiring.unknown_article(article_id)
    if as_json:
        shown = contract.article(found, text=True) | {"origins": origins, "versions": contract.versions(versions)}
        wiring.print_json(shown | {"removed": contract.removed(found)} if removed else shown)
    else:
        show.article(wiring.console(), found, versions, origins, removed=removed)


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
        raise wiring.WrongUsage("give an article's id, or --all with the --scope of a guild")
    if article_id is None:
        _remove_guild(scope, as_json=as_json)
        return
    with wiring.library() as library:
        removed = library.remove(article_id, wiring.scopes(scope))
    if removed is None:
        raise wiring.unknown_article(article_id)
    if as_json:
        wiring.print_json({"removed": contract.article(removed)})
    else:
        print(f"removed {removed.id} · {removed.title}")


def _remove_guild(scope: str, *, as_json: bool) -> None:
    from retrieval.types import PUBLIC

    if wiring.checked_scope(scope) == PUBLIC:
        raise wiring.WrongUsage("--all is for a guild: name it with --scope")
    with wiring.library() as library:
        removed = library.remove_scope(scope)
    if as_json:
        wiring.print_json({"scope": scope, "articles": removed})
    else:
        print(f"removed {removed} articles of {scope}, with all that was kept for it")


@app.command("refresh")
def refresh_article(article_id: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Read an article again from where it was found."""
    from bot import contract, show
    from ingest.fetch import Fetcher
    from ingest.refresh import refresh

    settings = wiring.load_settings()
    with wiring.library(settings) as library:
        with library.read(wiring.scopes(scope)) as db:
            found, origins = db.article(article_id), db.origins(article_id)
        if found is None:
            raise wiring.unknown_article(article_id)
        report = refresh(library, found, origins, lambda: Fetcher.of(settings), wiring.who_said(settings))
    if as_json:
        wiring.print_json(contract.report(report))
    else:
        show.report(wiring.console(), report)
    if report.status == "failed":
        raise typer.Exit(1)

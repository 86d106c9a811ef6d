"""`onrecord speakers …`: who speaks, and by what names."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import wiring
from bot.wiring import AsJson, Scope

app = typer.Typer(help="Who speaks in the articles.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_speakers(
    name: Annotated[str, typer.Argument(help="How a name begins.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 25,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """List speakers, those who say most first."""
    from bot import speaking

    with wiring.library() as library, library.read(wiring.scopes(scope)) as db:
        found = db.speakers(name, limit)
    if as_json:
        wiring.print_json({"speakers": [speaking.person(one) for one in found]})
    else:
        speaking.show_list(wiring.console(), found)


@app.command("show")
def show_speaker(name: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Show by what names and in what roles a speaker stands in the articles."""
    from bot import speaking
    from retrieval.speakers import the_one

    with wiring.library() as library, library.read(wiring.scopes(scope)) as db:
        found = the_one(db, name)
        roles = db.roles(found.names)
    if as_json:
        wiring.print_json(speaking.person(found, roles))
    else:
        speaking.show_one(wiring.console(), found, roles)


@app.command("merge")
def merge_speakers(name: str, into: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Take one speaker for another from now on, in this scope."""
    from bot import speaking
    from retrieval.speakers import merge

    with wiring.library() as library:
        made = merge(library, wiring.scopes(scope), name, into)
    if as_json:
        wiring.print_json(speaking.person(made))
    else:
        speaking.show_one(wiring.console(), made, [])


@app.command("split")
def split_speaker(name: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Take a name for somebody of its own from now on, in this scope."""
    from bot import speaking
    from retrieval.speakers import split

    with wiring.library() as library:
        made = split(library, wiring.scopes(scope), name)
    if as_json:
        wiring.print_json(speaking.person(made))
    else:
        speaking.show_one(wiring.console(), made, [])

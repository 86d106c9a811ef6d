"""`onrecord speakers …`: who speaks, and by what names."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import factory
from bot.cli import options
from bot.cli.options import AsJson, Scope

app = typer.Typer(help="Who speaks in the articles.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_speakers(
    name: Annotated[str, typer.Argument(help="How a name begins.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 25,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """List speakers, those who say most first."""
    from bot.cli import speaker_views

    with factory.library() as library, library.open_reader(options.scopes(scope)) as db:
        persons = db.speakers(name, limit)
    if as_json:
        options.print_json({"speakers": [speaker_views.person_json(person) for person in persons]})
    else:
        speaker_views.show_persons(options.console(), persons)


@app.command("show")
def show_speaker(name: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Show by what names and in what roles a speaker stands in the articles."""
    from bot.cli import speaker_views
    from retrieval.search.speaker_merges import find_person

    with factory.library() as library, library.open_reader(options.scopes(scope)) as db:
        person = find_person(db, name)
        roles = db.roles(person.names)
    if as_json:
        options.print_json(speaker_views.person_json(person, roles))
    else:
        speaker_views.show_person(options.console(), person, roles)


@app.command("merge")
def merge_speakers(name: str, into: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Take one speaker for another from now on, in this scope."""
    from bot.cli import speaker_views
    from retrieval.search.speaker_merges import merge_persons

    with factory.library() as library:
        merged = merge_persons(library, options.scopes(scope), name, into)
    if as_json:
        options.print_json(speaker_views.person_json(merged))
    else:
        speaker_views.show_person(options.console(), merged, [])


@app.command("split")
def split_speaker(name: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Take a name for somebody of its own from now on, in this scope."""
    from bot.cli import speaker_views
    from retrieval.search.speaker_merges import split_person

    with factory.library() as library:
        person = split_person(library, options.scopes(scope), name)
    if as_json:
        options.print_json(speaker_views.person_json(person))
    else:
        speaker_views.show_person(options.console(), person, [])

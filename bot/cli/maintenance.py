"""The commands that keep a library well: `reindex`, `backup`, `restore`, `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import factory
from bot.cli import options
from bot.cli.options import AsJson

app = typer.Typer(rich_markup_mode=None)


@app.command()
def reindex(
    again: Annotated[bool, typer.Option("--reread", help="Cut and attribute the stored texts anew as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Build the library's vectors anew, with the embedding that is set."""
    from bot.cli.ingest import followed
    from ingest.refresh import reread
    from retrieval.library.reindex import reindex as rebuilt

    settings = factory.load_settings()
    embedder = factory.embedder(settings)
    done = {"chunks": followed(rebuilt(settings.data_dir, embedder))}
    if again:
        with factory.library(settings) as library:
            done["articles"] = followed(reread(library, factory.who_said(settings)))
    if as_json:
        options.print_json(done | {"embedding": embedder.name})
    else:
        print(", ".join(f"{number} {name}" for name, number in done.items()) + f" brought up to {embedder.name}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to make.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file where there is one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the library, which may be in use, to one file."""
    from bot.cli.backup import back_up, worded

    done = back_up(factory.load_settings(), file, force=force)
    options.print_json(done) if as_json else print(worded(done))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that onrecord backup made.")],
    as_json: AsJson = False,
) -> None:
    """Put a backup in the library's place, once it is checked; what was there is kept."""
    from bot.cli.backup import bring_back, worded

    done = bring_back(factory.load_settings(), options.existing_file(file))
    options.print_json(done) if as_json else print(worded(done))


@app.command()
def dropped(
    number: Annotated[int, typer.Option("-n", min=1, max=10_000, help="How many, the newest first.")] = 20,
    scope: options.Scope = "public",
    as_json: AsJson = False,
) -> None:
    """List what a model wrote and was not shown, with the reasons."""
    from retrieval.llm.ledger import Ledger

    found = Ledger(factory.load_settings().data_dir).dropped([options.checked_scope(scope)], number)
    if as_json:
        rows = [
            {"at": one.at, "scope": one.scope, "model": one.model, "question": one.question, "claim": one.dropped.claim,
             "kind": one.dropped.kind, "reason": one.dropped.reason}
            for one in found
        ]  # fmt: skip
        options.print_json({"dropped": rows})
        return
    for one in found:
        print(f"{one.at} {one.model}: {one.question}")
        print(f"    {one.dropped.claim}\n    {one.dropped.kind}: {one.dropped.reason}")
    if not found:
        print("nothing that a model wrote was dropped")


@app.command()
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Check every chunk, span and indexed row.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what is configured, what works, and what to do about what does not."""
    from bot.cli.doctor import checks

    found = checks(factory.load_settings(), deep=deep)
    if as_json:
        options.print_json({"checks": [check._asdict() for check in found]})
    else:
        for check in found:
            print(
                f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}"
                + (f" → {check.advice}" if check.advice else "")
            )
    if not all(check.ok for check in found):
        raise typer.Exit(1)

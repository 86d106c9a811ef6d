"""Commands that maintain a library: `reindex`, `backup`, `restore`, `dropped`, `doctor`."""

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
    reread_texts: Annotated[
        bool, typer.Option("--reread", help="Also chunk and attribute the stored texts again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild the library's vectors with the embedding that is set."""
    from bot.cli.ingest import show_progress
    from ingest.refresh import reread_all
    from retrieval.library.reindex import reindex as rebuilt

    settings = factory.load_settings()
    embedder = factory.embedder(settings)
    done = {"chunks": show_progress(rebuilt(settings.data_dir, embedder))}
    if reread_texts:
        with factory.library(settings) as library:
            done["articles"] = show_progress(reread_all(library, factory.who_said(settings)))
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
    from bot.cli.backup import backup_line, write_backup

    done = write_backup(factory.load_settings(), file, force=force)
    options.print_json(done) if as_json else print(backup_line(done))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that onrecord backup made.")],
    as_json: AsJson = False,
) -> None:
    """Replace the library with a backup, once it is checked; what was there is kept."""
    from bot.cli.backup import backup_line, restore_backup

    done = restore_backup(factory.load_settings(), options.existing_file(file))
    options.print_json(done) if as_json else print(backup_line(done))


@app.command("dropped")
def list_dropped(
    number: Annotated[int, typer.Option("-n", min=1, max=10_000, help="How many, the newest first.")] = 20,
    scope: options.Scope = "public",
    as_json: AsJson = False,
) -> None:
    """List the claims that a model wrote and that were not shown, with the reasons."""
    from retrieval.llm.ledger import Ledger

    entries = Ledger(factory.load_settings().data_dir).dropped_claims([options.checked_scope(scope)], number)
    if as_json:
        rows = [
            {
                "at": entry.at,
                "scope": entry.scope,
                "model": entry.model,
                "question": entry.question,
                "claim": entry.dropped.claim,
                "kind": entry.dropped.kind,
                "reason": entry.dropped.reason,
            }
            for entry in entries
        ]
        options.print_json({"dropped": rows})
        return
    for entry in entries:
        print(f"{entry.at} {entry.model}: {entry.question}")
        print(f"    {entry.dropped.claim}\n    {entry.dropped.kind}: {entry.dropped.reason}")
    if not entries:
        print("nothing that a model wrote was dropped")


@app.command()
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Check every chunk, span and indexed row.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what is configured, what works, and what to do about what does not."""
    from bot.cli.doctor import run_checks

    checks = run_checks(factory.load_settings(), deep=deep)
    if as_json:
        options.print_json({"checks": [check._asdict() for check in checks]})
    else:
        for check in checks:
            print(
                f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}"
                + (f" → {check.advice}" if check.advice else "")
            )
    if not all(check.ok for check in checks):
        raise typer.Exit(1)

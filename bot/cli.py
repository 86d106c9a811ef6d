"""`onrecord …`: the one place where the house is wired together.

Modules are imported where a command needs them, so that `onrecord --help` does not wait for a model.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import feeds

if TYPE_CHECKING:
    from rich.console import Console

    from retrieval.library import Library
    from retrieval.settings import Settings
    from retrieval.types import Query

app = typer.Typer(
    help="Answers questions from news articles you trust, and proves every word.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
articles_app = typer.Typer(help="The articles of the library.", no_args_is_help=True)
app.add_typer(articles_app, name="articles")
speakers_app = typer.Typer(help="Who speaks in the articles.", no_args_is_help=True)
app.add_typer(speakers_app, name="speakers")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on stdout and nothing else there.")]
Scope = Annotated[str, typer.Option(help="public, or a Discord guild's id.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles from this day on.")]
Until = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only articles up to this day.")]
SourceName = Annotated[str | None, typer.Option(help="Only, or as, this source.")]


class _WrongUsage(Exception):
    """Something on the command line cannot be used; the message says what to do."""


def main() -> None:
    """Run the command line: exit 0 when done, 1 when something failed, 2 for wrong usage."""
    from retrieval.errors import OnRecordError, QuestionError, SettingsError

    try:
        app(standalone_mode=True)
    except (_WrongUsage, QuestionError, SettingsError) as error:
        _fail(error, 2)
    except OnRecordError as error:
        _fail(error, 1)
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain once more when it flushes at exit.
        sys.stdout = None
        sys.exit(1)
    except KeyboardInterrupt:
        print("stopped; what was reported is stored", file=sys.stderr)
        sys.exit(130)


def _fail(error: Exception, code: int) -> None:
    print(f"error: {error}", file=sys.stderr)
    sys.exit(code)


@app.command()
def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE…", help="Files, folders, addresses of articles or feeds, or - for stdin."),
    ],
    scope: Scope = "public",
    title: Annotated[str | None, typer.Option(help="The headline.")] = None,
    source_name: SourceName = None,
    published: Annotated[str | None, typer.Option(help="When it was published, such as 2024-06-18.")] = None,
    url: Annotated[str | None, typer.Option(help="Where it was published.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read articles into the library."""
    from bot.intake import take_in
    from ingest.fetch import Fetcher
    from ingest.given import Given

    given, settings = Given(_scope(scope), title, source_name, url, published), _settings()
    with _library(settings) as library:
        failed = take_in(library, sources, given, _console(), lambda: Fetcher.of(settings), as_json=as_json)
    if failed:
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="A question in plain words.")] = None,
    scope: Scope = "public",
    since: Since = None,
    until: Until = None,
    source_name: SourceName = None,
    history: Annotated[Path | None, typer.Option(help='The conversation before: [{"question", "answer"}…].')] = None,
    batch: Annotated[Path | None, typer.Option(help="One question a line, as JSON; one answer a line.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the articles, with proof."""
    from bot import show
    from bot.asking import answered_lines, turns
    from retrieval.answer import answer_question

    if (question is None) == (batch is None):
        raise _WrongUsage("give a question, or a file of questions with --batch")
    base = _query(question or "", scope, since, until, source_name)
    if batch is not None:
        _readable(batch)
        with _library() as library:
            ok = True
            for line, good in answered_lines(library, batch, base):
                ok = ok and good
                print(json.dumps(line, ensure_ascii=False), flush=True)
        if not ok:
            raise typer.Exit(1)
        return
    before = turns(_loaded(history)) if history else []
    _ask_something(question or "")
    with _library() as library:
        answer = answer_question(library, base, before)
        if as_json:
            from bot import contract

            _print_json(contract.answer(answer))
        else:
            show.answer(_console(), answer)


@app.command()
def said(
    speaker: Annotated[str, typer.Argument(help="A name or a role.")],
    about: Annotated[str | None, typer.Option(help="Only statements on this topic.")] = None,
    since: Since = None,
    until: Until = None,
    to: Annotated[str | None, typer.Option(help="Only statements made to these, such as reporters.")] = None,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """List every statement of a speaker, verbatim, oldest first."""
    from bot import contract, show, speaking
    from retrieval.said import statements_by

    _ask_something(speaker)
    with _library() as library:
        persons, found = statements_by(library, _query(speaker, scope, since, until, None), speaker, about, to)
    if as_json:
        _print_json(contract.said(speaker, [one.name for one in persons], found))
    else:
        show.statements(_console(), speaker, found)
        speaking.candidates(_console(), speaker, persons, found)


@app.command()
def check(
    quote: Annotated[str, typer.Argument(help="The words as they were quoted.")],
    speaker: Annotated[str | None, typer.Option(help="Who is said to have said them.")] = None,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """Tell whether a quotation is real: word for word, altered, somebody else's, or not found."""
    from bot import checking
    from retrieval.check import check as checked

    with _library() as library:
        found = checked(library, quote, _scopes(scope), speaker)
    if as_json:
        _print_json(checking.contract(found))
    else:
        checking.show(_console(), found)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words to look for.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 8,
    scope: Scope = "public",
    since: Since = None,
    until: Until = None,
    source_name: SourceName = None,
    as_json: AsJson = False,
) -> None:
    """Find passages, by words and by meaning."""
    from bot import contract, show
    from retrieval.search import search_text

    _ask_something(query)
    with _library() as library:
        found = search_text(library, _query(query, scope, since, until, source_name), k)
        if as_json:
            _print_json(contract.passages(found))
        else:
            show.passages(_console(), found)


@speakers_app.command("list")
def list_speakers(
    name: Annotated[str, typer.Argument(help="How a name begins.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 25,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """List speakers, those who say most first."""
    from bot import speaking

    with _library() as library, library.read(_scopes(scope)) as db:
        found = db.speakers(name, limit)
    if as_json:
        _print_json({"speakers": [speaking.person(one) for one in found]})
    else:
        speaking.show_list(_console(), found)


@speakers_app.command("show")
def show_speaker(name: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Show by what names and in what roles a speaker stands in the articles."""
    from bot import speaking
    from retrieval.speakers import the_one

    with _library() as library, library.read(_scopes(scope)) as db:
        found = the_one(db, name)
        roles = db.roles(found.names)
    if as_json:
        _print_json(speaking.person(found, roles))
    else:
        speaking.show(_console(), found, roles)


@speakers_app.command("merge")
def merge_speakers(name: str, into: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Take one speaker for another from now on, in this scope."""
    from bot import speaking
    from retrieval.speakers import merge

    with _library() as library:
        made = merge(library, _scopes(scope), name, into)
    if as_json:
        _print_json(speaking.person(made))
    else:
        speaking.show(_console(), made, [])


@speakers_app.command("split")
def split_speaker(name: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Take a name for somebody of its own from now on, in this scope."""
    from bot import speaking
    from retrieval.speakers import split

    with _library() as library:
        made = split(library, _scopes(scope), name)
    if as_json:
        _print_json(speaking.person(made))
    else:
        speaking.show(_console(), made, [])


@articles_app.command("list")
def list_articles(scope: Scope = "public", as_json: AsJson = False) -> None:
    """List the articles, newest first."""
    from bot import contract, show

    with _library() as library, library.read(_scopes(scope)) as db:
        found = db.articles()
    if as_json:
        _print_json({"articles": [contract.article(one) for one in found]})
    else:
        show.articles(_console(), found)


@articles_app.command("show")
def show_article(
    article_id: str,
    scope: Scope = "public",
    removed: Annotated[bool, typer.Option("--removed", help="And what was left out of it, where, and why.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show an article with its text, to which every start and end refers."""
    from bot import contract, show

    with _library() as library, library.read(_scopes(scope)) as db:
        found = db.article(article_id)
        versions = db.history([article_id]).get(article_id, [])
        origins = db.origins(article_id)
    if found is None:
        raise _unknown(article_id)
    if as_json:
        shown = contract.article(found, text=True) | {"origins": origins, "versions": contract.versions(versions)}
        _print_json(shown | {"removed": contract.removed(found)} if removed else shown)
    else:
        show.article(_console(), found, versions, origins, removed=removed)


@articles_app.command("remove")
def remove_article(
    article_id: Annotated[str | None, typer.Argument(metavar="ID", help="As articles list shows it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="A guild's every article, and all else it has.")] = False,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """Forget an article with its history, or with --all and --scope everything of a guild."""
    from bot import contract

    if (article_id is None) != everything:
        raise _WrongUsage("give an article's id, or --all with the --scope of a guild")
    if article_id is None:
        _remove_guild(scope, as_json=as_json)
        return
    with _library() as library:
        removed = library.remove(article_id, _scopes(scope))
    if removed is None:
        raise _unknown(article_id)
    if as_json:
        _print_json({"removed": contract.article(removed)})
    else:
        print(f"removed {removed.id} · {removed.title}")


def _remove_guild(scope: str, *, as_json: bool) -> None:
    from retrieval.types import PUBLIC

    if _scope(scope) == PUBLIC:
        raise _WrongUsage("--all is for a guild: name it with --scope")
    with _library() as library:
        removed = library.remove_scope(scope)
    if as_json:
        _print_json({"scope": scope, "articles": removed})
    else:
        print(f"removed {removed} articles of {scope}, with all that was kept for it")


@articles_app.command("refresh")
def refresh_article(article_id: str, scope: Scope = "public", as_json: AsJson = False) -> None:
    """Read an article again from where it was found."""
    from bot import contract, show
    from ingest.refresh import refresh

    with _library() as library:
        with library.read(_scopes(scope)) as db:
            found, origins = db.article(article_id), db.origins(article_id)
        if found is None:
            raise _unknown(article_id)
        report = refresh(library, found, origins)
    if as_json:
        _print_json(contract.report(report))
    else:
        show.report(_console(), report)
    if report.status == "failed":
        raise typer.Exit(1)


@app.command()
def attribute(
    file: Annotated[Path | None, typer.Argument(help="A text file.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="No cleaning: offsets into the file's own text.")] = False,
    published: Annotated[str | None, typer.Option(help="The day it was published.")] = None,
    batch: Annotated[Path | None, typer.Option(help='One {"text", "published"} a line, as JSON; raw.')] = None,
    as_json: AsJson = False,
) -> None:
    """Tell who said what in a text, without a library."""
    from bot.attributing import of_file, of_lines

    del as_json  # there is no other form
    if (file is None) == (batch is None):
        raise _WrongUsage("give a file, or a file of texts with --batch")
    if file is not None:
        _print_json(of_file(_readable(file), raw=raw, published=published))
        return
    ok = True
    for line in of_lines(_readable(batch)):  # type: ignore[arg-type]
        ok = ok and "error" not in line
        print(json.dumps(line, ensure_ascii=False), flush=True)
    if not ok:
        raise typer.Exit(1)


@app.command()
def reindex(
    again: Annotated[bool, typer.Option("--reread", help="Cut and attribute the stored texts anew as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Build the library's vectors anew, with the embedding that is set."""
    from bot.intake import followed
    from ingest.refresh import reread
    from retrieval.embeddings import open_embeddings
    from retrieval.reindex import reindex as rebuilt

    settings = _settings()
    embedder = open_embeddings(settings.embeddings, settings.model_dir, settings.cache_dir)
    done = {"chunks": followed(rebuilt(settings.data_dir, embedder))}
    if again:
        with _library(settings) as library:
            done["articles"] = followed(reread(library))
    if as_json:
        _print_json(done | {"embedding": embedder.name})
    else:
        print(", ".join(f"{number} {name}" for name, number in done.items()) + f" brought up to {embedder.name}")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to make.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file where there is one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the library, which may be in use, to one file."""
    from bot.keeping import back_up, worded

    done = back_up(_settings(), file, force=force)
    _print_json(done) if as_json else print(worded(done))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that onrecord backup made.")],
    as_json: AsJson = False,
) -> None:
    """Put a backup in the library's place, once it is checked; what was there is kept."""
    from bot.keeping import bring_back, worded

    done = bring_back(_settings(), _readable(file))
    _print_json(done) if as_json else print(worded(done))


@app.command()
def bot(
    show_invite: Annotated[bool, typer.Option("--invite", help="Print the address that adds it to a server.")] = False,
) -> None:
    """Run the Discord bot, until it is asked to stop."""
    from bot import client

    print(client.invite(_settings())) if show_invite else client.run(_settings(), _library)


@app.command()
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Check every chunk, span and indexed row.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what is configured, what works, and what to do about what does not."""
    from bot.doctor import checks

    found = checks(_settings(), deep=deep)
    if as_json:
        _print_json({"checks": [check._asdict() for check in found]})
    else:
        for check in found:
            print(
                f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}"
                + (f" → {check.advice}" if check.advice else "")
            )
    if not all(check.ok for check in found):
        raise typer.Exit(1)


@app.command()
def demo() -> None:
    """Read the sample articles, answer a question, open a prompt."""
    from bot.demo import run

    settings = _settings()
    with _library(settings, settings.data_dir / "demo") as library:
        run(library, _console())


def _console() -> Console:
    from rich.console import Console

    return Console(highlight=False)


def _settings() -> Settings:
    from retrieval.settings import load

    settings = load()
    logging.basicConfig(level=settings.log_level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    for name, value in (("DATABASE_URL", settings.database_url), ("CHROMA_URL", settings.chroma_url)):
        if value is not None:
            raise _WrongUsage(f"{name} is set, and this release keeps its library in ONRECORD_DATA_DIR alone: unset it")
    return settings


@contextmanager
def _library(settings: Settings | None = None, data_dir: Path | None = None) -> Iterator[Library]:
    from retrieval.embeddings import open_embeddings
    from retrieval.library import open_library

    settings = settings or _settings()
    embedder = open_embeddings(settings.embeddings, settings.model_dir, settings.cache_dir)
    library = open_library(data_dir or settings.data_dir, embedder)
    try:
        yield library
        if library.damaged:
            library.seal()
    finally:
        library.close()


def _query(text: str, scope: str, since: datetime | None, until: datetime | None, source: str | None) -> Query:
    from retrieval.types import Query

    return Query(
        text,
        _scopes(scope),
        since=since.date() if since else None,
        until=until.date() if until else None,
        sources=(source,) if source else (),
    )


def _scope(scope: str) -> str:
    from retrieval.types import PUBLIC

    if scope != PUBLIC and not (scope.isascii() and scope.isdigit() and len(scope) <= 20):
        raise _WrongUsage("--scope is public or a Discord guild's id, in digits")
    return scope


def _scopes(scope: str) -> tuple[str, ...]:
    """What a reader of this scope sees: a guild sees what is public as well."""
    from retrieval.types import PUBLIC

    return tuple(dict.fromkeys((PUBLIC, _scope(scope))))


def _ask_something(text: str) -> None:
    if not any(char.isalnum() for char in text):
        raise _WrongUsage("the question is empty: ask something, such as: what did Kirby say?")


def _unknown(article_id: str) -> _WrongUsage:
    return _WrongUsage(f"no article {article_id[:40]} here: onrecord articles list shows the ids")


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise _WrongUsage(f"{path}: no such file; check the path")
    return path


def _loaded(path: Path) -> Any:
    try:
        return json.loads(_readable(path).read_text("utf-8"))
    except ValueError as error:
        raise _WrongUsage(f"{path} is not valid JSON in UTF-8") from error


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


app.add_typer(feeds.commands(_settings, _library, _scope, _WrongUsage), name="feeds")

if __name__ == "__main__":
    main()

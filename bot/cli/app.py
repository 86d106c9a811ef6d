"""The `onrecord` command.

Modules are imported inside the commands that need them, so that `onrecord --help` does not wait for a model.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import factory
from bot.cli import articles, feedback, feeds, maintenance, options, speakers
from bot.cli.options import AsJson, Now, Scope, Since, SourceName, Until

if TYPE_CHECKING:
    pass

app = typer.Typer(
    help="Answers questions from news articles you trust, and proves every word.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Rich's boxes around the help take longer to load than everything else that the help needs.
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command line: exit 0 when done, 1 when something failed, 2 for wrong usage."""
    from retrieval.errors import OnRecordError, QuestionError, SettingsError

    try:
        app(standalone_mode=True)
    except (options.WrongUsage, QuestionError, SettingsError) as error:
        _fail(error, 2)
    except OnRecordError as error:
        _fail(error, 1)
    except BrokenPipeError:
        # Whatever read our output is gone; without this, flushing at exit would raise the error again.
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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what is new in files, and what embedding it would cost.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read articles into the library."""
    from bot.cli.ingest import ingest_sources
    from ingest.article.build import ArticleMetadata
    from ingest.web import Fetcher

    given, settings = (
        ArticleMetadata(options.checked_scope(scope), title, source_name, url, published),
        factory.load_settings(),
    )
    with factory.library(settings) as library:
        if dry_run:
            from bot.cli.dry_run import show_forecast

            failed = show_forecast(library, settings, sources, given, as_json=as_json)
            raise typer.Exit(1 if failed else 0)
        who_said, console = factory.who_said(settings), options.console()
        opens = partial(Fetcher.of, settings)
        failed = ingest_sources(library, sources, given, console, opens, as_json=as_json, who_said=who_said)
    if failed:
        raise typer.Exit(1)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="A question in plain words.")] = None,
    scope: Scope = "public",
    since: Since = None,
    until: Until = None,
    source_name: SourceName = None,
    now: Now = None,
    history: Annotated[Path | None, typer.Option(help='The conversation before: [{"question", "answer"}…].')] = None,
    batch: Annotated[
        Path | None, typer.Option(help="A file with one question per line, as JSON; prints one answer per line.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--answerer", help="quote, or write: with the model that is set up.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the articles, with proof."""
    from bot.cli import terminal
    from bot.cli.batch import answer_lines, parse_history

    if (question is None) == (batch is None):
        raise options.WrongUsage("give a question, or a file of questions with --batch")
    if by not in (None, "quote", "write"):
        raise options.WrongUsage("--answerer is quote or write")
    base = options.query(question or "", scope, since, until, source_name, now)
    if batch is not None:
        options.existing_file(batch)
        settings = factory.load_settings()
        with factory.library(settings) as library:
            ok = True
            for line, good in answer_lines(factory.answerer(settings, library, by), batch, base):
                ok = ok and good
                print(json.dumps(line, ensure_ascii=False), flush=True)
        if not ok:
            raise typer.Exit(1)
        return
    before = parse_history(options.read_json(history)) if history else []
    options.require_words(question or "")
    settings = factory.load_settings()
    with factory.library(settings) as library:
        answer = factory.answerer(settings, library, by).answer_now(base, before)
        if as_json:
            from bot import contract

            options.print_json(contract.answer(answer))
        else:
            terminal.show_answer(options.console(), answer)


@app.command("said")
def list_statements(
    speaker: Annotated[str, typer.Argument(help="A name or a role.")],
    about: Annotated[str | None, typer.Option(help="Only statements on this topic.")] = None,
    since: Since = None,
    until: Until = None,
    to: Annotated[str | None, typer.Option(help="Only statements made to these, such as reporters.")] = None,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """List every statement of a speaker, verbatim, oldest first."""
    from bot import contract
    from bot.cli import speaker_views, terminal
    from retrieval.answer.statements import statements_by

    options.require_words(speaker)
    with factory.library() as library:
        persons, found = statements_by(library, options.query(speaker, scope, since, until, None), speaker, about, to)
    if as_json:
        options.print_json(contract.speaker_statements(speaker, [one.name for one in persons], found))
    else:
        terminal.show_statements(options.console(), speaker, found)
        speaker_views.ask_which_speaker(options.console(), speaker, persons, found)


@app.command("who-said")
def who_said(
    claim: Annotated[str, typer.Argument(help="A claim, such as: taxes will rise.")],
    since: Since = None,
    until: Until = None,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """Show who supports a claim, and who denies it."""
    from bot.cli import speaker_views
    from retrieval.answer.stances import find_sides

    options.require_words(claim)
    with factory.library() as library:
        found = find_sides(library, options.query(claim, scope, since, until, None), claim)
    if as_json:
        options.print_json(speaker_views.sides_json(claim, found))
    else:
        speaker_views.show_sides(options.console(), claim, found)


@app.command()
def check(
    quote: Annotated[str, typer.Argument(help="The words as they were quoted.")],
    speaker: Annotated[str | None, typer.Option(help="The person they are attributed to.")] = None,
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """Check whether a quotation is real: word for word, altered, somebody else's, or not found."""
    from bot.cli.check import show_verdict, verdict_json
    from retrieval.quotes import check as check_quotation

    with factory.library() as library:
        found = check_quotation(library, quote, options.scopes(scope), speaker)
    if as_json:
        options.print_json(verdict_json(found))
    else:
        show_verdict(options.console(), found)


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
    """Find passages by words and by meaning."""
    from bot import contract
    from bot.cli import terminal
    from retrieval.search import search_text

    options.require_words(query)
    with factory.library() as library:
        found = search_text(library, options.query(query, scope, since, until, source_name), k)
        if as_json:
            options.print_json(contract.passages(found))
        else:
            terminal.show_passages(options.console(), found)


@app.command()
def attribute(
    file: Annotated[Path | None, typer.Argument(help="A text file.")] = None,
    raw: Annotated[bool, typer.Option("--raw", help="No cleaning: offsets into the file's own text.")] = False,
    published: Annotated[str | None, typer.Option(help="The day it was published.")] = None,
    batch: Annotated[
        Path | None, typer.Option(help='A file with one {"text", "published"} per line, as JSON; read as with --raw.')
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show who said what in a text, without a library."""
    from bot.cli.attribute import attribute_file, attribute_lines

    del as_json  # there is no other form
    if (file is None) == (batch is None):
        raise options.WrongUsage("give a file, or a file of texts with --batch")
    who_said = factory.who_said(factory.load_settings())
    if file is not None:
        options.print_json(attribute_file(options.existing_file(file), who_said, raw=raw, published=published))
        return
    ok = True
    for line in attribute_lines(options.existing_file(batch), who_said):  # type: ignore[arg-type]
        ok = ok and "error" not in line
        print(json.dumps(line, ensure_ascii=False), flush=True)
    if not ok:
        raise typer.Exit(1)


@app.command("eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="A question set: one question per line, as JSON, with its gold answer.")],
    half: Annotated[str, typer.Option(help="report, calibrate (a fixed split by id), or all.")] = "report",
    baselines: Annotated[
        list[str] | None,
        typer.Option("--baseline", help="Also measure a baseline: BM25, vectors or LangChain; may be repeated."),
    ] = None,
    write: Annotated[Path | None, typer.Option(help="A document in which to renew this set's table.")] = None,
    by: Annotated[str, typer.Option("--answerer", help="quote, or write: with the model that is set up.")] = "quote",
    scope: Scope = "public",
    as_json: AsJson = False,
) -> None:
    """Measure the answers to a question set."""
    from bot.cli import evaluate as evaluating

    if half not in evaluating.HALVES:
        raise options.WrongUsage(f"--half is one of {', '.join(evaluating.HALVES)}")
    if by not in ("quote", "write"):
        raise options.WrongUsage("--answerer is quote or write")
    options.existing_file(file)
    base = options.query("", scope, None, None, None)
    settings = factory.load_settings()
    with factory.library(settings) as library:
        answerer = factory.answerer(settings, library, by)
        try:
            result = evaluating.evaluate(library, file, base, half, baselines=baselines or (), answerer=answerer)
        except LookupError as error:
            raise options.WrongUsage(str(error)) from error
    if as_json:
        options.print_json(result.contract())
    else:
        print(evaluating.figures_table(result))
        print(f"{result.name} ({result.digest}), half: {result.half}; CPU ms p50 {result.p50}, p95 {result.p95}")
    if write:
        evaluating.write_table(write, result)


@app.command()
def bot(
    show_invite: Annotated[bool, typer.Option("--invite", help="Print the link that adds it to a server.")] = False,
    guild: Annotated[
        int | None, typer.Option(help="For development: register the commands in this server only.")
    ] = None,
) -> None:
    """Run the Discord bot until it is stopped."""
    from bot.discord_app import client

    settings = factory.load_settings()
    print(client.invite(settings)) if show_invite else client.run_bot(settings, guild)


@app.command()
def demo() -> None:
    """Read the sample articles, answer a question, and open a prompt."""
    from bot.cli.demo import run_demo

    settings = factory.load_settings()
    with factory.library(settings, settings.data_dir / "demo") as library:
        run_demo(library, options.console())


app.add_typer(maintenance.app)
app.add_typer(articles.app, name="articles")
app.add_typer(speakers.app, name="speakers")
app.add_typer(feeds.app, name="feeds")
app.add_typer(feedback.app, name="feedback")

if __name__ == "__main__":
    main()

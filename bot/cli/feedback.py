"""`onrecord feedback …`: members' votes on the bot's answers, exported as a question set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import factory
from bot.cli import options

if TYPE_CHECKING:
    from bot.workers.records import AnswerRecord
    from retrieval.library import Library
    from retrieval.store.replies import StoredReply, Vote

app = typer.Typer(help="What people thought of the bot's answers.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def feedback() -> None:
    """What people thought of the bot's answers."""


@app.command()
def export(
    scope: Annotated[
        str | None, typer.Option(help="public (direct messages), or a Discord guild's id. Default: everywhere.")
    ] = None,
) -> None:
    """Write the answers that were voted on as a question set, a line of JSON each."""
    with factory.library() as library:
        scopes = (options.checked_scope(scope),) if scope is not None else library.replies.scopes()
        for line in question_set(library, scopes):
            print(json.dumps(line, ensure_ascii=False), flush=True)


def question_set(library: Library, scopes: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The answers of these scopes that were voted on, in the form of a question set for `eval`.

    An answer that more members liked than disliked is the gold answer, with its excerpts as evidence; an abstention
    that they liked makes an unanswerable question. For a disliked answer the right one is not known: its line has the
    type `rejected`, the answer under `rejected` and the members' reasons, for a person to complete.
    """
    for kept, votes in library.replies.answers_with_votes(scopes):
        yield _line(library, kept, votes)


def _line(library: Library, kept: StoredReply, votes: Sequence[Vote]) -> dict[str, Any]:
    from bot.workers.records import AnswerRecord

    record = AnswerRecord.model_validate(kept.body)
    good = sum(vote.good for vote in votes)
    line: dict[str, Any] = {"id": f"feedback-{kept.key}", "question": record.question}
    line |= {"history": [asdict(turn) for turn in record.history]} if record.history else {}
    narrowed = {"since": record.since, "until": record.until, "sources": list(record.sources)}
    line |= {name: value for name, value in narrowed.items() if value}
    line |= {"scope": kept.scope, "asked_on": datetime.fromtimestamp(kept.made, UTC).date().isoformat()}
    if good * 2 > len(votes):
        line |= _gold(library, kept.scope, record)
    else:
        line |= {"type": "rejected", "answer": "", "rejected": _answer_shown(record)}
    reasons = [vote.reason for vote in votes if vote.reason]
    return line | {"votes": {"good": good, "bad": len(votes) - good}} | ({"reasons": reasons} if reasons else {})


def _answer_shown(record: AnswerRecord) -> dict[str, Any]:
    """The answer that members saw, with its evidence."""
    evidence = [
        {"article": citation.url or citation.article, "text": citation.excerpt} for citation in record.citations
    ]
    return {"status": record.status, "answer": record.answer, "answerer": record.answerer, "evidence": evidence}


def _gold(library: Library, scope: str, record: AnswerRecord) -> dict[str, Any]:
    """The gold fields of a question whose answer members liked."""
    if record.status == "abstained":
        return {"type": "unanswerable", "answer": ""}
    shown = _answer_shown(record)
    speakers = {citation.speaker for citation in record.citations}
    excerpts = [" ".join(citation.excerpt.lower().split()) for citation in record.citations]
    return {
        "type": "followup" if record.history else _question_type(library, scope, record),
        "answer": shown["answer"],
        "must_include": excerpts[:1],
        "evidence": shown["evidence"],
        "gold_articles": list(dict.fromkeys(citation.url for citation in record.citations if citation.url)),
    } | ({"speaker": speakers.pop()} if len(speakers) == 1 and None not in speakers else {})


def _question_type(library: Library, scope: str, record: AnswerRecord) -> str:
    """The type of a question, as the question parser reads it."""
    from retrieval.search.query import understand
    from retrieval.types import PUBLIC, Intent, Query

    scopes = tuple(dict.fromkeys((PUBLIC, scope)))
    since, until = (date.fromisoformat(day) if day else None for day in (record.since, record.until))
    with library.open_reader(scopes) as db:
        query = understand(Query(record.question, scopes, since=since, until=until), (), db)
    if query.intent is Intent.SAID:
        return "said_about" if query.topic else "said"
    return {Intent.WHO_SAID: "who_said", Intent.LATEST: "latest"}.get(query.intent, "factoid")

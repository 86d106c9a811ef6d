"""`onrecord feedback …`: what people thought of the bot's answers, as a question set to measure by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import factory
from bot.cli import options

if TYPE_CHECKING:
    from retrieval.library import Library
    from retrieval.store.replies import Kept, Vote

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

    An answer that more members liked than not is the gold answer, with its excerpts as evidence; an abstention that was
    liked is an unanswerable question. Of what was not liked the right answer is not known: such a line has the type
    `rejected`, what was answered under `rejected`, and the reasons, for a person to complete.
    """
    for kept, votes in library.replies.voted(scopes):
        yield _line(library, kept, votes)


def _line(library: Library, kept: Kept, votes: Sequence[Vote]) -> dict[str, Any]:
    body = kept.body
    good = sum(vote.good for vote in votes)
    line: dict[str, Any] = {"id": f"feedback-{kept.key}", "question": body["question"]}
    line |= {"history": body["history"]} if body["history"] else {}
    line |= {name: body[name] for name in ("since", "until", "sources") if body.get(name)}
    line |= {"scope": kept.scope, "asked_on": datetime.fromtimestamp(kept.made, UTC).date().isoformat()}
    if good * 2 > len(votes):
        line |= _liked(library, kept)
    else:
        line |= {"type": "rejected", "answer": "", "rejected": _shown(body)}
    reasons = [vote.reason for vote in votes if vote.reason]
    return line | {"votes": {"good": good, "bad": len(votes) - good}} | ({"reasons": reasons} if reasons else {})


def _shown(body: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered, with its evidence."""
    evidence = [{"article": one["url"] or one["article"], "text": one["excerpt"]} for one in body["citations"]]
    return {"status": body["status"], "answer": body["answer"], "answerer": body["answerer"], "evidence": evidence}


def _liked(library: Library, kept: Kept) -> dict[str, Any]:
    body, shown = kept.body, _shown(kept.body)
    if body["status"] == "abstained":
        return {"type": "unanswerable", "answer": ""}
    speakers = {one["speaker"] for one in body["citations"]}
    gold = list(dict.fromkeys(one["url"] for one in body["citations"] if one["url"]))
    excerpts = [" ".join(one["excerpt"].lower().split()) for one in body["citations"]]
    return {
        "type": "followup" if body["history"] else _kind(library, kept),
        "answer": shown["answer"],
        "must_include": excerpts[:1],
        "evidence": shown["evidence"],
        "gold_articles": gold,
    } | ({"speaker": speakers.pop()} if len(speakers) == 1 and None not in speakers else {})


def _kind(library: Library, kept: Kept) -> str:
    """The type of a question, by what the library understands of it."""
    from retrieval.search.query import understand
    from retrieval.types import PUBLIC, Intent, Query

    body = kept.body
    scopes = tuple(dict.fromkeys((PUBLIC, kept.scope)))
    since, until = (date.fromisoformat(day) if day else None for day in (body.get("since"), body.get("until")))
    with library.read(scopes) as db:
        query = understand(Query(body["question"], scopes, since=since, until=until), (), db)
    if query.intent is Intent.SAID:
        return "said_about" if query.topic else "said"
    return {Intent.WHO_SAID: "who_said", Intent.LATEST: "latest"}.get(query.intent, "factoid")

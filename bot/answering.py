"""From a question to the messages that answer it: the one place where the bot asks the library for an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bot import render
from bot.buttons import button
from bot.escaping import label
from bot.replying import Reply, scope
from bot.talks import KIND, NOTHING, Key, Talk, stored_as
from retrieval.question import Turn
from retrieval.replies import ANSWER
from retrieval.types import Answer, Query

if TYPE_CHECKING:
    from bot.client import OnRecord


async def answered(
    client: OnRecord, member: int, guild: int | None, asked: Query | Callable[[], Query], before: Sequence[Key]
) -> Reply:
    """The answer to a question with its buttons, once the member's questions before it are answered.

    `before`: what a conversation that it continues may be known by, the nearest first. Raises what `Answerer.answer`
    and `asked` raise.
    """
    query = asked if isinstance(asked, Query) else asked()
    talk = client.talks.before(before)
    if talk is None:
        talk = await client.desk.offer(partial(recalled, client, guild, before))
    async with client.desk.turn(member):
        answer = await client.answerer.answer(query, talk.turns)
    return await client.desk.offer(partial(composed, client, guild, query, talk, answer))


def recalled(client: OnRecord, guild: int | None, keys: Sequence[Key]) -> Talk:
    """The conversation known by the first of these keys, from the library. To be called in a thread."""
    for key in keys:
        kept = client.keeping.find(stored_as(key), scope(guild))
        if kept is not None and kept.kind == KIND:
            return Talk.of(kept.body)
    return NOTHING


def remember(client: OnRecord, guild: int | None, keys: Sequence[Key], talk: Talk) -> None:
    """Let these keys stand for a conversation, also after a restart."""
    client.talks.keep(keys, talk)
    for key in keys:
        client.keeping.keep(scope(guild), KIND, talk.kept(), stored_as(key))


def composed(client: OnRecord, guild: int | None, query: Query, talk: Talk, answer: Answer) -> Reply:
    """An answer as messages, the last of them with buttons. To be called in a thread."""
    key = client.keeping.keep(scope(guild), ANSWER, kept(query, talk, answer))
    speaker = next((one.speaker for one in answer.citations if one.speaker), None)
    buttons = [button("Show evidence", "evidence", key)] if answer.citations else []
    if speaker:
        buttons.append(button(label(f"More by {speaker}"), "more", key))
    buttons += [button("👍", "good", key), button("👎", "bad", key)]
    *first, last = render.answer(answer)
    after = talk.then(Turn(query.text, answer.text), (one.article.id for one in answer.citations))
    return Reply([*first, replace(last, buttons=tuple(buttons))], answer.status.value, after)


def kept(query: Query, talk: Talk, answer: Answer) -> Mapping[str, Any]:
    """What the buttons under an answer, and the feedback on it, need of it."""
    return {
        "question": query.text,
        "history": talk.kept()["turns"],
        "articles": list(talk.articles),
        "since": query.since.isoformat() if query.since else None,
        "until": query.until.isoformat() if query.until else None,
        "sources": list(query.sources),
        "status": answer.status.value,
        "answer": answer.text,
        "answerer": answer.answerer,
        "citations": [
            {
                "n": one.number,
                "article": one.article.id,
                "url": one.article.url,
                "start": one.span.start,
                "end": one.span.end,
                "excerpt": one.excerpt,
                "speaker": one.speaker,
            }
            for one in answer.citations
        ],
    }

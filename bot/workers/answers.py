"""An answer as messages with buttons, and what is kept of it. No Discord in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.conversations import KIND, NOTHING, Talk
from bot.messages import render
from bot.messages.button_ids import button
from bot.messages.markdown import label
from bot.messages.reply import Keep, Reply
from retrieval.library import Library
from retrieval.search.query import Turn
from retrieval.store.replies import ANSWER
from retrieval.types import Answer, Query


def recalled(library: Library, scope: str, keys: Sequence[str]) -> Talk:
    """The conversation kept under the first of these keys that the library knows."""
    for key in keys:
        kept = library.replies.find(key, scope)
        if kept is not None and kept.kind == KIND:
            return Talk.of(kept.body)
    return NOTHING


def composed(query: Query, talk: Talk, answer: Answer) -> Reply:
    """An answer as messages, the last of them with buttons."""
    keep = Keep.of(ANSWER, _kept(query, talk, answer))
    speaker = next((one.speaker for one in answer.citations if one.speaker), None)
    buttons = [button("Show evidence", "evidence", keep.key)] if answer.citations else []
    if speaker:
        buttons.append(button(label(f"More by {speaker}"), "more", keep.key))
    buttons += [button("👍", "good", keep.key), button("👎", "bad", keep.key)]
    *first, last = render.answer(answer)
    after = talk.then(Turn(query.text, answer.text), (one.article.id for one in answer.citations))
    return Reply([*first, replace(last, buttons=tuple(buttons))], answer.status.value, after, keep)


def _kept(query: Query, talk: Talk, answer: Answer) -> Mapping[str, Any]:
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

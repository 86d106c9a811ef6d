"""Answers as messages with buttons, and what is kept of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.conversations import Conversation
from bot.messages import render
from bot.messages.button_ids import make_button
from bot.messages.markdown import button_label
from bot.workers.records import AnswerRecord, CitationRecord, ConversationRecord, KeptRecord, record_from_stored
from bot.workers.replies import Reply
from retrieval.library import Library
from retrieval.search.query import Turn
from retrieval.types import Answer, Query


def find_conversation(library: Library, scope: str, keys: Sequence[str]) -> Conversation:
    """The conversation that the library keeps under the first of these keys it knows; a new one where it knows none."""
    for key in keys:
        kept = library.replies.find(key, scope)
        record = record_from_stored(kept.kind, kept.body) if kept else None
        if isinstance(record, ConversationRecord):
            return record.conversation
    return Conversation()


def answer_reply(query: Query, conversation: Conversation, answer: Answer) -> Reply:
    """An answer as messages, with buttons under the last; `conversation`: what came before."""
    kept = KeptRecord.under_new_key(_answer_record(query, conversation, answer))
    speaker = next((citation.speaker for citation in answer.citations if citation.speaker), None)
    buttons = [make_button("Show evidence", "evidence", kept.key)] if answer.citations else []
    if speaker:
        buttons.append(make_button(button_label(f"More by {speaker}"), "more", kept.key))
    buttons += [make_button("👍", "good", kept.key), make_button("👎", "bad", kept.key)]
    *first, last = render.answer_messages(answer)
    cited = (citation.article.id for citation in answer.citations)
    return Reply(
        messages=(*first, replace(last, buttons=tuple(buttons))),
        outcome=answer.status.value,
        conversation=conversation.with_turn(Turn(query.text, answer.text), cited),
        kept=kept,
    )


def _answer_record(query: Query, conversation: Conversation, answer: Answer) -> AnswerRecord:
    return AnswerRecord(
        question=query.text,
        history=conversation.turns,
        articles=conversation.articles,
        since=query.since.isoformat() if query.since else None,
        until=query.until.isoformat() if query.until else None,
        sources=query.sources,
        status=answer.status.value,
        answer=answer.text,
        answerer=answer.answerer,
        citations=tuple(
            CitationRecord(
                n=citation.number,
                article=citation.article.id,
                url=citation.article.url,
                start=citation.span.start,
                end=citation.span.end,
                excerpt=citation.excerpt,
                speaker=citation.speaker,
            )
            for citation in answer.citations
        ),
    )

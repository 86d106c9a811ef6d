"""A page of a list, with the buttons that turn to the others."""

from __future__ import annotations

from dataclasses import replace

from bot.messages.button_ids import make_button
from bot.messages.message import Button
from bot.messages.render import page_messages
from bot.workers.protocol import ShowList
from bot.workers.records import KeptRecord
from bot.workers.replies import Reply
from retrieval.library import Library


def show_list(library: Library, request: ShowList) -> Reply:
    """The page of the list that is asked for, or the last one; its options are kept where it has several pages."""
    contents = request.options.contents(library, request.guild)
    messages = page_messages(contents.heading, contents.blocks)
    if len(messages) == 1:
        return Reply(messages=messages, outcome=contents.outcome)
    kept = KeptRecord.under_new_key(request.options) if request.key is None else None
    page = min(request.page, len(messages) - 1)
    buttons = _page_buttons(kept.key if kept else str(request.key), page, len(messages))
    return Reply(messages=(replace(messages[page], buttons=buttons),), outcome=contents.outcome, kept=kept)


def _page_buttons(key: str, page: int, number_of_pages: int) -> tuple[Button, ...]:
    back = [make_button("◀ Back", "page", key, page - 1)] if page > 0 else []
    forward = [make_button("Next ▶", "page", key, page + 1)] if page + 1 < number_of_pages else []
    return (*back, *forward)

"""Ids of buttons: what a button does and for which reply is in its id, so that it works after a restart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from bot.messages.message import Button

Action = Literal["page", "evidence", "more", "good", "bad"]
"""What a button does: turn to a page, show evidence, show more by the speaker, vote."""

TEMPLATE = r"(?P<what>page|evidence|more|good|bad):(?P<key>[0-9a-f]{16})(?::(?P<number>[0-9]{1,4}))?"
"""The form of an id. Buttons under messages sent earlier must keep working."""


@dataclass(frozen=True, slots=True)
class ButtonId:
    """What a button does, the key under which its reply is kept, and the page it leads to, counted from 0."""

    action: Action
    key: str
    page: int = 0

    @classmethod
    def parse(cls, custom_id: str) -> ButtonId:
        """The parts of an id. Raises ValueError for text that is none."""
        match = re.fullmatch(TEMPLATE, custom_id)
        if match is None:
            raise ValueError(f"not a button's id: {custom_id}")
        return cls(cast(Action, match["what"]), match["key"], int(match["number"] or 0))


def make_button(label: str, action: Action, key: str, page: int | None = None) -> Button:
    """A button under the reply that is kept under `key`; `page`: the page it leads to, counted from 0."""
    return Button(label, f"{action}:{key}" if page is None else f"{action}:{key}:{page}")

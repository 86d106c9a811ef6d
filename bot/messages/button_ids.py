"""Ids of buttons: what one does, and for which reply, stands in its id, so that it outlives a restart."""

from __future__ import annotations

from bot.messages.message import Button

TEMPLATE = r"(?P<what>page|evidence|more|good|bad):(?P<key>[0-9a-f]{16})(?::(?P<number>[0-9]{1,4}))?"


def button(label: str, what: str, key: str, number: int | None = None) -> Button:
    """A button under the reply that is kept under `key`; `number`: the page it leads to, from 0 on."""
    return Button(label, f"{what}:{key}" if number is None else f"{what}:{key}:{number}")

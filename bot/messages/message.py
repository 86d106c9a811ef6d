"""What Discord takes, and messages as plain data that keep to it. A message that exists can be sent.

Lengths are in Unicode code points, as Python counts them: Discord's own answer to how it counts (discord-api-docs,
issue 1315). The numbers are those of the API's reference: messages, embeds, components, application commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

CONTENT = 2_000
EMBEDS = 10
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4_096
EMBED_FOOTER = 2_048
EMBED_FIELDS = 25
FIELD_NAME = 256
FIELD_VALUE = 1_024
EMBEDS_IN_ALL = 6_000
COMPONENTS = 40
ROWS = 5
ROW = 5
LABEL = 80
CUSTOM_ID = 100
CHOICE = 100
CHOICES = 25


class LimitError(ValueError):
    """Something is longer, or more, than Discord takes, or empty where it must not be."""


def _within(what: str, size: int, most: int, least: int = 0) -> None:
    if not least <= size <= most:
        raise LimitError(f"{what}: {size}, where {least} to {most} are taken")


@dataclass(frozen=True, slots=True)
class Field:
    """A named value of an embed. Raises LimitError."""

    name: str
    value: str
    inline: bool = False

    def __post_init__(self) -> None:
        _within("a field's name", len(self.name.strip()), FIELD_NAME, 1)
        _within("a field's value", len(self.value.strip()), FIELD_VALUE, 1)
        _within("a field's name", len(self.name), FIELD_NAME)
        _within("a field's value", len(self.value), FIELD_VALUE)


@dataclass(frozen=True, slots=True)
class Embed:
    """A card under a message. `title` and `footer` are shown as they are given but for Discord's marks; `url` is where
    the title leads. Raises LimitError."""

    title: str = ""
    description: str = ""
    url: str | None = None
    fields: tuple[Field, ...] = ()
    footer: str = ""

    def __post_init__(self) -> None:
        _within("an embed's title", len(self.title), EMBED_TITLE)
        _within("an embed's description", len(self.description), EMBED_DESCRIPTION)
        _within("an embed's footer", len(self.footer), EMBED_FOOTER)
        _within("an embed's fields", len(self.fields), EMBED_FIELDS)
        _within("an embed's characters", self.size, EMBEDS_IN_ALL, 1)

    @property
    def size(self) -> int:
        """Characters that count towards the 6,000 of a message's embeds."""
        shown = len(self.title) + len(self.description) + len(self.footer)
        return shown + sum(len(field.name) + len(field.value) for field in self.fields)


@dataclass(frozen=True, slots=True)
class Button:
    """A button, by what stands on it and the id under which its press comes back. Raises LimitError."""

    label: str
    custom_id: str

    def __post_init__(self) -> None:
        _within("a label", len(self.label), LABEL, 1)
        _within("a custom id", len(self.custom_id), CUSTOM_ID, 1)


@dataclass(frozen=True, slots=True)
class Message:
    """A message to be sent: with `allowed_mentions` none, whatever it says, and link previews suppressed.

    Every link in `content` stands in angle brackets, which keeps Discord from adding a preview of its own; the flag
    that suppresses previews takes `embeds` away too, so it is for messages without any. Raises LimitError.
    """

    content: str = ""
    embeds: tuple[Embed, ...] = ()
    buttons: tuple[Button, ...] = ()

    def __post_init__(self) -> None:
        _within("a message", len(self.content), CONTENT)
        if not self.content.strip() and not self.embeds:
            raise LimitError("a message says nothing")
        _within("embeds", len(self.embeds), EMBEDS)
        _within("characters of embeds", sum(embed.size for embed in self.embeds), EMBEDS_IN_ALL)
        _within("rows of buttons", self.rows, ROWS)
        _within("components", len(self.buttons) + self.rows, COMPONENTS)

    @property
    def rows(self) -> int:
        """Rows that the buttons fill, five in each."""
        return ceil(len(self.buttons) / ROW)

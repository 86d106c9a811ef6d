"""Discord's limits, and messages as plain data that keep within them: a message that exists can be sent.

Lengths are in Unicode code points, as Python counts them (discord-api-docs, issue 1315). The numbers are those of the
API reference for messages, embeds, components and application commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

MAX_CONTENT = 2_000
MAX_EMBEDS = 10
MAX_EMBED_TITLE = 256
MAX_EMBED_DESCRIPTION = 4_096
MAX_EMBED_FOOTER = 2_048
MAX_EMBED_FIELDS = 25
MAX_FIELD_NAME = 256
MAX_FIELD_VALUE = 1_024
MAX_EMBED_CHARACTERS = 6_000
MAX_COMPONENTS = 40
MAX_ROWS = 5
BUTTONS_PER_ROW = 5
MAX_LABEL = 80
MAX_CUSTOM_ID = 100
MAX_CHOICE_NAME = 100
MAX_CHOICES = 25


class LimitError(ValueError):
    """Something exceeds one of Discord's limits, or is empty where it must not be."""


def _check_limit(what: str, size: int, most: int, least: int = 0) -> None:
    if not least <= size <= most:
        raise LimitError(f"{what}: {size}, where {least} to {most} are allowed")


@dataclass(frozen=True, slots=True)
class Field:
    """A named value of an embed. Raises LimitError."""

    name: str
    value: str
    inline: bool = False

    def __post_init__(self) -> None:
        _check_limit("a field's name", len(self.name.strip()), MAX_FIELD_NAME, 1)
        _check_limit("a field's value", len(self.value.strip()), MAX_FIELD_VALUE, 1)
        _check_limit("a field's name", len(self.name), MAX_FIELD_NAME)
        _check_limit("a field's value", len(self.value), MAX_FIELD_VALUE)


@dataclass(frozen=True, slots=True)
class Embed:
    """A card under a message. `title` and `footer` are Discord's markdown; `url` is the link of the title.

    Raises LimitError.
    """

    title: str = ""
    description: str = ""
    url: str | None = None
    fields: tuple[Field, ...] = ()
    footer: str = ""

    def __post_init__(self) -> None:
        _check_limit("an embed's title", len(self.title), MAX_EMBED_TITLE)
        _check_limit("an embed's description", len(self.description), MAX_EMBED_DESCRIPTION)
        _check_limit("an embed's footer", len(self.footer), MAX_EMBED_FOOTER)
        _check_limit("an embed's fields", len(self.fields), MAX_EMBED_FIELDS)
        _check_limit("an embed's characters", self.size, MAX_EMBED_CHARACTERS, 1)

    @property
    def size(self) -> int:
        """Number of characters that count towards the 6,000 of a message's embeds."""
        shown = len(self.title) + len(self.description) + len(self.footer)
        return shown + sum(len(field.name) + len(field.value) for field in self.fields)


@dataclass(frozen=True, slots=True)
class Button:
    """A button with its label, and the id that Discord sends when it is pressed. Raises LimitError."""

    label: str
    custom_id: str

    def __post_init__(self) -> None:
        _check_limit("a label", len(self.label), MAX_LABEL, 1)
        _check_limit("a custom id", len(self.custom_id), MAX_CUSTOM_ID, 1)


@dataclass(frozen=True, slots=True)
class Message:
    """A message to send, always without mentions and without link previews.

    Every link in `content` is in angle brackets, which keeps Discord from adding a preview; the flag that suppresses
    previews would remove `embeds` too, so it is only used for messages without any. Raises LimitError.
    """

    content: str = ""
    embeds: tuple[Embed, ...] = ()
    buttons: tuple[Button, ...] = ()

    def __post_init__(self) -> None:
        _check_limit("a message", len(self.content), MAX_CONTENT)
        if not self.content.strip() and not self.embeds:
            raise LimitError("a message is empty")
        _check_limit("embeds", len(self.embeds), MAX_EMBEDS)
        _check_limit("characters of embeds", sum(embed.size for embed in self.embeds), MAX_EMBED_CHARACTERS)
        _check_limit("rows of buttons", self.rows, MAX_ROWS)
        _check_limit("components", len(self.buttons) + self.rows, MAX_COMPONENTS)

    @property
    def rows(self) -> int:
        """Number of rows that the buttons fill, five in each."""
        return ceil(len(self.buttons) / BUTTONS_PER_ROW)

"""Packs blocks of text into as few messages as possible. Read `pack` first.

Texts are cut before they are escaped, so that no cut falls inside an escape, and each part gets its own markup (the bar
of a block quote, the stars of bold).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.messages.markdown import escape_clean, visible_text
from bot.messages.message import MAX_CONTENT
from retrieval.english.quotation_marks import quotation_pattern
from retrieval.text.sentences import sentences

BOLD = "**"
UNDERLINED = "__"

_MIN_ROOM_UNDER_HEAD = 200
"""Minimum room under a head for its text to begin in the same message."""

_REFERENCE = re.compile(r"\s*\[[0-9]{1,4}\]")
_REFERENCES = re.compile(r"(?:\s*\[[0-9]{1,4}\])+")
_QUOTED = re.compile(quotation_pattern(0))
_SPACE = re.compile(r"\s+")
_MAX_LOOKAHEAD = 2_000
"""Maximum distance beyond a cut at which the end of a quotation is looked for, so that cutting stays linear."""

_MAX_CLUSTER = 32
"""Maximum number of code points of one visible character."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text, not yet escaped, and its markup: none, `BOLD` or `UNDERLINED`."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Block:
    """A head, which is markdown already and never cut, and a body, which is escaped and may be cut.

    `quoted`: the body is a block quote. `apart`: there is an empty line before the block.
    """

    head: str = ""
    body: tuple[Run, ...] = ()
    quoted: bool = False
    apart: bool = False

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The body's runs, cleaned, without space at either end."""
        cleaned = [Run(visible_text(run.text), run.mark) for run in self.body]
        return _slice_runs(cleaned, *_trimmed_range("".join(run.text for run in cleaned)))

    def to_markdown(self) -> str:
        """The whole block as markdown."""
        return "\n".join(part for part in (self.head, _runs_to_markdown(self.runs, self.quoted)) if part)


def text_block(text: str, *, quoted: bool = False, apart: bool = False) -> Block:
    """A block without a head."""
    return Block("", (Run(text),), quoted, apart)


def pack(blocks: Sequence[Block], room: int = MAX_CONTENT) -> list[str]:
    """The contents of messages of at most `room` characters each that hold the blocks in order.

    Only a block that is longer than a message is cut: at the end of a sentence, if possible outside a quotation and
    always after its reference marks; else at a space; else between two characters.
    """
    full: list[str] = []
    current = ""
    for block in blocks:
        for number, part in enumerate(_parts(block, room)):
            gap = "\n\n" if block.apart and number == 0 else "\n"
            extended = f"{current}{gap}{part}" if current else part
            if len(extended) <= room:
                current = extended
            else:
                full.append(current)
                current = part
    return [*full, current] if current else full


def _parts(block: Block, room: int) -> Iterator[str]:
    whole = block.to_markdown()
    if len(whole) <= room:
        if whole:
            yield whole
        return
    head, rest = block.head, block.runs
    if len(head) + 1 + _MIN_ROOM_UNDER_HEAD > room:
        yield head
        head = ""
    while rest:
        part, rest = _take_fitting(rest, room - len(head) - 1 if head else room, block.quoted)
        yield f"{head}\n{part}" if head else part
        head = ""


def _take_fitting(runs: tuple[Run, ...], room: int, quoted: bool) -> tuple[str, tuple[Run, ...]]:
    """(as much of the runs as fits, as markdown; the runs left over)."""
    text = "".join(run.text for run in runs)
    if len(text) <= 2 * room and len(whole := _runs_to_markdown(runs, quoted)) <= room:
        return whole, ()
    ahead = _slice_runs(runs, 0, room)
    low, high = 1, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        if len(_runs_to_markdown(_slice_runs(ahead, 0, middle), quoted)) <= room:
            low = middle
        else:
            high = middle - 1
    at = cut_position(text, low)
    while len(part := _runs_to_markdown(_slice_runs(ahead, *_trimmed_range(text, 0, at)), quoted)) > room:
        # The end of a text can need an escape that the same place in the middle of a text does not.
        at -= 1
    return part, _slice_runs(runs, *_trimmed_range(text, at))


def cut_position(text: str, most: int) -> int:
    """Where to cut a text that is longer than `most` (at least 1) characters: a position from 1 to `most`."""
    quotations = [match.span() for match in _QUOTED.finditer(text, 0, most + _MAX_LOOKAHEAD)]
    ends = [end for end in _sentence_ends(text, most) if 0 < end <= most]
    outside = [end for end in ends if not any(start < end < stop for start, stop in quotations)]
    if outside or ends:
        return (outside or ends)[-1]
    spaces = [match.start() for match in _SPACE.finditer(text, 1, most + 1) if match.start() <= most]
    free = [at for at in spaces if not _REFERENCE.match(text, at)]
    return free[-1] if free else _position_between_characters(text, most)


def _sentence_ends(text: str, most: int) -> list[int]:
    """The ends of sentences, after their reference marks; a line that ends in a colon does not count."""
    ends = []
    for span in sentences(text[: most + _MAX_LOOKAHEAD]):
        marks = _REFERENCES.match(text, span.end)
        end = marks.end() if marks else span.end
        if end < len(text) and text[end - 1] != ":" and text[end].isspace():
            ends.append(end)
    return ends


def _position_between_characters(text: str, most: int) -> int:
    """The last position up to `most` that is inside neither a reference mark nor a combined character."""
    for mark in _REFERENCE.finditer(text, max(0, most - 8), most + 8):
        if 0 < mark.start() < most < mark.end():
            most = mark.start()
            break
    for at in range(most, max(0, most - _MAX_CLUSTER), -1):
        if at == len(text) or not (_joins_previous(text[at]) or text[at - 1] == "\u200d"):
            return at
    return most


def _joins_previous(character: str) -> bool:
    mark = unicodedata.category(character) in {"Mn", "Me", "Mc"}
    return mark or character in "\u200c\u200d" or "\U0001f3fb" <= character <= "\U0001f3ff"


def _trimmed_range(text: str, start: int = 0, end: int | None = None) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())


def _slice_runs(runs: Sequence[Run], start: int, end: int) -> tuple[Run, ...]:
    """The runs between two offsets into their joined text."""
    out: list[Run] = []
    at = 0
    for run in runs:
        part = run.text[max(0, start - at) : max(0, end - at)]
        if part and out and out[-1].mark == run.mark:
            # Merged, because two adjacent bold runs would have four stars between them.
            out[-1] = Run(out[-1].text + part, run.mark)
        elif part:
            out.append(Run(part, run.mark))
        at += len(run.text)
    return tuple(out)


def _runs_to_markdown(runs: Sequence[Run], quoted: bool) -> str:
    """The runs as markdown, with markup closed at the end of each line; a block quote has no empty lines."""
    lines = [""]
    for run in runs:
        for number, part in enumerate(run.text.split("\n")):
            if number:
                lines.append("")
            lines[-1] += _mark_text(part, run.mark)
    lines = [line.rstrip() for line in lines]
    if not quoted:
        return "\n".join(lines)
    return "\n".join(f"> {line}" for line in lines if line)


def _mark_text(text: str, mark: str) -> str:
    """A part of a line with its markup, which must enclose neither outer space nor an empty text."""
    bare = text.strip()
    if not mark or not bare:
        return escape_clean(text)
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{escape_clean(bare)}{mark}{after}"

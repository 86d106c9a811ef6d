"""Blocks of text, packed into as few messages as hold them. Read `pack` first.

Texts are cut before they are escaped, so that no cut can fall into an escaped mark, and whatever surrounds a part (the
bar of a block quote, the stars of bold) is put around each part anew.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.messages.markdown import escape_clean, visible
from bot.messages.message import CONTENT
from retrieval.english.quotation_marks import quoted
from retrieval.text.sentences import sentences

BOLD = "**"
UNDERLINED = "__"

_LITTLE = 200
"""Room under a head in which a text is not begun: it begins in the next message."""

_REFERENCE = re.compile(r"\s*\[[0-9]{1,4}\]")
_REFERENCES = re.compile(r"(?:\s*\[[0-9]{1,4}\])+")
_QUOTED = re.compile(quoted(0))
_SPACE = re.compile(r"\s+")
_FURTHER = 2_000
"""How far beyond a cut the end of a quotation is looked for: keeps the cutting of long texts linear."""

_LONGEST_CLUSTER = 32
"""How far back the beginning of a character made of several is looked for."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text, not yet escaped, and the marks it stands between: none, `BOLD` or `UNDERLINED`."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Block:
    """A head, which is Discord's markdown already and never cut, and a text under it, which is escaped and may be.

    `quoted`: the text stands in a block quote. `apart`: there is an empty line before the block.
    """

    head: str = ""
    body: tuple[Run, ...] = ()
    quoted: bool = False
    apart: bool = False

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """The text's runs, clean, without space at its ends."""
        cleaned = [Run(visible(run.text), run.mark) for run in self.body]
        return _sliced(cleaned, *_trimmed("".join(run.text for run in cleaned)))

    def rendered(self) -> str:
        """The block whole."""
        return "\n".join(part for part in (self.head, _rendered(self.runs, self.quoted)) if part)


def text_block(text: str, *, quoted: bool = False, apart: bool = False) -> Block:
    """A block of a text alone."""
    return Block("", (Run(text),), quoted, apart)


def pack(blocks: Sequence[Block], room: int = CONTENT) -> list[str]:
    """The contents of messages of at most `room` characters that hold the blocks in their order.

    A block is cut only where it is longer than a message: at the end of a sentence, if it can be outside a quotation
    and always with its reference marks; else at a space; else between two characters.
    """
    full: list[str] = []
    current = ""
    for block in blocks:
        for number, part in enumerate(_parts(block, room)):
            gap = "\n\n" if block.apart and number == 0 else "\n"
            joined = f"{current}{gap}{part}" if current else part
            if len(joined) <= room:
                current = joined
            else:
                full.append(current)
                current = part
    return [*full, current] if current else full


def _parts(block: Block, room: int) -> Iterator[str]:
    whole = block.rendered()
    if len(whole) <= room:
        if whole:
            yield whole
        return
    head, rest = block.head, block.runs
    if len(head) + 1 + _LITTLE > room:
        yield head
        head = ""
    while rest:
        part, rest = _taken(rest, room - len(head) - 1 if head else room, block.quoted)
        yield f"{head}\n{part}" if head else part
        head = ""


def _taken(runs: tuple[Run, ...], room: int, quoted: bool) -> tuple[str, tuple[Run, ...]]:
    """As much of the runs as fits when it is rendered, and the runs left over."""
    text = "".join(run.text for run in runs)
    if len(text) <= 2 * room and len(whole := _rendered(runs, quoted)) <= room:
        return whole, ()
    ahead = _sliced(runs, 0, room)
    low, high = 1, min(len(text), room)
    while low < high:
        middle = (low + high + 1) // 2
        if len(_rendered(_sliced(ahead, 0, middle), quoted)) <= room:
            low = middle
        else:
            high = middle - 1
    at = cut(text, low)
    while len(part := _rendered(_sliced(ahead, *_trimmed(text, 0, at)), quoted)) > room:
        # What stands at a text's end can need a mark escaped that it does not in the middle.
        at -= 1
    return part, _sliced(runs, *_trimmed(text, at))


def cut(text: str, most: int) -> int:
    """Where to cut a text that is longer than `most` characters, which is 1 or more: after 1 to `most` of them."""
    quotations = [match.span() for match in _QUOTED.finditer(text, 0, most + _FURTHER)]
    ends = [end for end in _sentence_ends(text, most) if 0 < end <= most]
    outside = [end for end in ends if not any(start < end < stop for start, stop in quotations)]
    if outside or ends:
        return (outside or ends)[-1]
    spaces = [match.start() for match in _SPACE.finditer(text, 1, most + 1) if match.start() <= most]
    free = [at for at in spaces if not _REFERENCE.match(text, at)]
    return free[-1] if free else _between_characters(text, most)


def _sentence_ends(text: str, most: int) -> list[int]:
    """Ends of sentences with their reference marks; a line that announces what follows does not end one."""
    ends = []
    for span in sentences(text[: most + _FURTHER]):
        marks = _REFERENCES.match(text, span.end)
        end = marks.end() if marks else span.end
        if end < len(text) and text[end - 1] != ":" and text[end].isspace():
            ends.append(end)
    return ends


def _between_characters(text: str, most: int) -> int:
    """The last place up to `most` that parts no reference mark and no character from what is put on it."""
    for mark in _REFERENCE.finditer(text, max(0, most - 8), most + 8):
        if 0 < mark.start() < most < mark.end():
            most = mark.start()
            break
    for at in range(most, max(0, most - _LONGEST_CLUSTER), -1):
        if at == len(text) or not (_joins(text[at]) or text[at - 1] == "\u200d"):
            return at
    return most


def _joins(character: str) -> bool:
    mark = unicodedata.category(character) in {"Mn", "Me", "Mc"}
    return mark or character in "\u200c\u200d" or "\U0001f3fb" <= character <= "\U0001f3ff"


def _trimmed(text: str, start: int = 0, end: int | None = None) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())


def _sliced(runs: Sequence[Run], start: int, end: int) -> tuple[Run, ...]:
    """The runs between two offsets into their joined text."""
    out: list[Run] = []
    at = 0
    for run in runs:
        part = run.text[max(0, start - at) : max(0, end - at)]
        if part and out and out[-1].mark == run.mark:
            # Two bold runs side by side would put four stars between them.
            out[-1] = Run(out[-1].text + part, run.mark)
        elif part:
            out.append(Run(part, run.mark))
        at += len(run.text)
    return tuple(out)


def _rendered(runs: Sequence[Run], quoted: bool) -> str:
    """The runs in Discord's markdown, marks closed at the end of each line; a quotation has no empty lines."""
    lines = [""]
    for run in runs:
        for number, part in enumerate(run.text.split("\n")):
            if number:
                lines.append("")
            lines[-1] += _marked(part, run.mark)
    lines = [line.rstrip() for line in lines]
    if not quoted:
        return "\n".join(lines)
    return "\n".join(f"> {line}" for line in lines if line)


def _marked(text: str, mark: str) -> str:
    """A part of a line between its marks, which go around no space and not around nothing."""
    bare = text.strip()
    if not mark or not bare:
        return escape_clean(text)
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{escape_clean(bare)}{mark}{after}"

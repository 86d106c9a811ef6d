"""Text of articles and of people, made safe for Discord: what a reader sees is the text, and nothing else happens.

A backslash before any mark that is not a letter, digit or space makes Discord show the mark; that is used wherever it
works. It does not inside the text of a masked link, where backslashes are shown (discord-api-docs, issue 6185), so
`links` looks first whether a text needs any. What cannot be seen but changes how other text reads is taken away.
"""

from __future__ import annotations

import re
import unicodedata

from bot.messages.message import CHOICE, LABEL

_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800")
"""Letters, marks and a symbol that show nothing; other characters that show nothing are known by their category."""

_JOINERS = "\u200c\u200d"
_JOINED_BEFORE = frozenset({"Lo", "Mn", "Mc", "So", "Sk"})
_JOINED_AFTER = frozenset({"Lo", "Mn", "Mc", "So", "Sm"})

_APART = "\u200b"
"""Put between "@" and "everyone": a backslash keeps a reader's program from showing a mention, yet Discord's servers
look for the bare words."""

_MARKS = re.compile(
    r"[\\*_~|`<>\[\]]"
    r"|:(?=//)"  # an address
    r"|:(?=[\w+~-]{1,64}:)"  # an emoji by name
    r"|(?<=discord\.gg)/|(?<=discord\.com)/|(?<=discordapp\.com)/|(?<=discord\.gift)/"  # an invitation, shown as a card
    r"|(?<=discord\.new)/|(?<=discord\.me)/|(?<=dsc\.gg)/",
    re.IGNORECASE,
)
_FIRST = re.compile(r"^([^\S\n]*)([#\-]|[0-9]+(?=\.(?:\s|\Z)))", re.MULTILINE)
"""What makes a heading, a list or small print at the beginning of a line; block quotes begin with ">", a mark
everywhere."""

_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)


def clean(text: str) -> str:
    """The text without what cannot be seen: control characters, direction marks, zero-width characters, tags and
    halves of surrogate pairs. Line breaks of any kind become "\\n", tabs spaces, and no line ends in a space.

    The two joiners stay between letters of the scripts that write with them and between the parts of an emoji.
    """
    return "\n".join(one.rstrip() for one in visible(text).split("\n"))


def visible(text: str) -> str:
    """The same with the spaces at the ends of lines: for a part of a text that goes on."""
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    if text.isascii() and text.isprintable():
        return text
    return "".join(character for at, character in enumerate(text) if _seen(text, at, character))


def _seen(text: str, at: int, character: str) -> bool:
    if character == "\n" or character in _JOINERS:
        return character == "\n" or (
            0 < at < len(text) - 1
            and (unicodedata.category(text[at - 1]) in _JOINED_BEFORE or text[at - 1] == "\ufe0f")
            and unicodedata.category(text[at + 1]) in _JOINED_AFTER
        )
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"} and character not in _INVISIBLE


def line(text: str, most: int) -> str:
    """The text in one line of at most `most` characters, clean; what is cut off is shown by "…"."""
    return clipped(" ".join(clean(text).split()), most)


def clipped(text: str, most: int) -> str:
    """At most `most` characters of a text, cut at a space where there is one in the last third."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    space = cut.rfind(" ", most * 2 // 3)
    return (cut[:space] if space > 0 else cut).rstrip() + "…"


def escape(text: str) -> str:
    """The text as Discord must get it to show it as it is; call it once for each text, at most twice as long."""
    return escape_clean(clean(text))


def escape_clean(text: str) -> str:
    """The same for a text, or a part of one, that was cleaned before."""
    out, at = [], 0
    for first in _FIRST.finditer(text):
        out += [_inside(text[at : first.start()], text, at), first[1]]
        # A digit is not escaped: the full stop after it is.
        out.append(f"\\{first[2]}" if not first[2].isdigit() else f"{first[2]}\\")
        at = first.end()
    out.append(_inside(text[at:], text, at))
    return "".join(out)


def _inside(part: str, text: str, at: int) -> str:
    """A part of `text` that begins at `at`, its marks escaped; a mark may be one for what follows the part."""
    end = at + len(part)
    out, done = [], at
    for mark in _MARKS.finditer(text, at):
        if mark.start() >= end:
            break
        out += [text[done : mark.start()], "\\", mark[0]]
        done = mark.end()
    out.append(text[done:end])
    return _EVERYONE.sub(f"@{_APART}", "".join(out))


def label(text: str) -> str:
    """What stands on a button: shown as it is by Discord, so it is only made one line of 80 characters."""
    return line(text, LABEL) or "…"


def choice(text: str) -> str:
    """A name offered by an autocomplete: one line of 100 characters, shown as it is."""
    return line(text, CHOICE) or "…"

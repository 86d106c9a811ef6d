"""Makes the text of articles and members safe for Discord: a reader sees exactly the text, and nothing else happens.

A backslash makes Discord show any following character that is not a letter, digit or space. Inside the text of a masked
link, backslashes are shown themselves (discord-api-docs, issue 6185), so `links` first checks whether a text needs any.
Invisible characters that change how other text reads are removed.
"""

from __future__ import annotations

import re
import unicodedata

from bot.messages.message import MAX_CHOICE_NAME, MAX_LABEL

_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5\u2800")
"""Letters, marks and a symbol that are invisible; other invisible characters are recognised by their category."""

_JOINERS = "\u200c\u200d"
_JOINED_BEFORE = frozenset({"Lo", "Mn", "Mc", "So", "Sk"})
_JOINED_AFTER = frozenset({"Lo", "Mn", "Mc", "So", "Sm"})

_ZERO_WIDTH_SPACE = "\u200b"
"""Put between "@" and "everyone": a backslash keeps a client from showing a mention, but Discord's servers look for the
bare words."""

_MARKUP = re.compile(
    r"[\\*_~|`<>\[\]]"
    r"|:(?=//)"  # an address
    r"|:(?=[\w+~-]{1,64}:)"  # an emoji by name
    r"|(?<=discord\.gg)/|(?<=discord\.com)/|(?<=discordapp\.com)/|(?<=discord\.gift)/"  # an invitation, shown as a card
    r"|(?<=discord\.new)/|(?<=discord\.me)/|(?<=dsc\.gg)/",
    re.IGNORECASE,
)
_LINE_MARKUP = re.compile(r"^([^\S\n]*)([#\-]|[0-9]+(?=\.(?:\s|\Z)))", re.MULTILINE)
"""Markup for a heading, a list or small print at the beginning of a line; ">" is escaped everywhere."""

_EVERYONE = re.compile(r"@(?=everyone|here)", re.IGNORECASE)


def clean_text(text: str) -> str:
    """The text without invisible characters: control characters, direction marks, zero-width characters, tags and lone
    surrogates. Line breaks of any kind become "\\n", tabs become spaces, and no line ends in a space.

    The two joiners stay between letters of scripts that use them and between the parts of an emoji.
    """
    return "\n".join(text_line.rstrip() for text_line in visible_text(text).split("\n"))


def visible_text(text: str) -> str:
    """The same, but keeping spaces at the ends of lines: for a part of a text that continues."""
    text = _BREAKS.sub("\n", text).replace("\t", " ")
    if text.isascii() and text.isprintable():
        return text
    return "".join(character for at, character in enumerate(text) if _is_visible(text, at, character))


def _is_visible(text: str, at: int, character: str) -> bool:
    if character == "\n" or character in _JOINERS:
        return character == "\n" or (
            0 < at < len(text) - 1
            and (unicodedata.category(text[at - 1]) in _JOINED_BEFORE or text[at - 1] == "\ufe0f")
            and unicodedata.category(text[at + 1]) in _JOINED_AFTER
        )
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"} and character not in _INVISIBLE


def one_line(text: str, most: int) -> str:
    """The cleaned text on one line of at most `most` characters; "…" shows that it was cut."""
    return clip(" ".join(clean_text(text).split()), most)


def clip(text: str, most: int) -> str:
    """At most `most` characters of a text, cut at a space where there is one in the last third."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    space = cut.rfind(" ", most * 2 // 3)
    return (cut[:space] if space > 0 else cut).rstrip() + "…"


def escape(text: str) -> str:
    """The text escaped so that Discord shows it as it is; at most twice as long. To be called once for each text."""
    return escape_clean(clean_text(text))


def escape_clean(text: str) -> str:
    """The same for a text, or a part of one, that has been cleaned already."""
    out, at = [], 0
    for first in _LINE_MARKUP.finditer(text):
        out += [_escape_part(text[at : first.start()], text, at), first[1]]
        # In a numbered list the full stop is escaped, since a digit cannot be.
        out.append(f"\\{first[2]}" if not first[2].isdigit() else f"{first[2]}\\")
        at = first.end()
    out.append(_escape_part(text[at:], text, at))
    return "".join(out)


def _escape_part(part: str, text: str, at: int) -> str:
    """The part of `text` that begins at `at`, escaped; what follows it may decide whether a character is markup."""
    end = at + len(part)
    out, done = [], at
    for mark in _MARKUP.finditer(text, at):
        if mark.start() >= end:
            break
        out += [text[done : mark.start()], "\\", mark[0]]
        done = mark.end()
    out.append(text[done:end])
    return _EVERYONE.sub(f"@{_ZERO_WIDTH_SPACE}", "".join(out))


def button_label(text: str) -> str:
    """The text of a button, which Discord shows as it is: one line of at most 80 characters."""
    return one_line(text, MAX_LABEL) or "…"


def choice_name(text: str) -> str:
    """A name offered by autocompletion, which Discord shows as it is: one line of at most 100 characters."""
    return one_line(text, MAX_CHOICE_NAME) or "…"
